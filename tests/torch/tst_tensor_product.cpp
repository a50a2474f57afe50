// Linear layers, the weighted tensor product and activation constants against e3nn.
#include "algebra/irreps.h"
#include "base/json.h"
#include "equivariant/activations.h"
#include "equivariant/coupling_rows.h"
#include "equivariant/tensor_product.h"
#include "support/reference_tensors.h"
#include "support/shared_data.h"

using namespace lodestone;

namespace {

/// Blocks of feature rows in our layout.
std::vector<torch::Tensor> blocksOf(const torch::Tensor& rows, const Irreps& irreps)
{
    std::vector<torch::Tensor> blocks;
    std::int64_t next = 0;
    for (const IrrepBlock& block : irreps) {
        blocks.push_back(fromE3nnLayout(rows.slice(1, next, next + block.size()), block.irrep.l));
        next += block.size();
    }
    return blocks;
}

} // namespace

class TestTensorProduct : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void layoutsAreInverse();
    void linear();
    void weightedProductUvu();
    void sumsOnAtoms();
    void normOfJax();
    void activationFactors();
};

void TestTensorProduct::layoutsAreInverse()
{
    const torch::Tensor row = torch::arange(30, torch::kFloat64).reshape({2, 15});
    const torch::Tensor feature = fromE3nnLayout(row, 1);
    QCOMPARE(feature.sizes().vec(), (std::vector<std::int64_t>{2, 3, 5}));
    QCOMPARE(feature[0][1][2].item<double>(), 7.0); // channel 2, component 1
    QVERIFY(torch::equal(toE3nnLayout(feature), row));
}

/// e3nn's o3.Linear, rows of all inputs to one output stacked as in Nequix' linear_2.
void TestTensorProduct::linear()
{
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    const Json example = readJsonFile(sharedPath("fixtures/e3nn/layers.json")).at("linear");
    const Irreps in = parseIrreps(example.at("irreps_in").get<std::string>());
    const Irreps out = parseIrreps(example.at("irreps_out").get<std::string>());
    const std::vector<torch::Tensor> inputs = blocksOf(tensorOf(example.at("inputs").at(0)), in);
    const std::vector<torch::Tensor> expected = blocksOf(tensorOf(example.at("output")), out);
    const torch::Tensor flat = tensorOf(example.at("weight"));
    for (std::size_t o = 0; o < out.size(); ++o) {
        std::vector<torch::Tensor> features, rows;
        std::int64_t offset = 0;
        for (const Json& path : example.at("instructions")) {
            const auto i = path.at("i_in").get<std::size_t>();
            const std::int64_t count =
                in[i].multiplicity * out[path.at("i_out").get<std::size_t>()].multiplicity;
            if (path.at("i_out").get<std::size_t>() == o) {
                features.push_back(inputs[i]);
                rows.push_back(flat.slice(0, offset, offset + count).reshape({in[i].multiplicity, -1}));
            }
            offset += count;
        }
        if (features.empty())
            QCOMPARE(largest(expected[o]), 0.0); // 1x1e has no input
        else
            QVERIFY(largest(equivariantLinear(torch::cat(features, 2), torch::cat(rows)) - expected[o]) <
                    1e-14);
    }
}

void TestTensorProduct::weightedProductUvu()
{
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    const Json example = readJsonFile(sharedPath("fixtures/e3nn/layers.json")).at("tensor_product_uvu");
    const Irreps in1 = parseIrreps(example.at("irreps_in1").get<std::string>());
    const Irreps in2 = parseIrreps(example.at("irreps_in2").get<std::string>());
    const Irreps out = parseIrreps(example.at("irreps_out").get<std::string>());
    const std::vector<torch::Tensor> x = blocksOf(tensorOf(example.at("inputs").at(0)), in1);
    const std::vector<torch::Tensor> y = blocksOf(tensorOf(example.at("inputs").at(1)), in2);
    const torch::Tensor weights = tensorOf(example.at("inputs").at(2));
    const std::vector<torch::Tensor> expected = blocksOf(tensorOf(example.at("output")), out);
    std::int64_t offset = 0;
    for (const Json& path : example.at("instructions")) {
        const auto i = path.at("i_in1").get<std::size_t>();
        const auto j = path.at("i_in2").get<std::size_t>();
        const auto k = path.at("i_out").get<std::size_t>();
        const int l1 = in1[i].irrep.l, l2 = in2[j].irrep.l, l3 = out[k].irrep.l;
        CouplingRows couplings;
        QCOMPARE(couplings.place(l1, l2, l3), std::int64_t{0});
        QCOMPARE(couplings.place(l1, l2, l3, 2), std::int64_t{(2 * l1 + 1) * (2 * l3 + 1)});
        QCOMPARE(couplings.place(l1, l2, l3), std::int64_t{0});
        // Only the harmonic's own rows of the matrix are not zero; the second half is twice the first.
        const torch::Tensor matrix = couplings.matrix(l2 + 1);
        QCOMPARE(matrix.sizes().vec(), (std::vector<std::int64_t>{(l2 + 2) * (l2 + 2), couplings.width()}));
        const torch::Tensor rows = matrix.slice(0, l2 * l2, (l2 + 1) * (l2 + 1));
        QVERIFY(torch::equal(matrix.count_nonzero(), rows.count_nonzero()));
        const std::vector<torch::Tensor> halves = y[j].squeeze(2).matmul(rows).chunk(2, 1);
        QVERIFY(torch::equal(halves[0] * 2, halves[1]));
        const torch::Tensor weight = weights.slice(1, offset, offset + in1[i].multiplicity);
        const torch::Tensor found =
            weightedProduct(halves[0].reshape({-1, 2 * l3 + 1, 2 * l1 + 1}), x[i], weight);
        QVERIFY(largest(found - expected[k]) < 1e-13);
        offset += in1[i].multiplicity;
    }
    QCOMPARE(offset, weights.size(1));
}

void TestTensorProduct::sumsOnAtoms()
{
    const torch::Tensor edges = torch::arange(12, torch::kFloat64).reshape({4, 1, 3});
    const torch::Tensor sums = sumOnAtoms(edges, torch::tensor({0, 0, 2, 2}, torch::kInt64), 4);
    QVERIFY(torch::equal(
        sums.squeeze(1),
        torch::tensor({3., 5., 7., 0., 0., 0., 15., 17., 19., 0., 0., 0.}, torch::kFloat64).reshape({4, 3})));
}

/// The rule of e3nn-jax, carried out.
void TestTensorProduct::normOfJax()
{
    constexpr std::int64_t nodes = 1000001;
    const torch::Tensor quantiles = torch::linspace(-1, 1, nodes + 2, torch::kFloat64).slice(0, 1, nodes + 1);
    const torch::Tensor z = quantiles.erfinv() * std::sqrt(2.0);
    QVERIFY(std::abs(torch::silu(z).square().mean().sqrt().item<double>() - siluNormOfJax) < 1e-12);
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    const Json table = readJsonFile(sharedPath("fixtures/e3nn/activations.json")).at("nequix").at("table");
    QVERIFY(std::abs(table.at("silu").at("divisor").get<double>() - siluNormOfJax) < 1e-12);
}

/// The rule of e3nn for PyTorch, carried out.
void TestTensorProduct::activationFactors()
{
    const torch::Generator generator = at::detail::createCPUGenerator(0);
    const torch::Tensor z = torch::randn({1000000}, generator, torch::TensorOptions(torch::kFloat64));
    for (const ActivationKind kind :
         {ActivationKind::Silu, ActivationKind::Tanh, ActivationKind::Sigmoid, ActivationKind::Relu,
          ActivationKind::Elu, ActivationKind::Abs, ActivationKind::ShiftedSoftplus, ActivationKind::Softplus,
          ActivationKind::Mish, ActivationKind::Gelu}) {
        const double square = activate({kind, 1}, z).square().mean().item<double>();
        const double expected = 1 / std::sqrt(square);
        QVERIFY(std::abs(expected - 1) > 1e-4);
        const Activation found = normalisedActivation(kind);
        QCOMPARE(found.kind, kind);
        QVERIFY2(std::abs(found.factor - expected) < 1e-13, qPrintable(QString::number(expected, 'g', 17)));
    }
    QCOMPARE(activate(normalisedActivation(ActivationKind::None), z).data_ptr(), z.data_ptr());
}

QTEST_GUILESS_MAIN(TestTensorProduct)
#include "tst_tensor_product.moc"
