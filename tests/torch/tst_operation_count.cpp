// Counted operations: matrix products, and kernels against a count by hand.
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/kernels/operation_count.h"

#include "equivariant/matrix_product.h"

#include <QTest>
#include <torch/torch.h>

using namespace lodestone;

class TestOperationCount : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void matrixProducts();
    void edgeConvolution();
    void contraction();
};

void TestOperationCount::matrixProducts()
{
    const torch::Tensor a = torch::rand({3, 5}), b = torch::rand({5, 7}), stack = torch::rand({2, 3, 5});
    QCOMPARE(countedOperations([&] { a.mm(b); }), 2.0 * 3 * 5 * 7);
    QCOMPARE(countedOperations([&] { torch::addmm(torch::rand({7}), a, b); }), 2.0 * 3 * 5 * 7);
    QCOMPARE(countedOperations([&] { stack.bmm(torch::rand({2, 5, 7})); }), 2.0 * 2 * 3 * 5 * 7);
    QCOMPARE(countedOperations([&] { a.mv(torch::rand({5})); }), 2.0 * 3 * 5);
    QCOMPARE(countedOperations([&] { a.add(1); }), 0.0);
    torch::set_num_threads(2); // shared out
    const torch::Tensor large = torch::rand({2, 150, 70}), square = torch::rand({70, 70});
    QCOMPARE(countedOperations([&] { matrixProduct(large, square); }), 2.0 * 2 * 150 * 70 * 70);
    a.mm(b); // nobody counts any more
    QCOMPARE(countedOperations([] {}), 0.0);
}

void TestOperationCount::edgeConvolution()
{
    // One path 1o x -> 1o with 4 channels: sums of three products, a weight and an addition each: 3 (5 + 2).
    auto plan = std::make_shared<EdgePlan>();
    plan->paths.push_back({3, 3, 4, 0, 0, 0, 0, 4, 0});
    plan->couplings = 9, plan->weights = 4, plan->in = 12, plan->out = 12;
    const torch::Tensor ends = torch::tensor({0, 0, 1}, torch::kInt64),
                        others = torch::tensor({1, 1, 0}, torch::kInt64);
    const auto edges = makeEdgeIndex(ends, others, 2);
    const torch::Tensor z = torch::rand({3, 9}), w = torch::rand({3, 4}), x = torch::rand({2, 12});
    QCOMPARE(countedOperations([&] { lodestone::edgeConvolution(plan, edges, z, w, x); }), 3.0 * 4 * 21);
    // Its derivative in the features alone is the same sum backwards.
    const torch::Tensor leaf = x.clone().requires_grad_();
    const torch::Tensor sum = lodestone::edgeConvolution(plan, edges, z, w, leaf).sum();
    QCOMPARE(countedOperations([&] { torch::autograd::grad({sum}, {leaf}); }), 3.0 * 4 * 21);
    // All three derivatives: besides, a row of Z and w needs 2 x 3 + 1 (message), 1 (weights), 7 (couplings).
    QCOMPARE(operationsOfSlopes(*plan, false, true, true, false), 4.0 * 3 * 15);
    // In one pass, for each input: three sums of three products, their products with the feature (2 each) and
    // the weight into the slope of the features (2); then three weights and additions.
    QCOMPARE(operationsOfBackward(*plan, false, true), 4.0 * (3 * (3 * 5 + 3 * 2 + 2) + 6));
}

void TestOperationCount::contraction()
{
    // x0 (c0 + x1 (c1 + c2 x2)) as one row.
    ContractionTree tree;
    tree.thirds = {{2}};
    tree.seconds = {{1, 1, 0, 1, 2}};
    tree.firsts = {{0, 0, 0, 1}};
    QCOMPARE(operationsOfContraction(tree, ContractionPass::Value, false, false), 6.0);
    QCOMPARE(operationsOfContraction(tree, ContractionPass::Slope, false, true), 4.0 + 6 + 6);
}

QTEST_GUILESS_MAIN(TestOperationCount)
#include "tst_operation_count.moc"
