// Radial functions of MACE: each against its formula in plain numbers, with derivatives.
#include "models/mace/mace_radial.h"
#include "support/reference_tensors.h"

#include <QtTest/QtTest>

using namespace lodestone;

namespace {

constexpr double cutoff = 5;
const std::vector<double> radii = {0.66, 1.32};

/// Two elements; edges of several lengths, some longer than the cutoff of the polynomial.
struct Edges {
    std::vector<double> lengths = {0.4, 1.1, 1.9, 2.3, 3.7, 4.9, 5.2};
    std::vector<std::int64_t> centres = {0, 0, 1, 1, 0, 1, 0}, neighbours = {0, 1, 0, 1, 1, 1, 1};
    torch::Tensor distance() const { return torch::tensor(lengths, torch::kFloat64); }
    torch::Tensor centre() const { return torch::tensor(centres); }
    torch::Tensor neighbour() const { return torch::tensor(neighbours); }
    double bond(std::size_t i) const
    {
        return radii[static_cast<std::size_t>(centres[i])] + radii[static_cast<std::size_t>(neighbours[i])];
    }
};

double envelope(double x, int p)
{
    if (x >= 1)
        return 0;
    return 1 - (p + 1.0) * (p + 2.0) / 2 * std::pow(x, p) + p * (p + 2.0) * std::pow(x, p + 1) -
           p * (p + 1.0) / 2 * std::pow(x, p + 2);
}

MaceRadial besselBasis()
{
    MaceRadial radial;
    radial.size = 4;
    radial.cutoff = cutoff;
    radial.p = 5;
    radial.factor = std::sqrt(2 / cutoff);
    for (int n = 1; n <= 4; ++n)
        radial.centres.push_back(n * M_PI / cutoff);
    radial.radii = radii;
    return radial;
}

/// Upstream's formulas of radial.py, term by term.
double transformed(const MaceRadial& radial, double r, double bond)
{
    switch (radial.transform) {
    case MaceRadial::Transform::None:
        return r;
    case MaceRadial::Transform::Agnesi: {
        const double x = r / (0.5 * bond);
        return 1 / (1 + radial.a * std::pow(x, radial.q) / (1 + std::pow(x, radial.q - radial.b)));
    }
    case MaceRadial::Transform::SoftTanh: {
        const double p0 = 3.0 / 4 * bond, p1 = 4.0 / 3 * bond, m = 0.5 * (p0 + p1);
        return p0 + (r - p0) * 0.5 * (1 + std::tanh(radial.a / (p1 - p0) * (r - m)));
    }
    case MaceRadial::Transform::SoftExponent: {
        const double x = r / (bond / 4);
        return r + 0.5 * std::tanh(-x - radial.a * std::pow(x, radial.b)) + 0.5;
    }
    }
    return 0;
}

double basisFunction(const MaceRadial& radial, int n, double r)
{
    const double centre = radial.centres.empty() ? 0 : radial.centres[static_cast<std::size_t>(n)];
    switch (radial.basis) {
    case MaceRadial::Basis::Bessel:
        return radial.factor * std::sin(centre * r) / r;
    case MaceRadial::Basis::Gaussian:
        return std::exp(radial.factor * (r - centre) * (r - centre));
    case MaceRadial::Basis::Chebyshev: // of the first kind
        return std::abs(r) <= 1 ? std::cos((n + 1) * std::acos(r)) : std::cosh((n + 1) * std::acosh(r));
    }
    return 0;
}

} // namespace

class TestMaceRadial : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void functions_data();
    void functions();
    void repulsion();
};

void TestMaceRadial::functions_data()
{
    QTest::addColumn<MaceRadial>("radial");
    using Transform = MaceRadial::Transform;
    MaceRadial radial = besselBasis();
    QTest::newRow("Bessel") << radial;
    radial.transform = Transform::Agnesi;
    radial.a = 1.0805;
    radial.b = 4.5791;
    radial.q = 0.9183;
    QTest::newRow("Agnesi") << radial;
    radial.basis = MaceRadial::Basis::Chebyshev;
    QTest::newRow("Chebyshev of Agnesi") << radial;
    radial = besselBasis();
    radial.transform = Transform::SoftTanh;
    radial.a = 4;
    QTest::newRow("soft, hyperbolic") << radial;
    radial.transform = Transform::SoftExponent;
    radial.a = 0.2;
    radial.b = 3;
    QTest::newRow("soft, exponent") << radial;
    radial = besselBasis();
    radial.basis = MaceRadial::Basis::Gaussian;
    radial.factor = -0.8;
    QTest::newRow("Gaussian") << radial;
    radial = besselBasis();
    radial.applyCutoff = false;
    QTest::newRow("late cutoff") << radial;
}

void TestMaceRadial::functions()
{
    QFETCH(MaceRadial, radial);
    const Edges edges;
    const torch::Tensor distance = edges.distance().requires_grad_();
    const RadialFeatures found = radialFeatures(radial, distance, edges.centre(), edges.neighbour());
    QCOMPARE(found.functions.sizes().vec(), (std::vector<std::int64_t>{7, 4}));
    const auto functionAt = [&](std::size_t edge, int n, double r) {
        const double cut = envelope(r / cutoff, radial.p);
        return basisFunction(radial, n, transformed(radial, r, edges.bond(edge))) *
               (radial.applyCutoff ? cut : 1);
    };
    for (int n = 0; n < 4; ++n) {
        const torch::Tensor column = found.functions.select(1, n);
        const torch::Tensor slopes = torch::autograd::grad({column.sum()}, {distance}, {}, true)[0];
        for (std::size_t i = 0; i < edges.lengths.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            const double r = edges.lengths[i], h = 1e-5;
            QVERIFY(std::abs(column[at].item<double>() - functionAt(i, n, r)) < 1e-12);
            const double slope = (functionAt(i, n, r + h) - functionAt(i, n, r - h)) / (2 * h);
            QVERIFY2(std::abs(slopes[at].item<double>() - slope) < 1e-7 * (1 + std::abs(slope)),
                     qPrintable(QString("%1 %2").arg(slopes[at].item<double>()).arg(slope)));
        }
    }
    for (std::size_t i = 0; i < edges.lengths.size(); ++i)
        QVERIFY(std::abs(found.cutoff[static_cast<std::int64_t>(i)].item<double>() -
                         envelope(edges.lengths[i] / cutoff, 5)) < 1e-14);
}

/// Ziegler, Biersack, Littmark: half of the pair's energy, cut off at the sum of the radii.
void TestMaceRadial::repulsion()
{
    const MaceRepulsion repulsion{{0.1818, 0.5099, 0.2802, 0.02817}, 0.3, 0.4543, 6, radii};
    const std::vector<int> numbers = {8, 26};
    const Edges edges;
    const torch::Tensor found =
        pairRepulsion(repulsion, numbers, edges.distance(), edges.centre(), edges.neighbour());
    int felt = 0;
    for (std::size_t i = 0; i < edges.lengths.size(); ++i) {
        const double r = edges.lengths[i];
        const double z1 = numbers[static_cast<std::size_t>(edges.centres[i])];
        const double z2 = numbers[static_cast<std::size_t>(edges.neighbours[i])];
        const double x = r / (0.4543 * 0.529 / (std::pow(z1, 0.3) + std::pow(z2, 0.3)));
        const double screening = 0.1818 * std::exp(-3.2 * x) + 0.5099 * std::exp(-0.9423 * x) +
                                 0.2802 * std::exp(-0.4028 * x) + 0.02817 * std::exp(-0.2016 * x);
        const double expected = 0.5 * 14.3996 * z1 * z2 / r * screening * envelope(r / edges.bond(i), 6);
        const double energy = found[static_cast<std::int64_t>(i)].item<double>();
        QVERIFY(std::abs(energy - expected) < 1e-12 * (1 + expected));
        felt += expected > 1e-3;
    }
    QCOMPARE(felt, 2);
    QCOMPARE(largest(found.slice(0, 4)), 0.0); // beyond the radii
}

QTEST_GUILESS_MAIN(TestMaceRadial)
#include "tst_mace_radial.moc"
