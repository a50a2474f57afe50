// Files that PyTorch itself wrote: MACE and SevenNet models.
#include "archives/torch_archive.h"
#include "base/files.h"
#include "base/json.h"
#include "support/shared_data.h"

#include <map>
#include <set>

using namespace lodestone;

namespace {

const char* const folders[] = {"fixtures/mace", "fixtures/sevennet", "models"};

std::vector<std::filesystem::path> realFiles()
{
    std::vector<std::filesystem::path> files;
    for (const char* folder : folders) {
        if (!std::filesystem::exists(sharedPath(folder)))
            continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(sharedPath(folder))) {
            const std::string ending = entry.path().extension().string();
            if (ending == ".model" || ending == ".pt" || ending == ".pth")
                files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

TorchArchive open(const std::filesystem::path& path)
{
    return TorchArchive::parse(readFile(path), path.string());
}

/// All tensors: of the main pickle and, in TorchScript, of the constants.
std::vector<NamedTensor> allTensors(const TorchArchive& archive)
{
    std::vector<NamedTensor> tensors = tensorsIn(archive.root());
    const auto constants = archive.constants();
    for (std::size_t i = 0; i < constants.size(); ++i)
        for (const NamedTensor& one : tensorsIn(constants[i]))
            tensors.push_back({"c" + std::to_string(i) + one.path, one.tensor});
    return tensors;
}

std::map<std::string, TensorReference> byPath(const TorchArchive& archive)
{
    std::map<std::string, TensorReference> tensors;
    for (const NamedTensor& one : allTensors(archive))
        tensors.emplace(one.path, one.tensor);
    return tensors;
}

/// The numbers of a NumPy array as they lie in its file (.npy, version 1.0, C order).
std::string numpyNumbers(const std::string& file)
{
    const std::size_t head =
        static_cast<unsigned char>(file.at(8)) + 256 * static_cast<unsigned char>(file.at(9));
    return file.substr(10 + head);
}

} // namespace

class TestRealArchives : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rewriting_data();
    void rewriting();
    void stateDictionaries_data();
    void stateDictionaries();
    void mace();
    void sevenNetScript();
};

void TestRealArchives::rewriting_data()
{
    QTest::addColumn<QString>("file");
    for (const std::filesystem::path& path : realFiles())
        QTest::newRow(path.filename().c_str()) << QString::fromStdString(path.string());
    if (realFiles().empty())
        QTest::newRow("none") << QString();
}

void TestRealArchives::rewriting()
{
    SKIP_WITHOUT_SHARED("fixtures/mace");
    QFETCH(QString, file);
    const TorchArchive archive = open(file.toStdString());
    const std::string before(archive.bytes());
    std::vector<std::pair<TensorReference, std::string>> same;
    const NamedTensor* chosen = nullptr;
    const auto tensors = allTensors(archive);
    QVERIFY(tensors.size() > 20);
    for (const NamedTensor& one : tensors) {
        same.emplace_back(one.tensor, archive.numbers(one.tensor));
        const bool real = one.tensor.storage.scalar == ScalarKind::Float32 ||
                          one.tensor.storage.scalar == ScalarKind::Float64;
        if (real && (!chosen || same.back().second.size() > archive.numbers(chosen->tensor).size()))
            chosen = &one;
    }
    QVERIFY(archive.withNumbers(same) == before);

    // The lowest bit of every number of the largest tensor.
    std::string numbers = archive.numbers(chosen->tensor);
    QVERIFY(!numbers.empty());
    const std::size_t size = sizeOf(chosen->tensor.storage.scalar);
    for (std::size_t i = 0; i < numbers.size(); i += size)
        numbers[i] ^= 1;
    const std::string after = archive.withNumbers({{chosen->tensor, numbers}});
    QCOMPARE(after.size(), before.size());
    const ZipFile old = ZipFile::parse(before, "before");
    const ZipFile now = ZipFile::parse(after, "after");
    QCOMPARE(now.entries().size(), old.entries().size());
    std::size_t changed = 0;
    for (std::size_t i = 0; i < old.entries().size(); ++i) {
        QCOMPARE(now.entries()[i].name, old.entries()[i].name);
        QCOMPARE(now.entries()[i].dataOffset, old.entries()[i].dataOffset);
        const std::string entry = now.read(now.entries()[i]); // checks its CRC-32
        if (entry == old.read(old.entries()[i]))
            continue;
        ++changed;
        QVERIFY(now.entries()[i].name.ends_with(chosen->tensor.storage.key));
    }
    QCOMPARE(changed, std::size_t{1});
    // One byte a number, and the checksum twice.
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        bytes += before[i] != after[i];
    QVERIFY(bytes >= numbers.size() / size && bytes <= numbers.size() / size + 8);
    QVERIFY(TorchArchive::parse(after, "after").numbers(chosen->tensor) == numbers);
}

void TestRealArchives::stateDictionaries_data()
{
    QTest::addColumn<QString>("model");
    for (const std::filesystem::path& path : realFiles())
        if (path.parent_path().filename() == "mace" && path.extension() == ".model")
            QTest::newRow(path.stem().c_str()) << QString::fromStdString(path.stem().string());
    if (realFiles().empty())
        QTest::newRow("none") << QString();
}

// The whole pickled module, its state dictionary and the list of its parameters by upstream agree.
void TestRealArchives::stateDictionaries()
{
    SKIP_WITHOUT_SHARED("fixtures/mace");
    QFETCH(QString, model);
    const std::string stem = "fixtures/mace/" + model.toStdString();
    const TorchArchive archive = open(sharedPath(stem + ".model"));
    const TorchArchive dictionary = open(sharedPath(stem + ".state_dict.pt"));
    const auto tensors = byPath(archive);
    const auto states = byPath(dictionary);
    const Json reference = readJsonFile(sharedPath(stem + ".json"));

    // In the order in which PyTorch itself would list them.
    std::vector<std::string> parameters;
    std::vector<std::string> expected;
    for (const NamedTensor& one : tensorsIn(archive.root()))
        if (one.tensor.parameter)
            parameters.push_back(one.path);
    for (const Json& entry : reference.at("parameters"))
        expected.push_back(entry.at("name").get<std::string>());
    QCOMPARE(parameters, expected);
    for (const char* kind : {"parameters", "buffers"})
        for (const Json& entry : reference.at(kind)) {
            const std::string name = entry.at("name").get<std::string>();
            const auto found = tensors.find(name);
            if (found == tensors.end()) // buffers of TorchScript inside
                continue;
            QCOMPARE(found->second.parameter, std::string_view(kind) == "parameters");
            QCOMPARE(found->second.shape, entry.at("shape").get<std::vector<std::int64_t>>());
        }
    std::size_t compared = 0;
    for (const auto& [name, tensor] : states) {
        const auto found = tensors.find(name);
        if (found == tensors.end())
            continue;
        QCOMPARE(found->second.shape, tensor.shape);
        QVERIFY(found->second.storage.scalar == tensor.storage.scalar);
        QVERIFY2(archive.numbers(found->second) == dictionary.numbers(tensor), name.c_str());
        compared += found->second.parameter;
    }
    QCOMPARE(compared, parameters.size());
}

void TestRealArchives::mace()
{
    SKIP_WITHOUT_SHARED("models/mace-ani500k-small-cc");
    const TorchArchive archive = open(sharedPath("models/mace-ani500k-small-cc/ani500k_small_CC.model"));
    QVERIFY(archive.layout() == TorchArchive::Layout::Saved);
    QCOMPARE(std::string(archive.root().className()), std::string("mace.modules.models.ScaleShiftMACE"));
    const auto tensors = byPath(archive);
    const std::string bytes =
        readFile(sharedPath("models/mace-ani500k-small-cc/ani500k_small_CC_weights.npz"));
    const ZipFile arrays = ZipFile::parse(bytes, "weights"); // written by NumPy
    std::size_t compared = 0;
    for (const ZipEntry& entry : arrays.entries()) {
        const std::string name = entry.name.substr(0, entry.name.size() - 4);
        const auto found = tensors.find(name);
        if (found == tensors.end())
            continue;
        QVERIFY2(archive.numbers(found->second) == numpyNumbers(arrays.read(entry)), name.c_str());
        ++compared;
    }
    QCOMPARE(compared, arrays.entries().size());
    const auto interaction = moduleChild(*moduleChild(archive.root(), "interactions"), "0");
    QCOMPARE(std::string(interaction->className()),
             std::string("mace.modules.blocks.RealAgnosticInteractionBlock"));
    QVERIFY(moduleTensor(*moduleChild(*interaction, "linear_up"), "weight")->tensor().parameter);
}

void TestRealArchives::sevenNetScript()
{
    SKIP_WITHOUT_SHARED("models/sevennet-0");
    const TorchArchive archive = open(sharedPath("models/sevennet-0/7net-0_11July2024_deployed_serial.pt"));
    QVERIFY(archive.layout() == TorchArchive::Layout::Script);
    QCOMPARE(archive.constants().size(), std::size_t{69});
    QCOMPARE(archive.record("extra/cutoff"), std::string("5.0"));
    const std::string code =
        archive.record("code/__torch__/sevenn/nn/sequential/___torch_mangle_265.py"); // deflated
    QCOMPARE(code.size(), std::size_t{85855});
    QVERIFY(code.find("CONSTANTS.c0") != std::string::npos);
    QCOMPARE(
        archive.pickleOf("code/__torch__/sevenn/nn/sequential/___torch_mangle_265.py.debug_pkl").bytesRead(),
        std::size_t{208526});
    std::multiset<std::string> constants;
    for (const PickleNode& constant : archive.constants())
        constants.insert(archive.numbers(constant.tensor()));
    const std::string bytes = readFile(sharedPath("models/sevennet-0/7net-0_11July2024_weights.npz"));
    const ZipFile arrays = ZipFile::parse(bytes, "weights");
    std::size_t found = 0;
    for (const ZipEntry& entry : arrays.entries())
        found += constants.count(numpyNumbers(arrays.read(entry))) != 0;
    QCOMPARE(found, arrays.entries().size());
    QCOMPARE(found, std::size_t{68});
}

QTEST_GUILESS_MAIN(TestRealArchives)
#include "tst_real_archives.moc"
