// Files made to do harm. Each is either refused with a sentence or read as inert data; memory and time stay
// within limits that the size of the file gives.
#include "archives/torch_archive.h"
#include "support/counted_memory.h"
#include "support/sentence.h"
#include "support/torch_archive_writer.h"

#include <QtTest/QtTest>
#include <ctime>

using namespace lodestone;
using namespace lodestone::test;

namespace {

// Nodes take 24 bytes and vectors double as they grow; the archive itself is held once, and copied into it
// once.
constexpr std::size_t memoryPerByte = 150;
constexpr std::size_t memoryAlways = std::size_t{1} << 20;
// Processor time, not wall time: other programs do not disturb it. Honest work takes milliseconds; what goes
// wrong takes minutes.
constexpr double mostSeconds = 20;

/// All that may be asked of an archive. Returns a line about it.
std::string readAll(const std::string& file)
{
    const TorchArchive archive = TorchArchive::parse(file, "model.pt");
    std::vector<NamedTensor> tensors = tensorsIn(archive.root());
    for (const PickleNode& constant : archive.constants())
        for (NamedTensor& one : tensorsIn(constant))
            tensors.push_back(std::move(one));
    std::size_t numbers = 0;
    for (const NamedTensor& one : tensors)
        if (numbers < 64 * file.size()) // as inspectionOnly does
            numbers += archive.numbers(one.tensor).size();
    for (const std::string& record : archive.records())
        numbers += archive.record(record, std::size_t{64} << 20).size();
    return describe(archive.root());
}

struct Outcome {
    QString said; ///< sentence of the refusal
    QString read; ///< or what was read
    double seconds = 0;
    std::size_t memory = 0;
};

Outcome outcomeOf(const std::string& file)
{
    Outcome outcome;
    const std::clock_t begin = std::clock();
    outcome.memory = peakOf(
        [&] { outcome.said = sentence([&] { outcome.read = QString::fromStdString(readAll(file)); }); });
    outcome.seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
    return outcome;
}

std::string archiveOf(const std::string& pickle)
{
    return ZipWriter().add("a/data.pkl", pickle).add("a/data/0", std::string(64, '\1')).finish();
}

std::string repeated(const std::string& text, std::size_t times)
{
    std::string all;
    all.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

std::string tensorOf(const TensorReference& tensor)
{
    return archiveOf(PickleWriter().tensor(tensor).finish());
}

void rows()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("refusal"); // part of the sentence; empty: it is read
    QTest::addColumn<QString>("inert");   // and is this
    const auto refused = [](const char* name, const std::string& file, const char* words) {
        QTest::newRow(name) << QByteArray::fromStdString(file) << words << QString();
    };
    const auto inert = [](const char* name, const std::string& file, const char* description) {
        QTest::newRow(name) << QByteArray::fromStdString(file) << QString() << description;
    };
    const auto pickled = [&](const char* name, const PickleWriter& writer, const char* description) {
        inert(name, archiveOf(writer.finish()), description);
    };
    const std::string five = repeated("h\x01", 5); // BINGET

    // Code: names stay names.
    const std::string marker = LODESTONE_BIN "/hostile-archive-was-here";
    pickled("os.system", PickleWriter().call("os", "system", [&] {}), "the object os.system");
    PickleWriter shell;
    shell.call("posix", "system", [&] { shell.text("touch '" + marker + "'"); });
    pickled("posix.system", shell, "the object posix.system");
    PickleWriter eval;
    eval.call("builtins", "eval", [&] { eval.text("open('" + marker + "', 'w')"); });
    pickled("builtins.eval", eval, "the object builtins.eval");
    PickleWriter exec;
    exec.raw("(").text("open('" + marker + "', 'w')").raw("i__builtin__\nexec\n");
    pickled("INST of exec", exec, "the object __builtin__.exec");
    PickleWriter subprocess;
    subprocess.object("subprocess", "Popen",
                      [&] { subprocess.list([&] { subprocess.text("touch").text(marker); }); });
    pickled("NEWOBJ of Popen", subprocess, "the object subprocess.Popen");
    PickleWriter chain;
    chain.call("builtins", "getattr",
               [&] { chain.call("builtins", "__import__", [&] { chain.text("os"); }).text("system"); });
    chain.tuple([&] { chain.text("touch '" + marker + "'"); }).raw("R");
    pickled("getattr of an import", chain, "the object builtins.getattr");
    pickled("missing module", PickleWriter().global("no.such.module", "Thing"),
            "the name no.such.module.Thing");
    pickled("missing module called", PickleWriter().call("no.such.module", "Thing"),
            "the object no.such.module.Thing");
    PickleWriter state;
    state.objectWith("m", "C", [&] {
        state.text("__class__").global("os", "system").text("__setstate__").global("os", "system");
    });
    pickled("BUILD with __setstate__", state, "the object m.C");
    PickleWriter extension;
    extension.raw("\x82\x01)R");
    pickled("EXT1 called", extension, "the object copyreg.extension.1");
    PickleWriter load;
    load.call("torch.storage", "_load_from_bytes", [&] { load.bytes("cos\nsystem\n(S'true'\ntR."); });
    pickled("a pickle in a pickle", load, "the object torch.storage._load_from_bytes");
    TorchFileWriter script;
    script.data.objectWith("__torch__", "Net", [] {});
    script.constants.tuple();
    script.records = {{"code/__torch__.py", "import os\nos.system('true')\n"}};
    inert("code of TorchScript", script.script(), "the object __torch__.Net");

    // Depth.
    constexpr std::size_t many = 1000000;
    refused("a million nested tuples", archiveOf("N" + std::string(many, '\x85') + "."),
            "nested more than 512 deep");
    refused("a million nested lists", archiveOf(std::string(many, ']') + std::string(many - 1, 'a') + "."),
            "nested more than 512 deep");
    inert("a million calls", archiveOf("cm\nf\n" + repeated(")R", many) + "."), "the object m.f");
    refused("a million nested states",
            archiveOf(repeated("cm\nC\n)\x81", 200000) + std::string(199999, 'b') + "."),
            "nested more than 512 deep");
    refused("a million marks", archiveOf(std::string(many, '(') + "."), "empty stack");
    inert("a list in itself",
          archiveOf("]q\x01h\x01"
                    "a."),
          "a list with 1 item");
    inert("a dictionary in itself", archiveOf("}q\x01NN}h\x01h\x01s0s."), "a dictionary with 1 entry");
    inert("an object as its own state",
          archiveOf("cm\nC\n)\x81q\x01h\x01"
                    "b."),
          "the object m.C");
    inert("an object in its own arguments",
          archiveOf("]q\x01"
                    "0cm\nC\nh\x01\x85\x81q\x02"
                    "0h\x01h\x02"
                    "ah\x02."),
          "the object m.C");

    // Much from little.
    std::string laughs = "(Nlq\x01"
                         "0";
    for (int i = 0; i < 40; ++i)
        laughs += "(" + repeated("h\x01", 10) +
                  "lq\x01"
                  "0";
    inert("billion laughs, lists", archiveOf(laughs + "h\x01."), "a list with 10 items");
    std::string tuples = "Nq\x01"
                         "0";
    for (int i = 0; i < 500; ++i)
        tuples += "(" + five +
                  "tq\x01"
                  "0";
    inert("billion laughs, tuples", archiveOf(tuples + "h\x01."), "a tuple with 5 items");
    std::string pairs = "]q\x01"
                        "0";
    for (int i = 0; i < 100; ++i)
        pairs += "(h\x01h\x01h\x01h\x01"
                 "dq\x01"
                 "0";
    inert("billion laughs, dictionaries", archiveOf(pairs + "h\x01."), "a dictionary with 2 entries");
    inert("a million DUPs", archiveOf("(N" + std::string(many, '2') + "l."), "a list with 1000001 items");
    inert("a memo number of 2^32", archiveOf("Nr\xff\xff\xff\xffr\xfe\xff\xff\x7f."), "None");
    inert("a memo number of 2^62", archiveOf("Np4611686018427387904\n."), "None");
    const std::string longText = "X" + littleEndian(100000, 4) + std::string(100000, 't') +
                                 "q\x01"
                                 "0";
    refused("one long text as many names",
            archiveOf(longText +
                      repeated("h\x01h\x01\x93"
                               "0",
                               20000) +
                      "N."),
            "many times larger than the pickle itself");
    inert("one long name in many calls",
          archiveOf("c" + std::string(100000, 'm') +
                    "\nf\nq\x01"
                    "0" +
                    repeated("h\x01)R0", 50000) + "N."),
          "None");
    inert("one long text encoded often",
          archiveOf(longText +
                    "c_codecs\nencode\nq\x02"
                    "0U\x06latin1q\x03"
                    "0" +
                    repeated("h\x02h\x01h\x03\x86R0", 20000) + "N."),
          "None");
    const std::string longList = "(" + std::string(100000, 'N') +
                                 "lq\x01"
                                 "0";
    refused("one long list as many sets",
            archiveOf(longList +
                      "cbuiltins\nset\nq\x02"
                      "0" +
                      repeated("h\x02h\x01\x85R0", 20000) + "N."),
            "larger than the pickle itself");
    const std::string longPairs = "(NN\x86q\x04" + repeated("h\x04", 100000) +
                                  "lq\x01"
                                  "0";
    refused("one long list as many dictionaries",
            archiveOf(longPairs +
                      "ccollections\nOrderedDict\nq\x02"
                      "0" +
                      repeated("h\x02h\x01\x85R0", 20000) + "N."),
            "larger than the pickle itself");
    inert("one long tuple of arguments",
          archiveOf("(" + std::string(100000, 'N') +
                    "tq\x01"
                    "0ccollections\nOrderedDict\nq\x02"
                    "0" +
                    repeated("h\x02h\x01R0", 50000) + "N."),
          "None");
    inert("one long key of many lists", archiveOf(longText + "}(" + repeated("h\x01](Ne", 50000) + "u."),
          "a dictionary with 50000 entries");
    PickleWriter sameTensor; // storage, offset, size and stride are recalled, so that a tensor takes 13 bytes
    sameTensor
        .raw("]ctorch._utils\n_rebuild_tensor_v2\nq\x01"
             "0")
        .storage(ScalarKind::Float32, "0", 16)
        .raw("q\x02"
             "0");
    sameTensor.integer(0)
        .raw("q\x03"
             "0")
        .integer(1000)
        .integer(16)
        .raw("\x86q\x04"
             "0");
    sameTensor.integer(0)
        .integer(1)
        .raw("\x86q\x05"
             "0(")
        .raw(repeated("h\x01(h\x02h\x03h\x04h\x05tR", 50000))
        .raw("e");
    inert("50000 tensors of 64 kB in 64 bytes", archiveOf(sameTensor.finish()), "a list with 50000 items");

    // Lengths and sizes.
    refused("text of 4 GB", archiveOf("X\xff\xff\xff\xff."), "a text of 4294967295 bytes");
    refused("text of 2^64", archiveOf("\x8d" + std::string(8, '\xff') + "."),
            "a text of 18446744073709551615 bytes");
    refused("LONG4 of 2 GB", archiveOf(std::string("\x8b\xff\xff\xff\x7f.", 6)),
            "an integer of 2147483647 bytes");
    refused("frame of 2^63", archiveOf("\x95" + std::string(7, '\xff') + "\x7fN."), "a frame of");
    const std::int64_t huge = std::int64_t{1} << 60;
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const StorageReference numbers{ScalarKind::Float32, "0", 16};
    refused("storage of 2^60 numbers", tensorOf({{ScalarKind::Float32, "0", huge}, 0, {huge}, {1}, false}),
            "the file holds 16");
    refused("storage of 2^63-1 numbers", tensorOf({{ScalarKind::Float64, "0", most}, 0, {1}, {1}, false}),
            "the file holds 8");
    refused("storage below 0", tensorOf({{ScalarKind::Float32, "0", -1}, 0, {1}, {1}, false}), "-1 numbers");
    refused("no such storage", tensorOf({{ScalarKind::Float32, "../../0", 16}, 0, {1}, {1}, false}),
            "no record 'data/../../0'");
    refused("size below 0", tensorOf({numbers, 0, {-16}, {1}, false}), "the size -16");
    refused("sizes that overflow", tensorOf({numbers, 0, {most, 3}, {0, 0}, false}), "does not lie within");
    refused("sizes whose bytes overflow", tensorOf({numbers, 0, {std::int64_t{1} << 62}, {0}, false}),
            "64 times");
    refused("stride below 0", tensorOf({numbers, 15, {16}, {-1}, false}), "does not lie within");
    refused("strides that overflow", tensorOf({numbers, 0, {3}, {most}, false}), "does not lie within");
    refused("strides that wrap to 0", tensorOf({numbers, 0, {5, 5}, {std::int64_t{1} << 62, 1}, false}),
            "does not lie within");
    refused("offset below 0", tensorOf({numbers, -1, {1}, {1}, false}), "does not lie within");
    refused("offset that overflows", tensorOf({numbers, most, {2}, {1}, false}), "does not lie within");
    refused("expanded to a terabyte", tensorOf({numbers, 0, {std::int64_t{1} << 36, 16}, {0, 1}, false}),
            "64 times");
    PickleWriter real;
    real.call("torch._utils", "_rebuild_tensor_v2", [&] {
        real.storage(ScalarKind::Float32, "0", 16)
            .real(std::numeric_limits<double>::quiet_NaN())
            .tuple()
            .tuple();
    });
    refused("offset not a number", archiveOf(real.finish()), "the offset of a tensor is a real number");

    // Archives.
    refused("zip bomb",
            ZipWriter()
                .add("a/data.pkl", "N.")
                .add("a/data/0", std::string(std::size_t{40} << 20, '\0'), {.deflate = true})
                .finish(),
            "no honest file");
    ZipWriter manyBombs;
    manyBombs.add("a/data.pkl", "N.");
    const std::string sixteen(std::size_t{16} << 20, '\0');
    const std::string packed = deflated(sixteen);
    for (int i = 0; i < 130; ++i)
        manyBombs.addPacked("a/data/" + std::to_string(i), packed, sixteen.size(), crcOf(sixteen),
                            {.deflate = true});
    refused("many small zip bombs", manyBombs.finish(), "unpack to more than");
    refused("compressed pickle that unpacks to 9 MB",
            ZipWriter().add("a/data.pkl", std::string(9000000, 'N') + ".", {.deflate = true}).finish(),
            "at most 8388608");
    refused("name that leads outside",
            ZipWriter().add("a/data.pkl", "N.").add("a/../../etc/passwd", "x").finish(), "leads outside");
    std::string lie = archiveOf("N.");
    lie.replace(lie.rfind("PK\5\6") + 8, 4, "\xff\xff\xff\xff");
    refused("65535 entries", lie, "65535 entries");
    std::string crc = archiveOf("N.");
    crc[crc.find("N.")] = 'I';
    refused("wrong checksum", crc, "does not have the checksum");
}

} // namespace

class TestHostileArchives : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QFile::remove(marker()); }
    void files_data() { rows(); }
    void files();
    void depthCostsNothing();
    void everyBytePattern();
    void largeHonestArchive();
    void cleanupTestCase()
    {
        QVERIFY2(!QFile::exists(marker()), "something in a file was run");
        qInfo("at most %.2f s and %.0f bytes a byte of the file", m_seconds, m_memory);
    }

private:
    double m_seconds = 0; ///< the most of all files
    double m_memory = 0;  ///< the same, beyond memoryAlways
    static QString marker() { return QStringLiteral(LODESTONE_BIN "/hostile-archive-was-here"); }
};

void TestHostileArchives::files()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, refusal);
    QFETCH(QString, inert);
    const Outcome outcome = outcomeOf(file.toStdString());
    const QString measured = QString("read '%1', said '%2', %3 s, %4 MB for %5 bytes")
                                 .arg(outcome.read, outcome.said)
                                 .arg(outcome.seconds)
                                 .arg(outcome.memory >> 20)
                                 .arg(file.size());
    if (refusal.isEmpty()) {
        QVERIFY2(outcome.said.isEmpty(), qPrintable(measured));
        QCOMPARE(outcome.read, inert);
    } else {
        QVERIFY2(outcome.said.contains(refusal), qPrintable(measured));
        QVERIFY2(outcome.said.size() < 1000, qPrintable(measured));
    }
    m_seconds = std::max(m_seconds, outcome.seconds);
    m_memory = std::max(m_memory, (double(outcome.memory) - double(memoryAlways)) / double(file.size()));
    QVERIFY2(outcome.memory < memoryAlways + memoryPerByte * static_cast<std::size_t>(file.size()),
             qPrintable(measured));
    QVERIFY2(outcome.seconds < mostSeconds, qPrintable(measured));
}

// Values nested a million deep are read, reached and dropped without recursion.
void TestHostileArchives::depthCostsNothing()
{
    constexpr int many = 1000000;
    const std::string pickles[] = {"N" + std::string(many, '\x85') + ".",
                                   std::string(many + 1, ']') + std::string(many, 'a') + "."};
    for (const std::string& pickle : pickles) {
        PickleNode node = Pickle::parse(pickle, "test").root();
        for (int i = 0; i < many; ++i)
            node = node.at(0);
        QVERIFY(node.is(PickleKind::None) || node.size() == 0);
    }
}

// Every opcode byte on its own and after some values: an answer or an Error, nothing else.
void TestHostileArchives::everyBytePattern()
{
    std::size_t read = 0;
    for (const char* before : {"", "N", "(", "NN", "](", "}(NN", "cm\nC\n)", "cm\nC\n)\x81", "cm\nC\n)\x81}",
                               "U\x01"
                               "aU\x01"
                               "b"})
        for (int first = 0; first < 256; ++first)
            for (int second = 0; second < 256; ++second) {
                const std::string pickle =
                    std::string(before) + static_cast<char>(first) + static_cast<char>(second) + "..";
                try {
                    read += !describe(Pickle::parse(pickle, "test").root()).empty();
                } catch (const InternalError&) {
                    throw;
                } catch (const Error&) {
                }
            }
    QVERIFY(read > 1000);
}

// 100 MB of storages are not copied, only walked over once for their checksums.
void TestHostileArchives::largeHonestArchive()
{
    TorchFileWriter writer;
    writer.style = {.descriptor = true, .align = 64};
    writer.data.list([&] {
        for (int i = 0; i < 10; ++i)
            writer.data.values(std::vector<float>(2500000, 0.5f), {2500000});
    });
    std::string file = writer.saved();
    QVERIFY(file.size() > 100000000);
    const std::clock_t begin = std::clock();
    std::optional<TorchArchive> archive;
    const std::size_t memory = peakOf([&] { archive = TorchArchive::parse(std::move(file), "model.pt"); });
    const double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
    qInfo("100 MB are open after %.3f s with %zu bytes of their own", seconds, memory);
    QVERIFY(memory < 100000);
    QVERIFY(seconds < mostSeconds);
    QCOMPARE(tensorsIn(archive->root()).size(), std::size_t{10});
}

QTEST_GUILESS_MAIN(TestHostileArchives)
#include "tst_hostile_archives.moc"
