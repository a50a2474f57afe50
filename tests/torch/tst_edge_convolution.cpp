// The edge kernels and the fixed radial network against the same mathematics by tensor operations, through
// second derivatives.
#include "base/error.h"
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/radial.h"
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
    void derivativesToThirdOrder_data();
    void derivativesToThirdOrder();
    void orderOfTheAtoms();
    void harmonicsInSinglePrecision();
    void singlePrecision();
    void noEdges();
    void fixedRadialNetwork();
    void radialSlope();
};

void TestEdgeConvolution::derivativesToThirdOrder_data()
{
    QTest::addColumn<int>("harmonics");
    QTest::newRow("couplings given") << 0;
    QTest::newRow("linear in 4 harmonics") << 4;
    QTest::newRow("linear in 19 harmonics") << 19; // more than one register takes
}

void TestEdgeConvolution::derivativesToThirdOrder()
{
    QFETCH(int, harmonics);
    const auto plan = somePlan();
    const auto edges = someEdges();
    torch::manual_seed(5);
    const auto real = torch::dtype(torch::kFloat64);
    const std::vector<torch::Tensor> inputs = {
        torch::randn({7, harmonics > 0 ? harmonics : plan->couplings}, real).requires_grad_(),
        torch::randn({7, plan->weights}, real).requires_grad_(),
        torch::randn({4, plan->in}, real).requires_grad_()};
    const torch::Tensor matrix = torch::randn({harmonics, plan->couplings}, real);
    const EdgeCouplings couplings =
        harmonics > 0 ? EdgeCouplings(inputs[0], matrix) : EdgeCouplings(inputs[0]);
    const torch::Tensor outer = torch::randn({4, plan->out}, real);
    std::vector<torch::Tensor> mixing;
    for (const torch::Tensor& input : inputs)
        mixing.push_back(torch::randn_like(input).detach());

    const auto derivatives = [&](bool kernels) {
        const torch::Tensor out =
            kernels ? edgeConvolution(plan, edges, couplings, inputs[1], inputs[2])
                    : convolutionByTensors(*plan, *edges, couplings.values(), inputs[1], inputs[2]);
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
    const auto plan = somePlan();
    torch::manual_seed(10);
    constexpr std::int64_t atoms = 40, each = 9;
    const torch::Tensor neighbour = torch::randint(0, atoms, {atoms, each}).to(torch::kInt64),
                        z = torch::randn({atoms, each, 4}), w = torch::randn({atoms, each, plan->weights}),
                        x = torch::randn({atoms, plan->in}), g = torch::randn({atoms, plan->out}),
                        matrix = torch::randn({4, plan->couplings});
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
                            EdgeCouplings(operands[0], matrix), operands[1], operands[2]);
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
    const auto plan = somePlan();
    torch::manual_seed(8);
    constexpr std::int64_t count = 301, atoms = 9;
    const auto edges = makeEdgeIndex(std::get<0>(torch::randint(0, atoms, {count}).to(torch::kInt64).sort()),
                                     torch::randint(0, atoms, {count}).to(torch::kInt64), atoms);
    const torch::Tensor y = torch::randn({count, 9}).requires_grad_(),
                        matrix = torch::randn({9, plan->couplings}), w = torch::randn({count, plan->weights}),
                        x = torch::randn({atoms, plan->in}), g = torch::randn({atoms, plan->out});
    const auto slope = [&](const torch::Tensor& out, const torch::Tensor& in) {
        return torch::autograd::grad({out}, {in}, {g.to(out.options())})[0];
    };
    const torch::Tensor found = slope(edgeConvolution(plan, edges, EdgeCouplings(y, matrix), w, x), y);
    const torch::Tensor exact = y.detach().to(torch::kFloat64).requires_grad_();
    const torch::Tensor expected =
        slope(convolutionByTensors(*plan, *edges, exact.matmul(matrix.to(torch::kFloat64)),
                                   w.to(torch::kFloat64), x.to(torch::kFloat64)),
              exact);
    QVERIFY(relativeDistance(found, expected) < 1e-6);
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
