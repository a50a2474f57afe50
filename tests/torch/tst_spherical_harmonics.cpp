// Real spherical harmonics: e3nn's table, norms, derivatives.
#include "algebra/harmonics.h"
#include "base/json.h"
#include "equivariant/spherical_harmonics.h"
#include "support/reference_tensors.h"
#include "support/shared_data.h"

using namespace lodestone;

class TestSphericalHarmonics : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void e3nnTable();
    void norms();
    void derivatives();
    void withoutTensors();
};

void TestSphericalHarmonics::e3nnTable()
{
    SKIP_WITHOUT_SHARED("fixtures/e3nn");
    const Json table = readJsonFile(sharedPath("fixtures/e3nn/spherical_harmonics.json"));
    const torch::Tensor all = tensorOf(table.at("vectors"));
    const torch::Tensor kept =
        (all.norm(2, {1}) > 0).nonzero().squeeze(1); // e3nn maps the zero vector to zero
    const torch::Tensor vectors = all.index_select(0, kept);
    QVERIFY(vectors.size(0) >= 15);
    const std::vector<torch::Tensor> found = SphericalHarmonics(4)(vectors / vectors.norm(2, {1}, true));
    QCOMPARE(table.at("normalized").size(), found.size());
    for (std::size_t l = 0; l < found.size(); ++l) {
        const torch::Tensor expected =
            tensorOf(table.at("normalized").at(std::to_string(l))).index_select(0, kept);
        QVERIFY(largest(found[l] - expected) < 1e-13);
    }
}

void TestSphericalHarmonics::norms()
{
    torch::manual_seed(2);
    torch::Tensor vectors = torch::randn({50, 3}, torch::kFloat64);
    vectors = vectors / vectors.norm(2, {1}, true);
    const std::vector<torch::Tensor> found = SphericalHarmonics(6)(vectors);
    for (std::size_t l = 0; l < found.size(); ++l)
        QVERIFY(largest(found[l].square().sum(1) - (2.0 * static_cast<double>(l) + 1)) < 1e-11);
}

/// The numbers for one vector are those of the tensors, also where the vector is not of unit length.
void TestSphericalHarmonics::withoutTensors()
{
    torch::manual_seed(4);
    const torch::Tensor vectors = torch::randn({12, 3}, torch::kFloat64) * 2;
    for (int lMax = 0; lMax <= 6; ++lMax) {
        const torch::Tensor expected = torch::cat(SphericalHarmonics(lMax)(vectors), 1);
        for (std::int64_t i = 0; i < vectors.size(0); ++i) {
            const auto* v = vectors[i].data_ptr<double>();
            const std::vector<double> found = sphericalHarmonicsAt(lMax, {v[0], v[1], v[2]});
            QCOMPARE(static_cast<std::int64_t>(found.size()), expected.size(1));
            QVERIFY(largest(torch::tensor(found, torch::kFloat64) - expected[i]) <
                    1e-13 * std::max(1.0, largest(expected[i])));
        }
    }
}

/// First and second derivatives against differences, also along the axes, where angles are singular.
void TestSphericalHarmonics::derivatives()
{
    const SphericalHarmonics harmonics(4);
    torch::manual_seed(3);
    const torch::Tensor axes =
        torch::tensor({0., 1., 0., 0., -1., 0., 1., 0., 0., 0., 0., 1.}, torch::kFloat64);
    const torch::Tensor points = torch::cat({axes.reshape({4, 3}), torch::randn({4, 3}, torch::kFloat64)});
    const torch::Tensor mixing = torch::randn({25}, torch::kFloat64);
    const auto value = [&](const torch::Tensor& x) {
        return torch::cat(harmonics(x / x.norm(2, {1}, true)), 1).matmul(mixing).sum();
    };
    const auto gradient = [&](const torch::Tensor& at, bool create) {
        return torch::autograd::grad({value(at)}, {at}, {}, create, create)[0];
    };
    const torch::Tensor direction = torch::randn({8, 3}, torch::kFloat64);
    const double h = 1e-5;
    torch::Tensor x = points.clone().requires_grad_();
    const torch::Tensor first = gradient(x, true);
    const torch::Tensor second = torch::autograd::grad({(first * direction).sum()}, {x})[0];
    const double slope =
        (value(points + h * direction) - value(points - h * direction)).item<double>() / (2 * h);
    QVERIFY(std::abs((first * direction).sum().item<double>() - slope) <
            1e-7 * std::max(1.0, std::abs(slope)));
    const torch::Tensor above = (points + h * direction).detach().requires_grad_();
    const torch::Tensor below = (points - h * direction).detach().requires_grad_();
    const torch::Tensor curvature = (gradient(above, false) - gradient(below, false)) / (2 * h);
    QVERIFY(largest(second - curvature) < 1e-6 * largest(curvature));
}

QTEST_GUILESS_MAIN(TestSphericalHarmonics)
#include "tst_spherical_harmonics.moc"
