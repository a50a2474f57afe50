#include "base/files.h"
#include "formats/formats.h"
#include "support/sentence.h"
#include "support/shared_data.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <bit>
#include <clocale>
#include <locale>
#include <random>

using namespace lodestone;

static std::vector<Structure> read(std::string_view text)
{
    return readExtxyz(text, "a.extxyz");
}

static bool sameBits(double a, double b)
{
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

static bool sameBits(const std::vector<double>& a, const std::vector<double>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return sameBits(x, y); });
}

/// What differs between two structures, bit for bit; empty if nothing.
static QString difference(const Structure& a, const Structure& b)
{
    if (a.species != b.species)
        return "species";
    if (a.pbc != b.pbc)
        return "pbc";
    for (std::size_t k = 0; k < 3; ++k)
        for (std::size_t j = 0; j < 3; ++j)
            if (!sameBits(a.cell[k][j], b.cell[k][j]))
                return "cell";
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t k = 0; k < 3; ++k)
            if (!sameBits(a.positions[i][k], b.positions[i][k]))
                return "positions";
    if (a.arrays.size() != b.arrays.size() || a.info.size() != b.info.size())
        return "number of arrays or of info entries";
    for (const auto& [name, array] : a.arrays) {
        const auto other = b.arrays.find(name);
        if (other == b.arrays.end() || other->second.kind != array.kind ||
            other->second.width != array.width || other->second.texts != array.texts ||
            !sameBits(other->second.numbers, array.numbers))
            return "array " + QString::fromStdString(name);
    }
    for (const auto& [key, value] : a.info) {
        const auto other = b.info.find(key);
        if (other == b.info.end() || other->second.index() != value.index())
            return "type of info " + QString::fromStdString(key);
        const bool same = value.index() == 2
                              ? sameBits(std::get<double>(value), std::get<double>(other->second))
                          : value.index() == 4 ? sameBits(std::get<4>(value), std::get<4>(other->second))
                                               : value == other->second;
        if (!same)
            return "info " + QString::fromStdString(key);
    }
    return {};
}

class TestExtxyz : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindOfValue()
    {
        const auto frames =
            read("2\r\n"
                 "Properties=forces:R:3:pos:R:3:tag:I:1:fixed:L:1:note:S:1:species:S:1 "
                 "Lattice=\"2 0 0 0 3 0 0.5 0 4\" pbc=\"T F T\" energy=-1.5e-3 n = 7 flag=T alone "
                 "name=bulk title=\"two words \\\"x\\\" \\\\ end\" stress=\"1 2 3 4 5 6 7 8 9\" old={1 2 3} "
                 "brace={a b} virial=[[1, 2, 3], [4, 5, 6], [7, 8, 9]] one=[5] none=[] "
                 "json=\"_JSON [0.5, 2]\" words=[a, b] virtual='single q' id=1e3x d=1.0D+01 \"a key\"=3\r\n"
                 "1 2 3   0.1 0.2 0.3 -4 T \"a b\" Fe\r\n"
                 "4 5 6\t0.4 0.5 0.6 5 False c O\r\n\r\n");
        QCOMPARE(frames.size(), std::size_t{1});
        const Structure& s = frames[0];
        QCOMPARE(s.species, (std::vector<int>{26, 8}));
        QCOMPARE(s.positions[1], (Vec3{0.4, 0.5, 0.6}));
        QCOMPARE(s.cell, (Mat3{{{2, 0, 0}, {0, 3, 0}, {0.5, 0, 4}}}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, false, true}));
        QCOMPARE(s.source, std::string("a.extxyz, frame 1, line 1"));
        QCOMPARE(s.arrays.size(), std::size_t{4});
        QCOMPARE(s.arrays.at("forces").numbers, (std::vector<double>{1, 2, 3, 4, 5, 6}));
        QCOMPARE(s.arrays.at("forces").width, 3);
        QVERIFY(s.arrays.at("tag").kind == AtomArray::Kind::Integer);
        QCOMPARE(s.arrays.at("tag").numbers, (std::vector<double>{-4, 5}));
        QVERIFY(s.arrays.at("fixed").kind == AtomArray::Kind::Logical);
        QCOMPARE(s.arrays.at("fixed").numbers, (std::vector<double>{1, 0}));
        QCOMPARE(s.arrays.at("note").texts, (std::vector<std::string>{"a b", "c"}));
        const std::map<std::string, FrameValue> expected = {
            {"energy", -1.5e-3},
            {"n", std::int64_t{7}},
            {"flag", true},
            {"alone", true},
            {"name", std::string("bulk")},
            {"title", std::string("two words \"x\" \\ end")},
            {"stress", std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}},
            {"old", std::vector<double>{1, 2, 3}},
            {"brace", std::string("{a b}")},
            {"virial", std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}},
            {"one", std::vector<double>{5}},
            {"none", std::vector<double>{}},
            {"json", std::vector<double>{0.5, 2}},
            {"words", std::string("[a, b]")},
            {"virtual", std::string("single q")},
            {"id", std::string("1e3x")},
            {"d", 10.0},
            {"a key", std::int64_t{3}},
        };
        for (const auto& [key, value] : expected)
            QVERIFY2(s.info.contains(key) && s.info.at(key) == value, key.c_str());
        QCOMPARE(s.info.size(), expected.size());
    }

    void periodicityDefaults()
    {
        const auto pbcOf = [](std::string line) {
            return read("1\nProperties=species:S:1:pos:R:3 " + line + "\nH 0 0 0\n")[0].pbc;
        };
        using Pbc = std::array<bool, 3>;
        QCOMPARE(pbcOf("Lattice=\"1 0 0 0 1 0 0 0 1\""), (Pbc{true, true, true}));
        QCOMPARE(pbcOf(""), (Pbc{false, false, false}));
        QCOMPARE(pbcOf("Lattice=[[1,0,0],[0,1,0],[0,0,1]] pbc=[T, F, F]"), (Pbc{true, false, false}));
        QCOMPARE(pbcOf("Lattice=\"1 0 0 0 1 0 0 0 1\" pbc=F"), (Pbc{false, false, false}));
        QCOMPARE(pbcOf("Lattice=\"1 0 0 0 1 0 0 0 0\" pbc=\"True True False\""), (Pbc{true, true, false}));
    }

    void elementsByNumberAndSpelling()
    {
        QCOMPARE(read("2\nProperties=pos:R:3:Z:I:1\n0 0 0 26\n1 0 0 8\n")[0].species,
                 (std::vector<int>{26, 8}));
        QCOMPARE(read("2\nProperties=species:S:1:pos:R:3\nFE 0 0 0\nfe 1 0 0\n")[0].species,
                 (std::vector<int>{26, 26}));
        const Structure both = read("1\nProperties=species:S:1:pos:R:3:Z:I:1\nD 0 0 0 1\n")[0];
        QCOMPARE(both.species, (std::vector<int>{1}));
        QCOMPARE(both.arrays.at("Z").numbers, (std::vector<double>{1}));
    }

    void plainXyzAndSeveralFrames()
    {
        const auto frames = read("\n1\nwater, size = \"large\nO 0 0 0 0.5 extra\n2\n\nH 0 0 "
                                 "1\nH\t0 0 2\n\n1\nenergy=3\nC 1 1 1");
        QCOMPARE(frames.size(), std::size_t{3});
        QCOMPARE(std::get<std::string>(frames[0].info.at("comment")), std::string("water, size = \"large"));
        QVERIFY(frames[1].info.empty());
        QCOMPARE(frames[1].positions[1], (Vec3{0, 0, 2}));
        QCOMPARE(std::get<std::int64_t>(frames[2].info.at("energy")), std::int64_t{3});
        QCOMPARE(frames[2].source, std::string("a.extxyz, frame 3, line 10"));
        QVERIFY(!frames[0].periodic());
        QCOMPARE(read("\xEF\xBB\xBF"
                      "1\n\nH 0 0 0\n")
                     .size(),
                 std::size_t{1});
    }

    void labelsMayBeNanButPositionsMayNot()
    {
        const std::string head = "1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=nan\n";
        const Structure s = read(head + "H 0 0 0 nan inf -inf\n")[0];
        QVERIFY(std::isnan(std::get<double>(s.info.at("energy"))));
        QVERIFY(std::isnan(s.arrays.at("forces").numbers[0]));
        QCOMPARE(s.arrays.at("forces").numbers[2], -INFINITY);
        VERIFY_ERROR(read(head + "H 0 nan 0 0 0 0\n"), "a.extxyz, frame 1, line 3", "atom 1", "not finite");
    }

    void mistakesNameFrameAndLine_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("parts");
        const QByteArray good = "1\nProperties=species:S:1:pos:R:3\nH 0 0 0\n";
        const QByteArray cell = "Lattice=\"1 0 0 0 1 0 0 0 1\"";
        const auto frame = [&](QByteArray line, QByteArray atom = "H 0 0 0") {
            return good + "1\n" + line + "\n" + atom + "\n";
        };
        const auto bad = [](QByteArray more, QByteArray atom) {
            return QByteArray("1\nProperties=species:S:1:pos:R:3") + more + "\n" + atom + "\n";
        };
        QTest::newRow("empty") << QByteArray("\n \n") << QStringList{"no frame"};
        QTest::newRow("count") << good + "x\n" << QStringList{"frame 2, line 4", "'x'", "number of atoms"};
        QTest::newRow("negative count") << QByteArray("-1\n\n") << QStringList{"line 1", "number of atoms"};
        QTest::newRow("no second line") << QByteArray("3\n") << QStringList{"line 1", "file ends"};
        QTest::newRow("truncated") << QByteArray("3\n\nH 0 0 0\nH 0 0 0\n")
                                   << QStringList{"frame 1, line 4", "after 2 of 3 atoms"};
        QTest::newRow("cut in a line")
            << QByteArray("2\n\nH 0 0 0\nH 0 0") << QStringList{"line 4", "atom 2", "'pos'"};
        QTest::newRow("huge count") << QByteArray("900000000000\n\nH 0 0 0\n")
                                    << QStringList{"900000000000 atoms"};
        QTest::newRow("huge count, cut in line 2")
            << QByteArray("900000000000\n:") << QStringList{"900000000000 atoms"};
        QTest::newRow("more columns than a number holds")
            << frame("Properties=species:S:1:f:R:9223372036854775807:pos:R:3")
            << QStringList{"line 5", "'f' 9223372036854775807 columns"};
        QTest::newRow("periodic without lattice") << frame("Properties=species:S:1:pos:R:3 pbc=\"T T T\"")
                                                  << QStringList{"a.extxyz, frame 2, line 5", "no Lattice"};
        QTest::newRow("short lattice") << frame("Lattice=\"1 0 0\"") << QStringList{"line 5", "nine numbers"};
        QTest::newRow("infinite lattice")
            << frame("Lattice=\"1 0 0 0 inf 0 0 0 1\"") << QStringList{"line 5", "not finite"};
        QTest::newRow("flat lattice")
            << frame("Lattice=\"1 0 0 0 1 0 1 1 0\"") << QStringList{"frame 2", "linearly dependent"};
        QTest::newRow("pbc") << frame(cell + " pbc=\"T maybe F\"") << QStringList{"line 5", "maybe"};
        QTest::newRow("unclosed") << frame(cell + " name=\"abc")
                                  << QStringList{"line 5", "name", "not closed"};
        QTest::newRow("unclosed bracket")
            << frame(cell + " v=[1, [2]") << QStringList{"line 5", "'v'", "not closed"};
        QTest::newRow("no key") << frame(cell + " =3") << QStringList{"line 5", "without a key"};
        QTest::newRow("twice") << frame(cell + " energy=1 energy=2")
                               << QStringList{"line 5", "energy", "twice"};
        QTest::newRow("columns") << frame("Properties=species:S:1:pos:R")
                                 << QStringList{"line 5", "three by three"};
        QTest::newRow("type") << frame("Properties=species:S:1:pos:Q:3") << QStringList{"line 5", "type 'Q'"};
        QTest::newRow("width") << frame("Properties=species:S:1:pos:R:0") << QStringList{"line 5", "'pos'"};
        QTest::newRow("no positions")
            << frame("Properties=species:S:1:x:R:3") << QStringList{"line 5", "pos:R:3"};
        QTest::newRow("no elements") << frame("Properties=pos:R:3") << QStringList{"line 5", "species:S:1"};
        QTest::newRow("column twice")
            << frame("Properties=species:S:1:pos:R:3:f:R:1:f:R:1") << QStringList{"line 5", "'f' twice"};
        QTest::newRow("element") << bad("", "Xx 0 0 0") << QStringList{"line 3", "'Xx'", "element"};
        QTest::newRow("not a number")
            << bad(":forces:R:3", "H 0 0 0 1 2 abc") << QStringList{"line 3", "'abc'", "'forces'"};
        QTest::newRow("comma") << bad("", "H 0,5 0 0") << QStringList{"line 3", "'0,5'", "'pos'"};
        QTest::newRow("not whole") << bad(":tag:I:1", "H 0 0 0 1.5")
                                   << QStringList{"line 3", "'1.5'", "'tag'", "whole number"};
        QTest::newRow("not logical") << bad(":fix:L:1", "H 0 0 0 2")
                                     << QStringList{"line 3", "'fix'", "T or F"};
        QTest::newRow("missing column")
            << bad(":forces:R:3", "H 0 0 0 1 2") << QStringList{"line 3", "'forces'", "3 values"};
        QTest::newRow("extra column") << bad("", "H 0 0 0 1") << QStringList{"line 3", "more columns"};
        QTest::newRow("unclosed text")
            << bad(":note:S:1", "H 0 0 0 \"abc") << QStringList{"line 3", "not closed"};
    }

    void mistakesNameFrameAndLine()
    {
        QFETCH(QByteArray, text);
        QFETCH(QStringList, parts);
        const QString said =
            sentence([&] { read(std::string_view(text.constData(), std::size_t(text.size()))); });
        for (const QString& part : parts)
            QVERIFY2(said.contains(part), qPrintable("the sentence was: '" + said + "'"));
    }

    void writtenFilesReadBackBitForBit()
    {
        std::mt19937_64 random(5);
        std::normal_distribution<double> normal;
        std::vector<Structure> frames(3);
        for (std::size_t f = 0; f < frames.size(); ++f) {
            Structure& s = frames[f];
            for (int k = 0; k < 5; ++k) {
                s.species.push_back(1 + int(random() % 118));
                s.positions.push_back({normal(random), 1e-17 * normal(random), 1e8 * normal(random)});
            }
            if (f > 0)
                s.cell = {{{5 + normal(random), 0.1, 1.0 / 3.0},
                           {-0.0, 6, 0},
                           {0, f == 2 ? 1e-300 : 0.5, f == 2 ? 0.0 : 7}}};
            s.pbc = {f > 0, f > 0, f == 1};
            AtomArray forces{AtomArray::Kind::Real, 3, {}, {}};
            for (int k = 0; k < 15; ++k)
                forces.numbers.push_back(std::exp(30 * normal(random)));
            forces.numbers[3] = NAN;
            forces.numbers[4] = -INFINITY;
            forces.numbers[5] = -0.0;
            s.arrays["REF_forces"] = forces;
            s.arrays["tag"] = {AtomArray::Kind::Integer, 1, {0, -1, 2, 9007199254740992.0, -5}, {}};
            s.arrays["move_mask"] = {AtomArray::Kind::Logical, 2, {1, 0, 1, 0, 1, 1, 0, 0, 0, 1}, {}};
            s.arrays["label"] = {AtomArray::Kind::Text, 1, {}, {"a", "two words", "", "q\"uote\\", "Größe"}};
            s.info = {{"energy", -123.45678901234567 / 3.0},
                      {"whole", 3.0},
                      {"minus", -0.0},
                      {"large", 1e300},
                      {"bad", NAN},
                      {"count", std::int64_t{-9007199254740993}},
                      {"yes", true},
                      {"no", false},
                      {"stress", std::vector<double>{0.1, 0.2, 0.3, 1.0 / 7.0, 5, 6, 7, 8, 9}},
                      {"single", std::vector<double>{0.1}},
                      {"empty", std::vector<double>{}},
                      {"text", std::string("simple")},
                      {"blank", std::string("")},
                      {"like a number", std::string("12")},
                      {"like_real", std::string("-1e5")},
                      {"like_bool", std::string("T")},
                      {"like_nan", std::string("nan")},
                      {"like_list", std::string("1 2 3")},
                      {"quotes", std::string("say \"12\" \\ and\nmore")},
                      {"json", std::string("_JSON [1, 2]")},
                      {"list", std::string("[a, b]")}};
        }
        const auto again = read(writeExtxyz(frames));
        QCOMPARE(again.size(), frames.size());
        for (std::size_t f = 0; f < frames.size(); ++f)
            QVERIFY2(difference(frames[f], again[f]).isEmpty(), qPrintable(difference(frames[f], again[f])));
        QCOMPARE(writeExtxyz(again), writeExtxyz(frames));
    }

    void unwritableNamesAreRefused()
    {
        Structure s = read("1\n\nH 0 0 0\n")[0];
        s.arrays["a b"] = {AtomArray::Kind::Real, 1, {1}, {}};
        VERIFY_ERROR(writeExtxyz({s}), "a b");
        s.arrays.clear();
        s.arrays["pos"] = {AtomArray::Kind::Real, 1, {1}, {}};
        VERIFY_ERROR(writeExtxyz({s}), "'pos'");
    }

    void sharedDataSetsReadBack_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("frames");
        QTest::newRow("fe-spin") << "fe-spin/fe_spin.extxyz" << 2517;
        QTest::newRow("li-fe-o") << "li-fe-o/li_fe_o.extxyz" << 375;
        QTest::newRow("nio") << "nio-noncollinear/nio_deepspin.extxyz" << 151;
        QTest::newRow("mlearn") << "mlearn/Mo_training.extxyz" << 194;
        QTest::newRow("3bpa") << "3bpa/train_300K.xyz" << 500;
        QTest::newRow("aspirin") << "rmd17-aspirin/train_01.xyz" << 1000;
    }

    void sharedDataSetsReadBack()
    {
        QFETCH(QString, file);
        QFETCH(int, frames);
        SKIP_WITHOUT_SHARED("data");
        const auto structures = readStructures(sharedPath("data/" + file.toStdString()));
        QCOMPARE(structures.size(), std::size_t(frames));
        const auto again = read(writeExtxyz(structures));
        QCOMPARE(again.size(), structures.size());
        for (std::size_t f = 0; f < again.size(); ++f)
            QVERIFY2(difference(structures[f], again[f]).isEmpty(),
                     qPrintable(difference(structures[f], again[f])));
    }

    void stopIsHeard()
    {
        std::string text;
        for (int k = 0; k < 30000; ++k)
            text += "1\n\nH 0.123456789 0.123456789 0.123456789\n";
        std::stop_source source;
        std::vector<double> reports;
        Watch watch;
        watch.stop = source.get_token();
        watch.progress = [&](double fraction) {
            reports.push_back(fraction);
            if (fraction > 0.5)
                source.request_stop();
        };
        QVERIFY_THROWS_EXCEPTION(Stopped, readExtxyz(text, "long.xyz", watch));
        QVERIFY(reports.size() > 5 && std::is_sorted(reports.begin(), reports.end()));
        QVERIFY(reports.back() < 0.6);
    }

    /// Without the German locale of the C library: its decimal comma in the C++ library, which streams and
    /// fmt can see.
    void decimalCommaOfTheStreamsDoesNotMatter()
    {
        struct Comma : std::numpunct<char> {
            char do_decimal_point() const override { return ','; }
            char do_thousands_sep() const override { return '.'; }
            std::string do_grouping() const override { return "\3"; }
        };
        const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
        const Structure s = read("1\nProperties=species:S:1:pos:R:3 n=12345678\nH 0.25 1e-3 -12345.5\n")[0];
        const std::string text = writeExtxyz({s});
        std::locale::global(before);
        QCOMPARE(s.positions[0], (Vec3{0.25, 1e-3, -12345.5}));
        QVERIFY(text.find("n=12345678 ") != std::string::npos && text.find("-12345.5") != std::string::npos);
    }

    void decimalCommaOfTheDesktopDoesNotMatter()
    {
        const std::string before = std::setlocale(LC_ALL, nullptr);
        if (!std::setlocale(LC_ALL, "de_DE.UTF-8") && !std::setlocale(LC_ALL, "de_DE.utf8"))
            QSKIP("the German locale is not installed on this machine");
        const Structure s = read("1\nProperties=species:S:1:pos:R:3 energy=1.5\nH 0.25 1e-3 -2.5\n")[0];
        const std::string text = writeExtxyz({s});
        std::setlocale(LC_ALL, before.c_str());
        QCOMPARE(s.positions[0], (Vec3{0.25, 1e-3, -2.5}));
        QCOMPARE(std::get<double>(s.info.at("energy")), 1.5);
        QVERIFY(text.find("0.25") != std::string::npos && text.find(',') == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestExtxyz)
#include "tst_extxyz.moc"
