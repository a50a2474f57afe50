#include "base/files.h"
#include "storage/hdf5_reader.h"
#include "storage/hdf5_writer.h"
#include "support/foreign_hdf5.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <bit>
#include <cmath>
#include <limits>
#include <span>

using namespace lodestone;
using namespace lodestone::test;

/// Files as Hdf5Writer makes them, read by Hdf5Reader; and files of others where their arrays differ.
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
        const std::vector<std::int64_t> integers = {
            std::numeric_limits<std::int64_t>::min(), -1, 0, (1LL << 60) + 1, (1LL << 53) + 1,
            std::numeric_limits<std::int64_t>::max()};
        const std::vector<std::uint8_t> bytes = {0, 127, 128, 255};
        const std::string text = "Größe\nzweite Zeile\twith \"quotes\"";
        {
            Hdf5Writer f = Hdf5Writer::create(file("types.h5"));
            f.write("a/b/reals", std::span(reals), {2, 3});
            f.write("/a/floats", std::span(floats), {6});
            f.write("integers", std::span(integers), {2, 3});
            f.write("bytes", std::span(bytes), {4, 1});
            f.write("scalar", std::span(reals).first(1), {});
            f.write("empty", std::span<const double>(), {0, 3});
            f.writeText("note/text", text);
            f.writeText("note/nothing", "");
            f.close();
        }
        const Hdf5Reader f = Hdf5Reader::open(file("types.h5"));
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
        QVERIFY(f.has("/") && f.has("a/b") && f.has("/a/b/reals"));
        QVERIFY(!f.has("a/c"));
        QVERIFY(!f.has("a/b/reals/deeper"));
    }

    void numbersLieLittleEndianOnDisk()
    {
        const std::vector<std::int64_t> value = {0x0102030405060708};
        Hdf5Writer f = Hdf5Writer::create(file("endian.h5"));
        f.write("x", std::span(value), {1});
        QVERIFY(!std::filesystem::exists(file("endian.h5")));
        f.close();
        const std::string bytes = readFile(file("endian.h5"));
        QVERIFY(bytes.find(std::string("\x08\x07\x06\x05\x04\x03\x02\x01", 8)) != std::string::npos);
    }

    void mistakesNameFileAndObject()
    {
        const std::vector<double> three = {1, 2, 3};
        {
            Hdf5Writer f = Hdf5Writer::create(file("mistakes.h5"));
            f.write("group/reals", std::span(three), {3});
            f.writeText("text", "words");
            QVERIFY(sentence([&] {
                        f.write("wrong", std::span(three), {2});
                    }).contains("3 values for a shape of 2"));
            QVERIFY(
                sentence([&] { f.write("group/reals", std::span(three), {3}); }).contains("written twice"));
            QVERIFY(sentence([&] { f.write("a//b", std::span(three), {3}); }).contains("cannot be the name"));
            f.close();
        }
        const Hdf5Reader f = Hdf5Reader::open(file("mistakes.h5"));
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
        QVERIFY(sentence([&] { f.children("text"); }).contains("no group"));
    }

    void foreignAndDamagedFilesAreRefused()
    {
        QVERIFY(sentence([&] { Hdf5Reader::open(file("absent.h5")); }).contains("absent.h5"));
        writeFileAtomically(file("text.h5"), "this is no HDF5 file at all");
        QVERIFY(sentence([&] { Hdf5Reader::open(file("text.h5")); }).contains("is no HDF5 file"));
        QVERIFY(sentence([] {
                    Hdf5Writer::create("/nonexistent-folder/x.h5").close();
                }).contains("/nonexistent-folder/x.h5: cannot be written: No such file"));
        QVERIFY(sentence([] { Hdf5Writer::create("/dev/full").close(); }).contains("/dev/full"));

        // Cut at every length: an Error or the true numbers, never anything else.
        std::vector<double> numbers(500);
        for (std::size_t k = 0; k < numbers.size(); ++k)
            numbers[k] = std::sqrt(static_cast<double>(k));
        Hdf5Writer f = Hdf5Writer::create(file("whole.h5"));
        f.write("deep/numbers", std::span(numbers), {500});
        f.close();
        const std::string whole = readFile(file("whole.h5"));
        int refused = 0;
        for (std::size_t size = 0; size < whole.size(); size += 97) {
            writeFileAtomically(file("cut.h5"), std::string_view(whole).substr(0, size));
            const QString said = sentence([&] {
                if (Hdf5Reader::open(file("cut.h5")).readReals("deep/numbers") != numbers)
                    QFAIL("a damaged file gave wrong numbers");
            });
            refused += !said.isEmpty();
        }
        QVERIFY(refused > 20);
    }

    void integersOfOthersAreExact()
    {
        const std::vector<std::int64_t> some = {-128, -1, 0, 127};
        const std::vector<std::int64_t> all = {std::numeric_limits<std::int64_t>::min(), (1LL << 53) + 1,
                                               std::numeric_limits<std::int64_t>::max()};
        const std::uint64_t half = std::uint64_t{1} << 63;
        ForeignHdf5(file("integers.h5"))
            .numbers("i1", some, {4}, {.type = H5T_STD_I8LE})
            .numbers("i2", some, {4}, {.type = H5T_STD_I16BE})
            .numbers("i8", all, {3}, {.type = H5T_STD_I64BE})
            .numbers("packed", all, {3}, {.chunk = {2}, .deflate = true, .shuffle = true})
            .numbers("u1", std::vector<std::uint8_t>{0, 128, 255}, {3})
            .numbers("u8", std::vector<std::uint64_t>{0, half - 1}, {2})
            .numbers("too large", std::vector<std::uint64_t>{half}, {1})
            .logicals("logical", {1, 0});
        const Hdf5Reader f = Hdf5Reader::open(file("integers.h5"));
        QCOMPARE(f.readIntegers("i1"), some);
        QCOMPARE(f.readIntegers("i2"), some);
        QCOMPARE(f.readIntegers("i8"), all);
        QCOMPARE(f.readIntegers("packed"), all);
        QCOMPARE(f.readIntegers("u1"), (std::vector<std::int64_t>{0, 128, 255}));
        QCOMPARE(f.readIntegers("u8"), (std::vector<std::int64_t>{0, all.back()}));
        QCOMPARE(f.readIntegers("logical"), (std::vector<std::int64_t>{1, 0}));
        QCOMPARE(f.readBytes("u1"), (std::vector<std::uint8_t>{0, 128, 255}));
        VERIFY_ERROR(f.readIntegers("too large"), "integers.h5", "'/too large'", "9223372036854775808");
        VERIFY_ERROR(f.readBytes("i1"), "'i1'", "bytes");
    }

    void realsAndTextsOfOthers()
    {
        const std::string longText(3000, 'x');
        ForeignHdf5(file("others.h5"))
            .numbers("f8b", std::vector<double>{0.1, -2}, {2}, {.type = H5T_IEEE_F64BE})
            .numbers("f4b", std::vector<float>{0.1F, -2}, {2}, {.type = H5T_IEEE_F32BE})
            .text("of h5py", longText)
            .text("empty", "")
            .fixedTexts("blanks", {"a b "}, 9, H5T_STR_SPACEPAD)
            .fixedTexts("ended", {std::string("ab\0cd", 5)}, 9, H5T_STR_NULLTERM)
            .texts("several", {"a", "b"})
            .group("group")
            .softLink("soft", "/group")
            .hardLink("again", "/f4b");
        const Hdf5Reader f = Hdf5Reader::open(file("others.h5"));
        QCOMPARE(f.readReals("f8b"), (std::vector<double>{0.1, -2}));
        QCOMPARE(f.readFloats("f8b"), (std::vector<float>{0.1F, -2}));
        QCOMPARE(f.readFloats("again"), (std::vector<float>{0.1F, -2}));
        QCOMPARE(f.readReals("f4b"), (std::vector<double>{static_cast<double>(0.1F), -2}));
        QVERIFY(f.isFloat32("f4b") && !f.isFloat32("f8b"));
        QCOMPARE(f.readText("of h5py"), longText);
        QCOMPARE(f.readText("empty"), std::string());
        QCOMPARE(f.readText("blanks"), std::string("a b"));
        QCOMPARE(f.readText("ended"), std::string("ab"));
        VERIFY_ERROR(f.readText("several"), "2 texts", "expected one");
        QVERIFY(f.children("group").empty());
        VERIFY_ERROR(f.has("soft"), "'/soft'", "not followed");
        VERIFY_ERROR(f.has("soft/x"), "'/soft'", "not followed");
    }

    void largeFilesOfManyArrays()
    {
        // As checkpoints have them; every array is looked up by its name.
        std::string text = " a text that ends with blanks  ";
        text.resize(std::size_t{3} << 20, ' ');
        std::vector<float> numbers(100);
        {
            Hdf5Writer f = Hdf5Writer::create(file("many.h5"));
            f.writeText("text", text);
            for (int k = 0; k < 3000; ++k) {
                numbers[7] = static_cast<float>(k);
                f.write(fmt::format("tensors/live/a rather long name {}", k), std::span(numbers), {10, 10});
            }
            f.close();
        }
        const Hdf5Reader f = Hdf5Reader::open(file("many.h5"));
        QVERIFY(f.readText("text") == text);
        const std::vector<std::string> names = f.children("/tensors/live");
        QCOMPARE(names.size(), std::size_t{3000});
        for (int k = 0; k < 3000; ++k) {
            const std::string name = fmt::format("/tensors/live/a rather long name {}", k);
            QVERIFY(f.isFloat32(name));
            QCOMPARE(f.shape(name), (std::vector<std::int64_t>{10, 10}));
            QCOMPARE(f.readFloats(name)[7], static_cast<float>(k));
        }
    }

    void announcedSizesAreBounded()
    {
        // The extent of the array is changed in place in the file's header.
        const std::vector<double> three = {1, 2, 3};
        Hdf5Writer f = Hdf5Writer::create(file("honest.h5"));
        f.write("x", std::span(three), {3});
        f.close();
        std::string bytes = readFile(file("honest.h5"));
        const std::string extent("\x03\0\0\0\0\0\0\0", 8);
        int changed = 0;
        for (std::size_t at = bytes.find(extent); at != std::string::npos; at = bytes.find(extent, at + 1)) {
            for (const std::uint64_t claimed : {std::uint64_t{1} << 40, std::uint64_t{1} << 30}) {
                std::string lie = bytes;
                for (std::size_t k = 0; k < 8; ++k)
                    lie[at + k] = static_cast<char>(claimed >> (8 * k));
                writeFileAtomically(file("lie.h5"), lie);
                const QString said = sentence([&] { Hdf5Reader::open(file("lie.h5")).readReals("x"); });
                changed += said.contains("announces");
            }
        }
        QVERIFY(changed >= 2);
        // Beside an extent of zero others may be of any size, but not such that strides overflow.
        const hsize_t large = hsize_t{1} << 40;
        ForeignHdf5(file("empty.h5")).unwritten("x", {0, large}).unwritten("y", {large, 0, large});
        const Hdf5Reader empty = Hdf5Reader::open(file("empty.h5"));
        QCOMPARE(empty.shape("x"), (std::vector<std::int64_t>{0, std::int64_t{1} << 40}));
        QVERIFY(empty.readReals("x").empty());
        VERIFY_ERROR(empty.shape("y"), "empty.h5", "'y' announces an extent of 1099511627776");
    }
};

QTEST_GUILESS_MAIN(TestHdf5)
#include "tst_hdf5.moc"
