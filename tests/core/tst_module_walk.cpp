// Walks through pickled modules and other values.
#include "archives/torch_archive.h"
#include "support/sentence.h"
#include "support/torch_archive_writer.h"

#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::test;

class TestModuleWalk : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tensorsInModules();
    void tensorsInOtherValues();
    void deepAndLong();
    void moduleParts();
};

void TestModuleWalk::tensorsInModules()
{
    TorchFileWriter file;
    PickleWriter& w = file.data;
    w.module(
        "mace", "Model", [&] { w.text("scale").values(counting(1), {1}, true).text("none").none(); },
        [&] { w.text("r_max").values(counting(1), {}); },
        [&] {
            w.text("layers").module("torch.nn", "ModuleList", {}, {}, [&] {
                for (const char* number : {"0", "1"})
                    w.text(number).module("torch.nn", "Linear", [&] {
                        w.text("weight").values(counting(6), {2, 3}, true);
                    });
            });
        },
        [&] {
            w.text("plain").values(counting(2), {2});
            w.text("listed").list([&] { w.values(counting(1), {1}).integer(3).values(counting(1), {1}); });
            w.text("_buffers2").dictionary([&] { w.integer(7).values(counting(1), {1}); });
        });
    const TorchArchive archive = TorchArchive::parse(file.saved(), "model.pt");
    std::string found;
    for (const NamedTensor& one : tensorsIn(archive.root()))
        found += one.path + (one.tensor.parameter ? "* " : " ");
    QCOMPARE(
        found,
        std::string("scale* r_max layers.0.weight* layers.1.weight* plain listed.0 listed.2 _buffers2.7 "));
}

void TestModuleWalk::tensorsInOtherValues()
{
    const auto found = [](const std::function<void(PickleWriter&)>& write) {
        TorchFileWriter file;
        write(file.data);
        const TorchArchive archive = TorchArchive::parse(file.saved(), "model.pt");
        std::string text;
        for (const NamedTensor& one : tensorsIn(archive.root()))
            text += one.path + ";";
        return text;
    };
    using W = PickleWriter;
    QCOMPARE(found([](W& w) { w.values(counting(1), {}); }), std::string(";"));
    QCOMPARE(found([](W& w) { w.none(); }), std::string());
    QCOMPARE(found([](W& w) { w.dictionary([&] { w.text("a.b").values(counting(1), {}); }); }),
             std::string("a.b;"));
    // A plain dictionary with a module's words as keys is not a module.
    QCOMPARE(found([](W& w) {
                 w.dictionary(
                     [&] { w.text("_buffers").dictionary([&] { w.text("x").values(counting(1), {}); }); });
             }),
             std::string("_buffers.x;"));
    // Shared and circular values are visited once.
    QCOMPARE(found([](W& w) { w.list([&] { w.values(counting(1), {}).put(3).get(3).get(3); }); }),
             std::string("0;"));
    QCOMPARE(found([](W& w) { w.list().put(3).raw("(").get(3).values(counting(1), {}).raw("e"); }),
             std::string("1;"));
    // Arguments of objects, slots, and items of classes of lists.
    QCOMPARE(found([](W& w) {
                 w.object("m", "Pair", [&] { w.values(counting(1), {}).values(counting(1), {}); });
             }),
             std::string("0;1;"));
    QCOMPARE(found([](W& w) {
                 w.object("m", "Slots").tuple([&] {
                     w.none().dictionary([&] { w.text("x").values(counting(1), {}); });
                 });
                 w.raw("b");
             }),
             std::string("x;"));
    QCOMPARE(found([](W& w) { w.object("m", "List").values(counting(1), {}).raw("a"); }), std::string("0;"));
    QCOMPARE(found([](W& w) {
                 w.call("torch.fx.graph_module", "reduce_graph_module", [&] {
                     w.dictionary([&] {
                         w.text("_parameters").dictionary([&] { w.text("w").values(counting(1), {}); });
                     });
                     w.text("import torch");
                 });
             }),
             std::string("w;"));
    // Keys that are no names.
    QCOMPARE(found([](W& w) {
                 w.dictionary([&] {
                     w.none().values(counting(1), {});
                     w.text(std::string(257, 'k')).values(counting(1), {});
                 });
             }),
             std::string("0;1;"));
}

void TestModuleWalk::deepAndLong()
{
    const auto nested = [](int depth) {
        TorchFileWriter file;
        for (int i = 0; i < depth; ++i)
            file.data.raw("]");
        file.data.values(counting(1), {});
        for (int i = 0; i < depth; ++i)
            file.data.raw("a");
        return TorchArchive::parse(file.saved(), "model.pt");
    };
    QCOMPARE(tensorsIn(nested(512).root()).size(), std::size_t{1});
    VERIFY_ERROR(tensorsIn(nested(513).root()), "nested more than 512 deep");
    VERIFY_ERROR(tensorsIn(nested(100000).root()), "nested more than 512 deep");
}

void TestModuleWalk::moduleParts()
{
    TorchFileWriter file;
    PickleWriter& w = file.data;
    w.module(
        "m", "Net", [&] { w.text("w").values(counting(1), {}, true).text("bias").none(); },
        [&] { w.text("b").values(counting(1, 1), {}); }, [&] { w.text("child").module("m", "Child"); },
        [&] {
            w.text("plain")
                .values(counting(1, 2), {})
                .text("bias")
                .values(counting(1, 3), {})
                .text("size")
                .integer(4);
        });
    const TorchArchive archive = TorchArchive::parse(file.saved(), "model.pt");
    const PickleNode net = archive.root();
    const auto value = [&](const char* name) {
        return floatsOf(archive.numbers(moduleTensor(net, name)->tensor())).at(0);
    };
    QCOMPARE(value("w"), 0.f);
    QCOMPARE(value("b"), 1.f);
    QCOMPARE(value("plain"), 2.f);
    QCOMPARE(value("bias"), 3.f);
    QVERIFY(!moduleTensor(net, "size"));
    QVERIFY(!moduleTensor(net, "child"));
    QVERIFY(!moduleTensor(net, "_parameters"));
    QCOMPARE(std::string(moduleChild(net, "child")->className()), std::string("m.Child"));
    QVERIFY(!moduleChild(net, "w"));
    QVERIFY(!moduleChild(*net.attribute("_modules"), "child"));
    QVERIFY(!moduleTensor(*net.attribute("_modules"), "child"));
}

QTEST_GUILESS_MAIN(TestModuleWalk)
#include "tst_module_walk.moc"
