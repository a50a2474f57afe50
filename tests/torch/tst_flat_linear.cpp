// Linear layers as e3nn stores them: against its tables, unusual irreps, matrices by element.
#include "base/json.h"
#include "equivariant/flat_linear.h"
#include "support/reference_tensors.h"
#include "support/shared_data.h"

using namespace lodestone;

namespace {

/// Paths between all blocks of one irrep with the path weights given, in their order.
std::vector<FlatPath> pathsOf(const Json& instructions, const char* in)
{
    std::vector<FlatPath> paths;
    for (const Json& one : instructions)
        if (one.at(in).get<int>() >= 0)
            paths.push_back(
                {one.at(in).get<int>(), one.at("i_out").get<int>(), one.at("path_weight").get<double>()});
    return paths;
}

LinearShape allPaths(const Irreps& in, const Irreps& out)
{
    LinearShape shape{in, out, {}, {}};
    for (std::size_t i = 0; i < in.size(); ++i)
        for (std::size_t j = 0; j < out.size(); ++j)
            if (in[i].irrep == out[j].irrep)
                shape.paths.push_back({static_cast<int>(i), static_cast<int>(j),
                                       1 / std::sqrt(static_cast<double>(multiplicityOf(in, in[i].irrep)))});
    return shape;
}

} // namespace

class TestFlatLinear : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void mergedIrreps();
    void layersOfE3nn();
    void blocksOfOneIrrep();
    void oneHotInputs();
    void groupsOfElements();
    void matricesByElement();
};

void TestFlatLinear::mergedIrreps()
{
    QCOMPARE(toString(merged(parseIrreps("3x0e + 2x0e + 0x1o + 4x0e + 1x1o + 2x0e"))),
             std::string("9x0e + 1x1o + 2x0e"));
    const Irreps irreps = parseIrreps("2x0e + 3x1o + 1x2e");
    const torch::Tensor rows = torch::arange(2 * sizeOf(irreps), torch::kFloat64).view({2, -1});
    const Features features = fromE3nnRows(rows, irreps);
    QCOMPARE(features.size(), std::size_t{3});
    QCOMPARE(features[1].sizes().vec(), (std::vector<std::int64_t>{2, 3, 3}));
    QCOMPARE(features[1][0][2][1].item<double>(), 2.0 + 3 + 2); // second channel, last component
    QVERIFY(torch::equal(toE3nnRows(features), rows));
}

void TestFlatLinear::layersOfE3nn()
{
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    const Json tables = readJsonFile(sharedPath("fixtures/e3nn/layers.json"));
    for (const char* name : {"linear", "linear_bias"}) {
        const Json& table = tables.at(name);
        LinearShape shape = allPaths(parseIrreps(table.at("irreps_in").get<std::string>()),
                                     parseIrreps(table.at("irreps_out").get<std::string>()));
        if (table.contains("instructions"))
            shape.paths = pathsOf(table.at("instructions"), "i_in");
        torch::Tensor bias;
        if (table.contains("bias")) {
            bias = tensorOf(table.at("bias"));
            shape.biases = {0};
            QCOMPARE(shape.biasCount(), bias.numel());
        }
        const torch::Tensor weight = tensorOf(table.at("weight"));
        QCOMPARE(shape.weightCount(), weight.numel());
        const Features x = fromE3nnRows(tensorOf(table.at("inputs")[0]), merged(shape.in));
        const torch::Tensor found = toE3nnRows(FlatLinear(shape)(x, weight, bias));
        QVERIFY2(largest(found - tensorOf(table.at("output"))) < 1e-13, name);
    }
}

/// Blocks of one irrep that stand apart or side by side, with several outputs: every matrix by hand.
void TestFlatLinear::blocksOfOneIrrep()
{
    const LinearShape shape =
        allPaths(parseIrreps("2x0e + 3x0e + 2x1o + 1x0e"), parseIrreps("2x0e + 1x1o + 3x0e + 2x2e"));
    QCOMPARE(shape.paths.size(), std::size_t{7});
    torch::manual_seed(1);
    const torch::Tensor weight = torch::randn({shape.weightCount()}, torch::kFloat64);
    const torch::Tensor rows = torch::randn({4, sizeOf(shape.in)}, torch::kFloat64);
    std::vector<torch::Tensor> outputs;
    for (const IrrepBlock& block : shape.out)
        outputs.push_back(torch::zeros({4, block.irrep.size(), block.multiplicity}, torch::kFloat64));
    const Features blocks = fromE3nnRows(rows, shape.in);
    std::int64_t offset = 0;
    for (const FlatPath& path : shape.paths) {
        const std::int64_t in = shape.in[static_cast<std::size_t>(path.in)].multiplicity;
        const std::int64_t out = shape.out[static_cast<std::size_t>(path.out)].multiplicity;
        outputs[static_cast<std::size_t>(path.out)] +=
            path.factor * blocks[static_cast<std::size_t>(path.in)].matmul(
                              weight.slice(0, offset, offset + in * out).view({in, out}));
        offset += in * out;
    }
    const Features found = FlatLinear(shape)(fromE3nnRows(rows, merged(shape.in)), weight);
    QCOMPARE(found.size(), merged(shape.out).size());
    QVERIFY(largest(toE3nnRows(found) - toE3nnRows(outputs)) < 1e-13);
    QCOMPARE(largest(found.back()), 0.0); // 2x2e has no path
}

void TestFlatLinear::oneHotInputs()
{
    const LinearShape shape = allPaths(parseIrreps("5x0e"), parseIrreps("3x0e"));
    torch::manual_seed(2);
    const torch::Tensor weight = torch::randn({15}, torch::kFloat64);
    const torch::Tensor species = torch::tensor({3, 0, 3, 4}, torch::kInt64);
    const torch::Tensor oneHot = torch::one_hot(species, 5).to(torch::kFloat64).unsqueeze(1);
    const FlatLinear linear(shape);
    QVERIFY(largest(linear.ofElements(species, weight).front() - linear({oneHot}, weight).front()) < 1e-14);
}

void TestFlatLinear::groupsOfElements()
{
    const torch::Tensor species = torch::tensor({2, 0, 2, 5, 0}, torch::kInt64);
    const ElementGroups groups = groupByElement(species);
    QVERIFY(torch::equal(groups.present, torch::tensor({0, 2, 5}, torch::kInt64)));
    QCOMPARE(groups.groups.size(), std::size_t{3});
    QCOMPARE(groups.groups[1].element, std::int64_t{2});
    QCOMPARE(groups.groups[1].first, std::int64_t{2});
    QCOMPARE(groups.groups[1].count, std::int64_t{2});
    QVERIFY(torch::equal(groups.grouped(species), torch::tensor({0, 0, 2, 2, 5}, torch::kInt64)));
    QVERIFY(torch::equal(groups.ungrouped(groups.grouped(species)), species));
    QVERIFY(!groupByElement(torch::tensor({4, 4}, torch::kInt64)).order.defined());
    QCOMPARE(groupByElement(torch::empty({0}, torch::kInt64)).groups.size(), std::size_t{0});
    QCOMPARE(oneGroup(species).groups.front().count, std::int64_t{5});
}

void TestFlatLinear::matricesByElement()
{
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    const Json table = readJsonFile(sharedPath("fixtures/e3nn/layers.json")).at("fully_connected_tp_onehot");
    ElementLinearShape shape{parseIrreps(table.at("irreps_in1").get<std::string>()),
                             parseIrreps(table.at("irreps_out").get<std::string>()), 4,
                             pathsOf(table.at("instructions"), "i_in1")};
    for (FlatPath& path : shape.paths)
        path.factor /= std::sqrt(2.0 * shape.out[static_cast<std::size_t>(path.out)].irrep.l + 1);
    const torch::Tensor weight = tensorOf(table.at("weight")).requires_grad_();
    QCOMPARE(shape.weightCount(), weight.numel());
    const torch::Tensor species = tensorOf(table.at("inputs")[1]).argmax(1);
    const Features x = fromE3nnRows(tensorOf(table.at("inputs")[0]), shape.in);
    const torch::Tensor found = toE3nnRows(ElementLinear(shape)(x, weight, groupByElement(species)));
    QVERIFY(largest(found - tensorOf(table.at("output"))) < 1e-13);
    // Matrices of elements that do not occur have no gradient.
    const torch::Tensor gradient = torch::autograd::grad({found.square().sum()}, {weight})[0];
    const torch::Tensor byElement =
        gradient.slice(0, 0, 3 * 4 * 5).view({3, 4, 5}).abs().sum(std::vector<std::int64_t>{0, 2});
    const torch::Tensor counts = torch::bincount(species, {}, 4);
    QVERIFY(torch::equal(byElement > 0, counts > 0));
}

QTEST_GUILESS_MAIN(TestFlatLinear)
#include "tst_flat_linear.moc"
