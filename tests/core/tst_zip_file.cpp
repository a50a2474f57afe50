#include "archives/zip_file.h"
#include "support/sentence.h"
#include "support/torch_archive_writer.h"

#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::test;

namespace {

struct Record {
    std::string name;
    std::string bytes;
};

std::vector<Record> someRecords()
{
    std::string numbers;
    for (int i = 0; i < 700; ++i)
        numbers += static_cast<char>(i % 7 * i);
    return {{"archive/data.pkl", "some text, some text, some text"},
            {"archive/data/0", numbers},
            {"archive/data/1", ""}};
}

std::string archiveOf(const std::vector<Record>& records, const ZipStyle& style, bool wide = false)
{
    ZipWriter writer;
    for (const Record& record : records)
        writer.add(record.name, record.bytes, style);
    return writer.finish(wide);
}

/// A file whose directory is replaced: the local parts as they are, then these headers.
std::string withDirectory(const std::string& file, const std::string& directory, std::size_t entries)
{
    const std::size_t begin = file.find("PK\1\2");
    return file.substr(0, begin) + directory + "PK\5\6" + std::string(4, '\0') + littleEndian(entries, 2) +
           littleEndian(entries, 2) + littleEndian(directory.size(), 4) + littleEndian(begin, 4) +
           std::string(2, '\0');
}

std::string directoryOf(const std::string& file)
{
    const std::size_t begin = file.find("PK\1\2");
    return file.substr(begin, file.rfind("PK\5\6") - begin);
}

std::string patched(std::string file, std::size_t at, const std::string& bytes)
{
    return file.replace(at, bytes.size(), bytes);
}

QString refusal(const std::string& file)
{
    return sentence([&] {
        const ZipFile zip = ZipFile::parse(file, "model.pt");
        for (const ZipEntry& entry : zip.entries())
            zip.read(entry);
    });
}

} // namespace

class TestZipFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsWhatIsWritten_data();
    void readsWhatIsWritten();
    void replacing_data();
    void replacing();
    void replacingWithTwoChecksums();
    void replacingRefused();
    void everyTruncationIsAnError_data();
    void everyTruncationIsAnError();
    void everyDamagedByteIsSeenOrHarmless_data();
    void everyDamagedByteIsSeenOrHarmless();
    void refused_data();
    void refused();
    void names_data();
    void names();
    void compressed();
};

void TestZipFile::readsWhatIsWritten_data()
{
    QTest::addColumn<bool>("deflate");
    QTest::addColumn<bool>("descriptor");
    QTest::addColumn<bool>("signature");
    QTest::addColumn<bool>("wide");
    QTest::addColumn<int>("align");
    for (int i = 0; i < 32; ++i) {
        if (!(i & 2) && (i & 4))
            continue; // no descriptor, no signature of it
        QTest::addRow("%s%s%s%s%s", i & 1 ? "deflated" : "stored", i & 2 ? " descriptor" : "",
                      i & 4 ? " signature" : "", i & 8 ? " zip64" : "", i & 16 ? " aligned" : "")
            << bool(i & 1) << bool(i & 2) << bool(i & 4) << bool(i & 8) << (i & 16 ? 64 : 0);
    }
}

void TestZipFile::readsWhatIsWritten()
{
    QFETCH(bool, deflate);
    QFETCH(bool, descriptor);
    QFETCH(bool, signature);
    QFETCH(bool, wide);
    QFETCH(int, align);
    const ZipStyle style{deflate, descriptor, signature, wide, static_cast<std::size_t>(align)};
    const std::vector<Record> records = someRecords();
    for (const bool wideEnd : {false, true}) {
        const std::string file = archiveOf(records, style, wideEnd);
        const ZipFile zip = ZipFile::parse(file, "model.pt");
        QCOMPARE(zip.entries().size(), records.size());
        for (std::size_t i = 0; i < records.size(); ++i) {
            const ZipEntry& entry = zip.entries()[i];
            QCOMPARE(entry.name, records[i].name);
            QCOMPARE(entry.bytes, records[i].bytes.size());
            QCOMPARE(entry.deflated, deflate);
            QCOMPARE(entry.crc, crcOf(records[i].bytes));
            QCOMPARE(entry.laterChecksum != 0, descriptor);
            if (align != 0)
                QCOMPARE(entry.dataOffset % 64, std::size_t{0});
            QCOMPARE(zip.find(records[i].name), &entry);
            QVERIFY(zip.read(entry) == records[i].bytes);
            if (deflate)
                VERIFY_ERROR(zip.view(entry), "model.pt", "compressed", records[i].name.c_str());
            else
                QVERIFY(zip.view(entry).data() == file.data() + entry.dataOffset); // no copy
        }
        QVERIFY(!zip.find("archive/data/2"));
        QVERIFY(!zip.find("data.pkl"));
    }
}

void TestZipFile::replacing_data()
{
    readsWhatIsWritten_data();
}

// The replaced archive is the one that would have been written with the new bytes in the first place.
void TestZipFile::replacing()
{
    QFETCH(bool, deflate);
    QFETCH(bool, descriptor);
    QFETCH(bool, signature);
    QFETCH(bool, wide);
    QFETCH(int, align);
    const ZipStyle style{deflate, descriptor, signature, wide, static_cast<std::size_t>(align)};
    std::vector<Record> records = someRecords();
    const std::string file = archiveOf(records, style, true);
    const ZipFile zip = ZipFile::parse(file, "model.pt");
    std::string changed = file;
    std::string other = records[1].bytes;
    for (std::size_t i = 100; i < 200; ++i)
        other[i] = static_cast<char>(other[i] + 1);
    if (deflate) {
        VERIFY_ERROR(replaceEntries(changed, zip, {{records[1].name, other}}), "model.pt", "archive/data/0",
                     "compressed");
        QVERIFY(changed == file);
        return;
    }
    replaceEntries(changed, zip, {});
    QVERIFY(changed == file);
    replaceEntries(changed, zip, {{records[1].name, other}, {records[2].name, ""}});
    records[1].bytes = other;
    QVERIFY(changed == archiveOf(records, style, true));
    QVERIFY(refusal(changed).isEmpty());
}

// Some writers give the checksum before the bytes and behind them: both are renewed.
void TestZipFile::replacingWithTwoChecksums()
{
    const auto fileOf = [](const std::string& bytes) {
        std::string file = ZipWriter().add("a/x", bytes, {.descriptor = true}).finish();
        return file.replace(14, 4, littleEndian(crcOf(bytes), 4));
    };
    std::string file = fileOf("some bytes");
    replaceEntries(file, ZipFile::parse(file, "model.pt"), {{"a/x", "SOME bytes"}});
    QVERIFY(file == fileOf("SOME bytes"));
}

void TestZipFile::replacingRefused()
{
    const std::string file = archiveOf(someRecords(), {});
    const ZipFile zip = ZipFile::parse(file, "model.pt");
    std::string changed = file;
    QVERIFY_THROWS_EXCEPTION(InternalError, replaceEntries(changed, zip, {{"archive/data/0", "short"}}));
    QVERIFY_THROWS_EXCEPTION(InternalError, replaceEntries(changed, zip, {{"archive/data/9", ""}}));
    QVERIFY(changed == file);
}

void TestZipFile::everyTruncationIsAnError_data()
{
    readsWhatIsWritten_data();
}

void TestZipFile::everyTruncationIsAnError()
{
    QFETCH(bool, deflate);
    QFETCH(bool, descriptor);
    QFETCH(bool, signature);
    QFETCH(bool, wide);
    QFETCH(int, align);
    const std::string file = archiveOf(
        someRecords(), {deflate, descriptor, signature, wide, static_cast<std::size_t>(align)}, wide);
    for (std::size_t size = 0; size < file.size(); ++size) {
        const QString said = refusal(file.substr(0, size));
        QVERIFY2(said.contains("model.pt") && said.contains("byte"), qPrintable(said));
        if (size > 0)
            QVERIFY(!refusal(file.substr(size)).isEmpty());
    }
    QVERIFY(refusal(file).isEmpty());
    QVERIFY(!refusal(file + '\0').isEmpty());
    QVERIFY(!refusal("x" + file).isEmpty());
}

void TestZipFile::everyDamagedByteIsSeenOrHarmless_data()
{
    readsWhatIsWritten_data();
}

// A changed byte either is refused or changes nothing of what is read (times, attributes, padding).
void TestZipFile::everyDamagedByteIsSeenOrHarmless()
{
    QFETCH(bool, deflate);
    QFETCH(bool, descriptor);
    QFETCH(bool, signature);
    QFETCH(bool, wide);
    QFETCH(int, align);
    std::vector<Record> records = someRecords();
    records[1].bytes.resize(60);
    const std::string file =
        archiveOf(records, {deflate, descriptor, signature, wide, static_cast<std::size_t>(align)}, wide);
    std::size_t refused = 0;
    for (std::size_t at = 0; at < file.size(); ++at)
        for (const int change : {0x01, 0x08, 0x80, 0xff}) {
            std::string damaged = file;
            damaged[at] = static_cast<char>(damaged[at] ^ change);
            try {
                const ZipFile zip = ZipFile::parse(damaged, "model.pt");
                QCOMPARE(zip.entries().size(), records.size());
                for (const Record& record : records) {
                    const ZipEntry* entry = zip.find(record.name);
                    QVERIFY2(entry && zip.read(*entry) == record.bytes,
                             qPrintable(QString("byte %1, change %2").arg(at).arg(change)));
                }
            } catch (const InternalError&) {
                throw;
            } catch (const Error&) {
                ++refused;
            }
        }
    QVERIFY(refused > file.size());
}

void TestZipFile::refused_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const std::string& file, const char* words) {
        QTest::newRow(name) << QByteArray::fromStdString(file) << words;
    };
    const std::string good = ZipWriter().add("a/x", "some bytes", {.descriptor = true}).finish();
    const std::string wide = ZipWriter().add("a/x", "some bytes", {.wide = true}).finish(true);
    const std::size_t central = good.find("PK\1\2");
    const std::size_t end = good.rfind("PK\5\6");
    row("empty", "", "no end");
    row("no zip", std::string(1000, 'x'), "no end");
    row("encrypted", patched(patched(good, 6, "\x09"), central + 8, "\x09"), "encrypted");
    row("masked", patched(good, central + 9, "\x20"), "encrypted");
    row("method", patched(patched(good, 8, "\x0e"), central + 10, "\x0e"), "method 14");
    row("two parts", patched(good, end + 4, "\1"), "several parts");
    row("other part", patched(good, central + 34, "\1"), "several parts");
    row("more entries", patched(good, end + 8, littleEndian(2, 2) + littleEndian(2, 2)), "entries");
    row("fewer entries", patched(good, end + 8, littleEndian(0, 4)), "number of entries");
    row("very many entries", patched(good, end + 8, littleEndian(0xfffe, 2) + littleEndian(0xfffe, 2)),
        "65534 entries");
    row("directory elsewhere", patched(good, end + 16, littleEndian(central - 1, 4)), "does not end here");
    row("directory beyond", patched(good, end + 16, littleEndian(0xfffffff0, 4)), "does not end here");
    row("outside", patched(good, central + 42, littleEndian(0x7fffffff, 4)), "outside");
    row("inside something", patched(good, central + 42, littleEndian(1, 4)), "local header");
    row("too long",
        patched(patched(good, central + 20, littleEndian(1000, 4)), central + 24, littleEndian(1000, 4)),
        "outside");
    row("two sizes", patched(good, central + 24, littleEndian(11, 4)), "is said to have 11");
    row("other descriptor", patched(good, central - 4, littleEndian(9, 4)), "descriptor");
    row("two checksums", patched(good, 14, "\1"), "two different checksums");
    row("trailing", good + "more", "no end");
    row("zip64 end elsewhere", patched(wide, wide.rfind("PK\6\7") + 8, "\1"), "zip64 end");
    row("zip64 end of another form", patched(wide, wide.rfind("PK\6\6") + 4, "\x2d"), "unknown form");
    row("zip64 end disagrees", patched(wide, wide.rfind("PK\5\6") + 10, "\2"), "do not agree");
    row("zip64 count",
        patched(patched(wide, wide.rfind("PK\6\6") + 24, std::string(8, '\x7f')), wide.rfind("PK\6\6") + 32,
                std::string(8, '\x7f')),
        "agree");
    row("zip64 offset", patched(wide, wide.rfind("PK\6\6") + 48, std::string(8, '\xff')), "agree");
    row("zip64 entry far away", patched(wide, wide.rfind("PK\6\6") - 8, std::string(8, '\x7f')), "outside");
    // The same name twice, in two honest entries.
    const std::string twice = ZipWriter().add("a/x", "1").add("a/x", "2").finish();
    row("name twice", twice, "two entries 'a/x'");
    // Two directory entries for one local header.
    const std::string one = ZipWriter().add("a/x", "1").finish();
    row("entry twice", withDirectory(one, directoryOf(one) + directoryOf(one), 2), "overlaps");
    // An entry inside the bytes of another.
    const std::string inner = ZipWriter().add("a/in", std::string(50, 'i')).finish();
    const std::string outer = ZipWriter().add("a/out", inner.substr(0, inner.find("PK\1\2"))).finish();
    std::string inside = directoryOf(inner);
    inside = patched(inside, 42, littleEndian(30 + 5, 4));
    const std::size_t directory = 30 + 5 + inner.find("PK\1\2");
    row("entry within an entry",
        outer.substr(0, directory) + outer.substr(directory, outer.rfind("PK\5\6") - directory) + inside +
            "PK\5\6" + std::string(4, '\0') + littleEndian(2, 2) + littleEndian(2, 2) +
            littleEndian(outer.rfind("PK\5\6") - directory + inside.size(), 4) + littleEndian(directory, 4) +
            std::string(2, '\0'),
        "overlaps");
    // Bytes that reach into the directory.
    std::string reaching = ZipWriter().add("a/x", "0123456789").finish();
    const std::size_t reach = reaching.find("PK\1\2");
    for (const std::size_t at : {std::size_t{18}, std::size_t{22}, reach + 20, reach + 24})
        reaching = patched(reaching, at, littleEndian(30, 4));
    row("into the directory", reaching, "overlaps");
    row("checksum", patched(patched(good, central + 16, "\1"), central - 12, "\1"), "checksum");
    row("bytes", patched(good, central - 20, "\1"), "checksum");
}

void TestZipFile::refused()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, words);
    const QString said = refusal(file.toStdString());
    QVERIFY2(said.contains("model.pt") && said.contains(words),
             qPrintable("the sentence was: '" + said + "'"));
}

void TestZipFile::names_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("fine");
    QTest::newRow("plain") << "a/b" << true;
    QTest::newRow("folder") << "a/" << true;
    QTest::newRow("dots in it") << "a/..b/c..d/..." << true;
    QTest::newRow("one dot") << "a/./b" << true;
    QTest::newRow("umlaut") << QString::fromUtf8("größe/ü") << true;
    QTest::newRow("none") << "" << false;
    QTest::newRow("absolute") << "/etc/passwd" << false;
    QTest::newRow("up") << "../a" << false;
    QTest::newRow("up inside") << "a/../../b" << false;
    QTest::newRow("up at the end") << "a/.." << false;
    QTest::newRow("windows") << "a\\..\\b" << false;
    QTest::newRow("zero") << QString("a") + QChar(0) + "b" << false;
    QTest::newRow("long") << QString(1024, 'n') << true;
    QTest::newRow("longer") << QString(1025, 'n') << false;
}

void TestZipFile::names()
{
    QFETCH(QString, name);
    QFETCH(bool, fine);
    const QString said = refusal(ZipWriter().add(name.toStdString(), "1").finish());
    QVERIFY2(fine ? said.isEmpty() : said.contains("leads outside"), qPrintable(said));
}

void TestZipFile::compressed()
{
    const std::string text(100000, 't');
    const std::string file = ZipWriter().add("a/t", text, {.deflate = true}).finish();
    const ZipFile zip = ZipFile::parse(file, "model.pt");
    QVERIFY(zip.read(zip.entries()[0]) == text);
    QVERIFY(zip.read(zip.entries()[0], text.size()) == text);
    VERIFY_ERROR(zip.read(zip.entries()[0], text.size() - 1), "model.pt", "a/t", "100000", "at most 99999");

    // The directory and the local header lie about the size; the stream ends elsewhere.
    const std::size_t central = file.find("PK\1\2");
    for (const std::size_t claimed : {std::size_t{0}, text.size() - 1, text.size() + 1}) {
        const std::string lying =
            patched(patched(file, central + 24, littleEndian(claimed, 4)), 22, littleEndian(claimed, 4));
        VERIFY_ERROR(ZipFile::parse(lying, "model.pt").read(ZipFile::parse(lying, "model.pt").entries()[0]),
                     "model.pt", "does not unpack");
    }
    // A stream with something behind it.
    const std::string stream = deflated(text) + "more";
    std::string longer = ZipWriter().add("a/t", stream).finish();
    const std::size_t second = longer.find("PK\1\2");
    for (const std::size_t header : {std::size_t{0}, second + 2}) {
        longer = patched(longer, header + 8, littleEndian(8, 2));
        longer = patched(longer, header + 14, littleEndian(crcOf(text), 4));
        longer = patched(longer, header + 22, littleEndian(text.size(), 4));
    }
    VERIFY_ERROR(ZipFile::parse(longer, "model.pt").read(ZipFile::parse(longer, "model.pt").entries()[0]),
                 "model.pt", "does not unpack");

    // What deflate can do at best is refused above some megabytes, before anything is unpacked.
    const auto zeros = [](std::size_t size) {
        return ZipWriter().add("a/z", std::string(size, '\0'), {.deflate = true}).finish();
    };
    QVERIFY(refusal(zeros(std::size_t{16} << 20)).isEmpty());
    QVERIFY(refusal(zeros(std::size_t{17} << 20)).contains("no honest file"));
}

QTEST_GUILESS_MAIN(TestZipFile)
#include "tst_zip_file.moc"
