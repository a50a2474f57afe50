// The order of atoms in space: complete, near atoms near each other, the same whatever the order of the file.
#include "base/error.h"
#include "crystal/space_order.h"
#include "support/shuffled_crystal.h"

#include <QtTest/QtTest>

using namespace lodestone;

class TestSpaceOrder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nearAtomsFollowEachOther_data();
    void nearAtomsFollowEachOther();
    void anyRandomOrderGivesTheSame();
    void goodOrdersStay();
    void imagesAndTranslations();
    void oddStructures();
};

void TestSpaceOrder::nearAtomsFollowEachOther_data()
{
    QTest::addColumn<int>("openDirections");
    QTest::newRow("crystal") << 0;
    QTest::newRow("slab") << 1;
    QTest::newRow("chain") << 2;
    QTest::newRow("cluster with a cell") << 3;
    QTest::newRow("cluster without cell") << 4;
}

void TestSpaceOrder::nearAtomsFollowEachOther()
{
    QFETCH(int, openDirections);
    Structure crystal = rockSalt(8);
    for (std::size_t k = 0; k < 3; ++k)
        crystal.pbc[k] = static_cast<int>(k) >= openDirections;
    if (openDirections == 4)
        crystal.cell = zero3;
    const std::vector<std::size_t> shuffled = randomOrder(crystal.size());
    const Structure structure = reordered(crystal, shuffled);
    const std::vector<std::int32_t> order = orderInSpace(structure);

    std::vector<std::int32_t> sorted = order, all(structure.size());
    std::sort(sorted.begin(), sorted.end());
    std::iota(all.begin(), all.end(), 0);
    QCOMPARE(sorted, all);
    // Neighbours are 2.1 Angstrom apart, random atoms 8 and more.
    QVERIFY(meanStep(structure, all) > 7);
    QVERIFY2(meanStep(structure, order) < 4, qPrintable(QString::number(meanStep(structure, order))));
}

void TestSpaceOrder::goodOrdersStay()
{
    const Structure crystal = rockSalt(6);
    std::vector<std::int32_t> given(crystal.size());
    std::iota(given.begin(), given.end(), 0);
    QCOMPARE(orderInSpace(crystal), given);
}

void TestSpaceOrder::anyRandomOrderGivesTheSame()
{
    const Structure rows = rockSalt(6), crystal = reordered(rows, randomOrder(rows.size(), 3));
    const std::vector<std::size_t> shuffled = randomOrder(crystal.size());
    const std::vector<std::int32_t> before = orderInSpace(crystal),
                                    after = orderInSpace(reordered(crystal, shuffled));
    for (std::size_t n = 0; n < before.size(); ++n)
        QCOMPARE(static_cast<std::int32_t>(shuffled[static_cast<std::size_t>(after[n])]), before[n]);
}

void TestSpaceOrder::imagesAndTranslations()
{
    const Structure rows = rockSalt(5), crystal = reordered(rows, randomOrder(rows.size()));
    Structure moved = crystal;
    std::mt19937_64 random(4);
    for (Vec3& position : moved.positions)
        for (const Vec3& vector : crystal.cell)
            position = position + double(random() % 7) * vector + -3.0 * vector;
    QCOMPARE(orderInSpace(moved), orderInSpace(crystal));

    Structure cluster = crystal;
    cluster.pbc = {false, false, false};
    const std::vector<std::int32_t> order = orderInSpace(cluster);
    for (Vec3& position : cluster.positions)
        position = position + Vec3{-1024, 512, 256};
    QCOMPARE(orderInSpace(cluster), order);
}

void TestSpaceOrder::oddStructures()
{
    QCOMPARE(orderInSpace(Structure{}).size(), std::size_t{0});
    Structure far;
    far.species = {8, 8, 8};
    far.positions = {{0, 0, 0}, {1e30, 0, 0}, {0, 0, 0}};
    QCOMPARE(orderInSpace(far), (std::vector<std::int32_t>{0, 2, 1}));
    far.pbc = {true, true, true};
    QVERIFY_EXCEPTION_THROWN(orderInSpace(far), Error);
}

QTEST_GUILESS_MAIN(TestSpaceOrder)
#include "tst_space_order.moc"
