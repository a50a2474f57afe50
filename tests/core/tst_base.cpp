#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <clocale>
#include <fstream>
#include <limits>
#include <set>

using namespace lodestone;
namespace fs = std::filesystem;

class TestBase : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path file(const char* name) const { return m_folder.filePath(name).toStdString(); }

private Q_SLOTS:
    void numbersAreReadWhole_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isReal");
        QTest::addColumn<double>("value");
        QTest::newRow("plain") << "1.5" << true << 1.5;
        QTest::newRow("plus") << "+1.5" << true << 1.5;
        QTest::newRow("fortran") << "1.25D+02" << true << 125.0;
        QTest::newRow("fortran small") << "-1.0d-3" << true << -1e-3;
        QTest::newRow("denormal") << "4.9406564584124654e-324" << true << 4.9406564584124654e-324;
        QTest::newRow("comma") << "1,5" << false << 0.0;
        QTest::newRow("rest") << "1.5x" << false << 0.0;
        QTest::newRow("space") << " 1.5" << false << 0.0;
        QTest::newRow("empty") << "" << false << 0.0;
        QTest::newRow("sign only") << "-" << false << 0.0;
        QTest::newRow("letter d") << "d" << false << 0.0;
        QTest::newRow("two signs") << "+-1" << false << 0.0;
    }
    void numbersAreReadWhole()
    {
        QFETCH(QString, text);
        QFETCH(bool, isReal);
        QFETCH(double, value);
        const auto number = parseReal(text.toStdString());
        QCOMPARE(number.has_value(), isReal);
        if (isReal)
            QCOMPARE(*number, value);
    }

    void numbersIgnoreTheLocale()
    {
        const std::string before = std::setlocale(LC_NUMERIC, nullptr);
        std::setlocale(LC_NUMERIC,
                       "de_DE.UTF-8"); // where it is not installed the test still holds in the C locale
        const auto number = parseReal("2.5");
        std::setlocale(LC_NUMERIC, before.c_str());
        QCOMPARE(number.value_or(0), 2.5);
    }

    void integers()
    {
        QCOMPARE(parseInteger("-42").value_or(0), -42LL);
        QCOMPARE(parseInteger("9223372036854775807").value_or(0), std::numeric_limits<long long>::max());
        QVERIFY(!parseInteger("9223372036854775808"));
        QVERIFY(!parseInteger("1.0"));
    }

    void fieldsAndTrimming()
    {
        const auto fields = splitFields(" a\tbc \r\n d ");
        QCOMPARE(fields.size(), std::size_t{3});
        QVERIFY(fields[0] == "a" && fields[1] == "bc" && fields[2] == "d");
        QVERIFY(splitFields(" \t\n").empty());
        QVERIFY(trimmed("\t x y \n") == "x y");
        QVERIFY(trimmed("  ").empty());
    }

    void nearestNames()
    {
        const std::vector<std::string> keys = {"learning_rate", "ema", "clip"};
        QCOMPARE(nearestName("leaning_rate", keys), std::string("learning_rate"));
        QCOMPARE(nearestName("EMA", keys), std::string("ema"));
        QCOMPARE(nearestName("something_else_altogether", keys), std::string());
        QCOMPARE(nearestName("x", {}), std::string());
    }

    void globs_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("matches");
        QTest::newRow("star crosses slashes") << "*/0e"
                                              << "layer_1/linear_2/0e" << true;
        QTest::newRow("whole name") << "linear"
                                    << "linear_1" << false;
        QTest::newRow("two stars") << "*linear*0e"
                                   << "layer_1/linear_2/0e" << true;
        QTest::newRow("back tracking") << "*ab"
                                       << "aaab" << true;
        QTest::newRow("back tracking fails") << "*ab"
                                             << "aaaba" << false;
        QTest::newRow("question mark") << "layer_?"
                                       << "layer_3" << true;
        QTest::newRow("question mark needs one") << "layer_?"
                                                 << "layer_" << false;
        QTest::newRow("set") << "layer_[0-2]"
                             << "layer_1" << true;
        QTest::newRow("set misses") << "layer_[0-2]"
                                    << "layer_3" << false;
        QTest::newRow("inverted set") << "layer_[!0-2]"
                                      << "layer_3" << true;
        QTest::newRow("open bracket is itself") << "a[b"
                                                << "a[b" << true;
        QTest::newRow("empty") << ""
                               << "" << true;
        QTest::newRow("star matches nothing") << "a*"
                                              << "a" << true;
    }
    void globs()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, name);
        QFETCH(bool, matches);
        QCOMPARE(globMatches(pattern.toStdString(), name.toStdString()), matches);
    }

    void sha256KnownAnswers_data()
    {
        // FIPS 180-4 examples (NIST, "SHA256.pdf") and the empty message.
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QString>("digest");
        QTest::newRow("empty") << QByteArray()
                               << "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        QTest::newRow("abc") << QByteArray("abc")
                             << "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        QTest::newRow("two blocks") << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                                    << "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
        QTest::newRow("a million times a")
            << QByteArray(1000000, 'a') << "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    }
    void sha256KnownAnswers()
    {
        QFETCH(QByteArray, message);
        QFETCH(QString, digest);
        QCOMPARE(QString::fromStdString(sha256(message.toStdString())), digest);
        writeFileAtomically(file("message"), message.toStdString());
        QCOMPARE(QString::fromStdString(sha256OfFile(file("message"))), digest);
    }

    void filesAreReplacedWholeOrNotAtAll()
    {
        const fs::path path = file("whole.txt");
        writeFileAtomically(path, "first");
        writeFileAtomically(path, std::string("a\0b", 3));
        QCOMPARE(readFile(path), std::string("a\0b", 3));
        QVERIFY(!sentence([&] {
                     replaceFileAtomically(path, [](const fs::path& temporary) {
                         std::ofstream(temporary) << "half";
                         fail("The disk is full.");
                     });
                 }).isEmpty());
        QCOMPARE(readFile(path), std::string("a\0b", 3));
        // No temporary file stays behind.
        const fs::directory_iterator entries(path.parent_path());
        QVERIFY(std::none_of(begin(entries), end(entries),
                             [](const auto& entry) { return entry.path().extension() == ".tmp"; }));
    }

    void whatAKilledWriterLeftIsRemoved()
    {
        const fs::path folder = file("leftovers");
        makeFolder(folder);
        const std::set<std::string> kept = {"x.h5",
                                            "x.h5.tmp",
                                            "x.h5.12.tmp",
                                            "x.h5.12-abc.tmp",
                                            "x.h5.12-0123456g.tmp",
                                            "x.h5.-01234567.tmp",
                                            "x.h5.12-01234567.tmp2",
                                            "x.h5.12-0123456789.tmp",
                                            "best.h5.12-01234567.tmp",
                                            "yx.h5.12-01234567.tmp",
                                            "x.h5.x.12-01234567.tmp"};
        for (const std::string& name : kept)
            writeFileAtomically(folder / name, name);
        for (const char* name : {"x.h5.12-01234567.tmp", "x.h5.4-89abcdef.tmp"})
            writeFileAtomically(folder / name, name);
        removeTemporaries(folder / "x.h5");
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder))
            names.insert(entry.path().filename().string());
        QVERIFY(names == kept);
        removeTemporaries(file("nowhere") / "x.h5"); // nothing there, nothing to say
        syncFolder(folder);
        QVERIFY(sentence([&] { syncFolder(folder / "x.h5"); }).contains("x.h5: could not be flushed"));
    }

    void fileErrorsNameFileAndReason()
    {
        QVERIFY(
            sentence([&] { readFile(file("absent")); }).contains("absent: cannot be opened: No such file"));
        QVERIFY(sentence([&] { readFile(m_folder.path().toStdString()); }).contains("is a folder"));
        writeFileAtomically(file("long"), "0123456789");
        QVERIFY(sentence([&] { readFile(file("long"), 9); }).contains("10 bytes"));
        QVERIFY(sentence([&] { makeFolder(file("long") / "below"); }).contains("cannot be made"));
        QVERIFY(sentence([&] { writeFileAtomically(file("nowhere") / "x", "y"); }).contains("nowhere"));
    }

    void jsonErrorsNameThePlace()
    {
        QVERIFY(sentence([] {
                    parseJson("{\n  \"a\": 1,\n  oops\n}", "run.json");
                }).startsWith("run.json: line 3, column 3"));
        const Json json = parseJson(R"({"n": 3, "text": "x", "gap": null})", "t");
        QCOMPARE(jsonMember<int>(json, "n", "t"), 3);
        QVERIFY(std::isnan(jsonMember<double>(json, "gap", "t")));
        QCOMPARE(jsonMember<int>(json, "m", "t", 7), 7);
        QCOMPARE(sentence([&] { jsonMember<int>(json, "m", "run.json"); }),
                 QString("run.json: the key 'm' is missing."));
        QVERIFY(
            sentence([&] { jsonMember<double>(json, "text", "run.json"); }).contains("wrong type (string)"));
        QVERIFY(sentence([] { jsonMember<int>(Json::array(), "m", "list"); }).contains("missing"));
    }

    void jsonValuesFitTheirTypes()
    {
        const Json json =
            parseJson(R"({"large": 1e300, "half": 2.5, "whole": 5e1, "most": 18446744073709551615,
                                        "negative": -1, "list": [1, 1e300], "logical": true})",
                      "t");
        QCOMPARE(jsonMember<int>(json, "whole", "t"), 50);
        QCOMPARE(jsonMember<std::uint64_t>(json, "most", "t"), std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(jsonMember<std::int64_t>(json, "negative", "t"), std::int64_t{-1});
        VERIFY_ERROR(jsonMember<int>(json, "large", "run.json"), "run.json", "'large' is 1e+300");
        VERIFY_ERROR(jsonMember<int>(json, "half", "t"), "'half' is 2.5");
        VERIFY_ERROR(jsonMember<std::int64_t>(json, "most", "t"), "'most' is 18446744073709551615");
        VERIFY_ERROR(jsonMember<std::size_t>(json, "negative", "t"), "'negative' is -1");
        VERIFY_ERROR(jsonMember<int>(json, "logical", "t"), "wrong type (boolean)");
        VERIFY_ERROR(jsonMember<std::vector<int>>(json, "list", "t"), "'list'", "wrong type");
        QCOMPARE(jsonMember<std::vector<double>>(json, "list", "t"), (std::vector<double>{1, 1e300}));
    }

    void jsonIsBounded()
    {
        const auto nested = [](std::size_t depth) {
            return std::string(depth, '[') + "\"[[[\\\"[\"" + std::string(depth, ']');
        };
        QVERIFY(parseJsonOrNull(nested(deepestJson)).is_array() &&
                parseJsonOrNull(nested(deepestJson + 1)).is_null());
        QVERIFY(parseJson(nested(deepestJson), "t").is_array());
        VERIFY_ERROR(parseJson("\n " + nested(1000000), "t"), "t: line 2, column 502", "more than 500 times");
        const auto object = [](std::size_t keys) {
            std::string text = "{\"\": [{\"a:b\": 1}]";
            for (std::size_t k = 1; k < keys; ++k)
                text += fmt::format(",\"{}\":0", k);
            return text + "}";
        };
        QCOMPARE(parseJsonOrNull(object(mostJsonKeys)).size(), mostJsonKeys);
        QVERIFY(parseJsonOrNull(object(mostJsonKeys + 1)).is_null());
        VERIFY_ERROR(parseJson(object(1000000), "t"), "t: line 1", "more than 20000 keys");
    }

    void jsonLinesNeverBreak()
    {
        const Json json = {{"name", std::string("caf\xe9\n")}, {"value", std::nan("")}};
        const std::string line = jsonLine(json);
        QVERIFY(line.find('\n') == std::string::npos);
        const Json again = parseJson(line, "line");
        QVERIFY(again["value"].is_null());
        QVERIFY(again["name"].get<std::string>().starts_with("caf"));
    }
};

QTEST_APPLESS_MAIN(TestBase)
#include "tst_base.moc"
