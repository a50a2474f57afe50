// The order of the atoms in a structure: outputs come in it, whatever it is, and nothing else depends on it.
#include "models/model.h"
#include "support/archive_models.h"
#include "support/reference_tensors.h"
#include "support/shuffled_crystal.h"
#include "support/tiny_mace.h"
#include "support/tiny_nequix.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

namespace {

LoadedModel openTiny(const QString& name)
{
    if (name == "nequix") {
        const QTemporaryDir folder;
        return openModel(writeTinyNequix(folder.path().toStdString()));
    }
    test::TinyMace options;
    if (name == "mace, density") {
        options.first = "RealAgnosticDensityInteractionBlock";
        options.repulsion = true;
    }
    return openMace(TorchArchive::parse(test::writeTinyMace(options), "tiny.model")).loaded;
}

/// Crystal, cluster without cell, lone atom, and a smaller crystal.
std::vector<Structure> someStructures()
{
    Structure cluster = rockSalt(3, 21);
    cluster.pbc = {false, false, false};
    cluster.cell = zero3;
    Structure lone;
    lone.species = {26};
    lone.positions = {{1, 2, 3}};
    return {rockSalt(8), cluster, lone, rockSalt(2, 22)};
}

/// What a batch gives: outputs an atom, outputs a structure, features of all layers, gradients of a training
/// loss.
struct Answers {
    std::vector<torch::Tensor> ofAtoms, ofStructures, gradients;
};

Answers answersOf(const LoadedModel& loaded, const Computation& how, const std::vector<Structure>& structures)
{
    std::vector<const Structure*> all;
    for (const Structure& structure : structures)
        all.push_back(&structure);
    const ModelDescription& about = loaded.description();
    const GraphBatch batch = makeGraphBatch(all, about.elements, about.cutoff, how.dtype);
    ParameterTable table = preparedTable(loaded, how);
    Answers answers;
    const Prediction plain =
        predict(*loaded.model, table, batch, {}, [&](const std::string&, const torch::Tensor& features) {
            answers.ofAtoms.push_back(features.detach());
        });
    answers.ofAtoms.insert(answers.ofAtoms.end(), {plain.nodeEnergy, plain.invariants, plain.forces});
    answers.ofStructures = {plain.energy, plain.virial, plain.stress};

    std::vector<torch::Tensor> leaves;
    for (const ParameterInfo& info : about.tensors)
        if (info.trainable) {
            leaves.push_back(table.at(info.name).detach().clone().requires_grad_());
            table.set(info.name, leaves.back());
        }
    const Prediction found = predict(*loaded.model, table, batch, {true, true, true});
    const torch::Tensor loss = found.energy.square().sum() + found.forces.square().sum() +
                               (found.forces.pow(3).sum(1) * found.nodeEnergy).sum() +
                               found.virial.square().sum();
    answers.gradients = torch::autograd::grad({loss}, leaves, {}, false, false, true);
    return answers;
}

void compare(const std::vector<torch::Tensor>& found, const std::vector<torch::Tensor>& expected,
             double tolerance)
{
    QCOMPARE(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        QCOMPARE(found[i].defined(), expected[i].defined());
        if (found[i].defined())
            QVERIFY2(largest(found[i] - expected[i]) <= tolerance * (1 + largest(expected[i])),
                     qPrintable(QString("%1: %2 of %3")
                                    .arg(i)
                                    .arg(largest(found[i] - expected[i]))
                                    .arg(largest(expected[i]))));
    }
}

} // namespace

class TestAtomOrder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void outputsFollowTheAtoms_data();
    void outputsFollowTheAtoms();
    void tabulatedOutputsFollowTheAtoms();
};

void TestAtomOrder::outputsFollowTheAtoms_data()
{
    QTest::addColumn<QString>("model");
    for (const char* name : {"nequix", "mace", "mace, density"})
        QTest::newRow(name) << name;
}

void TestAtomOrder::outputsFollowTheAtoms()
{
    QFETCH(QString, model);
    const LoadedModel loaded = openTiny(model);
    const Computation how = {torch::kCPU, torch::kFloat64, false};
    const std::vector<Structure> given = someStructures();
    const Answers before = answersOf(loaded, how, given);
    std::vector<Structure> shuffled;
    std::vector<std::int64_t> index;
    for (const Structure& structure : given) {
        const std::vector<std::size_t> order = randomOrder(structure.size());
        shuffled.push_back(reordered(structure, order));
        const auto first = static_cast<std::int64_t>(index.size());
        for (const std::size_t atom : order)
            index.push_back(first + static_cast<std::int64_t>(atom));
    }
    const Answers after = answersOf(loaded, how, shuffled);
    std::vector<torch::Tensor> expected;
    for (const torch::Tensor& tensor : before.ofAtoms) {
        QCOMPARE(tensor.size(0), static_cast<std::int64_t>(index.size()));
        QVERIFY(largest(tensor) > 1e-3);
        expected.push_back(tensor.index_select(0, torch::tensor(index)));
    }
    compare(after.ofAtoms, expected, 1e-11);
    compare(after.ofStructures, before.ofStructures, 1e-11);
    compare(after.gradients, before.gradients, 1e-11);
}

/// The kernels' other way: weights from tables, single precision.
void TestAtomOrder::tabulatedOutputsFollowTheAtoms()
{
    const LoadedModel loaded = openTiny("nequix");
    const Structure given = rockSalt(8);
    const std::vector<std::size_t> order = randomOrder(given.size());
    const Answers before = answersOf(loaded, {}, {given}),
                  after = answersOf(loaded, {}, {reordered(given, order)});
    const std::vector<std::int64_t> index(order.begin(), order.end());
    std::vector<torch::Tensor> expected;
    for (const torch::Tensor& tensor : before.ofAtoms)
        expected.push_back(tensor.index_select(0, torch::tensor(index)));
    compare(after.ofAtoms, expected, 1e-5);
    compare(after.ofStructures, before.ofStructures, 1e-5);
}

QTEST_GUILESS_MAIN(TestAtomOrder)
#include "tst_atom_order.moc"
