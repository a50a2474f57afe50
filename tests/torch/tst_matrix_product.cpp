// Products that threads share against LibTorch's own, through second derivatives.
#include "equivariant/matrix_product.h"
#include "support/reference_tensors.h"

#include <QtTest/QtTest>
#include <torch/torch.h>

using namespace lodestone;

class TestMatrixProduct : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void derivatives_data();
    void derivatives();
    void oneFactorConstant();
};

void TestMatrixProduct::derivatives_data()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("inner");
    QTest::addColumn<int>("columns");
    QTest::newRow("small") << 3 << 5 << 2;
    QTest::newRow("many rows, a number that no share divides") << 1003 << 61 << 37;
    QTest::newRow("many columns") << 7 << 130 << 1511;
    QTest::newRow("none") << 0 << 4 << 6;
}

void TestMatrixProduct::derivatives()
{
    QFETCH(int, rows);
    QFETCH(int, inner);
    QFETCH(int, columns);
    torch::manual_seed(3);
    const auto real = torch::dtype(torch::kFloat64);
    // The second half of wider features, as a model's blocks are.
    const torch::Tensor wide = torch::randn({rows, 3, 2 * inner}, real).requires_grad_();
    const torch::Tensor b = torch::randn({inner, columns}, real).requires_grad_();
    const auto answers = [&](bool own) {
        const torch::Tensor a = wide.slice(2, inner, 2 * inner);
        const torch::Tensor product = own ? matrixProduct(a, b) : a.matmul(b);
        const auto first =
            torch::autograd::grad({product.pow(3).sum()}, {wide, b}, {}, true, /*create_graph=*/true);
        const auto second = torch::autograd::grad({first[0].pow(2).sum() + first[1].pow(2).sum()}, {wide, b});
        return std::vector<torch::Tensor>{product.detach(), first[0].detach(), first[1].detach(), second[0],
                                          second[1]};
    };
    const auto expected = answers(false);
    for (const int threads : {1, 2, 3}) {
        torch::set_num_threads(threads);
        const auto found = answers(true);
        for (std::size_t i = 0; i < found.size(); ++i) {
            QCOMPARE(found[i].sizes().vec(), expected[i].sizes().vec());
            if (rows > 0)
                QVERIFY2(relativeDistance(found[i], expected[i]) < 1e-13, qPrintable(QString::number(i)));
        }
    }
}

/// What no gradient needs is not kept: predictions on large structures depend on it.
void TestMatrixProduct::oneFactorConstant()
{
    const torch::Tensor b = torch::randn({4, 4});
    torch::Tensor a = torch::randn({6, 4}).requires_grad_();
    torch::Tensor x = a * 1;
    const torch::Tensor product = matrixProduct(x, b);
    const c10::weak_intrusive_ptr<c10::TensorImpl> kept(x.getIntrusivePtr());
    x.reset();
    QVERIFY(kept.expired());
    QVERIFY(torch::equal(torch::autograd::grad({product.sum()}, {a})[0], b.sum(1).expand({6, 4})));
}

QTEST_GUILESS_MAIN(TestMatrixProduct)
#include "tst_matrix_product.moc"
