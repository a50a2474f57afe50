// Writes the seeds of fuzz_torch_archive and fuzz_pickle: make_archive_seeds tests/fuzz/corpus
#include "base/files.h"
#include "support/shown_pickle.h"
#include "support/torch_archive_writer.h"

#include <cstdio>

using namespace lodestone;
using namespace lodestone::test;

namespace {

void writeModule(PickleWriter& w)
{
    const StorageReference shared = w.store(counting(12));
    w.module(
        "m", "Net",
        [&] {
            w.text("weight").values(std::vector<double>{1, 2}, {2, 1}, true);
        },
        [&] {
            w.text("view")
                .tensor({shared, 1, {2, 3}, {6, 1}, false})
                .text("index")
                .values(std::vector<std::int64_t>{3}, {});
        },
        [&] { w.text("child").module("m", "Child"); },
        [&] {
            w.text("irreps").object("e3nn.o3._irreps", "Irreps",
                                    [&] { w.tuple([&] { w.integer(1).integer(-300); }); });
            w.text("code").call("_codecs", "encode", [&] { w.text("caf\xc3\xa9").text("latin1"); });
            w.text("set").call("__builtin__", "set", [&] { w.list([&] { w.text("a"); }); });
            w.text("more").dictionary([&] { w.integer(7).real(0.5).none().boolean(true); });
        });
}

/// Opcodes that the writer does not use otherwise.
std::vector<std::string> rarePickles()
{
    const std::string framed = raw("}\x94(\x8c\x01"
                                   "a\x94\x8f\x94(K\x01M\x02\x03\x90h\x01\x8c\x01m\x8c\x01"
                                   "C\x93)}\x8c\x01kK\x02s\x92u.");
    return {
        "(dp0\nS'a\\x41'\np1\nI01\nsVb\\u00e9\nF-1.5\nsL123456789012345678901234567890L\ng0\ns.",
        "\x80\x04\x95" + littleEndian(framed.size(), 8) + framed,
        raw("(im\nC\n(cm\nD\nNo\x86\x8a\x02\x10\x20\x82\x05)R\x87(NN\x91"
            "2\x86\x86."),
        raw("Psome id\nU\x01xT\x02\0\0\0yz\x87(NNN1]Na(K\x01Nd\x96\x01\0\0\0\0\0\0\0b\x87\x86."),
    };
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fputs("usage: make_archive_seeds FOLDER\n", stderr);
        return 2;
    }
    const std::filesystem::path folder = arguments[1];
    makeFolder(folder / "torch_archive");
    makeFolder(folder / "pickle");
    const auto write = [&folder](const std::string& name, const std::string& bytes) {
        writeFileAtomically(folder / name, bytes);
    };
    TorchFileWriter file;
    writeModule(file.data);
    write("torch_archive/saved.pt", file.saved());
    write("torch_archive/legacy.pt", file.legacy());
    write("torch_archive/data.pkl", file.data.finish()); // the target puts it into an archive
    write("pickle/module.pkl", file.data.finish());
    file.style = {.deflate = true};
    write("torch_archive/compressed.pt", file.saved());
    file.style = {.wide = true};
    file.constants.tuple([&] { file.constants.values(counting(2), {2}); });
    file.records = {{"code/__torch__.py", "class Net: ...\n"}, {"byteorder", "little"}};
    write("torch_archive/script.pt", file.script());
    PickleWriter inPackage;
    inPackage.dictionary([&] {
        inPackage.text("w").tensor({{ScalarKind::Float32, "0", 2}, 0, {2}, {1}, false});
    });
    write("torch_archive/package.zip", ZipWriter()
                                           .add("net/.data/0.storage", bytesOf({3, 4}))
                                           .add("net/model/net.pkl", inPackage.finish())
                                           .add("net/.data/extern_modules", "torch\n")
                                           .finish());
    int number = 0;
    for (const std::string& pickle : rarePickles()) {
        Pickle::parse(pickle, "rare"); // a seed that is refused is none
        write("pickle/rare" + std::to_string(number++) + ".pkl", pickle);
    }
    return 0;
}
