// Tables of radial functions that know the elements: made for the pairs that the data hold, and no others.
#include "models/radial_tables.h"
#include "support/archive_models.h"
#include "support/reference_tensors.h"
#include "support/sentence.h"
#include "support/tiny_mace.h"
#include "support/turned_structures.h"

#include <QtTest/QtTest>

using namespace lodestone;
using test::TinyMace;

namespace {

TinyMace manyElementsModel()
{
    TinyMace options;
    options.elements = test::manyElements();
    options.transform = "AgnesiTransform";
    return options;
}

LoadedModel tinyModel(const TinyMace& options)
{
    return openMace(TorchArchive::parse(test::writeTinyMace(options), "tiny.model")).loaded;
}

/// smallCell() of Fe, O and Ni with other elements in their places.
Structure cellOf(const std::vector<int>& species)
{
    Structure structure = smallCell();
    structure.species = species;
    return structure;
}

GraphBatch batchOf(const LoadedModel& loaded, const std::vector<const Structure*>& structures,
                   torch::Dtype dtype)
{
    return makeGraphBatch(structures, loaded.description().elements, loaded.description().cutoff, dtype);
}

/// The model's parameters in float32 with tables for the pairs of these structures.
ParameterTable tabulated(const LoadedModel& loaded, const std::vector<const Structure*>& structures)
{
    return preparedTable(loaded, {torch::kCPU, torch::kFloat32, true, {ElementPairs(structures)}});
}

/// Energies [graphs], forces, stress of a batch, and the gradients of a loss of them in the linear blocks but
/// those that radial functions are made of (which would take the tables away).
std::vector<torch::Tensor> results(const LoadedModel& loaded, ParameterTable parameters,
                                   const GraphBatch& batch)
{
    const bool tables = parameters.prepared();
    std::vector<torch::Tensor> leaves;
    for (const ParameterInfo& info : loaded.description().tensors)
        if (info.kind == "linear" && info.name.find("_embedding") == std::string::npos) {
            leaves.push_back(parameters.at(info.name).detach().clone().requires_grad_());
            parameters.set(info.name, leaves.back());
        }
    if (leaves.empty() || tables != (parameters.prepared() != nullptr))
        qFatal("the tables are gone");
    const Prediction p = predict(*loaded.model, parameters, batch, {true, true, true});
    std::vector<torch::Tensor> all = {p.energy.detach(), p.forces.detach(), p.stress.detach()};
    const torch::Tensor loss =
        p.energy.square().sum() * 1e-3 + p.forces.square().sum() + p.stress.square().sum() * 100;
    for (const torch::Tensor& gradient : torch::autograd::grad({loss}, leaves, {}, false, false, true))
        all.push_back(gradient.defined() ? gradient : torch::zeros({1}));
    return all;
}

std::vector<torch::Tensor> exactly(const LoadedModel& loaded, const std::vector<const Structure*>& structures)
{
    return results(loaded, loaded.parameters.to(torch::kCPU, torch::kFloat64),
                   batchOf(loaded, structures, torch::kFloat64));
}

} // namespace

class TestElementPairs : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void pairsThatMeet();
    void tablesOfWhatIsThere_data();
    void tablesOfWhatIsThere();
    void orderOfTheEnds();
    void othersAreComputedWithout();
    void noTableIsNoRow();
    void memoryIsBounded();
    void doubleHasNone();
    void fewAtomsAreNotWorthIt();
};

/// Elements of different structures never share an edge; an element meets its own images.
void TestElementPairs::pairsThatMeet()
{
    const Structure oxide = cellOf({26, 8, 28}), salt = cellOf({11, 17, 11}), iron = cellOf({26, 26, 26});
    ElementPairs pairs({&oxide, &salt, &iron});
    const std::set<std::pair<int, int>> expected = {{8, 8},   {8, 26},  {8, 28},  {26, 26}, {26, 28},
                                                    {28, 28}, {11, 11}, {11, 17}, {17, 17}};
    QCOMPARE(pairs.all(), expected);
    pairs.add(cellOf({17, 8, 8}));
    QCOMPARE(pairs.all().size(), expected.size() + 1);
    QVERIFY(pairs.all().count({8, 17}));
    QVERIFY(ElementPairs().all().empty());
}

void TestElementPairs::tablesOfWhatIsThere_data()
{
    QTest::addColumn<TinyMace>("options");
    QTest::addColumn<int>("kinds");
    TinyMace options = manyElementsModel();
    QTest::newRow("Agnesi") << options << 6;
    options.repulsion = true;
    options.first = "RealAgnosticDensityInteractionBlock";
    options.later = "RealAgnosticDensityResidualInteractionBlock";
    QTest::newRow("Agnesi, density, repulsion") << options << 6;
    options.transform = "SoftTransform";
    QTest::newRow("soft transform") << options << 6;
    options.transform = {};
    QTest::newRow("no transform") << options << 1;
    options.first = options.later = "RealAgnosticResidualNonLinearInteractionBlock";
    options.readout = "NonLinearBiasReadoutBlock";
    options.radialWidth = 64; // narrow layers under a norm are rough
    QTest::newRow("elements in the networks") << options << 9;
}

/// Three elements of 89: rows for their pairs only, and the results of the functions themselves.
void TestElementPairs::tablesOfWhatIsThere()
{
    QFETCH(TinyMace, options);
    QFETCH(int, kinds);
    const LoadedModel loaded = tinyModel(options);
    const Structure cell = smallCell();
    const ParameterTable table = tabulated(loaded, {&cell});
    const RadialTables* tables = RadialTables::of(table);
    QVERIFY(tables);
    for (const auto& layer : tables->tables)
        QCOMPARE(layer->polynomials().size(1), std::int64_t{kinds} * tables->grid.intervals);
    const GraphBatch batch = batchOf(loaded, {&cell}, torch::kFloat32);
    const auto exact = exactly(loaded, {&cell}), found = results(loaded, table, batch),
               without = results(loaded, loaded.parameters.to(torch::kCPU, torch::kFloat32), batch);
    double worst = 0, plain = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        if (largest(exact[i]) == 0)
            continue;
        // Of float32 itself, energies and forces are known to 1e-6 only where little cancels.
        const double tolerance = std::max(i < 3 ? 1e-6 : 1e-5, 3 * relativeDistance(without[i], exact[i]));
        worst = std::max(worst, relativeDistance(found[i], exact[i]));
        plain = std::max(plain, relativeDistance(without[i], exact[i]));
        QVERIFY2(relativeDistance(found[i], exact[i]) < tolerance,
                 qPrintable(QString("%1: %2").arg(i).arg(relativeDistance(found[i], exact[i]))));
    }
    QVERIFY(worst > 0);
    qInfo("largest relative deviation %.1e (without tables %.1e), %.1f MB", worst, plain,
          double(tables->bytes()) * 1e-6);
}

/// Where the networks know which end is which, a pair has a table in both directions: exchanged elements are
/// another material.
void TestElementPairs::orderOfTheEnds()
{
    TinyMace options = manyElementsModel();
    options.first = options.later = "RealAgnosticResidualNonLinearInteractionBlock";
    options.readout = "NonLinearBiasReadoutBlock";
    options.radialWidth = 64;
    const LoadedModel loaded = tinyModel(options);
    const Structure cell = cellOf({26, 8, 8}), exchanged = cellOf({8, 26, 26});
    const ParameterTable table = tabulated(loaded, {&cell});
    QVERIFY(table.prepared());
    for (const Structure* structure : {&cell, &exchanged}) {
        const auto exact = exactly(loaded, {structure}),
                   found = results(loaded, table, batchOf(loaded, {structure}, torch::kFloat32));
        for (std::size_t i = 0; i < 3; ++i)
            QVERIFY(relativeDistance(found[i], exact[i]) < 5e-6);
    }
}

/// A batch with a pair that was not announced is computed without tables, to the last bit.
void TestElementPairs::othersAreComputedWithout()
{
    const LoadedModel loaded = tinyModel(manyElementsModel());
    const ParameterTable plain = loaded.parameters.to(torch::kCPU, torch::kFloat32);
    const Structure known = smallCell(), other = cellOf({26, 8, 29}), salt = cellOf({11, 17, 11});
    // The elements of both were announced, but never together.
    const Structure mixed = cellOf({26, 17, 8});
    const ParameterTable table = tabulated(loaded, {&known, &salt});
    QVERIFY(table.prepared());
    const std::vector<std::vector<const Structure*>> batches = {{&other}, {&known, &other}, {&mixed}};
    for (const auto& structures : batches) {
        const GraphBatch batch = batchOf(loaded, structures, torch::kFloat32);
        QVERIFY(!RadialTables::of(table)->positions(torch::ones({batch.edges}), batch.species, batch.centre,
                                                    batch.neighbour));
        const auto found = results(loaded, table, batch), expected = results(loaded, plain, batch);
        for (std::size_t i = 0; i < found.size(); ++i)
            QVERIFY(torch::equal(found[i], expected[i]));
    }
    const GraphBatch both = batchOf(loaded, {&known, &salt}, torch::kFloat32);
    QVERIFY(RadialTables::of(table)->positions(torch::ones({both.edges}), both.species, both.centre,
                                               both.neighbour));
    // Tables of the new data take the place of the old ones.
    QVERIFY(RadialTables::of(tabulated(loaded, {&other}))
                ->positions(torch::ones({both.edges}), both.species, both.centre, both.neighbour) ==
            std::nullopt);
}

/// Whoever asks for a place without looking is told, on every way to the polynomials.
void TestElementPairs::noTableIsNoRow()
{
    const LoadedModel loaded = tinyModel(manyElementsModel());
    const Structure cell = smallCell();
    const ParameterTable parameters = tabulated(loaded, {&cell});
    const RadialTables* tables = RadialTables::of(parameters);
    QVERIFY(tables);
    const torch::Tensor kind = torch::tensor({0, -1}, torch::kInt64);
    for (const torch::Dtype dtype : {torch::kFloat32, torch::kFloat64}) {
        const torch::Tensor distance = torch::full({2}, 2.0, dtype);
        VERIFY_ERROR(tables->grid.positions(distance, kind), "no radial table");
        QVERIFY_THROWS_EXCEPTION(c10::Error,
                                 tables->tables[0]->weights(distance, torch::tensor({0, -1}, torch::kInt32)));
    }
}

/// All pairs of 89 elements would take gigabytes: they have no tables, and nobody waits for them.
void TestElementPairs::memoryIsBounded()
{
    const LoadedModel loaded = tinyModel(manyElementsModel());
    Structure all = smallCell();
    all.species = test::manyElements();
    QVERIFY(!tabulated(loaded, {&all}).prepared());
    const Structure cell = smallCell();
    const ParameterTable parameters = tabulated(loaded, {&cell});
    const RadialTables* tables = RadialTables::of(parameters);
    QVERIFY(tables && tables->bytes() > 0 && tables->bytes() <= RadialTables::mostBytes);
    // What make() reckons with is what the tables take.
    for (const auto& table : tables->tables)
        QCOMPARE(table->bytes(), table->polynomials().size(0) * 6 * tables->grid.intervals * tableTerms *
                                     tableLanes * std::int64_t{4});
}

void TestElementPairs::doubleHasNone()
{
    const LoadedModel loaded = tinyModel(manyElementsModel());
    const Structure cell = smallCell();
    const Workload work = {ElementPairs({&cell})};
    QVERIFY(!preparedTable(loaded, {torch::kCPU, torch::kFloat64, true, work}).prepared());
    QVERIFY(!preparedTable(loaded, {torch::kCPU, torch::kFloat32, false, work}).prepared());
    QVERIFY(!preparedTable(loaded, {torch::kCPU, torch::kFloat32}).prepared());
    QVERIFY(!tabulated(loaded, {&cell}).to(torch::kCPU, torch::kFloat64).prepared());
}

/// Tables of six pairs save nothing on a few hundred atoms.
void TestElementPairs::fewAtomsAreNotWorthIt()
{
    const LoadedModel loaded = tinyModel(manyElementsModel());
    const Structure cell = smallCell();
    Computation how = {torch::kCPU, torch::kFloat32, true, {ElementPairs({&cell}), 0}};
    const auto made = [&](double atoms) {
        how.work.atoms = atoms;
        return preparedTable(loaded, how).prepared() != nullptr;
    };
    QVERIFY(!made(3));
    QVERIFY(!made(6 * RadialTables::atomsOfATable - 1));
    QVERIFY(made(6 * RadialTables::atomsOfATable));
}

QTEST_GUILESS_MAIN(TestElementPairs)
#include "tst_element_pairs.moc"
