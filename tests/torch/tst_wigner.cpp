// 3j tensors: signs and values of e3nn, symmetry under rotation.
#include "algebra/wigner.h"
#include "base/error.h"
#include "base/json.h"
#include "equivariant/spherical_harmonics.h"
#include "support/shared_data.h"

#include <torch/torch.h>

using namespace lodestone;

class TestWigner : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void e3nnTable();
    void orthogonality();
    void couplesHarmonicsToHarmonics();
    void generatorsTurnHarmonics();
    void refusesForbiddenTriples();
};

void TestWigner::e3nnTable()
{
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    const Json table = readJsonFile(sharedPath("fixtures/e3nn/wigner_3j.json")).at("w3j");
    QCOMPARE(table.size(), std::size_t{46});
    for (const auto& [key, expected] : table.items()) {
        const std::vector<int> l = {key[0] - '0', key[2] - '0', key[4] - '0'};
        const std::vector<double> found = wigner3j(l[0], l[1], l[2]);
        QCOMPARE(found.size(), expected.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            QVERIFY2(std::abs(found[i] - expected[i].get<double>()) <= 1e-14, key.c_str());
    }
}

/// sum over i, j of C[i,j,k] C'[i,j,k'] = delta(k,k') delta(l3,l3') / (2 l3 + 1), up to degrees beyond the
/// table.
void TestWigner::orthogonality()
{
    const auto matrix = [](int l1, int l2, int l3) {
        return torch::tensor(wigner3j(l1, l2, l3), torch::kFloat64).reshape({-1, 2 * l3 + 1});
    };
    for (const auto& [l1, l2] : {std::pair{3, 3}, {4, 2}, {6, 5}})
        for (int l3 = std::abs(l1 - l2); l3 <= l1 + l2; ++l3)
            for (int other = std::abs(l1 - l2); other <= l1 + l2; ++other) {
                const torch::Tensor product = matrix(l1, l2, l3).t().matmul(matrix(l1, l2, other));
                const torch::Tensor expected = l3 == other
                                                   ? torch::eye(2 * l3 + 1, torch::kFloat64) / (2 * l3 + 1)
                                                   : torch::zeros_like(product);
                QVERIFY((product - expected).abs().max().item<double>() < 1e-12);
            }
}

/// Coupling Y_l1 and Y_l2 of the same vector gives a multiple of Y_l3 for even sums (the same for every
/// vector), which holds only if the tensors are equivariant; odd sums vanish.
void TestWigner::couplesHarmonicsToHarmonics()
{
    torch::manual_seed(1);
    torch::Tensor vectors = torch::randn({20, 3}, torch::kFloat64);
    vectors = vectors / vectors.norm(2, {1}, true);
    const std::vector<torch::Tensor> y = SphericalHarmonics(6)(vectors);
    for (const auto& [l1, l2, l3] :
         {std::tuple{1, 1, 2}, {2, 3, 3}, {3, 3, 4}, {2, 4, 6}, {3, 3, 6}, {5, 3, 4}}) {
        const torch::Tensor coupling = torch::tensor(wigner3j(l1, l2, l3), torch::kFloat64)
                                           .reshape({2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1});
        const torch::Tensor coupled = torch::einsum(
            "ijk,ni,nj->nk", {coupling, y[static_cast<std::size_t>(l1)], y[static_cast<std::size_t>(l2)]});
        const torch::Tensor& direct = y[static_cast<std::size_t>(l3)];
        if ((l1 + l2 + l3) % 2 != 0) {
            QVERIFY(coupled.abs().max().item<double>() < 1e-12);
            continue;
        }
        const double factor = (coupled * direct).sum().item<double>() / direct.square().sum().item<double>();
        QVERIFY(std::abs(factor) > 1e-3);
        QVERIFY((coupled - factor * direct).abs().max().item<double>() < 1e-12);
    }
}

/// Against harmonics of vectors that turn by small angles about x, y and z.
void TestWigner::generatorsTurnHarmonics()
{
    torch::manual_seed(2);
    constexpr double angle = 1e-4;
    const auto real = torch::dtype(torch::kFloat64);
    const torch::Tensor vectors = torch::randn({20, 3}, real);
    const SphericalHarmonics harmonics(6);
    const std::vector<torch::Tensor> y = harmonics(vectors);
    for (std::int64_t axis = 0; axis < 3; ++axis) {
        const auto turned = [&](double by) {
            const std::int64_t first = (axis + 1) % 3, second = (axis + 2) % 3; // first turns towards second
            torch::Tensor result = vectors.clone();
            result.select(1, first) =
                std::cos(by) * vectors.select(1, first) - std::sin(by) * vectors.select(1, second);
            result.select(1, second) =
                std::sin(by) * vectors.select(1, first) + std::cos(by) * vectors.select(1, second);
            return harmonics(result);
        };
        const std::vector<torch::Tensor> ahead = turned(angle), behind = turned(-angle);
        for (int l = 0; l <= 6; ++l) {
            const auto number = static_cast<std::size_t>(l);
            const torch::Tensor slope = (ahead[number] - behind[number]) / (2 * angle);
            const torch::Tensor generator =
                torch::tensor(rotationGenerators(l), real).view({3, 2 * l + 1, 2 * l + 1})[axis];
            const torch::Tensor error = slope - y[number].matmul(generator.t());
            QVERIFY2(error.abs().max().item<double>() <= 1e-6 * (1 + y[number].abs().max().item<double>()),
                     qPrintable(QString::number(l)));
            QVERIFY(l == 0 || slope.abs().max().item<double>() > 0.1);
        }
    }
}

void TestWigner::refusesForbiddenTriples()
{
    QVERIFY_EXCEPTION_THROWN(wigner3j(1, 1, 3), InternalError);
    QVERIFY_EXCEPTION_THROWN(wigner3j(-1, 1, 0), InternalError);
    QVERIFY_EXCEPTION_THROWN(wigner3j(9, 9, 9), InternalError);
}

QTEST_GUILESS_MAIN(TestWigner)
#include "tst_wigner.moc"
