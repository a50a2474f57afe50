#include "archives/hdf5_archive.h"
#include "base/files.h"
#include "support/foreign_hdf5.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <cmath>
#include <cstring>
#include <limits>

using namespace lodestone;
using namespace lodestone::test;

namespace {

Hdf5Object at(const Hdf5Object& group, const std::string& path)
{
    const std::string name = path.substr(0, path.find('/'));
    for (const Hdf5Link& link : group.links())
        if (link.name == name)
            return name == path ? group.child(link) : at(group.child(link), path.substr(name.size() + 1));
    throw std::runtime_error("the test looks for an object that is not there: " + path);
}

std::vector<double> irregular(std::size_t count)
{
    std::vector<double> numbers(count);
    for (std::size_t k = 0; k < count; ++k)
        numbers[k] = std::sin(static_cast<double>(k)) * static_cast<double>(k % 7);
    return numbers;
}

/// Everything that can be read, so that nothing stays untouched.
void readAll(const Hdf5Object& object, int depth = 0)
{
    if (object.isGroup()) {
        for (const Hdf5Link& link : object.links()) {
            try {
                if (depth < 4)
                    readAll(object.child(link), depth + 1);
            } catch (const Error&) {
            }
        }
    } else if (object.isArray() && object.elements() < 100000) {
        object.attribute("units");
        if (object.isNumbers())
            object.numbers();
        else if (object.isText())
            object.texts();
    }
}

} // namespace

class TestHdf5Archive : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path file(const char* name) const { return m_folder.filePath(name).toStdString(); }

    /// A bit of everything, small enough to damage every byte of it.
    std::string mixture(bool newer)
    {
        const auto path = file("mixture.h5");
        {
            ForeignHdf5 w(path, newer);
            w.numbers("a/b/reals", irregular(12), {4, 3}).units("a/b/reals", "eV");
            w.numbers("a/packed", irregular(40), {10, 4},
                      {.chunk = {4, 4}, .deflate = true, .shuffle = true, .fletcher = true});
            w.text("a/word", "None").texts("a/words", {"H", "He"}).fixedTexts("a/fixed", {"Fe", "O"}, 2);
            for (int k = 0; k < 12; ++k)
                w.number("many/number " + std::to_string(k), k);
        }
        return readFile(path);
    }

private Q_SLOTS:
    void everyKindOfNumber()
    {
        const std::vector<double> reals = {1.0 / 3.0, -0.0, 5e-324, std::numeric_limits<double>::max(),
                                           INFINITY,  -1};
        const std::vector<std::int64_t> whole = {-128, -1, 0, 1, 100, 127};
        {
            ForeignHdf5 w(file("types.h5"));
            w.numbers("f8", reals, {2, 3}).numbers("f8b", reals, {6}, {.type = H5T_IEEE_F64BE});
            w.numbers("f4", reals, {6}, {.type = H5T_IEEE_F32LE});
            w.numbers("f4b", std::vector<float>{0.1F, -2}, {2}, {.type = H5T_IEEE_F32BE});
            for (const auto& [name, type] :
                 std::vector<std::pair<const char*, hid_t>>{{"i1", H5T_STD_I8LE},
                                                            {"i2b", H5T_STD_I16BE},
                                                            {"i4", H5T_STD_I32LE},
                                                            {"i8b", H5T_STD_I64BE}})
                w.numbers(name, whole, {6}, {.type = type});
            w.numbers("u1", std::vector<std::int64_t>{0, 200, 255}, {3}, {.type = H5T_STD_U8LE});
            w.numbers("u8", std::vector<std::int64_t>{1LL << 60, 7}, {2}, {.type = H5T_STD_U64BE});
            w.logicals("logical", {1, 0, 1}).number("single", 2.5);
            w.numbers("none", std::vector<double>(), {0, 3}).nothing("null");
            w.numbers("wide", reals, {6}, {.type = H5T_NATIVE_LDOUBLE}).units("f8", "eV");
        }
        const Hdf5Object root = Hdf5Archive::open(file("types.h5")).root();
        QCOMPARE(at(root, "f8").numbers(), reals);
        QVERIFY(std::signbit(at(root, "f8").numbers()[1]));
        QCOMPARE(at(root, "f8b").numbers(), reals);
        QCOMPARE(at(root, "f4").numbers()[0], static_cast<double>(static_cast<float>(1.0 / 3.0)));
        QCOMPARE(at(root, "f4b").numbers(), (std::vector<double>{static_cast<double>(0.1F), -2}));
        for (const char* name : {"i1", "i2b", "i4", "i8b"})
            QCOMPARE(at(root, name).numbers(), std::vector<double>(whole.begin(), whole.end()));
        QCOMPARE(at(root, "u1").numbers(), (std::vector<double>{0, 200, 255}));
        QCOMPARE(at(root, "u8").numbers(), (std::vector<double>{0x1p60, 7}));
        QCOMPARE(at(root, "logical").numbers(), (std::vector<double>{1, 0, 1}));
        QCOMPARE(at(root, "single").numbers(), std::vector<double>{2.5});
        QVERIFY(at(root, "single").shape().empty());
        QCOMPARE(at(root, "f8").shape(), (std::vector<std::uint64_t>{2, 3}));
        QCOMPARE(at(root, "f8").numbers(1, 1), std::vector<double>(reals.begin() + 3, reals.end()));
        QVERIFY(at(root, "none").numbers().empty() && at(root, "null").numbers().empty());
        QCOMPARE(at(root, "null").shape(), std::vector<std::uint64_t>{0});
        QVERIFY(!at(root, "wide").isNumbers());
        QCOMPARE(*at(root, "f8").attribute("units"), std::string("eV"));
        QVERIFY(!at(root, "f8").attribute("unit") && !at(root, "f8b").attribute("units"));
        VERIFY_ERROR(at(root, "wide").numbers(), "types.h5", "'/wide'", "no numbers that are read");
        VERIFY_ERROR(at(root, "f8").texts(), "'/f8'", "no text");
        VERIFY_ERROR(at(root, "f8").links(), "'/f8'", "no group");
    }

    void chunksInEveryStyle()
    {
        const std::vector<double> numbers = irregular(23 * 4 * 3);
        const std::vector<Hdf5Style> styles = {
            {.chunk = {7, 3, 2}},
            {.chunk = {10, 4, 3}, .deflate = true},
            {.chunk = {5, 4, 3}, .deflate = true, .shuffle = true, .fletcher = true},
            {.chunk = {23, 4, 3}, .fletcher = true},
            {.chunk = {40, 4, 3}, .deflate = true, .growing = true},
            {.chunk = {1, 1, 1}, .shuffle = true}};
        for (const bool newer : {false, true}) {
            {
                ForeignHdf5 w(file("chunks.h5"), newer);
                for (std::size_t k = 0; k < styles.size(); ++k)
                    w.numbers(std::to_string(k), numbers, {23, 4, 3}, styles[k]);
                w.numbers("long", irregular(5000), {5000}, {.chunk = {3}});
            }
            const Hdf5Object root = Hdf5Archive::open(file("chunks.h5")).root();
            for (std::size_t k = 0; k < styles.size(); ++k) {
                const Hdf5Object array = at(root, std::to_string(k));
                QCOMPARE(array.numbers(), numbers);
                QCOMPARE(array.rowsTogether(), styles[k].chunk[0]);
                for (std::uint64_t first = 0; first < 23; first += 6) {
                    const std::uint64_t count = std::min<std::uint64_t>(6, 23 - first);
                    QCOMPARE(array.numbers(first, count),
                             std::vector<double>(numbers.begin() + static_cast<long>(12 * first),
                                                 numbers.begin() + static_cast<long>(12 * (first + count))));
                }
            }
            QCOMPARE(at(root, "long").numbers(), irregular(5000)); // an index of several levels
        }
    }

    void groupsOfEveryKind()
    {
        for (const bool newer : {false, true}) {
            for (const int count : {3, 12, 3000}) {
                {
                    ForeignHdf5 w(file("groups.h5"), newer);
                    for (int k = 0; k < count; ++k)
                        w.number(fmt::format("group/a rather long name of a molecule, number {}", k), k);
                }
                const Hdf5Object group = at(Hdf5Archive::open(file("groups.h5")).root(), "group");
                std::vector<Hdf5Link> links = group.links();
                QCOMPARE(links.size(), static_cast<std::size_t>(count));
                for (const Hdf5Link& link : links) {
                    QVERIFY(link.hard);
                    const double value = group.child(link).numbers()[0];
                    QCOMPARE(link.name, fmt::format("a rather long name of a molecule, number {}", value));
                }
            }
        }
    }

    void textsOfEveryKind()
    {
        const std::string longText(3000, 'x');
        {
            ForeignHdf5 w(file("texts.h5"));
            w.text("word", "None").texts("words", {"H", "", longText, "Größe"});
            w.fixedTexts("fixed", {"H", "He", "Uuo"}, 3).number("number", 1);
            w.attribute("number", "long", "hartree/bohr").attribute("number", "short", "Å", true);
            for (int k = 0; k < 5; ++k)
                w.attribute("number", "further " + std::to_string(k), "text");
        }
        const Hdf5Object root = Hdf5Archive::open(file("texts.h5")).root();
        QCOMPARE(at(root, "word").texts(), std::vector<std::string>{"None"});
        QVERIFY(at(root, "word").shape().empty() && at(root, "word").isText());
        QCOMPARE(at(root, "words").texts(), (std::vector<std::string>{"H", "", longText, "Größe"}));
        QCOMPARE(at(root, "fixed").texts(), (std::vector<std::string>{"H", "He", "Uuo"}));
        QCOMPARE(*at(root, "number").attribute("long"), std::string("hartree/bohr"));
        QCOMPARE(*at(root, "number").attribute("short"), std::string("Å"));
        QCOMPARE(*at(root, "number").attribute("further 4"), std::string("text"));
    }

    void whatLiesElsewhereIsNotOpened()
    {
        {
            ForeignHdf5 w(file("elsewhere.h5"));
            w.group("a").softLink("soft", "/a").externalLink("external", "/etc/passwd", "/x");
            w.externalNumbers("apart", "/etc/passwd", 4).virtualNumbers("virtual", "/etc/passwd", 4);
            w.unwritten("unwritten", {100}).unwritten("sparse", {100, 3}, {10, 3});
        }
        const Hdf5Object root = Hdf5Archive::open(file("elsewhere.h5")).root();
        VERIFY_ERROR(at(root, "soft"), "elsewhere.h5", "'/soft'", "not followed");
        VERIFY_ERROR(at(root, "external"), "'/external'", "not followed");
        VERIFY_ERROR(at(root, "apart").numbers(), "'/apart'", "in other files");
        VERIFY_ERROR(at(root, "virtual").numbers(), "'/virtual'", "virtual");
        VERIFY_ERROR(at(root, "unwritten").numbers(), "'/unwritten'", "100 elements", "does not hold them");
        VERIFY_ERROR(at(root, "sparse").numbers(), "'/sparse'", "10 chunks", "0 were written");
    }

    void beginningsAndEnds()
    {
        const std::vector<double> numbers = irregular(500);
        ForeignHdf5(file("whole.h5")).numbers("deep/numbers", numbers, {500});
        const std::string whole = readFile(file("whole.h5"));
        QVERIFY(Hdf5Archive::recognises(whole) && !Hdf5Archive::recognises("\x89PNG\r\n\x1a\n"));
        QCOMPARE(at(Hdf5Archive::parse(whole, "memory").root(), "deep/numbers").numbers(), numbers);
        for (std::size_t size = 0; size < whole.size(); size += 61)
            VERIFY_ERROR(Hdf5Archive::parse(whole.substr(0, size), "half.h5"), "half.h5");
        VERIFY_ERROR(Hdf5Archive::parse(whole.substr(0, whole.size() - 1), "half.h5"), "is cut off");
        VERIFY_ERROR(Hdf5Archive::parse("Dear diary,", "diary.h5"), "diary.h5", "is no HDF5 file");
        VERIFY_ERROR(Hdf5Archive::open(file("absent.h5")), "absent.h5", "cannot be opened");
        // Something else may stand in front.
        ForeignHdf5(file("later.h5"), true, 1024).numbers("deep/numbers", numbers, {500});
        QCOMPARE(at(Hdf5Archive::open(file("later.h5")).root(), "deep/numbers").numbers(), numbers);
    }

    void announcedSizesAreBounded()
    {
        ForeignHdf5(file("honest.h5")).numbers("x", std::vector<double>{1, 2, 3}, {3});
        const std::string honest = readFile(file("honest.h5"));
        const std::string extent("\x03\0\0\0\0\0\0\0", 8);
        int refused = 0;
        for (std::size_t where = honest.find(extent); where != std::string::npos;
             where = honest.find(extent, where + 1)) {
            for (const int bits : {20, 33, 40, 63}) {
                std::string lie = honest;
                for (int k = 0; k < 8; ++k)
                    lie[where + static_cast<std::size_t>(k)] =
                        k == bits / 8 ? static_cast<char>(1 << (bits % 8)) : '\0';
                refused += sentence([&] {
                               at(Hdf5Archive::parse(lie, "lie.h5").root(), "x").numbers();
                           }).contains("'/x' announces");
            }
        }
        QVERIFY(refused >= 4);
    }

    void damagedChunksAreSeen()
    {
        ForeignHdf5(file("sums.h5")).numbers("x", irregular(100), {100}, {.chunk = {100}, .fletcher = true});
        std::string bytes = readFile(file("sums.h5"));
        const double third = irregular(100)[3];
        char pattern[8];
        std::memcpy(pattern, &third, 8);
        const std::size_t where = bytes.find(std::string(pattern, 8));
        QVERIFY(where != std::string::npos);
        bytes[where] = static_cast<char>(bytes[where] ^ 1);
        VERIFY_ERROR(at(Hdf5Archive::parse(bytes, "sums.h5").root(), "x").numbers(), "'/x'", "checksum");
        // A chunk that unpacks to more than it should.
        ForeignHdf5(file("bomb.h5"))
            .numbers("x", std::vector<double>(1 << 20), {1 << 20}, {.chunk = {1 << 20}, .deflate = true});
        std::string bomb = readFile(file("bomb.h5"));
        const std::string extent("\0\0\x10\0\0\0\0\0", 8); // of the array, and of its chunks in four bytes
        for (std::size_t found = bomb.find(extent.substr(0, 4)); found != std::string::npos;
             found = bomb.find(extent.substr(0, 4), found + 1))
            bomb[found + 2] = '\x01';
        VERIFY_ERROR(at(Hdf5Archive::parse(bomb, "bomb.h5").root(), "x").numbers(), "'/x'", "unpack");
    }

    void chunksAreNoLargerThanTheFileAllows()
    {
        // Zeros are packed as densely as deflate can: some kilobytes for 4 MiB.
        const std::size_t count = std::size_t{1} << 19;
        ForeignHdf5(file("dense.h5"))
            .numbers("x", std::vector<double>(count), {count}, {.chunk = {count / 16}, .deflate = true});
        const std::string dense = readFile(file("dense.h5"));
        QVERIFY(dense.size() < 20000);
        QCOMPARE(at(Hdf5Archive::parse(dense, "dense.h5").root(), "x").numbers(), std::vector<double>(count));
        // All chunks in the place of the first, the only one that does not pack well.
        std::vector<double> mostly(16384);
        const std::vector<double> first = irregular(1024);
        std::copy(first.begin(), first.end(), mostly.begin());
        ForeignHdf5(file("same.h5")).numbers("x", mostly, {16384}, {.chunk = {1024}, .deflate = true});
        std::string same = readFile(file("same.h5"));
        const std::size_t index = same.find("TREE\x01");
        QVERIFY(index != std::string::npos);
        const std::size_t key = 24; // bytes of a chunk, filters, its place on the axis and in an element
        for (std::size_t k = 1; k < 16; ++k) {
            same.replace(index + 24 + k * (key + 8), 4, same, index + 24, 4);
            same.replace(index + 24 + k * (key + 8) + key, 8, same, index + 24 + key, 8);
        }
        VERIFY_ERROR(at(Hdf5Archive::parse(same, "same.h5").root(), "x").numbers(), "'/x'", "same place");
        // Chunks that announce more than their bytes could unpack to.
        ForeignHdf5(file("thin.h5"))
            .numbers("x", irregular(16384), {16384}, {.chunk = {16384}, .deflate = true});
        std::string thin = readFile(file("thin.h5"));
        const std::size_t leaf = thin.find("TREE\x01");
        QVERIFY(leaf != std::string::npos);
        thin.replace(leaf + 24, 4, std::string("\x40\0\0\0", 4)); // the only chunk has 64 bytes
        VERIFY_ERROR(at(Hdf5Archive::parse(thin, "thin.h5").root(), "x").numbers(), "'/x'",
                     "chunks of 131072 bytes", "does not hold them");
    }

    void circlesEnd()
    {
        // Every address of the file in the place of every other one.
        const std::string whole = mixture(false);
        const auto number = [&](const std::string& bytes, std::size_t where) {
            std::uint64_t value = 0;
            std::memcpy(&value, bytes.data() + where, 8);
            return value;
        };
        std::vector<std::uint64_t> addresses;
        for (std::size_t where = 0; where + 8 <= whole.size(); where += 8)
            if (number(whole, where) > 90 && number(whole, where) < whole.size())
                addresses.push_back(number(whole, where));
        std::sort(addresses.begin(), addresses.end());
        addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
        QVERIFY(addresses.size() > 20);
        for (std::size_t where = 0; where + 8 <= whole.size(); where += 8) {
            if (number(whole, where) <= 90 || number(whole, where) >= whole.size())
                continue;
            for (const std::uint64_t address : addresses) {
                std::string changed = whole;
                std::memcpy(changed.data() + where, &address, 8);
                sentence([&] { readAll(Hdf5Archive::parse(changed, "circle.h5").root()); });
            }
        }
    }

    void everyDamagedByteIsSeenOrHarmless_data()
    {
        QTest::addColumn<bool>("newer");
        QTest::newRow("as h5py writes") << false;
        QTest::newRow("as of HDF5 1.8") << true;
    }
    void everyDamagedByteIsSeenOrHarmless()
    {
        QFETCH(bool, newer);
        const std::string whole = mixture(newer);
        readAll(Hdf5Archive::parse(whole, "whole.h5").root());
        for (std::size_t where = 0; where < whole.size(); ++where) {
            for (const int change : {0x01, 0x80, 0xff}) {
                std::string damaged = whole;
                damaged[where] = static_cast<char>(damaged[where] ^ change);
                sentence([&] { readAll(Hdf5Archive::parse(damaged, "damaged.h5").root()); });
            }
        }
    }

    void readingCanBeStopped()
    {
        ForeignHdf5(file("stop.h5")).numbers("x", irregular(100), {100}, {.chunk = {10}}).group("g");
        const Hdf5Object root = Hdf5Archive::open(file("stop.h5")).root();
        std::stop_source source;
        source.request_stop();
        const Watch watch = {source.get_token(), {}};
        QVERIFY_THROWS_EXCEPTION(Stopped, root.links(watch));
        QVERIFY_THROWS_EXCEPTION(Stopped, at(root, "x").numbers(watch));
    }
};

QTEST_GUILESS_MAIN(TestHdf5Archive)
#include "tst_hdf5_archive.moc"
