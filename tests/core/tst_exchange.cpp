// The table of exchange couplings: what is written is read, what is no table is refused.
#include "base/error.h"
#include "base/files.h"
#include "crystal/exchange.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

class TestExchange : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void writtenIsRead();
    void refusesOthers_data();
    void refusesOthers();

private:
    std::string file(const char* name) const
    {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

void TestExchange::writtenIsRead()
{
    const ExchangeTable table = {ExchangeUnit::PerUnitVectors,
                                 {{{0, 3, {0, -1, 2}, 2.95, -0.0123}, {1, 1, {1, 0, 0}, 4.1, 0.5}},
                                  {},
                                  {{2, 5, {0, 0, 0}, 3.25, 1e-9}}}};
    writeExchangeTable(file("bonds.csv"), table);
    const ExchangeTable read = readExchangeTable(file("bonds.csv"));
    QCOMPARE(read.unit, table.unit);
    QCOMPARE(read.frames.size(), table.frames.size());
    for (std::size_t f = 0; f < read.frames.size(); ++f) {
        QCOMPARE(read.frames[f].size(), table.frames[f].size());
        for (std::size_t b = 0; b < read.frames[f].size(); ++b) {
            const ExchangeBond &one = read.frames[f][b], &other = table.frames[f][b];
            QCOMPARE(one.one, other.one);
            QCOMPARE(one.other, other.other);
            QCOMPARE(one.shift, other.shift);
            QCOMPARE(one.distance, other.distance);
            QCOMPARE(one.exchange, other.exchange);
        }
    }
    writeExchangeTable(file("empty.csv"), {});
    QVERIFY(readExchangeTable(file("empty.csv")).frames.empty());
    QCOMPARE(readExchangeTable(file("empty.csv")).unit, ExchangeUnit::PerSquaredMoment);
}

void TestExchange::refusesOthers_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("line");
    const QByteArray head = "frame,i,j,shift_a,shift_b,shift_c,distance,J_eV_per_muB2\n";
    QTest::newRow("nothing") << QByteArray() << 0;
    QTest::newRow("another table") << QByteArray("a,b\n1,2\n") << 1;
    QTest::newRow("unknown unit") << QByteArray("frame,i,j,shift_a,shift_b,shift_c,distance,J_kelvin\n") << 1;
    QTest::newRow("too few numbers") << head + "0,1,2,0,0,0,2.5\n" << 2;
    QTest::newRow("too many numbers") << head + "0,1,2,0,0,0,2.5,0.1,7\n" << 2;
    QTest::newRow("no number") << head + "0,1,2,0,0,0,2.5,0.1\n0,1,x,0,0,0,2.5,0.1\n" << 3;
    QTest::newRow("negative atom") << head + "0,-1,2,0,0,0,2.5,0.1\n" << 2;
    QTest::newRow("frame number for all memory") << head + "99999999999,1,2,0,0,0,2.5,0.1\n" << 2;
    QTest::newRow("shift beyond an int") << head + "0,1,2,4294967296,0,0,2.5,0.1\n" << 2;
}

void TestExchange::refusesOthers()
{
    QFETCH(QByteArray, text);
    QFETCH(int, line);
    writeFileAtomically(file("bad.csv"), text.toStdString());
    try {
        readExchangeTable(file("bad.csv"));
        QFAIL("It was read.");
    } catch (const Error& error) {
        const std::string sentence = error.what();
        QVERIFY(sentence.find("bad.csv") != std::string::npos);
        if (line > 0)
            QVERIFY2(sentence.find("line " + std::to_string(line) + ":") != std::string::npos,
                     sentence.c_str());
    }
}

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
