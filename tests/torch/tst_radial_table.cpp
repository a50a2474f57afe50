// Tables of frozen radial functions: their error, the kernels that look weights up in them, and what they do
// to a real model's energies, forces and training gradients.
#include "equivariant/kernels/edge_convolution.h"
#include "formats/formats.h"
#include "models/radial_tables.h"
#include "support/reference_tensors.h"
#include "support/shared_data.h"
#include "weights/model_numbers.h"

using namespace lodestone;

namespace {

/// Paths into l = 0, 1, 2 with channels that fill registers (16), leave a rest (19) or do neither (3).
std::shared_ptr<const EdgePlan> somePlan()
{
    auto plan = std::make_shared<EdgePlan>();
    plan->in = 19 + 3 * 16 + 5 * 3;
    const auto add = [&](int sizeIn, int sizeOut, std::int64_t channels, std::int64_t in, std::int64_t block,
                         std::int64_t blockChannels, std::int64_t column) {
        plan->paths.push_back(
            {sizeIn, sizeOut, channels, plan->couplings, plan->weights, in, block, blockChannels, column});
        plan->couplings += std::int64_t{sizeIn} * sizeOut;
        plan->weights += channels;
    };
    const std::int64_t vectors = 38, tensors = vectors + 3 * 38;
    add(1, 1, 19, 0, 0, 38, 0);
    add(3, 1, 16, 19, 0, 38, 19);
    add(5, 1, 3, 67, 0, 38, 35);
    add(1, 3, 19, 0, vectors, 38, 0);
    add(3, 3, 16, 19, vectors, 38, 19);
    add(5, 3, 3, 67, vectors, 38, 35);
    add(3, 5, 16, 19, tensors, 19, 0);
    add(5, 5, 3, 67, tensors, 19, 16);
    plan->out = tensors + 5 * 19;
    return plan;
}

/// Smooth, different in every channel.
torch::Tensor someFunction(const torch::Tensor& r, std::int64_t channels)
{
    const torch::Tensor wave = torch::linspace(0.3, 1.4, channels, torch::kFloat64).to(r.scalar_type());
    return (r.unsqueeze(1) * wave).sin() * (-r).exp().unsqueeze(1);
}

std::shared_ptr<const EdgeIndex> someEdges()
{
    return makeEdgeIndex(torch::tensor({0, 0, 0, 1, 1, 3, 3}, torch::kInt64),
                         torch::tensor({1, 2, 0, 0, 2, 2, 1}, torch::kInt64), 4);
}

LoadedModel released()
{
    return openModel(sharedPath("models/nequix/nequix-mp-1.nqx"));
}

} // namespace

class TestRadialTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void valuesAndSlopes();
    void piecesJoin();
    void coarseTablesStop();
    void kernels_data();
    void kernels();
    void trainedLayersHaveNone();
    void changedParametersDropIt();
    void energiesAndForcesOfARealModel();
    void gradientsOfARealModel();
};

/// The polynomials match the function through its first derivative, and meet it on both sides of a switch.
void TestRadialTable::valuesAndSlopes()
{
    const auto plan = somePlan();
    TableGrid grid;
    grid.cutoff = 5;
    const auto f = [&](const torch::Tensor& r) { return someFunction(r, plan->weights); };
    const RadialTable table(*plan, {f}, grid, torch::kFloat64);
    QVERIFY2(table.error() < 1e-8, qPrintable(QString::number(table.error())));
    const torch::Tensor r = torch::linspace(0.71, 4.999, 300, torch::kFloat64).requires_grad_();
    const torch::Tensor row = grid.positions(r).row;
    QVERIFY(largest(table.weights(r, row) - f(r)) < 1e-9);
    const torch::Tensor probe = torch::linspace(-1, 1, plan->weights, torch::kFloat64);
    const auto slopeOf = [&](const torch::Tensor& w) {
        return torch::autograd::grad({(w * probe).sum()}, {r})[0];
    };
    QVERIFY(relativeDistance(slopeOf(table.weights(r, row)), slopeOf(f(r))) < 1e-7);
    QVERIFY(relativeDistance((table.slopes(r, row) * probe).sum(1), slopeOf(f(r))) < 1e-7);
    // A coarse grid says that it is coarse.
    grid.intervals = 4;
    QVERIFY(RadialTable(*plan, {f}, grid, torch::kFloat64).error() > 1e-5);
}

/// So many intervals are built piece by piece; every one of them must meet its function, of whichever kind.
void TestRadialTable::piecesJoin()
{
    const auto plan = somePlan();
    const auto f = [&](const torch::Tensor& r) { return someFunction(r, plan->weights); };
    const auto g = [&](const torch::Tensor& r) {
        return someFunction(r, plan->weights) * r.unsqueeze(1) + 1;
    };
    TableGrid grid;
    grid.intervals = 1000;
    const RadialTable table(*plan, {f, g}, grid, torch::kFloat64);
    QVERIFY2(table.error() < 1e-8, qPrintable(QString::number(table.error())));
    const torch::Tensor r = torch::linspace(0.35, 5.95, 4001, torch::kFloat64);
    for (const int kind : {0, 1}) {
        const torch::Tensor row = grid.positions(r, torch::full({4001}, kind, torch::kInt64)).row;
        const torch::Tensor exact = kind == 0 ? f(r) : g(r);
        const double off = (table.weights(r, row) - exact).abs().max().item<double>();
        QVERIFY2(off < 1e-10, qPrintable(QString::number(off)));
    }
}

/// A table that is too coarse for one kind is of no use: the kinds after it are not built.
void TestRadialTable::coarseTablesStop()
{
    const auto plan = somePlan();
    int calls = 0;
    const auto rough = [&](const torch::Tensor& r) { return someFunction(20 * r, plan->weights); };
    const auto counted = [&](const torch::Tensor& r) {
        ++calls;
        return someFunction(r, plan->weights);
    };
    TableGrid grid;
    grid.intervals = 16;
    QVERIFY(RadialTable(*plan, {rough, counted}, grid, torch::kFloat64, 1e-6).error() > 1e-6);
    QCOMPARE(calls, 0);
    QVERIFY(RadialTable(*plan, {rough, counted}, grid, torch::kFloat64).error() > 1e-6);
    QVERIFY(calls > 0);
    // A function that is not a number somewhere has no table, whatever comes after it.
    const auto broken = [&](const torch::Tensor& r) {
        return someFunction(r, plan->weights) * (3 - r).sqrt().unsqueeze(1);
    };
    QVERIFY(RadialTable(*plan, {broken, counted}, grid, torch::kFloat64).error() > 1e300);
}

void TestRadialTable::kernels_data()
{
    QTest::addColumn<bool>("single");
    QTest::newRow("float64") << false;
    QTest::newRow("float32") << true;
}

/// The kernels' derivatives to second order, in all operands and in those that training asks for, against the
/// same polynomials by tensor operations.
void TestRadialTable::kernels()
{
    QFETCH(bool, single);
    const auto real = torch::dtype(single ? torch::kFloat32 : torch::kFloat64);
    const double tolerance = single ? 2e-5 : 1e-12;
    const auto plan = somePlan();
    const auto edges = someEdges();
    torch::manual_seed(11);
    TableGrid grid;
    // Two kinds of edges with functions of their own.
    const std::vector<RadialTable::Function> functions = {
        [&](const torch::Tensor& r) { return someFunction(r, plan->weights); },
        [&](const torch::Tensor& r) { return someFunction(r * 0.7, plan->weights) * 2; }};
    const torch::Tensor kind = torch::tensor({0, 1, 0, 1, 1, 0, 1}, torch::kInt64);
    const auto table = std::make_shared<const RadialTable>(*plan, functions, grid,
                                                           single ? torch::kFloat32 : torch::kFloat64);
    const std::vector<torch::Tensor> inputs = {torch::randn({7, plan->couplings}, real).requires_grad_(),
                                               torch::linspace(0.9, 5.8, 7, real).requires_grad_(),
                                               torch::randn({4, plan->in}, real).requires_grad_()};
    const torch::Tensor outer = torch::randn({4, plan->out}, real);
    std::vector<torch::Tensor> mixing;
    for (const torch::Tensor& input : inputs)
        mixing.push_back(torch::randn_like(input).detach());

    const auto derivatives = [&](bool kernels, bool training) {
        const torch::Tensor out =
            kernels ? edgeConvolution(plan, edges, inputs[0],
                                      TabulatedWeights{table, inputs[1], grid.positions(inputs[1], kind)},
                                      inputs[2])
                    : convolutionByTensors(*plan, *edges, inputs[0],
                                           table->weights(inputs[1], grid.positions(inputs[1], kind).row),
                                           inputs[2]);
        std::vector<torch::Tensor> all = {out.detach()};
        const auto slopes = torch::autograd::grad({(out.pow(2) * outer).sum()}, inputs, {}, true, true);
        torch::Tensor scalar = torch::zeros({}, real);
        for (std::size_t i = 0; i < slopes.size(); ++i) {
            all.push_back(slopes[i].detach());
            scalar = scalar + (slopes[i].pow(2) * mixing[i]).sum();
        }
        const std::vector<torch::Tensor> wanted = training ? std::vector<torch::Tensor>{inputs[2]} : inputs;
        for (const torch::Tensor& second : torch::autograd::grad({scalar}, wanted))
            all.push_back(second);
        return all;
    };
    for (const bool training : {true, false}) {
        const auto expected = derivatives(false, training), found = derivatives(true, training);
        QCOMPARE(found.size(), std::size_t(training ? 5 : 7));
        for (std::size_t i = 0; i < found.size(); ++i) {
            QVERIFY(largest(expected[i]) > 0);
            QVERIFY2(relativeDistance(found[i], expected[i]) < tolerance,
                     qPrintable(QString("%1: %2").arg(i).arg(relativeDistance(found[i], expected[i]))));
        }
    }
}

void TestRadialTable::trainedLayersHaveNone()
{
    const auto plan = somePlan();
    const auto f = [&](const torch::Tensor& r) { return someFunction(r, plan->weights); };
    const RadialTables::Layer frozen = {plan.get(), {"a"}, false, {f}},
                              trained = {plan.get(), {"b"}, true, {f}};
    const auto tables = RadialTables::make({frozen, trained}, 5, torch::kFloat32);
    QVERIFY(tables && tables->tables.at(0) && !tables->tables.at(1));
    QCOMPARE(tables->from, std::vector<std::string>{"a"});
    QVERIFY(tables->tables[0]->error() <= 2e-6);
    QVERIFY(!RadialTables::make({trained}, 5, torch::kFloat32));
    QVERIFY(!RadialTables::make({frozen}, 5, torch::kFloat64));
    const RadialTables::Layer rough = {plan.get(), {"a"}, false, {[&](const torch::Tensor& r) {
                                           return (r.unsqueeze(1) * 400 + torch::arange(plan->weights)).sin();
                                       }}};
    QVERIFY(!RadialTables::make({rough}, 5, torch::kFloat32));
}

void TestRadialTable::changedParametersDropIt()
{
    ParameterTable table;
    table.add("radial", torch::ones({2}));
    table.add("linear", torch::ones({2}));
    const auto prepared = std::make_shared<Prepared>();
    prepared->from = {"radial"};
    table.attach(prepared);
    table.set("linear", torch::zeros({2}));
    QVERIFY(table.prepared());
    ParameterTable copy = table;
    copy.set("radial", torch::zeros({2}));
    QVERIFY(!copy.prepared());
    QVERIFY(table.prepared());
    QVERIFY(!table.to(torch::kCPU, torch::kFloat64).prepared());
}

/// With tables the float32 results stay as near to float64 as without them.
void TestRadialTable::energiesAndForcesOfARealModel()
{
    SKIP_WITHOUT_SHARED("models/nequix");
    const LoadedModel loaded = released();
    const ParameterTable plain = loaded.parameters.to(torch::kCPU, torch::kFloat32);
    const ParameterTable tables = preparedTable(loaded, {torch::kCPU, torch::kFloat32});
    QVERIFY(tables.prepared());
    QVERIFY(!preparedTable(loaded, {torch::kCPU, torch::kFloat32, false}).prepared());
    for (const char* name : {"mns_64_rattled", "nio_compressed", "ethanol", "bifeo3_r3c", "cri3_monolayer"}) {
        const Structure structure =
            readStructures(sharedPath(fmt::format("fixtures/structures/{}.extxyz", name))).at(0);
        const auto predicted = [&](const ParameterTable& parameters, torch::Dtype dtype) {
            return predict(*loaded.model, parameters,
                           makeGraphBatch({&structure}, loaded.description().elements,
                                          loaded.description().cutoff, dtype));
        };
        const Prediction exact =
            predicted(loaded.parameters.to(torch::kCPU, torch::kFloat64), torch::kFloat64);
        const Prediction without = predicted(plain, torch::kFloat32),
                         with = predicted(tables, torch::kFloat32);
        const auto energyError = [&](const Prediction& p) {
            return std::abs(p.energy.item<double>() - exact.energy.item<double>()) / double(structure.size());
        };
        const double force = std::max(1.0, largest(exact.forces));
        const double with2 = largest(with.forces - exact.forces) / force;
        qInfo("%s: energy %.1e (without tables %.1e) eV/atom, forces %.1e (%.1e)", name, energyError(with),
              energyError(without), with2, largest(without.forces - exact.forces) / force);
        QVERIFY2(energyError(with) < 5e-6, name);
        QVERIFY2(with2 < 2e-5, name);
    }
}

/// Gradients of a loss on energy, forces and stress in the linear blocks.
void TestRadialTable::gradientsOfARealModel()
{
    SKIP_WITHOUT_SHARED("models/nequix");
    const LoadedModel loaded = released();
    const Structure structure = readStructures(sharedPath("fixtures/structures/bifeo3_r3c.extxyz")).at(0);
    const auto gradients = [&](ParameterTable parameters, torch::Dtype dtype) {
        std::vector<torch::Tensor> leaves;
        for (const ParameterInfo& info : loaded.description().tensors)
            if (info.kind == "linear") {
                leaves.push_back(parameters.at(info.name).detach().clone().requires_grad_());
                parameters.set(info.name, leaves.back());
            }
        const Prediction p = predict(
            *loaded.model, parameters,
            makeGraphBatch({&structure}, loaded.description().elements, loaded.description().cutoff, dtype),
            {true, true, true});
        const torch::Tensor loss =
            p.energy.square().sum() + p.forces.square().mean() + p.stress.square().mean();
        return torch::autograd::grad({loss}, leaves, {}, false, false, true);
    };
    const auto exact = gradients(loaded.parameters.to(torch::kCPU, torch::kFloat64), torch::kFloat64);
    const auto found = gradients(preparedTable(loaded, {torch::kCPU, torch::kFloat32}), torch::kFloat32);
    double worst = 0;
    for (std::size_t i = 0; i < exact.size(); ++i)
        if (exact[i].defined() && largest(exact[i]) > 0)
            worst = std::max(worst, relativeDistance(found[i], exact[i]));
    qInfo("largest relative deviation of a gradient: %.1e", worst);
    QVERIFY(worst > 0 && worst < 1e-4);
}

QTEST_GUILESS_MAIN(TestRadialTable)
#include "tst_radial_table.moc"
