#include "crystal/moments.h"
#include "crystal/structure.h"
#include "crystal/symmetry.h"
#include "support/sentence.h"

#include <QtTest/QtTest>
#include <random>

using namespace lodestone;

static Structure withSpecies(std::vector<int> species)
{
    Structure s;
    s.species = std::move(species);
    s.positions.resize(s.species.size());
    for (std::size_t k = 0; k < s.size(); ++k)
        s.positions[k] = {double(k), 0, 0};
    s.source = "made up";
    return s;
}

/// A rotation by `angle` about `axis` (Rodrigues).
static Mat3 rotationAbout(Vec3 axis, double angle)
{
    axis = (1.0 / norm(axis)) * axis;
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    Mat3 r = {};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            r[i][j] = (1 - c) * axis[i] * axis[j] + (i == j ? c : 0.0);
    r[0][1] -= s * axis[2];
    r[0][2] += s * axis[1];
    r[1][0] += s * axis[2];
    r[1][2] -= s * axis[0];
    r[2][0] -= s * axis[1];
    r[2][1] += s * axis[0];
    return r;
}

static Vec3 timesColumn(const Mat3& r, const Vec3& v)
{
    return {dot(r[0], v), dot(r[1], v), dot(r[2], v)};
}

static Mat3 scaled(const Mat3& m, double factor)
{
    return {factor * m[0], factor * m[1], factor * m[2]};
}

class TestStructure : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void formulas()
    {
        QCOMPARE(formula(withSpecies({})), std::string());
        QCOMPARE(formula(withSpecies({8, 28, 8, 28})), std::string("Ni2O2"));
        QCOMPARE(formula(withSpecies({8, 8, 8, 25, 57})), std::string("LaMnO3"));
        QCOMPARE(formula(withSpecies({1, 8, 1})), std::string("H2O"));
        QCOMPARE(formula(withSpecies({17, 11})), std::string("NaCl"));
        QCOMPARE(formula(withSpecies({7, 1, 6, 1, 1, 8, 6, 1, 1})), std::string("C2H5NO"));
        QCOMPARE(formula(withSpecies({14, 6})), std::string("SiC"));
    }

    void validationNamesWhatIsWrong()
    {
        Structure s = withSpecies({26, 26});
        validate(s);
        s.species[1] = 119;
        VERIFY_ERROR(validate(s), "made up", "atom 2", "119");
        s = withSpecies({26, 26});
        s.positions[0][2] = NAN;
        VERIFY_ERROR(validate(s), "made up", "atom 1", "not finite");
        s = withSpecies({26});
        s.pbc = {true, false, false};
        VERIFY_ERROR(validate(s), "periodic along a", "zero");
        s.pbc = {true, true, true};
        s.cell = {{{1, 0, 0}, {0, 1, 0}, {1, 1, 0}}};
        VERIFY_ERROR(validate(s), "linearly dependent");
        s.pbc = {true, false, true};
        s.cell[2] = {-3, 0, 0};
        VERIFY_ERROR(validate(s), "a and c are parallel");
        s = withSpecies({26, 26});
        s.arrays["charge"] = {AtomArray::Kind::Real, 1, {1.0}, {}};
        VERIFY_ERROR(validate(s), "charge", "2 atoms");
        s.arrays.clear();
        s.positions.pop_back();
        QVERIFY_THROWS_EXCEPTION(InternalError, validate(s));
    }

    void completedCellsAreInvertible()
    {
        Structure s = withSpecies({26});
        s.cell = {{{2, 1, 0}, {-1, 3, 0.5}, {0.3, 0, 4}}};
        for (int mask = 0; mask < 8; ++mask) {
            s.pbc = {(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
            const Mat3 full = completedCell(s);
            QVERIFY(std::abs(determinant(full)) > 0.5);
            for (std::size_t k = 0; k < 3; ++k) {
                if (s.pbc[k]) {
                    QCOMPARE(full[k], s.cell[k]);
                    continue;
                }
                QVERIFY(std::abs(norm(full[k]) - 1.0) < 1e-14);
                for (std::size_t other = 0; other < 3; ++other)
                    if (other != k)
                        QVERIFY(std::abs(dot(full[k], full[other])) < 1e-14);
            }
        }
    }

    void momentsAreReadWithTheirKind()
    {
        Structure s = withSpecies({26, 28});
        QVERIFY(!momentsFrom(s, "magmoms"));
        s.arrays["magmoms"] = {AtomArray::Kind::Real, 1, {2.5, NAN}, {}};
        auto moments = momentsFrom(s, "magmoms");
        QVERIFY(moments && moments->kind == Moments::Kind::Collinear);
        QCOMPARE(moments->vectors[0], (Vec3{0, 0, 2.5}));
        for (const double x : moments->vectors[1])
            QVERIFY(std::isnan(x));
        s.arrays["magmoms"] = {AtomArray::Kind::Real, 3, {1, 2, 3, -4, -5, -6}, {}};
        moments = momentsFrom(s, "magmoms");
        QVERIFY(moments && moments->kind == Moments::Kind::Vector);
        QCOMPARE(moments->vectors[1], (Vec3{-4, -5, -6}));
        s.arrays["magmoms"] = {AtomArray::Kind::Real, 2, {1, 2, 3, 4}, {}};
        VERIFY_ERROR(momentsFrom(s, "magmoms"), "made up", "magmoms");
        s.arrays["magmoms"] = {AtomArray::Kind::Text, 1, {}, {"up", "down"}};
        VERIFY_ERROR(momentsFrom(s, "magmoms"), "magmoms");
    }

    /// A moment is a current loop, m = r x j: image of the loop's polar vectors, then the cross product.
    void momentsTransformAsAxialVectors()
    {
        std::mt19937 random(7);
        std::normal_distribution<double> normal;
        for (int n = 0; n < 50; ++n) {
            const Mat3 rotation =
                rotationAbout({normal(random), normal(random), normal(random)}, normal(random));
            const Vec3 r = {normal(random), normal(random), normal(random)};
            const Vec3 j = {normal(random), normal(random), normal(random)};
            for (const double parity : {1.0, -1.0})
                for (const int time : {1, -1}) {
                    const Mat3 operation = scaled(rotation, parity);
                    // Time reversal turns the current round, not the place.
                    const Vec3 expected =
                        cross(timesColumn(operation, r), double(time) * timesColumn(operation, j));
                    const Vec3 found = transformMoment(operation, time, cross(r, j));
                    QVERIFY(norm(found - expected) < 1e-12 * (1.0 + norm(expected)));
                }
        }
        // By hand: a mirror at z = 0 keeps the moment along z and turns the one along x.
        const Mat3 mirror = {{{1, 0, 0}, {0, 1, 0}, {0, 0, -1}}};
        QCOMPARE(transformMoment(mirror, 1, {0, 0, 2}), (Vec3{0, 0, 2}));
        QCOMPARE(transformMoment(mirror, 1, {2, 0, 0}), (Vec3{-2, 0, 0}));
        QCOMPARE(transformMoment(mirror, -1, {0, 0, 2}), (Vec3{0, 0, -2}));
    }

    void spaceGroups_data()
    {
        QTest::addColumn<QList<double>>("cell");
        QTest::addColumn<QList<int>>("species");
        QTest::addColumn<QList<double>>("fractional");
        QTest::addColumn<int>("number");
        QTest::addColumn<QString>("symbol");
        QTest::newRow("fcc") << QList<double>{0, 2, 2, 2, 0, 2, 2, 2, 0} << QList<int>{28}
                             << QList<double>{0, 0, 0} << 225 << "Fm-3m";
        QTest::newRow("diamond") << QList<double>{0, 2.7, 2.7, 2.7, 0, 2.7, 2.7, 2.7, 0} << QList<int>{14, 14}
                                 << QList<double>{0, 0, 0, .25, .25, .25} << 227 << "Fd-3m";
        QTest::newRow("zinc blende") << QList<double>{0, 2.7, 2.7, 2.7, 0, 2.7, 2.7, 2.7, 0}
                                     << QList<int>{30, 16} << QList<double>{0, 0, 0, .25, .25, .25} << 216
                                     << "F-43m";
        QTest::newRow("left-handed bcc") << QList<double>{0, 3, 0, 3, 0, 0, 0, 0, 3} << QList<int>{26, 26}
                                         << QList<double>{0, 0, 0, .5, .5, .5} << 229 << "Im-3m";
        QTest::newRow("hcp") << QList<double>{2.5, 0, 0, -1.25, 2.5 * std::sqrt(0.75), 0, 0, 0, 4.07}
                             << QList<int>{27, 27} << QList<double>{1. / 3, 2. / 3, .25, 2. / 3, 1. / 3, .75}
                             << 194 << "P6_3/mmc";
    }

    void spaceGroups()
    {
        QFETCH(QList<double>, cell);
        QFETCH(QList<int>, species);
        QFETCH(QList<double>, fractional);
        QFETCH(int, number);
        QFETCH(QString, symbol);
        Structure s;
        s.pbc = {true, true, true};
        for (qsizetype k = 0; k < 9; ++k)
            s.cell[std::size_t(k) / 3][std::size_t(k) % 3] = cell[k];
        for (qsizetype k = 0; k < species.size(); ++k) {
            s.species.push_back(species[k]);
            s.positions.push_back(Vec3{fractional[3 * k], fractional[3 * k + 1], fractional[3 * k + 2]} *
                                  s.cell);
        }
        const SpaceGroup group = spaceGroup(s);
        QCOMPARE(group.number, number);
        QCOMPARE(QString::fromStdString(group.symbol), symbol);
    }

    void toleranceDecides()
    {
        Structure s = withSpecies({26, 26});
        s.pbc = {true, true, true};
        s.cell = {{{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}};
        s.positions = {{0, 0, 0}, {1.5, 1.5, 1.52}};
        QCOMPARE(spaceGroup(s, 0.1).number, 229);
        QCOMPARE(spaceGroup(s, 0.001).number, 129); // two atoms at z and -z: site 2c of P4/nmm
        VERIFY_ERROR(spaceGroup(s, 0.0), "tolerance");
        s.positions[1] = {0, 0, 3}; // both atoms on one place
        VERIFY_ERROR(spaceGroup(s), "made up", "no space group");
        s.pbc[2] = false;
        VERIFY_ERROR(spaceGroup(s), "periodic in three directions");
    }
};

QTEST_GUILESS_MAIN(TestStructure)
#include "tst_structure.moc"
