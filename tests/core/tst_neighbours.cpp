#include "base/json.h"
#include "crystal/neighbours.h"
#include "formats/formats.h"
#include "support/sentence.h"
#include "support/shared_data.h"

#include <QtTest/QtTest>
#include <random>
#include <set>
#include <tuple>

using namespace lodestone;

using Edge = std::tuple<int, int, int, int, int>;

/// Every image in a block that surely covers the cutoff, pair by pair: no bins, no wrapping, no fractional
/// coordinates of the code under test.
static std::vector<Edge> bruteForce(const Structure& s, double cutoff)
{
    // |S_k| <= (cutoff + |r_j - r_i|) / height_k, with the height of cell vector k over the span of the other
    // periodic ones.
    double spread = 0.0;
    for (const Vec3& a : s.positions)
        for (const Vec3& b : s.positions)
            spread = std::max(spread, norm(a - b));
    std::array<int, 3> most = {0, 0, 0};
    for (std::size_t k = 0; k < 3; ++k) {
        if (!s.pbc[k])
            continue;
        // Gram-Schmidt against the other periodic vectors.
        std::vector<Vec3> basis;
        for (std::size_t other = 0; other < 3; ++other) {
            if (other == k || !s.pbc[other])
                continue;
            Vec3 v = s.cell[other];
            for (const Vec3& e : basis)
                v = v - dot(v, e) * e;
            basis.push_back((1.0 / norm(v)) * v);
        }
        Vec3 height = s.cell[k];
        for (const Vec3& e : basis)
            height = height - dot(height, e) * e;
        most[k] = int(std::ceil((cutoff + spread) / norm(height)));
    }
    std::vector<Edge> edges;
    for (int i = 0; i < int(s.size()); ++i)
        for (int j = 0; j < int(s.size()); ++j)
            for (int x = -most[0]; x <= most[0]; ++x)
                for (int y = -most[1]; y <= most[1]; ++y)
                    for (int z = -most[2]; z <= most[2]; ++z) {
                        if (i == j && x == 0 && y == 0 && z == 0)
                            continue;
                        const Vec3 d = s.positions[std::size_t(j)] + double(x) * s.cell[0] +
                                       double(y) * s.cell[1] + double(z) * s.cell[2] -
                                       s.positions[std::size_t(i)];
                        if (norm(d) < cutoff)
                            edges.emplace_back(i, j, x, y, z);
                    }
    return edges; // the loops run in the promised order
}

static std::vector<Edge> edgesOf(const NeighbourList& list)
{
    std::vector<Edge> edges;
    for (std::size_t e = 0; e < list.size(); ++e)
        edges.emplace_back(list.centre[e], list.neighbour[e], list.shift[e][0], list.shift[e][1],
                           list.shift[e][2]);
    return edges;
}

static Structure structureOf(const Mat3& cell, std::array<bool, 3> pbc, std::vector<Vec3> positions)
{
    Structure s;
    s.cell = cell;
    s.pbc = pbc;
    s.positions = std::move(positions);
    s.species.assign(s.positions.size(), 26);
    s.source = "made up";
    return s;
}

static Structure bcc(int cells, double vacuum = 0.0)
{
    constexpr double a = 2.87;
    std::vector<Vec3> positions;
    for (int i = 0; i < cells; ++i)
        for (int j = 0; j < cells; ++j)
            for (int k = 0; k < cells; ++k)
                for (const double half : {0.0, 0.5})
                    positions.push_back({a * (i + half), a * (j + half), a * (k + half)});
    const double l = a * cells + vacuum;
    return structureOf({{{l, 0, 0}, {0, l, 0}, {0, 0, l}}}, {true, true, true}, std::move(positions));
}

class TestNeighbours : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithBruteForce_data()
    {
        QTest::addColumn<QList<double>>("cell");
        QTest::addColumn<int>("atoms");
        QTest::addColumn<double>("spread"); ///< in cells: above 1, atoms lie outside
        QTest::addColumn<double>("cutoff");
        QTest::newRow("cubic") << QList<double>{7, 0, 0, 0, 7, 0, 0, 0, 7} << 12 << 1.0 << 3.0;
        QTest::newRow("many bins") << QList<double>{20, 0, 0, 0, 18, 0, 0, 0, 22} << 60 << 1.0 << 3.1;
        QTest::newRow("smaller than the cutoff")
            << QList<double>{2, 0, 0, 0, 2.5, 0, 0, 0, 1.8} << 2 << 1.0 << 5.0;
        QTest::newRow("skewed") << QList<double>{6, 0, 0, 5, 4, 0, -7, 3, 5} << 10 << 1.0 << 4.0;
        QTest::newRow("very skewed") << QList<double>{3, 0, 0, 14, 4, 0, 9, -13, 5} << 5 << 1.0 << 4.5;
        QTest::newRow("left-handed") << QList<double>{0, 6, 0, 6, 1, 0, 0, 0, 6} << 10 << 1.0 << 4.0;
        QTest::newRow("atoms outside") << QList<double>{6, 0, 0, 1, 6, 0, 0, 2, 6} << 10 << 7.0 << 4.0;
        QTest::newRow("flat") << QList<double>{30, 0, 0, 0, 1.1, 0, 0, 0, 30} << 20 << 1.0 << 3.0;
    }

    /// Every kind of cell, with every combination of periodic directions.
    void agreesWithBruteForce()
    {
        QFETCH(QList<double>, cell);
        QFETCH(int, atoms);
        QFETCH(double, spread);
        QFETCH(double, cutoff);
        std::mt19937 random(11);
        std::uniform_real_distribution<double> uniform(-spread / 2, spread / 2);
        Mat3 rows = {};
        for (qsizetype k = 0; k < 9; ++k)
            rows[std::size_t(k) / 3][std::size_t(k) % 3] = cell[k];
        std::size_t edges = 0;
        for (int mask = 0; mask < 8; ++mask) {
            std::vector<Vec3> positions;
            for (int k = 0; k < atoms; ++k)
                positions.push_back(Vec3{uniform(random), uniform(random), uniform(random)} * rows);
            const Structure s =
                structureOf(rows, {(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0}, std::move(positions));
            const std::vector<Edge> expected = bruteForce(s, cutoff);
            QVERIFY(edgesOf(neighbourList(s, cutoff)) == expected);
            edges += expected.size();
        }
        QVERIFY(edges > 20); // the case says something
    }

    void agreesWithTheSharedFixtures()
    {
        SKIP_WITHOUT_SHARED("fixtures/structures/index.json");
        const Json index = readJsonFile(sharedPath("fixtures/structures/index.json"));
        std::size_t lists = 0;
        for (const Json& entry : index.at("structures")) {
            const Structure s =
                readStructures(sharedPath("fixtures/structures/" + entry.at("file").get<std::string>()))
                    .at(0);
            QCOMPARE(s.size(), entry.at("natoms").get<std::size_t>());
            for (const double cutoff : {4.0, 4.5, 5.0, 6.0}) {
                const NeighbourList list = neighbourList(s, cutoff);
                const std::size_t expected =
                    entry.at("edges").at(fmt::format("{:.1f}", cutoff)).at("n_edges").get<std::size_t>();
                QVERIFY2(list.size() == expected, qPrintable(QString("%1 at %2: %3 edges, expected %4")
                                                                 .arg(s.source.c_str())
                                                                 .arg(cutoff)
                                                                 .arg(list.size())
                                                                 .arg(expected)));
                if (s.size() <= 16)
                    QVERIFY2(edgesOf(list) == bruteForce(s, cutoff), s.source.c_str());
                ++lists;
            }
        }
        QCOMPARE(lists, std::size_t{36 * 4});
    }

    void byHand()
    {
        // Simple cubic with one atom: 6 images at a, 12 at a sqrt 2, 8 at a sqrt 3. The cutoff itself is
        // excluded.
        const Structure s =
            structureOf({{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}}}, {true, true, true}, {{0.3, 9.1, -5}});
        QCOMPARE(neighbourList(s, 2.0).size(), std::size_t{0});
        QCOMPARE(neighbourList(s, 2.0001).size(), std::size_t{6});
        QCOMPARE(neighbourList(s, 2.83).size(), std::size_t{18});
        QCOMPARE(neighbourList(s, 3.47).size(), std::size_t{26});
        // Open directions have no images even where the cell has a vector.
        Structure chain = s;
        chain.pbc = {false, true, false};
        QCOMPARE(edgesOf(neighbourList(chain, 2.1)), (std::vector<Edge>{{0, 0, 0, -1, 0}, {0, 0, 0, 1, 0}}));
        Structure alone = s;
        alone.pbc = {false, false, false};
        QCOMPARE(neighbourList(alone, 50.0).size(), std::size_t{0});
        QCOMPARE(neighbourList(Structure{}, 5.0).size(), std::size_t{0});
        // Two atoms on one place are neighbours at distance zero, not the same atom.
        const Structure twins = structureOf(zero3, {false, false, false}, {{1, 1, 1}, {1, 1, 1}});
        QCOMPARE(edgesOf(neighbourList(twins, 1.0)), (std::vector<Edge>{{0, 1, 0, 0, 0}, {1, 0, 0, 0, 0}}));
        // Far apart in empty space.
        const Structure far =
            structureOf(zero3, {false, false, false}, {{-1e7, 0, 0}, {1e7, 3, 0}, {1e7, 0, 0}});
        QCOMPARE(edgesOf(neighbourList(far, 3.5)), (std::vector<Edge>{{1, 2, 0, 0, 0}, {2, 1, 0, 0, 0}}));
    }

    void everyEdgeHasItsReverse()
    {
        std::mt19937 random(3);
        std::uniform_real_distribution<double> uniform(0, 1);
        Structure s = bcc(4);
        for (Vec3& r : s.positions)
            r = r + Vec3{uniform(random), 30 * uniform(random), -uniform(random)};
        const std::vector<Edge> edges = edgesOf(neighbourList(s, 4.9));
        const std::set<Edge> all(edges.begin(), edges.end());
        QCOMPARE(all.size(), edges.size());
        for (const auto& [i, j, x, y, z] : edges)
            QVERIFY(all.contains({j, i, -x, -y, -z}));
    }

    /// Counted: eight times the atoms, eight times the edges, and the same list again whatever lies around
    /// it.
    void growsLinearly()
    {
        const std::size_t small = neighbourList(bcc(5), 5.0).size();
        QCOMPARE(small,
                 std::size_t{2 * 125 * 58}); // 8 + 6 + 12 + 24 + 8 neighbours below 5 Angstrom in bcc iron
        QCOMPARE(neighbourList(bcc(10), 5.0).size(), 8 * small);
        // 16,000 atoms in a cell a million times their volume: all pairs would be 2.6e8 distances, bins over
        // the whole cell more memory than there is. The neighbours are those of the free cluster.
        Structure cluster = bcc(20, 6000.0);
        const std::size_t inVacuum = neighbourList(cluster, 5.0).size();
        cluster.pbc = {false, false, false};
        QCOMPARE(neighbourList(cluster, 5.0).size(), inVacuum);
        QVERIFY(inVacuum < 16000 * 58 && inVacuum > 16000 * 48);
    }

    void mistakesAreNamed()
    {
        Structure s =
            structureOf({{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}}}, {true, true, true}, {{0, 0, 0}, {1, 1, 1}});
        VERIFY_ERROR(neighbourList(s, 0.0), "cutoff is 0");
        VERIFY_ERROR(neighbourList(s, -1.0), "cutoff");
        VERIFY_ERROR(neighbourList(s, NAN), "cutoff");
        VERIFY_ERROR(neighbourList(s, INFINITY), "cutoff");
        s.positions[1][1] = INFINITY;
        VERIFY_ERROR(neighbourList(s, 4.0), "made up", "atom 2");
        s.positions[1][1] = 1e12;
        VERIFY_ERROR(neighbourList(s, 4.0), "atom 2", "cells away");
        s.positions[1][1] = 1;
        s.cell[2] = {0, 0, 1e-7};
        VERIFY_ERROR(neighbourList(s, 4.0), "images");
        s.cell[2] = {2, 2, 0};
        VERIFY_ERROR(neighbourList(s, 4.0), "linearly dependent");
    }
};

QTEST_GUILESS_MAIN(TestNeighbours)
#include "tst_neighbours.moc"
