// The symmetric contraction of MACE: against upstream's values, kernels against tensor operations with their
// derivatives.
#include "base/json.h"
#include "equivariant/symmetric_contraction.h"
#include "support/reference_tensors.h"
#include "support/sentence.h"
#include "support/shared_data.h"

using namespace lodestone;

namespace {

/// A contraction with random couplings and weights, most couplings zero.
struct Example {
    std::vector<ContractionShape> shapes;
    std::vector<std::vector<torch::Tensor>> weights;
    torch::Tensor x, species;
};

CouplingTensor sparse(const torch::Tensor& dense)
{
    const torch::Tensor u = dense.contiguous();
    return couplingTensor(u.sizes().vec(), {u.data_ptr<double>(), u.data_ptr<double>() + u.numel()});
}

torch::Tensor dense(const CouplingTensor& u)
{
    const torch::Tensor all = torch::zeros(u.shape, torch::kFloat64);
    const torch::Tensor kept = torch::tensor(u.values, torch::kFloat64).view({-1, u.shape.back()});
    all.view({-1, u.shape.back()}).index_put_({torch::tensor(u.rows, torch::kInt64)}, kept);
    return all;
}

Example example(const std::vector<int>& orders, std::int64_t components, std::int64_t channels,
                torch::Dtype dtype)
{
    Example made;
    torch::manual_seed(7);
    constexpr std::int64_t elements = 4;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        ContractionShape shape{{static_cast<int>(i), i % 2 == 0 ? 1 : -1}, {}};
        made.weights.emplace_back();
        for (int order = 1; order <= orders[i]; ++order) {
            std::vector<std::int64_t> sizes(static_cast<std::size_t>(order) + 2, components);
            sizes.front() = shape.out.size();
            sizes.back() = order + 1;
            const torch::Tensor there = torch::rand(sizes, torch::kFloat64).narrow(-1, 0, 1) < 0.3;
            shape.u.push_back(sparse(torch::randn(sizes, torch::kFloat64) * there));
            made.weights.back().push_back(
                torch::randn({elements, order + 1, channels}, torch::kFloat64).to(dtype).requires_grad_());
        }
        made.shapes.push_back(shape);
    }
    made.species = torch::tensor({2, 0, 2, 3, 0, 2, 2}, torch::kInt64); // none of element 1
    made.x = torch::randn({7, components, channels}, torch::kFloat64).to(dtype).requires_grad_();
    return made;
}

torch::Tensor joined(const Features& features)
{
    return torch::cat(features, 1);
}

} // namespace

class TestSymmetricContraction : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void upstreamExamples_data();
    void upstreamExamples();
    void definition();
    void kernels_data();
    void kernels();
    void threads();
    void thirdDerivatives();
    void orderOfZeros();
    void wrongShapes();
};

void TestSymmetricContraction::upstreamExamples_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"corr2", "corr3", "corr3_2e"})
        QTest::newRow(name) << name;
}

void TestSymmetricContraction::upstreamExamples()
{
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    QFETCH(QString, name);
    const Json tables = readJsonFile(sharedPath("fixtures/e3nn/symmetric_contraction.json"));
    const Json& given = tables.at("examples").at(name.toStdString());
    const int highest = given.at("correlation").get<int>();
    const Irreps in = parseIrreps(given.at("irreps_in").get<std::string>());
    const Irreps out = parseIrreps(given.at("irreps_out").get<std::string>());
    std::vector<ContractionShape> shapes;
    std::vector<std::vector<torch::Tensor>> weights;
    for (std::size_t i = 0; i < out.size(); ++i) {
        ContractionShape shape{out[i].irrep, {}};
        weights.emplace_back();
        for (int order = 1; order <= highest; ++order) {
            const std::string key = "lmax" + std::to_string(in.size() - 1) + "," + toString(out[i].irrep) +
                                    ",nu" + std::to_string(order);
            const Json& stored = tables.at("U_sparse").at(key);
            torch::Tensor u =
                torch::zeros(stored.at("shape").get<std::vector<std::int64_t>>(), torch::kFloat64);
            u.view({-1}).index_put_({tensorOf(stored.at("nonzero_index")).to(torch::kInt64)},
                                    tensorOf(stored.at("nonzero_value")));
            shape.u.push_back(sparse(out[i].irrep.l == 0 ? u.unsqueeze(0) : u));
            const Json& contraction = given.at("contractions")[i];
            weights.back().push_back(tensorOf(
                order == highest ? contraction.at("weights_max")
                                 : contraction.at("weights")[static_cast<std::size_t>(highest - 1 - order)]));
        }
        shapes.push_back(shape);
    }
    const torch::Tensor x = tensorOf(given.at("x")).transpose(1, 2).contiguous();
    const ElementGroups groups = groupByElement(tensorOf(given.at("node_attrs")).argmax(1));
    const SymmetricContraction contraction(shapes);
    for (const Features& found : {contraction(x, weights, groups), contraction.byTensors(x, weights, groups)})
        QVERIFY(largest(toE3nnRows(found) - tensorOf(given.at("output"))) < 1e-12);
}

/// The defining sum, written out.
void TestSymmetricContraction::definition()
{
    const Example e = example({3, 2}, 3, 5, torch::kFloat64);
    const Features found = SymmetricContraction(e.shapes)(e.x, e.weights, groupByElement(e.species));
    for (std::size_t i = 0; i < e.shapes.size(); ++i) {
        torch::Tensor expected;
        const char* const sums[] = {"mik,akc,aic->amc", "mijk,akc,aic,ajc->amc",
                                    "mijnk,akc,aic,ajc,anc->amc"};
        for (std::size_t order = 1; order <= e.shapes[i].u.size(); ++order) {
            std::vector<torch::Tensor> operands = {dense(e.shapes[i].u[order - 1]),
                                                   e.weights[i][order - 1].index_select(0, e.species)};
            operands.insert(operands.end(), order, e.x);
            const torch::Tensor part = torch::einsum(sums[order - 1], operands);
            expected = expected.defined() ? expected + part : part;
        }
        QVERIFY(largest(found[i] - expected) < 1e-11);
    }
}

void TestSymmetricContraction::kernels_data()
{
    QTest::addColumn<std::vector<int>>("orders");
    QTest::addColumn<int>("components");
    QTest::addColumn<int>("channels");
    QTest::addColumn<bool>("single");
    QTest::newRow("order 3") << std::vector<int>{3, 3} << 4 << 20 << false;
    QTest::newRow("order 2, one channel") << std::vector<int>{2} << 5 << 1 << false;
    QTest::newRow("order 1") << std::vector<int>{1, 1, 1} << 4 << 8 << false;
    QTest::newRow("mixed orders, whole blocks") << std::vector<int>{1, 3, 2} << 4 << 16 << false;
    QTest::newRow("order 4") << std::vector<int>{4, 2} << 3 << 3 << false;
    QTest::newRow("float32") << std::vector<int>{3, 2} << 4 << 33 << true;
}

/// Values, first and second derivatives in features and weights.
void TestSymmetricContraction::kernels()
{
    QFETCH(std::vector<int>, orders);
    QFETCH(int, components);
    QFETCH(int, channels);
    QFETCH(bool, single);
    const Example e = example(orders, components, channels, single ? torch::kFloat32 : torch::kFloat64);
    const double tolerance = single ? 1e-5 : 1e-12;
    const SymmetricContraction contraction(e.shapes);
    const ElementGroups groups = groupByElement(e.species);
    std::vector<torch::Tensor> inputs = {e.x};
    for (const auto& weights : e.weights)
        inputs.insert(inputs.end(), weights.begin(), weights.end());
    std::vector<torch::Tensor> ends;
    for (const torch::Tensor& input : inputs)
        ends.push_back(torch::randn_like(input));
    torch::Tensor g;
    std::vector<std::vector<torch::Tensor>> results;
    for (const bool byTensors : {false, true}) {
        const torch::Tensor out = joined(byTensors ? contraction.byTensors(e.x, e.weights, groups)
                                                   : contraction(e.x, e.weights, groups));
        if (!g.defined())
            g = torch::randn_like(out).requires_grad_();
        std::vector<torch::Tensor> all = {out.detach()};
        const auto first = torch::autograd::grad({out}, inputs, {g}, true, true);
        all.insert(all.end(), first.begin(), first.end());
        std::vector<torch::Tensor> withG = inputs;
        withG.push_back(g);
        // Of everything at once, of the features' derivative alone (as forces need it), and with fixed
        // weights.
        for (const auto& second : {torch::autograd::grad(first, withG, ends, true, false, true),
                                   torch::autograd::grad({first[0]}, withG, {ends[0]}, true, false, true),
                                   torch::autograd::grad({first[0]}, {e.x, g}, {ends[0]}, true, false, true),
                                   torch::autograd::grad({first[1]}, {e.x, g}, {ends[1]}, true, false, true)})
            for (const torch::Tensor& tensor : second)
                all.push_back(tensor.defined() ? tensor : torch::zeros({1}));
        results.push_back(all);
    }
    QVERIFY(largest(results[1].front()) > 0.1);
    QCOMPARE(results[0].size(), results[1].size());
    for (std::size_t i = 0; i < results[0].size(); ++i)
        QVERIFY2(largest(results[0][i] - results[1][i]) <= tolerance * std::max(1.0, largest(results[1][i])),
                 qPrintable(QString::number(i)));
}

/// The result does not depend on the number of threads, to the last bit.
void TestSymmetricContraction::threads()
{
    const Example e = example({3, 3}, 4, 40, torch::kFloat64);
    const SymmetricContraction contraction(e.shapes);
    std::vector<torch::Tensor> results;
    for (const int threads : {1, 3}) {
        torch::set_num_threads(threads);
        const torch::Tensor out = joined(contraction(e.x, e.weights, groupByElement(e.species)));
        const auto first =
            torch::autograd::grad({out.square().sum()}, {e.x, e.weights[0][2]}, {}, true, true);
        const auto second = torch::autograd::grad({first[0].square().sum()}, {e.x, e.weights[0][2]});
        results.push_back(torch::cat({out.flatten(), first[0].flatten(), first[1].flatten(),
                                      second[0].flatten(), second[1].flatten()}));
    }
    torch::set_num_threads(1);
    QVERIFY(torch::equal(results[0], results[1]));
}

void TestSymmetricContraction::thirdDerivatives()
{
    const Example e = example({3}, 3, 2, torch::kFloat64);
    const SymmetricContraction contraction(e.shapes);
    const ElementGroups groups = groupByElement(e.species);
    const torch::Tensor& w = e.weights[0][2];
    std::vector<torch::Tensor> results;
    for (const bool byTensors : {false, true}) {
        const torch::Tensor out = joined(byTensors ? contraction.byTensors(e.x, e.weights, groups)
                                                   : contraction(e.x, e.weights, groups));
        const torch::Tensor first = torch::autograd::grad({out.pow(2).sum()}, {e.x}, {}, true, true)[0];
        const torch::Tensor second = torch::autograd::grad({first.pow(2).sum()}, {e.x}, {}, true, true)[0];
        const auto third = torch::autograd::grad({second.pow(2).sum()}, {e.x, w});
        results.push_back(torch::cat({third[0].flatten(), third[1].flatten()}));
    }
    QVERIFY(relativeDistance(results[0], results[1]) < 1e-12);
}

/// An order without couplings adds nothing.
void TestSymmetricContraction::orderOfZeros()
{
    Example e = example({2}, 3, 2, torch::kFloat64);
    const ElementGroups groups = groupByElement(e.species);
    const torch::Tensor first =
        joined(SymmetricContraction({{{0, 1}, {e.shapes[0].u[0]}}})(e.x, {{e.weights[0][0]}}, groups));
    e.shapes[0].u[1] = sparse(torch::zeros(e.shapes[0].u[1].shape, torch::kFloat64));
    QVERIFY(e.shapes[0].u[1].rows.empty());
    const SymmetricContraction contraction(e.shapes);
    QVERIFY(torch::equal(joined(contraction(e.x, e.weights, groups)), first));
    QVERIFY(relativeDistance(joined(contraction.byTensors(e.x, e.weights, groups)), first) < 1e-14);
}

void TestSymmetricContraction::wrongShapes()
{
    Example e = example({2}, 3, 2, torch::kFloat64);
    e.shapes[0].u[1] = sparse(dense(e.shapes[0].u[1]).narrow(1, 0, 2));
    VERIFY_ERROR(SymmetricContraction{e.shapes}, "order 2 of 0e");
    VERIFY_ERROR(makeContractionPlan({{0, {1, 0}}}, 1, 2), "not in order");
    VERIFY_ERROR(makeContractionPlan({{0, {0, 2}}}, 1, 2), "not in order");
    VERIFY_ERROR(makeContractionPlan({{0, {1}}, {0, {0}}}, 1, 2), "not in order");
}

QTEST_GUILESS_MAIN(TestSymmetricContraction)
#include "tst_symmetric_contraction.moc"
