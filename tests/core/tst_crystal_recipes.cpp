#include "base/error.h"
#include "crystal/elements.h"
#include "crystal/neighbours.h"
#include "dataset/crystal_recipes.h"

#include <QtTest/QtTest>
#include <set>

using namespace lodestone;

namespace {

/// Nearest distance to another atom or image, and how many there are, of atom 0.
std::pair<double, int> nearest(const Structure& s)
{
    double shortest = 1e9;
    int count = 0;
    for (std::size_t j = 0; j < s.size(); ++j)
        for (int image = 0; image < 125; ++image) {
            const Vec3 shift = {double(image % 5 - 2), double(image / 5 % 5 - 2), double(image / 25 - 2)};
            const double r = norm(s.positions[j] + shift * s.cell - s.positions[0]);
            if (r < 1e-9)
                continue;
            if (r < shortest - 1e-9) {
                shortest = r;
                count = 0;
            }
            count += r < shortest + 1e-9;
        }
    return {shortest, count};
}

} // namespace

class TestCrystalRecipes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void neighboursOfTheLattices_data()
    {
        QTest::addColumn<int>("second");
        QTest::addColumn<int>("atoms");
        QTest::addColumn<int>("neighbours");
        QTest::newRow("fcc") << 0 << 4 << 12;
        QTest::newRow("bcc") << 0 << 2 << 8;
        QTest::newRow("diamond") << 0 << 8 << 4;
        QTest::newRow("rocksalt") << 8 << 8 << 6;
        QTest::newRow("cesium-chloride") << 8 << 2 << 8;
        QTest::newRow("zincblende") << 8 << 8 << 4;
    }
    void neighboursOfTheLattices()
    {
        QFETCH(int, second);
        QFETCH(int, atoms);
        QFETCH(int, neighbours);
        CrystalRecipe recipe = {QTest::currentDataTag(), {26}};
        if (second)
            recipe.elements.push_back(second);
        const Structure s = makeCrystal(recipe, 1.1);
        QCOMPARE(int(s.size()), atoms);
        const auto [distance, count] = nearest(s);
        const double wanted = 1.1 * (covalentRadius(26) + covalentRadius(second ? second : 26));
        QVERIFY(std::abs(distance - wanted) < 1e-12);
        QCOMPARE(count, neighbours);
        validate(s);
    }

    void recipesAvoidWhatIsKnown()
    {
        const auto recipes = drawRecipes({8, 26, 28}, {8, 26}, 200, 1);
        QCOMPARE(recipes.size(), std::size_t{200});
        std::set<std::string> lattices;
        for (const CrystalRecipe& recipe : recipes) {
            lattices.insert(recipe.lattice);
            QVERIFY(std::find(recipe.elements.begin(), recipe.elements.end(), 28) != recipe.elements.end());
        }
        QCOMPARE(lattices.size(), std::size_t{6});
        QCOMPARE(drawRecipes({8, 26}, {8, 26}, 5, 1).size(), std::size_t{5}); // nothing else is left
        QCOMPARE(drawRecipes({8}, {}, 5, 1).size(), std::size_t{5});
        QVERIFY_EXCEPTION_THROWN(drawRecipes({}, {}, 5, 1), Error);
        // The same on every platform: a known draw.
        const auto again = drawRecipes({8, 26, 28}, {8, 26}, 200, 1);
        for (std::size_t i = 0; i < recipes.size(); ++i)
            QVERIFY(again[i].lattice == recipes[i].lattice && again[i].elements == recipes[i].elements);
    }

    void disturbanceIsBounded()
    {
        const Structure crystal = makeCrystal({"rocksalt", {12, 8}}, 1);
        Structure s = crystal;
        disturb(s, 0.03, 0, 7);
        // A symmetric strain moves atoms with the cell.
        const Mat3 strain = inverse(crystal.cell) * s.cell;
        for (std::size_t r = 0; r < 3; ++r)
            for (std::size_t c = 0; c < 3; ++c) {
                QVERIFY(std::abs(strain[r][c] - (r == c)) <= 0.03);
                QVERIFY(std::abs(strain[r][c] - strain[c][r]) < 1e-12);
            }
        QVERIFY(norm(s.positions[7] - crystal.positions[7] * strain) < 1e-12);
        Structure moved = crystal;
        disturb(moved, 0, 0.1, 7);
        double largest = 0;
        for (std::size_t i = 0; i < s.size(); ++i)
            for (std::size_t k = 0; k < 3; ++k)
                largest = std::max(largest, std::abs(moved.positions[i][k] - crystal.positions[i][k]));
        QVERIFY(largest > 0.05 && largest <= 0.1);
    }
};

QTEST_GUILESS_MAIN(TestCrystalRecipes)
#include "tst_crystal_recipes.moc"
