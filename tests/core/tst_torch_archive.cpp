// Archives of PyTorch made by the tests' own writer, in all layouts.
#include "archives/torch_archive.h"
#include "support/sentence.h"
#include "support/shown_pickle.h"
#include "support/torch_archive_writer.h"

#include <QtTest/QtTest>
#include <cstring>

using namespace lodestone;
using namespace lodestone::test;

namespace {

/// A dictionary with views of one storage of 24 numbers, and a parameter of its own.
TorchFileWriter views(const std::vector<float>& shared = counting(24))
{
    TorchFileWriter file;
    const StorageReference storage = file.data.store(shared);
    file.data.orderedDictionary([&] {
        file.data.text("whole").tensor({storage, 0, {4, 6}, {6, 1}, false});
        file.data.text("part").tensor({storage, 7, {2, 3}, {6, 1}, false});
        file.data.text("turned").tensor({storage, 0, {6, 4}, {1, 6}, false});
        file.data.text("steps").tensor({storage, 1, {2, 1, 2, 2}, {12, 5, 4, 2}, false});
        file.data.text("repeated").tensor({storage, 3, {2, 3}, {0, 1}, false});
        file.data.text("number").tensor({storage, 23, {}, {}, false});
        file.data.text("nothing").tensor({storage, 24, {0, 3}, {3, 1}, false});
        file.data.text("own").values(std::vector<double>{1.5, -2.5}, {2}, true);
    });
    return file;
}

TensorReference tensorAt(const TorchArchive& archive, std::string_view key)
{
    return archive.root().find(key)->tensor();
}

TorchFileWriter script()
{
    TorchFileWriter file;
    file.data.objectWith("__torch__.model", "Net", [&] {
        file.data.text("training").boolean(false);
        file.data.text("weight").values(counting(3), {3});
    });
    file.constants.tuple([&] {
        file.constants.values(counting(2, 100), {2});
        file.constants.text("constant");
        file.constants.values(std::vector<std::int64_t>{7}, {});
    });
    file.records = {{"code/__torch__/model.py", "class Net:\n"}, {"extra/cutoff", "5.0"}};
    return file;
}

/// As torch.package lays it out.
std::string package()
{
    PickleWriter model;
    model.objectWith("my.code", "Net", [&] {
        model.text("w").tensor({{ScalarKind::Float32, "4", 3}, 1, {2}, {1}, false});
        model.text("helper").raw("(U\x0ereduce_packageK\x05").global("my.code", "make").raw(")tQ");
    });
    return ZipWriter()
        .add("net/.data/4.storage", bytesOf(counting(3, 8)))
        .add("net/model/model.pkl", model.finish())
        .add("net/my/code.py", "class Net: ...", {.deflate = true})
        .add("net/.data/extern_modules", "torch\n")
        .add("net/.data/version", "6\n")
        .finish(true);
}

} // namespace

class TestTorchArchive : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void numbersOfViews_data();
    void numbersOfViews();
    void numbersRefused_data();
    void numbersRefused();
    void replacedNumbers_data();
    void replacedNumbers();
    void replacedStrides();
    void replacingRefused();
    void scripts();
    void packages();
    void records();
    void nodesOutliveTheArchive();
    void refused_data();
    void refused();
    void legacyDamage_data();
    void legacyDamage();
    void everyTruncationIsAnError_data();
    void everyTruncationIsAnError();

private:
    static void layouts();
    static std::string fileOf(const TorchFileWriter& writer);
};

void TestTorchArchive::layouts()
{
    QTest::addColumn<QString>("layout");
    QTest::newRow("PyTorch 1.6 and later") << "saved";
    QTest::newRow("stored plainly") << "plain";
    QTest::newRow("compressed") << "compressed";
    QTest::newRow("before 1.6") << "legacy";
}

std::string TestTorchArchive::fileOf(const TorchFileWriter& writer)
{
    TorchFileWriter file = writer;
    const QString layout = *static_cast<QString*>(QTest::qData("layout", QMetaType::QString));
    if (layout == "legacy")
        return file.legacy();
    if (layout != "saved")
        file.style = {.deflate = layout == "compressed"};
    return file.saved();
}

void TestTorchArchive::numbersOfViews_data()
{
    layouts();
}

void TestTorchArchive::numbersOfViews()
{
    const TorchArchive archive = TorchArchive::parse(fileOf(views()), "model.pt");
    QVERIFY(TorchArchive::recognises(archive.bytes()));
    QCOMPARE(archive.origin(), std::string("model.pt"));
    const auto values = [&](const char* key) { return floatsOf(archive.numbers(tensorAt(archive, key))); };
    QCOMPARE(values("whole"), counting(24));
    QCOMPARE(values("part"), (std::vector<float>{7, 8, 9, 13, 14, 15}));
    QCOMPARE(values("turned"), (std::vector<float>{0, 6, 12, 18, 1, 7,  13, 19, 2, 8,  14, 20,
                                                   3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23}));
    QCOMPARE(values("steps"), (std::vector<float>{1, 3, 5, 7, 13, 15, 17, 19}));
    QCOMPARE(values("repeated"), (std::vector<float>{3, 4, 5, 3, 4, 5}));
    QCOMPARE(values("number"), (std::vector<float>{23}));
    QCOMPARE(values("nothing"), std::vector<float>{});
    const TensorReference own = tensorAt(archive, "own");
    QVERIFY(own.parameter && own.storage.scalar == ScalarKind::Float64);
    const std::string bytes = archive.numbers(own);
    for (const NamedTensor& one : tensorsIn(archive.root())) {
        std::string buffer;
        QCOMPARE(std::string(archive.numbers(one.tensor, buffer)), archive.numbers(one.tensor));
        const bool gathered =
            one.path == "part" || one.path == "turned" || one.path == "steps" || one.path == "repeated";
        QVERIFY2(buffer.empty() != gathered, one.path.c_str());
    }
    double read[2];
    QCOMPARE(bytes.size(), sizeof read);
    std::memcpy(read, bytes.data(), sizeof read);
    QCOMPARE(read[0], 1.5);
    QCOMPARE(read[1], -2.5);
}

void TestTorchArchive::numbersRefused_data()
{
    QTest::addColumn<QString>("words");
    QTest::addColumn<qint64>("count");
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<QList<qint64>>("shape");
    QTest::addColumn<QList<qint64>>("strides");
    const qint64 most = std::numeric_limits<qint64>::max();
    const auto row = [](const char* name, const char* words, qint64 count, qint64 offset,
                        const QList<qint64>& shape, const QList<qint64>& strides) {
        QTest::newRow(name) << words << count << offset << shape << strides;
    };
    row("fits", "", 8, 2, {2, 3}, {3, 1});
    row("one too far", "does not lie within its 8 numbers", 8, 3, {2, 3}, {3, 1});
    row("offset at the end", "does not lie within", 8, 8, {1}, {1});
    row("offset below 0", "does not lie within", 8, -1, {1}, {1});
    row("offset very large", "does not lie within", 8, most, {2}, {1});
    row("stride below 0", "does not lie within", 8, 4, {2}, {-1});
    row("stride very large", "does not lie within", 8, 0, {3}, {most});
    row("sizes overflow", "does not lie within", 8, 0, {most, most}, {0, 0});
    row("reach overflows", "does not lie within", 8, 0, {2, 2}, {most, most});
    row("storage longer than its record", "should have 9 numbers", 9, 0, {9}, {1});
    row("storage of 2^60", "should have 1152921504606846976 numbers", qint64(1) << 60, 0, {1}, {1});
    row("repeated in honest amount", "", 8, 0, {2048, 8}, {0, 1});
    row("repeated too often", "more than 64 times", 8, 0, {100000, 8}, {0, 1});
    row("repeated absurdly", "more than 64 times", 8, 0, {qint64(1) << 40, 8}, {0, 1});
    row("empty with any stride", "", 8, 0, {0, most}, {most, most});
    row("empty beyond the end", "", 8, 100, {0}, {1});
}

void TestTorchArchive::numbersRefused()
{
    QFETCH(QString, words);
    QFETCH(qint64, count);
    QFETCH(qint64, offset);
    QFETCH(QList<qint64>, shape);
    QFETCH(QList<qint64>, strides);
    for (const bool legacy : {false, true}) {
        TorchFileWriter file;
        StorageReference storage = file.data.store(counting(8));
        storage.count = count;
        file.data.tensor(
            {storage, offset, {shape.begin(), shape.end()}, {strides.begin(), strides.end()}, false});
        const TorchArchive archive = TorchArchive::parse(legacy ? file.legacy() : file.saved(), "model.pt");
        const TensorReference tensor = archive.root().tensor();
        const QString said = sentence([&] { archive.numbers(tensor); });
        QVERIFY2(words.isEmpty() ? said.isEmpty() : said.contains("model.pt") && said.contains(words),
                 qPrintable("the sentence was: '" + said + "'"));
        if (!words.isEmpty())
            QCOMPARE(sentence([&] { archive.withNumbers({{tensor, "x"}}); }), said);
    }
}

void TestTorchArchive::replacedNumbers_data()
{
    layouts();
}

// The new file is the one that would have been written with the new numbers.
void TestTorchArchive::replacedNumbers()
{
    const TorchArchive archive = TorchArchive::parse(fileOf(views()), "model.pt");
    QVERIFY(archive.withNumbers({}) == archive.bytes());
    std::vector<std::pair<TensorReference, std::string>> same;
    for (const NamedTensor& one : tensorsIn(archive.root()))
        same.emplace_back(one.tensor, archive.numbers(one.tensor));
    QCOMPARE(same.size(), std::size_t{8});
    QVERIFY(archive.withNumbers(same) == archive.bytes());

    std::vector<float> wanted = counting(24);
    for (const int i : {7, 8, 9, 13, 14, 15})
        wanted[static_cast<std::size_t>(i)] += 1000;
    const auto change = [&] {
        return archive.withNumbers(
            {{tensorAt(archive, "part"), bytesOf({1007, 1008, 1009, 1013, 1014, 1015})}});
    };
    if (QString(QTest::currentDataTag()) == "compressed") {
        VERIFY_ERROR(change(), "model.pt", "compressed", "torch.save");
        return;
    }
    QVERIFY(change() == fileOf(views(wanted)));
}

void TestTorchArchive::replacedStrides()
{
    const TorchArchive archive = TorchArchive::parse(views().saved(), "model.pt");
    for (const char* key : {"whole", "turned", "steps", "number", "nothing"}) {
        const TensorReference tensor = tensorAt(archive, key);
        std::vector<float> other = floatsOf(archive.numbers(tensor));
        for (float& value : other)
            value = -value - 1;
        const TorchArchive changed =
            TorchArchive::parse(archive.withNumbers({{tensor, bytesOf(other)}}), "model.pt");
        QCOMPARE(floatsOf(changed.numbers(tensor)), other);
        // Nothing else has: the storage holds 0, 1, 2, ..., so a value says where it lies.
        std::vector<float> wanted = counting(24);
        for (const float value : other)
            wanted[static_cast<std::size_t>(-value - 1)] = value;
        QCOMPARE(floatsOf(changed.numbers(tensorAt(archive, "whole"))), wanted);
    }
    // Two tensors in one storage.
    const std::string both =
        archive.withNumbers({{tensorAt(archive, "number"), bytesOf({-1})},
                             {tensorAt(archive, "repeated"), bytesOf({-2, -3, -4, -2, -3, -4})}});
    std::vector<float> wanted = counting(24);
    wanted[23] = -1;
    wanted[3] = -2;
    wanted[4] = -3;
    wanted[5] = -4;
    QVERIFY(both == views(wanted).saved());
}

void TestTorchArchive::replacingRefused()
{
    const TorchArchive archive = TorchArchive::parse(views().saved(), "model.pt");
    QVERIFY_THROWS_EXCEPTION(InternalError, archive.withNumbers({{tensorAt(archive, "whole"), "short"}}));
    QVERIFY_THROWS_EXCEPTION(InternalError, archive.withNumbers({{tensorAt(archive, "nothing"), "long"}}));
    TensorReference elsewhere = tensorAt(archive, "whole");
    elsewhere.storage.key = "data/77";
    VERIFY_ERROR(archive.numbers(elsewhere), "model.pt", "no record 'data/77'");
    const TorchArchive legacy = TorchArchive::parse(views().legacy(), "model.pt");
    VERIFY_ERROR(legacy.numbers(elsewhere), "model.pt", "no storage 'data/77'");
}

void TestTorchArchive::scripts()
{
    const std::string file = script().script();
    const TorchArchive archive = TorchArchive::parse(file, "model.pt");
    QVERIFY(archive.layout() == TorchArchive::Layout::Script);
    QCOMPARE(std::string(archive.root().className()), std::string("__torch__.model.Net"));
    const auto constants = archive.constants();
    QCOMPARE(constants.size(), std::size_t{3});
    // Both have a storage "0", in different folders.
    QCOMPARE(floatsOf(archive.numbers(archive.root().attribute("weight")->tensor())), counting(3));
    QCOMPARE(floatsOf(archive.numbers(constants[0].tensor())), counting(2, 100));
    QCOMPARE(constants[0].tensor().storage.key, std::string("constants/0"));
    QCOMPARE(std::string(constants[1].text()), std::string("constant"));
    TorchFileWriter other = script();
    other.constants.storages[0].bytes = bytesOf({5, 6});
    QVERIFY(archive.withNumbers({{constants[0].tensor(), bytesOf({5, 6})}}) == other.script());
}

void TestTorchArchive::packages()
{
    const TorchArchive archive = TorchArchive::parse(package(), "model.zip");
    QVERIFY(archive.layout() == TorchArchive::Layout::Package);
    VERIFY_ERROR(archive.root(), "model.zip", "torch.package");
    QVERIFY(archive.constants().empty());
    const PickleNode root = archive.pickleOf("model/model.pkl").root();
    QCOMPARE(std::string(root.className()), std::string("my.code.Net"));
    const TensorReference tensor = root.attribute("w")->tensor();
    QCOMPARE(tensor.storage.key, std::string(".data/4.storage"));
    QCOMPARE(floatsOf(archive.numbers(tensor)), (std::vector<float>{9, 10}));
    QCOMPARE(shown(*root.attribute("helper")),
             std::string("persistent id('reduce_package', 5, <my.code.make>, ())"));
    QCOMPARE(archive.record("my/code.py"), std::string("class Net: ..."));
    const TorchArchive changed =
        TorchArchive::parse(archive.withNumbers({{tensor, bytesOf({1, 2})}}), "model.zip");
    QCOMPARE(floatsOf(changed.record(".data/4.storage")), (std::vector<float>{8, 1, 2}));
    VERIFY_ERROR(archive.pickleOf("model/other.pkl"), "model.zip", "no record 'model/other.pkl'");
}

void TestTorchArchive::records()
{
    const TorchArchive archive = TorchArchive::parse(script().script(), "model.pt");
    QCOMPARE(archive.records(),
             (std::vector<std::string>{"data.pkl", "data/0", "constants/0", "constants/1", "constants.pkl",
                                       "code/__torch__/model.py", "extra/cutoff", "version"}));
    QVERIFY(archive.hasRecord("extra/cutoff"));
    QVERIFY(!archive.hasRecord("archive/extra/cutoff"));
    QVERIFY(!archive.hasRecord("cutoff"));
    QCOMPARE(archive.record("extra/cutoff"), std::string("5.0"));
    VERIFY_ERROR(archive.record("extra/cutoff", 2), "model.pt", "holds 3 bytes");
    VERIFY_ERROR(archive.record("extra/none"), "model.pt", "no record 'extra/none'");
    const TorchArchive legacy = TorchArchive::parse(views().legacy(), "model.pt");
    QVERIFY(legacy.layout() == TorchArchive::Layout::Legacy);
    QVERIFY(legacy.records().empty());
    QVERIFY(!legacy.hasRecord("data.pkl"));
    // The folder is that of the first record, whatever the file is called.
    TorchFileWriter named = script();
    named.folder = "my.model v2";
    QVERIFY(TorchArchive::parse(named.script(), "model.pt").hasRecord("extra/cutoff"));
}

void TestTorchArchive::nodesOutliveTheArchive()
{
    for (const bool compressed : {false, true}) {
        TorchFileWriter file = script();
        file.style = {.deflate = compressed};
        const PickleNode constant = TorchArchive::parse(file.script(), "model.pt").constants()[1];
        QCOMPARE(std::string(constant.text()), std::string("constant"));
    }
}

void TestTorchArchive::refused_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("words");
    QTest::addColumn<bool>("recognised");
    const auto row = [](const char* name, const std::string& file, const char* words, bool recognised) {
        QTest::newRow(name) << QByteArray::fromStdString(file) << words << recognised;
    };
    row("empty", "", "the file is empty", false);
    row("text", "Fe 0 0 0\n", "neither a zip archive nor", false);
    row("json", "{\"cutoff\": 5}\n", "neither a zip archive nor", false);
    row("a bare pickle", "\x80\x02N.", "torch.save did not write", false);
    std::string tar(1024, '\0');
    tar.replace(0, 8, "sys_info");
    tar.replace(257, 5, "ustar");
    row("before 0.4", tar, "a tar archive begins", false);
    row("no entries", ZipWriter().finish(), "neither a zip archive nor", false);
    row("no entries in the directory",
        "PK\3\4PK\5\6" + std::string(12, '\0') + littleEndian(4, 4) + std::string(2, '\0'),
        "the zip archive is empty", true);
    row("no folder", ZipWriter().add("data.pkl", "N.").finish(), "in no folder", true);
    row("no data.pkl", ZipWriter().add("a/word/document.xml", "N.").finish(), "no record 'a/data.pkl'", true);
    row("data.pkl elsewhere", ZipWriter().add("a/x", "").add("b/data.pkl", "N.").finish(),
        "no record 'a/data.pkl'", true);
    row("no pickle", ZipWriter().add("a/data.pkl", "text").finish(),
        "model.pt (data.pkl): at byte 0 of the pickle", true);
    row("constants are no pickle",
        ZipWriter().add("a/data.pkl", "N.").add("a/constants.pkl", "text").finish(),
        "model.pt (constants.pkl): at byte 0 of the pickle", true);
    TorchFileWriter big = views();
    big.records.emplace_back("byteorder", "big");
    row("big-endian", big.saved(), "not little-endian", true);
    std::string wrong = views().saved();
    wrong[wrong.find("PK\7\10") - 1] ^= 1; // the last byte of data.pkl
    row("checksum", wrong, "does not have the checksum", true);
}

void TestTorchArchive::refused()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, words);
    QFETCH(bool, recognised);
    QCOMPARE(TorchArchive::recognises(file.toStdString()), recognised);
    const QString said = sentence([&] { TorchArchive::parse(file.toStdString(), "model.pt"); });
    QVERIFY2(said.startsWith("model.pt") && said.contains(words),
             qPrintable("the sentence was: '" + said + "'"));
}

void TestTorchArchive::legacyDamage_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const std::string& file, const char* words) {
        QTest::newRow(name) << QByteArray::fromStdString(file) << words;
    };
    const auto replaced = [](std::string file, const std::string& from, const std::string& to) {
        const std::size_t at = file.find(from);
        return at == std::string::npos ? std::string() : file.replace(at, from.size(), to);
    };
    const std::string good = views().legacy();
    row("version", replaced(good, raw("M\xe9\x03."), raw("M\xea\x03.")), "1001 was expected");
    row("version is a text", replaced(good, raw("M\xe9\x03."), raw("U\x01x.")), "1001 was expected");
    row("big-endian", replaced(good, "little_endian\x88", "little_endian\x89"), "not little-endian");
    row("system is a list", replaced(good, raw("\x80\x02}(X\x10"), raw("\x80\x02](X\x10")), "system");
    row("keys are numbers",
        replaced(good,
                 raw("\x80\x02](X\x01\x00\x00\x00"
                     "0X\x01\x00\x00\x00"
                     "1e."),
                 raw("\x80\x02](K\x00K\x01"
                     "e.")),
        "a text was expected");
    row("a key more",
        replaced(good,
                 raw("X\x01\x00\x00\x00"
                     "1e."),
                 raw("X\x01\x00\x00\x00"
                     "2e.")),
        "a storage '2' follows");
    row("a key twice",
        replaced(good,
                 raw("X\x01\x00\x00\x00"
                     "1e."),
                 raw("X\x01\x00\x00\x00"
                     "0e.")),
        "twice");
    row("a key less",
        replaced(good,
                 raw("X\x01\x00\x00\x00"
                     "1e."),
                 raw("e.")),
        "no storage '1'");
    row("two types",
        replaced(good, "DoubleStorage\nX\x01" + raw("\0\0\0") + "1",
                 "DoubleStorage\nX\x01" + raw("\0\0\0") + "0"),
        "as float32 and as float64");
    row("longer",
        replaced(good, raw("e.\x18\x00\x00\x00\x00\x00\x00\x00"), raw("e.\x18\x00\x00\x00\x00\x00\x00\x10")),
        "should have 1152921504606847000 numbers");
}

void TestTorchArchive::legacyDamage()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, words);
    QVERIFY(!file.isEmpty());
    const QString said = sentence([&] {
        const TorchArchive archive = TorchArchive::parse(file.toStdString(), "model.pt");
        for (const NamedTensor& one : tensorsIn(archive.root()))
            archive.numbers(one.tensor);
    });
    QVERIFY2(said.startsWith("model.pt") && said.contains(words),
             qPrintable("the sentence was: '" + said + "'"));
}

void TestTorchArchive::everyTruncationIsAnError_data()
{
    layouts();
}

void TestTorchArchive::everyTruncationIsAnError()
{
    const std::string file = fileOf(views());
    for (std::size_t size = 0; size < file.size(); ++size) {
        const QString said = sentence([&] { TorchArchive::parse(file.substr(0, size), "model.pt"); });
        QVERIFY2(said.startsWith("model.pt") && said.contains("byte"), qPrintable(said));
    }
}

QTEST_GUILESS_MAIN(TestTorchArchive)
#include "tst_torch_archive.moc"
