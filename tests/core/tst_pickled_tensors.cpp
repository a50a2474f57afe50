// What stands for tensors and storages in a pickle, and which pickles are refused.
#include "archives/pickle.h"
#include "support/sentence.h"
#include "support/shown_pickle.h"
#include "support/torch_archive_writer.h"

#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::test;

namespace {

/// Writes the head of a tensor's storage and the call that uses it.
PickleWriter tensorPickle(const std::function<void(PickleWriter&)>& inside,
                          const char* function = "_rebuild_tensor_v2", const char* module = "torch._utils")
{
    PickleWriter writer;
    writer.call(module, function, [&] { inside(writer); });
    return writer;
}

} // namespace

class TestPickledTensors : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tensors_data();
    void tensors();
    void refused_data();
    void refused();
};

void TestPickledTensors::tensors_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    const auto row = [](const std::string& name, const PickleWriter& writer, const std::string& expected) {
        QTest::newRow(name.c_str()) << QByteArray::fromStdString(writer.finish())
                                    << QString::fromStdString(expected);
    };
    const auto sizes = [](PickleWriter& w, std::int64_t size, std::int64_t stride) {
        w.tuple([&] { w.integer(size); }).tuple([&] { w.integer(stride); });
    };
    for (const ScalarKind kind : {ScalarKind::Float64, ScalarKind::Float32, ScalarKind::Float16,
                                  ScalarKind::BFloat16, ScalarKind::Int64, ScalarKind::Int32,
                                  ScalarKind::Int16, ScalarKind::Int8, ScalarKind::UInt8, ScalarKind::Bool}) {
        row(nameOf(kind), PickleWriter().tensor({{kind, "7", 24}, 4, {2, 3}, {8, 1}, false}),
            "tensor(" + nameOf(kind) + " data/7 24 at 4: (2,3), (8,1))");
        row("dtype " + nameOf(kind),
            tensorPickle(
                [&](PickleWriter& w) {
                    w.raw("(").text("storage").global("torch.storage", "UntypedStorage");
                    w.text("7").text("cpu").integer(48).raw("tQ").integer(1);
                    sizes(w, 2, 1);
                    w.boolean(false).orderedDictionary().global("torch", nameOf(kind));
                },
                "_rebuild_tensor_v3"),
            fmt::format("tensor({} data/7 {} at 1: (2), (1))", nameOf(kind), 48 / sizeOf(kind)));
    }
    row("parameter", PickleWriter().tensor({{ScalarKind::Float32, "0", 1}, 0, {}, {}, true}),
        "parameter(float32 data/0 1 at 0: (), ())");
    row("no numbers", PickleWriter().tensor({{ScalarKind::Float32, "0", 0}, 0, {0, 5}, {5, 1}, false}),
        "tensor(float32 data/0 0 at 0: (0,5), (5,1))");
    row("storage alone", PickleWriter().storage(ScalarKind::Int64, "5", 3), "storage(int64, data/5, 3)");
    row("first form",
        tensorPickle(
            [&](PickleWriter& w) {
                w.storage(ScalarKind::Float32, "0", 4).integer(2);
                sizes(w, 2, 1);
            },
            "_rebuild_tensor"),
        "tensor(float32 data/0 4 at 2: (2), (1))");
    row("lists as sizes", tensorPickle([&](PickleWriter& w) {
            w.storage(ScalarKind::Float32, "0", 4).integer(2);
            w.list([&] { w.integer(2); }).list([&] { w.integer(1); });
        }),
        "tensor(float32 data/0 4 at 2: (2), (1))");
    const auto second = [&](PickleWriter& w) {
        w.storage(ScalarKind::Float32, "0", 4).integer(0);
        sizes(w, 2, 1);
        w.boolean(false).orderedDictionary();
    };
    row("empty metadata", tensorPickle([&](PickleWriter& w) {
            second(w);
            w.dictionary();
        }),
        "tensor(float32 data/0 4 at 0: (2), (1))");
    row("negated", tensorPickle([&](PickleWriter& w) {
            second(w);
            w.dictionary([&] { w.text("neg").boolean(true); });
        }),
        "torch._utils._rebuild_tensor_v2(storage(float32, data/0, 4), 0, (2,), (1,), False, {}, {'neg': "
        "True})");
    row("parameter with state",
        tensorPickle(
            [&](PickleWriter& w) {
                w.tensor({{ScalarKind::Float32, "0", 4}, 0, {4}, {1}, false});
                w.boolean(true).orderedDictionary().dictionary();
            },
            "_rebuild_parameter_with_state"),
        "parameter(float32 data/0 4 at 0: (4), (1))");
    row("of a subclass",
        tensorPickle(
            [&](PickleWriter& w) {
                w.global("torch._utils", "_rebuild_tensor_v2").global("torch", "Tensor");
                w.tuple([&] { second(w); }).dictionary();
            },
            "_rebuild_from_type_v2", "torch._tensor"),
        "tensor(float32 data/0 4 at 0: (2), (1))");
    row("of a subclass in itself",
        tensorPickle(
            [&](PickleWriter& w) {
                w.global("torch._tensor", "_rebuild_from_type_v2").none().tuple().none();
            },
            "_rebuild_from_type_v2", "torch._tensor"),
        "torch._tensor._rebuild_from_type_v2(<torch._tensor._rebuild_from_type_v2>, None, (), None)");
    row("quantised", tensorPickle(second, "_rebuild_qtensor"),
        "torch._utils._rebuild_qtensor(storage(float32, data/0, 4), 0, (2,), (1,), False, {})");
    row("complex",
        PickleWriter().raw("(U\x07storagectorch\nComplexFloatStorage\nU\x01"
                           "0U\x03"
                           "cpuK\x04tQ"),
        "persistent id('storage', <torch.ComplexFloatStorage>, '0', 'cpu', 4)");
    row("parameter of the unknown",
        tensorPickle([&](PickleWriter& w) { w.none().boolean(true); }, "_rebuild_parameter"),
        "torch._utils._rebuild_parameter(None, True)");
    row("number as key",
        PickleWriter().raw("(U\x07storagectorch\nFloatStorage\nK\x0cU\x03"
                           "cpuK\x04tQ"),
        "storage(float32, data/12, 4)");
    row("view of a storage", tensorPickle([&](PickleWriter& w) {
            w.raw("(U\x07storagectorch\nFloatStorage\nU\x01"
                  "9U\x03"
                  "cpuK\x20(U\x01"
                  "8K\x10K\x08ttQ")
                .integer(2);
            sizes(w, 2, 1);
            w.boolean(false).orderedDictionary();
        }),
        "tensor(float32 data/9 32 at 18: (2), (1))");
    row("no view of a storage",
        PickleWriter().raw("(U\x07storagectorch\nFloatStorage\nU\x01"
                           "9U\x03"
                           "cpuK\x20NtQ"),
        "storage(float32, data/9, 32)");
    row("on a graphics card",
        PickleWriter().raw("(U\x07storagectorch.cuda\nHalfStorage\nU\x01"
                           "9U\x06"
                           "cuda:0K\x20tQ"),
        "storage(float16, data/9, 32)");
    row("attributes of a tensor",
        PickleWriter().tensor({{ScalarKind::Float32, "0", 1}, 0, {}, {}, false}).raw("}b"),
        "tensor(float32 data/0 1 at 0: (), ())");
}

void TestPickledTensors::tensors()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    const QString said =
        sentence([&] { QCOMPARE(QString::fromStdString(read(bytes.toStdString())), expected); });
    QVERIFY2(said.isEmpty(), qPrintable(said));
}

void TestPickledTensors::refused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("words");
    const auto row = [](const std::string& name, const std::string& bytes, const char* words) {
        QTest::newRow(name.c_str()) << QByteArray::fromStdString(bytes) << words;
    };
    row("empty", "", "no STOP");
    row("no STOP", "N", "no STOP");
    row("STOP of nothing", ".", "empty stack");
    row("no opcode", "\xff.", "0xff, which is no opcode");
    row("protocol", raw("\x80\x06N."), "protocol 6");
    row("frame", raw("\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00N."), "frame of 3 bytes");
    row("POP of nothing", "0N.", "empty stack");
    row("DUP of nothing", "2.", "empty stack");
    row("DUP below a mark", "N(2.", "empty stack");
    row("no mark", "Nt.", "no mark");
    row("TUPLE2 of one", "N\x86.", "tuple of 2");
    row("TUPLE1 below a mark", "N(\x85.", "tuple of 1");
    row("recalled too early", "h\x05.", "number 5 is recalled");
    row("recalled by line", "gx\n.", "not a whole number");
    row("recalled below 0", "g-1\n.", "not a whole number");
    row("stored under text", "Npx\n.", "not a whole number");
    row("INT", "I1x\n.", "whole number");
    row("INT of nothing", "I\n.", "whole number");
    row("LONG", "L-L\n.", "whole number");
    row("FLOAT", "F1,5\n.", "real number");
    row("LONG4 below 0", "\x8b\xff\xff\xff\xff.", "an integer of 4294967295 bytes");
    row("LONG4 of much", raw("\x8b\xff\xff\xff\x7f."), "an integer of 2147483647 bytes");
    row("text of much",
        "X\xff\xff\xff\xff"
        "a.",
        "a text of 4294967295 bytes");
    row("text beyond 64 bits",
        "\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
        "a.",
        "a text of 18446744073709551615 bytes");
    row("bytes of much",
        "\x8e\xff\xff\xff\xff\xff\xff\xff\xff"
        "a.",
        "a run of bytes of");
    row("line without end", "cmodule", "line");
    row("STRING without quotes", "Sabc\n.", "valid escapes");
    row("STRING of one quote", "S'\n.", "valid escapes");
    row("STRING with half an escape", "S'\\x4'\n.", "valid escapes");
    row("STRING that ends in a backslash", "S'\\'\n.", "valid escapes");
    row("UNICODE with half an escape", "V\\u00e\n.", "valid escapes");
    row("UNICODE beyond", "V\\U00110000\n.", "valid escapes");
    row("buffer", "\x97.", "outside the pickle");
    row("APPEND to a number", raw("K\x01Na."), "added to an integer");
    row("APPEND to a tuple", ")Na.", "added to a tuple");
    row("APPENDS to nothing", "(Ne.", "nothing to add items to");
    row("APPENDS to what is below a mark", "](()e.", "nothing to add items to");
    row("SETITEM of a list", "]NNs.", "added to a list");
    row("SETITEMS of three", "}(NNNu.", "key without a value");
    row("DICT of one", "(Nd.", "key without a value");
    row("items, then entries", "cm\nC\n)\x81Na(NNu.", "that is a list");
    row("entries, then items", "cm\nC\n)\x81(NNuNa.", "that is a dictionary");
    row("BUILD of a number", raw("K\x01}b."), "given attributes");
    row("BUILD of a tuple", ")}b.", "given attributes");
    row("STACK_GLOBAL of numbers", raw("K\x01K\x02\x93."), "not a text");
    row("call of a number", raw("K\x01)R."), "an integer (made at byte 0) is to be called");
    row("call with a list", "cm\nf\n]R.", "tuple of arguments");
    row("NEWOBJ of a text", "U\x01x)\x81.", "to be called");
    row("NEWOBJ_EX with a list", "cm\nC\n)]\x92.", "keyword arguments");
    row("OBJ of nothing", "(o.", "no class");
    row("OBJ of a number", raw("(K\x01o."), "to be called");
    row("encode of much", "c_codecs\nencode\nU\x03\xe2\x82\xacU\x06latin1\x86R.", "characters beyond");
    row("encode of half a character", "c_codecs\nencode\nU\x01\xc3U\x06latin1\x86R.", "characters beyond");
    row("OrderedDict of triples",
        "ccollections\nOrderedDict\n]NNN\x87"
        "a\x85R.",
        "expected a pair");
    const auto tensor = [&row](const std::string& name, const TensorReference& reference, const char* words) {
        row(name, PickleWriter().tensor(reference).finish(), words);
    };
    const StorageReference storage{ScalarKind::Float32, "0", 8};
    tensor("negative size", {storage, 0, {2, -1}, {1, 1}, false}, "the size -1");
    tensor("two sizes, one stride", {storage, 0, {2, 1}, {1}, false}, "2 sizes but 1 strides");
    tensor("17 dimensions",
           {storage, 0, std::vector<std::int64_t>(17, 1), std::vector<std::int64_t>(17, 1), false},
           "17 dimensions");
    tensor("negative length", {{ScalarKind::Float32, "0", -1}, 0, {}, {}, false}, "-1 numbers");
    tensor("long key", {{ScalarKind::Float32, std::string(65, '1'), 1}, 0, {}, {}, false},
           "key of a storage");
    row("offset is a text", tensorPickle([](PickleWriter& w) {
                                w.storage(ScalarKind::Float32, "0", 8).text("0").tuple().tuple();
                            }).finish(),
        "the offset of a tensor is a text");
    row("size is a number", tensorPickle([](PickleWriter& w) {
                                w.storage(ScalarKind::Float32, "0", 8).integer(0).integer(8).tuple();
                            }).finish(),
        "the size of a tensor is an integer");
    row("size is real", tensorPickle([](PickleWriter& w) {
                            w.storage(ScalarKind::Float32, "0", 8).integer(0);
                            w.tuple([&] { w.real(8); }).tuple([&] { w.integer(1); });
                        }).finish(),
        "the size is a real number");
    row("offset overflows a view",
        "ctorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nFloatStorage\nU\x01"
        "9U\x03"
        "cpuK\x20(U\x01"
        "8K\x10K\x08ttQ" +
            raw("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f))tR."),
        "beyond any file");
    row("storage overflows",
        tensorPickle(
            [](PickleWriter& w) {
                w.storage(ScalarKind::Float64, "0", std::int64_t{1} << 61).integer(0).tuple().tuple();
                w.boolean(false).orderedDictionary().global("torch", "float32");
            },
            "_rebuild_tensor_v3")
            .finish(),
        "no file can hold");
    row("view is no triple",
        raw("(U\x07storagectorch\nFloatStorage\nU\x01"
            "9U\x03"
            "cpuK\x20)tQ."),
        "a view of a storage");
}

void TestPickledTensors::refused()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, words);
    const QString said = sentence([&] { Pickle::parse(bytes.toStdString(), "model.pt (data.pkl)"); });
    QVERIFY2(said.startsWith("model.pt (data.pkl): at byte ") && said.contains(words),
             qPrintable("the sentence was: '" + said + "'"));
}

QTEST_GUILESS_MAIN(TestPickledTensors)
#include "tst_pickled_tensors.moc"
