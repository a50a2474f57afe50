// The edge kernels and the fixed radial network against the same mathematics by tensor operations, through
// second derivatives.
#include "base/error.h"
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/radial.h"
#include "equivariant/spherical_harmonics.h"
#include "support/equivariant_plan.h"
#include "support/reference_tensors.h"

#include <QtTest/QtTest>

using namespace lodestone;

namespace {

/// Two input irreps (l = 0: 5 channels, l = 1: 3 channels) into l = 0, 1, 2.
std::shared_ptr<const EdgePlan> somePlan()
{
    auto plan = std::make_shared<EdgePlan>();
    plan->in = 5 + 9;
    const auto add = [&](int sizeIn, int sizeOut, std::int64_t channels, std::int64_t in, std::int64_t block,
                         std::int64_t blockChannels, std::int64_t column) {
        plan->paths.push_back(
            {sizeIn, sizeOut, channels, plan->couplings, plan->weights, in, block, blockChannels, column});
        plan->couplings += std::int64_t{sizeIn} * sizeOut;
        plan->weights += channels;
    };
    add(1, 1, 5, 0, 0, 8, 0);
    add(3, 1, 3, 5, 0, 8, 5);
    add(1, 3, 5, 0, 8, 11, 0);
    add(3, 3, 3, 5, 8, 11, 5);
    add(3, 3, 3, 5, 8, 11, 8);
    add(3, 5, 3, 5, 8 + 33, 3, 0);
    plan->out = 8 + 33 + 15;
    return plan;
}

std::shared_ptr<const EdgeIndex> someEdges()
{
    // Atom 2 has no edges of its own, atom 3 is nobody's neighbour.
    return makeEdgeIndex(torch::tensor({0, 0, 0, 1, 1, 3, 3}, torch::kInt64),
                         torch::tensor({1, 2, 0, 0, 2, 2, 1}, torch::kInt64), 4);
}

} // namespace

class TestEdgeConvolution : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void derivativesToThirdOrder();
    void derivativesInVectors_data();
    void derivativesInVectors();
    void secondDerivativesInVectors();
    void orderOfTheAtoms();
    void harmonicsInSinglePrecision();
    void singlePrecision();
    void noEdges();
    void fixedRadialNetwork();
    void radialSlope();
};

void TestEdgeConvolution::derivativesToThirdOrder()
{
    const auto plan = somePlan();
    const auto edges = someEdges();
    torch::manual_seed(5);
    const auto real = torch::dtype(torch::kFloat64);
    const std::vector<torch::Tensor> inputs = {torch::randn({7, plan->couplings}, real).requires_grad_(),
                                               torch::randn({7, plan->weights}, real).requires_grad_(),
                                               torch::randn({4, plan->in}, real).requires_grad_()};
    const torch::Tensor outer = torch::randn({4, plan->out}, real);
    std::vector<torch::Tensor> mixing;
    for (const torch::Tensor& input : inputs)
        mixing.push_back(torch::randn_like(input).detach());

    const auto derivatives = [&](bool kernels) {
        const torch::Tensor out = kernels
                                      ? edgeConvolution(plan, edges, inputs[0], inputs[1], inputs[2])
                                      : convolutionByTensors(*plan, *edges, inputs[0], inputs[1], inputs[2]);
        std::vector<torch::Tensor> all = {out.detach()};
        torch::Tensor scalar =
            (out.pow(2) * outer).sum(); // not linear, so that the outer gradient depends on all
        for (int order = 0; order < 3; ++order) {
            const bool more = order < 2;
            const auto slopes = torch::autograd::grad({scalar}, inputs, {}, more, more);
            scalar = torch::zeros({}, real);
            for (std::size_t i = 0; i < slopes.size(); ++i) {
                all.push_back(slopes[i].detach());
                scalar = scalar + (slopes[i].pow(2) * mixing[i]).sum();
            }
        }
        return all;
    };
    const auto expected = derivatives(false);
    const auto found = derivatives(true);
    QCOMPARE(found.size(), std::size_t{10});
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(largest(expected[i]) > 0);
        QVERIFY2(relativeDistance(found[i], expected[i]) < 1e-13, qPrintable(QString::number(i)));
    }
}

void TestEdgeConvolution::derivativesInVectors_data()
{
    QTest::addColumn<bool>("unit");
    QTest::addColumn<bool>("table");
    QTest::newRow("unit vectors, weights given") << true << false;
    QTest::newRow("unit vectors, weights from a table") << true << true;
    QTest::newRow("vectors of any length, weights given") << false << false;
    QTest::newRow("vectors of any length, weights from a table") << false << true;
}

/// What training asks for: forces, and the gradient of a function of them in everything but the vectors.
void TestEdgeConvolution::derivativesInVectors()
{
    QFETCH(bool, unit);
    QFETCH(bool, table);
    const EquivariantPlan given;
    const auto plan = std::shared_ptr<const EdgePlan>(given.plan);
    torch::manual_seed(11);
    constexpr std::int64_t count = 83, atoms = 9;
    const auto real = torch::dtype(torch::kFloat64);
    const auto edges = makeEdgeIndex(std::get<0>(torch::randint(0, atoms, {count}).to(torch::kInt64).sort()),
                                     torch::randint(0, atoms, {count}).to(torch::kInt64), atoms);
    torch::Tensor vectors = torch::randn({count, 3}, real);
    vectors[0] = torch::tensor({0, 0, -1}, real); // where a frame is easily singular
    vectors[1] = torch::tensor({0, 0, 1}, real);
    vectors.requires_grad_();
    const torch::Tensor w = torch::randn({count, plan->weights}, real).requires_grad_(),
                        x = torch::randn({atoms, plan->in}, real).requires_grad_(),
                        outer = torch::randn({atoms, plan->out}, real).requires_grad_(),
                        mixing = torch::randn({count, 3}, real);
    const SphericalHarmonics harmonics(3);
    TableGrid grid;
    grid.cutoff = 7;
    const auto radialTable = std::make_shared<const RadialTable>(
        *plan, std::vector<RadialTable::Function>{[&](const torch::Tensor& r) {
            return (r.unsqueeze(1) * torch::linspace(0.3, 1.4, plan->weights, real)).sin() *
                   (-r).exp().unsqueeze(1);
        }},
        grid, torch::kFloat64);
    const auto derivatives = [&](bool kernels) {
        const torch::Tensor r = vectors.norm(2, 1);
        const torch::Tensor y = torch::cat(harmonics(unit ? vectors / r.unsqueeze(1) : vectors), 1);
        const EdgeCouplings couplings(y, given.basis);
        torch::Tensor out;
        if (table) {
            const TablePositions positions = grid.positions(r);
            out = kernels ? edgeConvolution(plan, edges, couplings, {radialTable, r, positions}, x)
                          : convolutionByTensors(*plan, *edges, couplings.values(),
                                                 radialTable->weights(r, positions.row), x);
        } else {
            out = kernels ? edgeConvolution(plan, edges, couplings, w, x)
                          : convolutionByTensors(*plan, *edges, couplings.values(), w, x);
        }
        std::vector<torch::Tensor> all = {out.detach()};
        const torch::Tensor energy = (out.pow(2) * outer).sum();
        const auto slopes = torch::autograd::grad({energy}, {vectors, x}, {}, true, true);
        all.push_back(slopes[0].detach());
        all.push_back(slopes[1].detach());
        const torch::Tensor loss = (slopes[0].pow(2) * mixing).sum();
        const auto second =
            table ? torch::autograd::grad({loss}, {x, outer}) : torch::autograd::grad({loss}, {x, outer, w});
        all.insert(all.end(), second.begin(), second.end());
        return all;
    };
    const auto expected = derivatives(false), found = derivatives(true);
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(largest(expected[i]) > 0);
        QVERIFY2(relativeDistance(found[i], expected[i]) < 1e-12, qPrintable(QString::number(i)));
    }
}

void TestEdgeConvolution::secondDerivativesInVectors()
{
    const EquivariantPlan given;
    const auto edges = someEdges();
    const torch::Tensor vectors = torch::randn({7, 3}, torch::kFloat64).requires_grad_();
    const EdgeCouplings couplings(torch::cat(SphericalHarmonics(3)(vectors), 1), given.basis);
    const torch::Tensor out =
        edgeConvolution(given.plan, edges, couplings, torch::randn({7, given.plan->weights}, torch::kFloat64),
                        torch::randn({4, given.plan->in}, torch::kFloat64));
    const torch::Tensor slope =
        torch::autograd::grad({out.pow(2).sum()}, {vectors}, {}, true, /*create_graph=*/true)[0];
    QVERIFY_EXCEPTION_THROWN(torch::autograd::grad({slope.pow(2).sum()}, {vectors}), InternalError);
}

void TestEdgeConvolution::singlePrecision()
{
    const auto plan = somePlan();
    const auto edges = someEdges();
    torch::manual_seed(6);
    const torch::Tensor z = torch::randn({7, plan->couplings}), w = torch::randn({7, plan->weights}),
                        x = torch::randn({4, plan->in});
    const torch::Tensor expected = convolutionByTensors(*plan, *edges, z.to(torch::kFloat64),
                                                        w.to(torch::kFloat64), x.to(torch::kFloat64));
    QVERIFY(relativeDistance(edgeConvolution(plan, edges, z, w, x), expected) < 1e-6);
}

/// Atoms may come as centres in any order, and whichever it is, with any number of threads, each sum is the
/// same to the last bit where its edges keep their order.
void TestEdgeConvolution::orderOfTheAtoms()
{
    const EquivariantPlan given;
    const std::shared_ptr<const EdgePlan> plan = given.plan;
    const CouplingBasis basis = given.basis.to(torch::kFloat32);
    torch::manual_seed(10);
    constexpr std::int64_t atoms = 40, each = 9;
    const torch::Tensor neighbour = torch::randint(0, atoms, {atoms, each}).to(torch::kInt64),
                        z = torch::cat(SphericalHarmonics(3)(torch::randn({atoms * each, 3})), 1)
                                .view({atoms, each, 16}),
                        w = torch::randn({atoms, each, plan->weights}), x = torch::randn({atoms, plan->in}),
                        g = torch::randn({atoms, plan->out});
    // Output, slopes on edges and slopes on atoms, the edges by their centres.
    const auto answers = [&](const torch::Tensor& order) {
        const auto onEdges = [&](const torch::Tensor& all) {
            return all.index_select(0, order).flatten(0, 1);
        };
        const torch::Tensor centre = order.repeat_interleave(each);
        std::vector<torch::Tensor> operands = {onEdges(z), onEdges(w), x.clone()};
        for (torch::Tensor& operand : operands)
            operand.requires_grad_();
        const torch::Tensor out =
            edgeConvolution(plan, makeEdgeIndex(centre, onEdges(neighbour), atoms),
                            EdgeCouplings(operands[0], basis), operands[1], operands[2]);
        auto slopes = torch::autograd::grad({out}, operands, {g});
        const torch::Tensor back = order.argsort();
        for (std::size_t i = 0; i < 2; ++i)
            slopes[i] = slopes[i].view({atoms, each, -1}).index_select(0, back);
        slopes.insert(slopes.begin(), out.detach());
        return slopes;
    };
    const torch::Tensor random = torch::randperm(atoms, torch::kInt64);
    const auto expected = answers(torch::arange(atoms)), single = answers(random);
    torch::set_num_threads(3);
    const auto found = answers(random);
    torch::set_num_threads(1);
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY(torch::equal(found[i], expected[i]));
    QVERIFY(torch::equal(found[3], single[3]));
    QVERIFY(relativeDistance(found[3], expected[3]) < 1e-6);

    const torch::Tensor apart = torch::tensor({0, 1, 0}, torch::kInt64);
    QVERIFY_EXCEPTION_THROWN(makeEdgeIndex(apart, apart, 2), InternalError);
}

/// More edges than are worked on together, a number that no register divides.
void TestEdgeConvolution::harmonicsInSinglePrecision()
{
    const EquivariantPlan given;
    torch::manual_seed(8);
    constexpr std::int64_t count = 3001, atoms = 9;
    const auto edges = makeEdgeIndex(std::get<0>(torch::randint(0, atoms, {count}).to(torch::kInt64).sort()),
                                     torch::randint(0, atoms, {count}).to(torch::kInt64), atoms);
    const torch::Tensor vectors = torch::randn({count, 3}), w = torch::randn({count, given.plan->weights}),
                        x = torch::randn({atoms, given.plan->in}), g = torch::randn({atoms, given.plan->out});
    const auto slopes = [&](torch::Dtype type, bool kernels) {
        const torch::Tensor leaf = vectors.to(type).requires_grad_(), weights = w.to(type).requires_grad_(),
                            features = x.to(type).requires_grad_();
        const EdgeCouplings couplings(torch::cat(SphericalHarmonics(3)(leaf / leaf.norm(2, 1, true)), 1),
                                      given.basis.to(type));
        const torch::Tensor out =
            kernels ? edgeConvolution(given.plan, edges, couplings, weights, features)
                    : convolutionByTensors(*given.plan, *edges, couplings.values(), weights, features);
        return torch::autograd::grad({out}, {leaf, weights, features}, {g.to(type)});
    };
    const auto found = slopes(torch::kFloat32, true), expected = slopes(torch::kFloat64, false);
    for (std::size_t i = 0; i < found.size(); ++i)
        QVERIFY2(relativeDistance(found[i], expected[i]) < 1e-6, qPrintable(QString::number(i)));
}

void TestEdgeConvolution::noEdges()
{
    const auto plan = somePlan();
    const torch::Tensor none = torch::empty({0}, torch::kInt64);
    const torch::Tensor out =
        edgeConvolution(plan, makeEdgeIndex(none, none, 2), torch::empty({0, plan->couplings}),
                        torch::empty({0, plan->weights}), torch::ones({2, plan->in}));
    QCOMPARE(out.sizes().vec(), (std::vector<std::int64_t>{2, plan->out}));
    QCOMPARE(largest(out), 0.0);
}

/// Weights, their slope, the gradient of the slope in the outer gradient and the curvature.
void TestEdgeConvolution::fixedRadialNetwork()
{
    const RadialBasis basis{4.5, 6, 5.5};
    torch::manual_seed(7);
    const auto real = torch::dtype(torch::kFloat64);
    const std::vector<torch::Tensor> matrices = {torch::randn({6, 10}, real), torch::randn({10, 10}, real),
                                                 torch::randn({10, 9}, real)};
    const torch::Tensor outer = torch::randn({20, 9}, real).requires_grad_();
    const torch::Tensor mixing = torch::randn({20}, real);
    const auto derivatives = [&](auto&& weights) {
        const torch::Tensor r =
            torch::linspace(0.7, 4.6, 20, real).requires_grad_(); // the last lies beyond the cutoff
        const torch::Tensor w = weights(basis, matrices, r);
        const torch::Tensor slope = torch::autograd::grad({(w * outer).sum()}, {r}, {}, true, true)[0];
        const torch::Tensor bent = (slope.pow(2) * mixing).sum();
        const auto second = torch::autograd::grad({bent}, {r, outer}, {}, true, true);
        const auto third =
            torch::autograd::grad({second[0].pow(2).sum() + second[1].pow(2).sum()}, {r, outer});
        return std::vector<torch::Tensor>{w.detach(),         slope.detach(), second[0].detach(),
                                          second[1].detach(), third[0],       third[1]};
    };
    const auto expected = derivatives(radialWeightsByTensors);
    const auto found = derivatives(radialWeights);
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(largest(expected[i]) > 0);
        QVERIFY2(relativeDistance(found[i], expected[i]) < 1e-11, qPrintable(QString::number(i)));
    }
    // Without a graph of the gradient, as a trainer's last backward pass.
    const torch::Tensor r = torch::linspace(0.7, 4.4, 20, real).requires_grad_();
    const auto lastPass = [&](auto&& weights) {
        const torch::Tensor slope =
            torch::autograd::grad({(weights(basis, matrices, r) * outer).sum()}, {r}, {}, true, true)[0];
        return torch::autograd::grad({(slope.pow(2) * mixing).sum()}, {r, outer});
    };
    const auto plain = lastPass(radialWeightsByTensors), fixed = lastPass(radialWeights);
    QVERIFY(relativeDistance(fixed[0], plain[0]) < 1e-11);
    QVERIFY(relativeDistance(fixed[1], plain[1]) < 1e-11);
}

void TestEdgeConvolution::radialSlope()
{
    const RadialBasis basis{5, 8, 6};
    const torch::Tensor r = torch::linspace(0.5, 5.2, 40, torch::kFloat64).requires_grad_();
    const torch::Tensor mixing = torch::arange(1, 9, torch::kFloat64);
    const torch::Tensor expected = torch::autograd::grad({(radialBasis(basis, r) * mixing).sum()}, {r})[0];
    QVERIFY(relativeDistance((radialBasisSlope(basis, r) * mixing).sum(1), expected) < 1e-12);
}

QTEST_GUILESS_MAIN(TestEdgeConvolution)
#include "tst_edge_convolution.moc"
