// Irreps: reading, writing, order.
#include "algebra/irreps.h"
#include "base/error.h"

#include <QtTest/QtTest>

using namespace lodestone;

class TestIrreps : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAndWrites();
    void sizes();
    void order();
    void refusesOtherText_data();
    void refusesOtherText();
};

void TestIrreps::readsAndWrites()
{
    QCOMPARE(toString(parseIrreps("128x0e + 64x1o+32x2e")), std::string("128x0e + 64x1o + 32x2e"));
    QCOMPARE(toString(parseIrreps("0e+1o")), std::string("1x0e + 1x1o"));
    QCOMPARE(toString(parseIrreps(" 3x11o ")), std::string("3x11o"));
    QCOMPARE(toString(sphericalIrreps(3)), std::string("1x0e + 1x1o + 1x2e + 1x3o"));
}

void TestIrreps::sizes()
{
    const Irreps irreps = parseIrreps("128x0e + 64x1o + 32x2e + 32x3o + 2x0e");
    QCOMPARE(sizeOf(irreps), std::int64_t{706});
    QCOMPARE(multiplicityOf(irreps, {0, 1}), std::int64_t{130});
    QCOMPARE(multiplicityOf(irreps, {1, 1}), std::int64_t{0});
}

void TestIrreps::order()
{
    const std::vector<Irrep> sorted = {{0, 1}, {0, -1}, {1, -1}, {1, 1}, {2, 1}, {2, -1}, {3, -1}};
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        QVERIFY(sorted[i - 1] < sorted[i]);
        QVERIFY(!(sorted[i] < sorted[i - 1]));
    }
}

void TestIrreps::refusesOtherText_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"", "64x", "x1o", "64x1", "64x1p", "-1x0e", "1x13e", "2000000x0e", "1x0e +", "1.5x0e", "e"})
        QTest::newRow(text) << text;
}

void TestIrreps::refusesOtherText()
{
    QFETCH(QString, text);
    try {
        parseIrreps(text.toStdString());
        QFAIL("no error");
    } catch (const Error& error) {
        QVERIFY(QString(error.what()).contains('"' + text + '"'));
    }
}

QTEST_GUILESS_MAIN(TestIrreps)
#include "tst_irreps.moc"
