#include "base/files.h"
#include "storage/hdf5_file.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <bit>
#include <cmath>
#include <limits>
#include <span>

using namespace lodestone;

class TestHdf5 : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path file(const char* name) const { return m_folder.filePath(name).toStdString(); }

private Q_SLOTS:
    void everyTypeComesBackExactly()
    {
        const std::vector<double> reals = {1.0 / 3.0, -0.0, 5e-324, std::numeric_limits<double>::max(),
                                           INFINITY,  NAN};
        const std::vector<float> floats = {0.1f,        -0.0f,    1e-45f, std::numeric_limits<float>::max(),
                                           16777217.0f, -INFINITY};
        const std::vector<std::int64_t> integers = {std::numeric_limits<std::int64_t>::min(), -1, 0,
                                                    1LL << 60};
        const std::vector<std::uint8_t> bytes = {0, 127, 128, 255};
        const std::string text = "Größe\nzweite Zeile\twith \"quotes\"";
        {
            Hdf5File f = Hdf5File::create(file("types.h5"));
            f.write("a/b/reals", std::span(reals), {2, 3});
            f.write("/a/floats", std::span(floats), {6});
            f.write("integers", std::span(integers), {2, 2});
            f.write("bytes", std::span(bytes), {4, 1});
            f.write("scalar", std::span(reals).first(1), {});
            f.write("empty", std::span<const double>(), {0, 3});
            f.writeText("note/text", text);
            f.writeText("note/nothing", "");
            f.flush();
        }
        const Hdf5File f = Hdf5File::open(file("types.h5"));
        const std::vector<double> again = f.readReals("a/b/reals");
        QCOMPARE(again.size(), reals.size());
        for (std::size_t k = 0; k < reals.size(); ++k)
            QCOMPARE(std::bit_cast<std::uint64_t>(again[k]), std::bit_cast<std::uint64_t>(reals[k]));
        const std::vector<float> floatsAgain = f.readFloats("/a/floats");
        QCOMPARE(floatsAgain.size(), floats.size());
        for (std::size_t k = 0; k < floats.size(); ++k)
            QCOMPARE(std::bit_cast<std::uint32_t>(floatsAgain[k]), std::bit_cast<std::uint32_t>(floats[k]));
        QCOMPARE(f.readReals("a/floats")[0], static_cast<double>(0.1f)); // widened, not reinterpreted
        QCOMPARE(f.readIntegers("integers"), integers);
        QCOMPARE(f.readBytes("bytes"), bytes);
        QCOMPARE(f.readText("note/text"), text);
        QCOMPARE(f.readText("note/nothing"), std::string());
        QCOMPARE(f.shape("a/b/reals"), (std::vector<std::int64_t>{2, 3}));
        QCOMPARE(f.shape("scalar"), std::vector<std::int64_t>());
        QCOMPARE(f.readReals("scalar"), std::vector<double>{1.0 / 3.0});
        QCOMPARE(f.shape("empty"), (std::vector<std::int64_t>{0, 3}));
        QVERIFY(f.readReals("empty").empty());
        QVERIFY(f.isFloat32("a/floats"));
        QVERIFY(!f.isFloat32("a/b/reals"));
        QCOMPARE(f.children("/"),
                 (std::vector<std::string>{"a", "bytes", "empty", "integers", "note", "scalar"}));
        QCOMPARE(f.children("a"), (std::vector<std::string>{"b", "floats"}));
        QVERIFY(f.has("a/b"));
        QVERIFY(!f.has("a/c"));
        QVERIFY(!f.has("a/b/reals/deeper"));
    }

    void numbersLieLittleEndianOnDisk()
    {
        const std::vector<std::int64_t> value = {0x0102030405060708};
        Hdf5File::create(file("endian.h5")).write("x", std::span(value), {1});
        const std::string bytes = readFile(file("endian.h5"));
        QVERIFY(bytes.find(std::string("\x08\x07\x06\x05\x04\x03\x02\x01", 8)) != std::string::npos);
    }

    void mistakesNameFileAndObject()
    {
        const std::vector<double> three = {1, 2, 3};
        {
            Hdf5File f = Hdf5File::create(file("mistakes.h5"));
            f.write("group/reals", std::span(three), {3});
            f.writeText("text", "words");
            QVERIFY(sentence([&] {
                        f.write("wrong", std::span(three), {2});
                    }).contains("3 values for a shape of 2"));
            QVERIFY(sentence([&] {
                        f.write("group/reals", std::span(three), {3});
                    }).contains("written twice"));
            QVERIFY(sentence([&] {
                        f.write("a//b", std::span(three), {3});
                    }).contains("cannot be the name"));
        }
        Hdf5File f = Hdf5File::open(file("mistakes.h5"));
        const QString missing = sentence([&] { f.readReals("group/forces"); });
        QVERIFY2(missing.contains("mistakes.h5") && missing.contains("group/forces") &&
                     missing.contains("missing"),
                 qPrintable(missing));
        QVERIFY(sentence([&] { f.readReals("group"); }).contains("is a group"));
        QVERIFY(sentence([&] { f.readReals("text"); }).contains("holds text; expected real numbers"));
        QVERIFY(sentence([&] { f.readIntegers("group/reals"); }).contains("expected integers"));
        QVERIFY(sentence([&] { f.readText("group/reals"); }).contains("expected text"));
        QVERIFY(sentence([&] { f.readBytes("group/reals"); }).contains("bytes"));
        QVERIFY(sentence([&] { f.children("nowhere"); }).contains("missing"));
        QVERIFY(sentence([&] { f.write("more", std::span(three), {3}); }).contains("reading only"));
    }

    void foreignAndDamagedFilesAreRefused()
    {
        QVERIFY(sentence([&] { Hdf5File::open(file("absent.h5")); }).contains("absent.h5"));
        writeFileAtomically(file("text.h5"), "this is no HDF5 file at all");
        QVERIFY(sentence([&] {
                    Hdf5File::open(file("text.h5"));
                }).contains("cannot be opened as an HDF5 file"));
        QVERIFY(
            sentence([&] { Hdf5File::create("/nonexistent-folder/x.h5"); }).contains("cannot be made"));

        // Cut at every length: an Error or the true numbers, never anything else.
        std::vector<double> numbers(500);
        for (std::size_t k = 0; k < numbers.size(); ++k)
            numbers[k] = std::sqrt(static_cast<double>(k));
        Hdf5File::create(file("whole.h5")).write("deep/numbers", std::span(numbers), {500});
        const std::string whole = readFile(file("whole.h5"));
        int refused = 0;
        for (std::size_t size = 0; size < whole.size(); size += 97) {
            writeFileAtomically(file("cut.h5"), std::string_view(whole).substr(0, size));
            const QString said = sentence([&] {
                if (Hdf5File::open(file("cut.h5")).readReals("deep/numbers") != numbers)
                    QFAIL("a damaged file gave wrong numbers");
            });
            refused += !said.isEmpty();
        }
        QVERIFY(refused > 20);
    }

    void announcedSizesAreBounded()
    {
        // The extent of the array is changed in place in the file's header.
        const std::vector<double> three = {1, 2, 3};
        Hdf5File::create(file("honest.h5")).write("x", std::span(three), {3});
        std::string bytes = readFile(file("honest.h5"));
        const std::string extent("\x03\0\0\0\0\0\0\0", 8);
        int changed = 0;
        for (std::size_t at = bytes.find(extent); at != std::string::npos; at = bytes.find(extent, at + 1)) {
            for (const std::uint64_t claimed : {std::uint64_t{1} << 40, std::uint64_t{1} << 30}) {
                std::string lie = bytes;
                for (std::size_t k = 0; k < 8; ++k)
                    lie[at + k] = static_cast<char>(claimed >> (8 * k));
                writeFileAtomically(file("lie.h5"), lie);
                const QString said = sentence([&] { Hdf5File::open(file("lie.h5")).readReals("x"); });
                changed += said.contains("announces");
            }
        }
        QVERIFY(changed >= 2);
    }
};

QTEST_GUILESS_MAIN(TestHdf5)
#include "tst_hdf5.moc"
