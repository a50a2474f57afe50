#include "crystal/elements.h"

#include <QtTest/QtTest>
#include <set>

using namespace lodestone;

class TestElements : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void symbolsAreReadBack()
    {
        std::set<std::string_view> names;
        for (int z = 1; z <= maxAtomicNumber; ++z) {
            QCOMPARE(atomicNumber(elementSymbol(z)).value_or(0), z);
            names.insert(elementName(z));
        }
        QCOMPARE(names.size(), std::size_t{maxAtomicNumber});
        // Spot checks against the periodic table, one in every region.
        const std::vector<std::tuple<int, std::string_view, std::string_view>> known = {
            {1, "H", "Hydrogen"}, {26, "Fe", "Iron"},        {28, "Ni", "Nickel"},
            {50, "Sn", "Tin"},    {64, "Gd", "Gadolinium"},  {74, "W", "Tungsten"},
            {92, "U", "Uranium"}, {103, "Lr", "Lawrencium"}, {118, "Og", "Oganesson"}};
        for (const auto& [z, symbol, name] : known) {
            QCOMPARE(elementSymbol(z), symbol);
            QCOMPARE(elementName(z), name);
        }
    }

    void spellingIsExact()
    {
        QCOMPARE(atomicNumber("D").value_or(0), 1);
        QCOMPARE(atomicNumber("T").value_or(0), 1);
        QCOMPARE(atomicNumber("Co").value_or(0), 27);
        for (const char* wrong : {"", "CO", "fe", "X", "Fe1", "Xx", "J", "1", "F ", "\xC3\xA4"})
            QVERIFY2(!atomicNumber(wrong), wrong);
        QCOMPARE(elementSymbol(0), std::string_view("X"));
        QCOMPARE(elementSymbol(-3), std::string_view("X"));
        QCOMPARE(elementSymbol(119), std::string_view("X"));
    }

    void radiiAreThoseOfCordero()
    {
        QCOMPARE(covalentRadius(1), 0.31);
        QCOMPARE(covalentRadius(6), 0.76);
        QCOMPARE(covalentRadius(8), 0.66);
        QCOMPARE(covalentRadius(26), 1.32);
        QCOMPARE(covalentRadius(28), 1.24);
        QCOMPARE(covalentRadius(55), 2.44);
        QCOMPARE(covalentRadius(79), 1.36);
        QCOMPARE(covalentRadius(96), 1.69);
        QCOMPARE(covalentRadius(97), 1.5);
        QCOMPARE(covalentRadius(0), 1.5);
    }

    void everyElementHasItsOwnPlace()
    {
        std::set<std::pair<int, int>> places;
        for (int z = 1; z <= maxAtomicNumber; ++z) {
            const TablePlace place = tablePlace(z);
            QVERIFY(place.row >= 1 && place.row <= 9 && place.column >= 1 && place.column <= 18);
            places.insert({place.row, place.column});
        }
        QCOMPARE(places.size(), std::size_t{maxAtomicNumber});
        const std::vector<std::array<int, 3>> known = {{1, 1, 1},  {2, 1, 18},   {5, 2, 13},  {20, 4, 2},
                                                       {21, 4, 3}, {26, 4, 8},   {36, 4, 18}, {56, 6, 2},
                                                       {57, 8, 3}, {71, 8, 17},  {72, 6, 4},  {79, 6, 11},
                                                       {92, 9, 6}, {103, 9, 17}, {104, 7, 4}, {118, 7, 18}};
        for (const auto& [z, row, column] : known) {
            QCOMPARE(tablePlace(z).row, row);
            QCOMPARE(tablePlace(z).column, column);
        }
        QCOMPARE(tablePlace(0).row, 0);
    }
};

QTEST_GUILESS_MAIN(TestElements)
#include "tst_elements.moc"
