#include "base/files.h"
#include "checkpoints/stored_numbers.h"
#include "support/archive_models.h"
#include "support/sentence.h"
#include "support/shared_data.h"
#include "support/torch_archive_writer.h"

#include <set>
#include <torch/torch.h>

using namespace lodestone;
using namespace lodestone::test;

namespace {

/// Two overlapping views, half precision, a parameter, and what is no floating-point tensor.
TorchFileWriter someFile()
{
    TorchFileWriter file;
    PickleWriter& w = file.data;
    const StorageReference shared = w.store(counting(12));
    w.module(
        "m", "Net",
        [&] {
            w.text("weight").values(std::vector<double>{1, -2, 2, 4}, {2, 2}, true);
        },
        [&] {
            w.text("first").tensor({shared, 0, {2, 3}, {3, 1}, false});
            w.text("last").tensor({shared, 4, {8}, {1}, false});
            w.text("turned").tensor({shared, 0, {3, 2}, {1, 3}, false});
            w.text("index").values(std::vector<std::int64_t>{1, 2}, {2});
        },
        [&] {
            w.text("child").module("m", "Half", [&] {
                // 1, 0.5, -2, 65504 and 2^-24, the largest and the smallest number of half precision
                const StorageReference half =
                    w.store(ScalarKind::Float16, littleEndian(0x3c00, 2) + littleEndian(0x3800, 2) +
                                                     littleEndian(0xc000, 2) + littleEndian(0x7bff, 2) +
                                                     littleEndian(0x0001, 2));
                w.text("half").tensor({half, 0, {5}, {1}, true});
                const StorageReference brain =
                    w.store(ScalarKind::BFloat16, littleEndian(0x3f80, 2) + littleEndian(0xc049, 2));
                w.text("brain").tensor({brain, 0, {2}, {1}, true});
            });
        });
    return file;
}

ArchiveModel inspected(const TorchArchive& archive)
{
    return loadArchive(archive, inspectionOnly(archive, "mace", "a network", "It cannot be computed."));
}

std::string rewritten(const TorchArchive& archive, const std::function<void(ParameterTable&)>& change)
{
    ArchiveModel model = inspected(archive);
    ParameterTable parameters;
    for (const std::string& name : model.loaded.parameters.names())
        parameters.add(name, model.loaded.parameters.at(name).clone());
    change(parameters);
    return rewriteArchive(archive, model, parameters);
}

void add(ParameterTable& parameters, const std::string& name, double value)
{
    parameters.set(name, parameters.at(name) + value);
}

} // namespace

class TestArchiveModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void loading_data();
    void loading();
    void halfPrecision();
    void inspecting();
    void inspectingAScript();
    void inspectingAPackage();
    void uniqueNames();
    void tooMuchToList();
    void rewriting();
    void rewritingHalfPrecision();
    void rewritingSharedNumbers();
    void realFiles_data();
    void realFiles();
};

void TestArchiveModel::loading_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("dtype");
    QTest::addColumn<QList<double>>("values");
    const auto row = [](ScalarKind kind, const std::string& bytes, torch::Dtype dtype,
                        const QList<double>& values) {
        QTest::newRow(nameOf(kind).c_str()) << static_cast<int>(kind) << QByteArray::fromStdString(bytes)
                                            << static_cast<int>(dtype) << values;
    };
    const auto whole = [](std::size_t size, std::initializer_list<std::int64_t> values) {
        std::string bytes;
        for (const std::int64_t value : values)
            bytes += littleEndian(static_cast<std::uint64_t>(value), size);
        return bytes;
    };
    row(ScalarKind::Float64, littleEndian(0x400921fb54442d18, 8), torch::kFloat64, {3.141592653589793});
    row(ScalarKind::Float32, bytesOf({0.5f, -3}), torch::kFloat32, {0.5, -3});
    row(ScalarKind::Float16, whole(2, {0x3c00, 0x7bff, 0x0001}), torch::kFloat32,
        {1, 65504, std::ldexp(1, -24)});
    row(ScalarKind::BFloat16, whole(2, {0x3f80, 0xc049}), torch::kFloat32, {1, -3.140625});
    row(ScalarKind::Int64, whole(8, {-5, std::int64_t{1} << 52}), torch::kInt64, {-5, std::ldexp(1, 52)});
    row(ScalarKind::Int32, whole(4, {-5, 7}), torch::kInt32, {-5, 7});
    row(ScalarKind::Int16, whole(2, {-5, 7}), torch::kInt16, {-5, 7});
    row(ScalarKind::Int8, whole(1, {-5, 7}), torch::kInt8, {-5, 7});
    row(ScalarKind::UInt8, whole(1, {251, 7}), torch::kUInt8, {251, 7});
    row(ScalarKind::Bool, whole(1, {0, 1, 7}), torch::kBool, {0, 1, 1});
}

void TestArchiveModel::loading()
{
    QFETCH(int, kind);
    QFETCH(QByteArray, bytes);
    QFETCH(int, dtype);
    QFETCH(QList<double>, values);
    TorchFileWriter file;
    const StorageReference storage = file.data.store(static_cast<ScalarKind>(kind), bytes.toStdString());
    file.data.tensor({storage, 0, {storage.count, 1}, {1, 1}, false});
    const TorchArchive archive = TorchArchive::parse(file.saved(), "model.pt");
    const torch::Tensor tensor = loadTensor(archive, archive.root().tensor());
    QVERIFY(tensor.scalar_type() == static_cast<torch::Dtype>(dtype));
    QCOMPARE(tensor.sizes().vec(), (std::vector<std::int64_t>{values.size(), 1}));
    for (int i = 0; i < values.size(); ++i)
        QCOMPARE(tensor.view(-1)[i].item<double>(), values[i]);
    QCOMPARE(loadNumbers(archive, archive.root().tensor()),
             std::vector<double>(values.begin(), values.end()));
}

/// All numbers of 16 bits, and the norm, as LibTorch sees them.
void TestArchiveModel::halfPrecision()
{
    for (const ScalarKind kind : {ScalarKind::Float16, ScalarKind::BFloat16}) {
        std::string bytes, finite;
        for (unsigned bits = 0; bits < 65536; ++bits)
            bytes += littleEndian(bits, 2);
        const std::vector<double> found = realsOf(bytes, kind);
        const torch::Tensor expected = tensorOf(bytes, kind, {65536}).to(torch::kFloat64);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const double wanted = expected.data_ptr<double>()[i];
            QVERIFY(std::isnan(wanted)
                        ? std::isnan(found[i])
                        : found[i] == wanted && std::signbit(found[i]) == std::signbit(wanted));
            if (std::abs(wanted) < 1e4)
                finite += bytes.substr(2 * i, 2);
        }
        const torch::Tensor tensor = tensorOf(finite, kind, {static_cast<std::int64_t>(finite.size() / 2)});
        QVERIFY(std::abs(euclideanNorm(finite, kind) / euclideanNorm(tensor) - 1) < 1e-14);
        QVERIFY(!std::isfinite(euclideanNorm(bytes, kind)));
    }
    VERIFY_ERROR(realsOf("abc", ScalarKind::Float16), "3 bytes");
}

void TestArchiveModel::inspecting()
{
    const std::string file = someFile().saved();
    const TorchArchive archive = TorchArchive::parse(file, "folder/model.pt");
    const ArchiveModel model = inspected(archive);
    const ModelDescription& about = model.loaded.description();
    QCOMPARE(about.file, std::string("folder/model.pt"));
    QCOMPARE(about.sha256, sha256(file));
    QCOMPARE(about.family, std::string("mace"));
    QCOMPARE(about.architecture, std::string("a network"));
    QCOMPARE(about.limitation, std::string("It cannot be computed."));
    QCOMPARE(about.dtype, std::string("mixed"));
    QCOMPARE(about.storedNumbers, std::int64_t{4 + 6 + 8 + 6 + 5 + 2});
    QCOMPARE(about.parameters, about.storedNumbers);
    QCOMPARE(about.referenceEnergies, std::int64_t{0});
    QCOMPARE(model.places.size(), about.tensors.size());
    const std::vector<std::string> names = {"weight", "first", "last", "turned", "child/half", "child/brain"};
    QCOMPARE(model.loaded.parameters.names(), names);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const ParameterInfo& info = about.tensors[i];
        QCOMPARE(info.name, names[i]);
        QCOMPARE(info.kind, std::string("other"));
        QCOMPARE(info.layer, -1);
        QVERIFY(!info.trainable && info.paths.empty());
        QCOMPARE(info.shape, model.places[i].shape);
        QCOMPARE(model.loaded.parameters.at(info.name).sizes().vec(), info.shape);
        QCOMPARE(info.count, model.loaded.parameters.at(info.name).numel());
    }
    QCOMPARE(about.tensors[0].norm, 5.0); // 1, -2, 2, 4
    QCOMPARE(about.tensors[0].block, std::string("weight"));
    QCOMPARE(about.tensors[4].block, std::string("child"));
    QCOMPARE(about.tensors[4].module, std::string("child"));
    QCOMPARE(about.tensors[4].stored, std::string("child.half"));
    QVERIFY(torch::equal(model.loaded.parameters.at("turned"), model.loaded.parameters.at("first").t()));
    VERIFY_ERROR(model.loaded.model->forward(model.loaded.parameters, {}, {}), "It cannot be computed.");
    QCOMPARE(modelDescriptionFromJson(toJson(about)).tensors.size(), about.tensors.size());
}

void TestArchiveModel::inspectingAScript()
{
    TorchFileWriter file;
    file.data.objectWith("__torch__", "Net", [&] { file.data.text("scale").values(counting(1), {1}); });
    file.constants.tuple([&] {
        file.constants.values(std::vector<std::int64_t>{1}, {1});
        file.constants.values(counting(3), {3});
        file.constants.list([&] { file.constants.values(counting(2), {2}); });
    });
    const TorchArchive archive = TorchArchive::parse(file.script(), "model.pt");
    const ArchiveModel model = inspected(archive);
    QCOMPARE(model.loaded.parameters.names(),
             (std::vector<std::string>{"scale", "CONSTANTS/c1", "CONSTANTS/c2/0"}));
    QCOMPARE(model.loaded.description().tensors[1].stored, std::string("CONSTANTS.c1"));
    QCOMPARE(model.loaded.description().dtype, std::string("float32"));
}

void TestArchiveModel::inspectingAPackage()
{
    PickleWriter pickle;
    pickle.dictionary([&] { pickle.text("w").tensor({{ScalarKind::Float32, "0", 2}, 0, {2}, {1}, false}); });
    const std::string file = ZipWriter()
                                 .add("net/.data/0.storage", bytesOf({3, 4}))
                                 .add("net/model/net.pkl", pickle.finish())
                                 .add("net/.data/extern_modules", "torch\n")
                                 .finish();
    const TorchArchive archive = TorchArchive::parse(file, "model.zip");
    const ArchiveModel model = inspected(archive);
    QCOMPARE(model.loaded.parameters.names(), (std::vector<std::string>{"model/net/w"}));
    QCOMPARE(model.loaded.description().tensors[0].norm, 5.0);
}

void TestArchiveModel::uniqueNames()
{
    TorchFileWriter file;
    PickleWriter& w = file.data;
    w.dictionary([&] {
        for (const char* name : {"a.b", "a/b", "a", "a.b_2"})
            w.text(name).values(counting(1), {});
    });
    const TorchArchive archive = TorchArchive::parse(file.saved(), "model.pt");
    QCOMPARE(inspected(archive).loaded.parameters.names(),
             (std::vector<std::string>{"a/b", "a/b_2", "a", "a/b_2_2"}));
    TorchFileWriter alone;
    alone.data.values(counting(1), {});
    QCOMPARE(inspected(TorchArchive::parse(alone.saved(), "model.pt")).loaded.parameters.names(),
             (std::vector<std::string>{"tensor"}));
}

// A small file that names the same numbers again and again.
void TestArchiveModel::tooMuchToList()
{
    TorchFileWriter file;
    const StorageReference storage = file.data.store(counting(2500));
    file.data.list([&] {
        for (int i = 0; i < 1000; ++i)
            file.data.tensor({storage, 0, {64, 2500}, {0, 1}, false});
    });
    const TorchArchive archive = TorchArchive::parse(file.saved(), "model.pt");
    VERIFY_ERROR(inspected(archive), "model.pt", "64 times the bytes of the file");
}

void TestArchiveModel::rewriting()
{
    for (const bool legacy : {false, true}) {
        const auto fileOf = [&](const TorchFileWriter& writer) {
            return legacy ? writer.legacy() : writer.saved();
        };
        const std::string before = fileOf(someFile());
        const TorchArchive archive = TorchArchive::parse(before, "model.pt");
        QVERIFY(rewritten(archive, [](ParameterTable&) {}) == before);
        // A detour over another dtype changes nothing.
        const ArchiveModel model = inspected(archive);
        QVERIFY(rewriteArchive(archive, model, model.loaded.parameters.to(torch::kCPU, torch::kFloat64)) ==
                before);
        // The file with other weights is the one that would have been written with them.
        TorchFileWriter other = someFile();
        for (auto& storage : other.data.storages)
            if (storage.reference.scalar == ScalarKind::Float64)
                for (std::size_t i = 0; i < 4; ++i) {
                    double value = 0;
                    std::memcpy(&value, storage.bytes.data() + 8 * i, 8);
                    value += 0.25;
                    std::memcpy(storage.bytes.data() + 8 * i, &value, 8);
                }
        QVERIFY(rewritten(archive, [](ParameterTable& table) { add(table, "weight", 0.25); }) ==
                fileOf(other));
    }
    const TorchArchive archive = TorchArchive::parse(someFile().saved(), "model.pt");
    ArchiveModel model = inspected(archive);
    model.places.pop_back();
    QVERIFY_EXCEPTION_THROWN(rewriteArchive(archive, model, model.loaded.parameters), InternalError);
}

void TestArchiveModel::rewritingHalfPrecision()
{
    const TorchArchive archive = TorchArchive::parse(someFile().saved(), "model.pt");
    const TorchArchive changed = TorchArchive::parse(rewritten(archive,
                                                               [](ParameterTable& table) {
                                                                   add(table, "child/half", 1);
                                                                   add(table, "child/brain", 1.0 / 1024);
                                                               }),
                                                     "tuned.pt");
    const ParameterTable table = inspected(changed).loaded.parameters;
    QVERIFY(torch::equal(table.at("child/half"), torch::tensor({2.f, 1.5f, -1.f, 65504.f, 1.f})));
    // Rounded to the precision of the file: 1 + 1/1024 is 1 in bfloat16.
    QVERIFY(torch::equal(table.at("child/brain"), torch::tensor({1.f, -3.140625f})));
}

void TestArchiveModel::rewritingSharedNumbers()
{
    const TorchArchive archive = TorchArchive::parse(someFile().saved(), "model.pt");
    // "first" holds the numbers 0 to 5, "turned" the same, "last" 4 to 11.
    VERIFY_ERROR(rewritten(archive, [](ParameterTable& table) { add(table, "first", 1); }), "model.pt",
                 "shares its numbers");
    VERIFY_ERROR(rewritten(archive,
                           [](ParameterTable& table) {
                               add(table, "first", 1);
                               add(table, "turned", 2);
                           }),
                 "model.pt", "shares its numbers");
    VERIFY_ERROR(rewritten(archive,
                           [](ParameterTable& table) {
                               add(table, "first", 1);
                               add(table, "turned", 1);
                           }),
                 "tensor last", "shares its numbers");
    const std::string all = rewritten(archive, [](ParameterTable& table) {
        for (const char* name : {"first", "turned", "last"})
            add(table, name, 1);
    });
    const ParameterTable table = inspected(TorchArchive::parse(all, "tuned.pt")).loaded.parameters;
    QVERIFY(torch::equal(table.at("first"), torch::arange(1, 7, torch::kFloat32).view({2, 3})));
    QVERIFY(torch::equal(table.at("last"), torch::arange(5, 13, torch::kFloat32)));
}

void TestArchiveModel::realFiles_data()
{
    QTest::addColumn<QString>("file");
    for (const char* file :
         {"fixtures/mace/l0_small.model", "fixtures/mace/mh1_small.model", "fixtures/sevennet/mf_small.pth",
          "fixtures/sevennet/cp_0.pth", "models/mace-ani500k-small-cc/ani500k_small_CC.model",
          "models/sevennet-0/7net-0_11July2024_deployed_serial.pt"})
        QTest::newRow(file) << file;
}

void TestArchiveModel::realFiles()
{
    QFETCH(QString, file);
    SKIP_WITHOUT_SHARED(file.toStdString());
    const std::string bytes = readFile(sharedPath(file.toStdString()));
    const TorchArchive archive = TorchArchive::parse(bytes, file.toStdString());
    const ArchiveModel model = inspected(archive);
    const ModelDescription& about = model.loaded.description();
    std::set<std::string> names;
    std::int64_t numbers = 0;
    for (const ParameterInfo& info : about.tensors) {
        QVERIFY(names.insert(info.name).second);
        QVERIFY(info.name.rfind(info.block, 0) == 0 && info.name.find('.') == std::string::npos);
        const torch::Tensor& value = model.loaded.parameters.at(info.name);
        QCOMPARE(value.numel(), info.count);
        QVERIFY(std::abs(value.to(torch::kFloat64).norm().item<double>() - info.norm) <= 1e-12 * info.norm);
        numbers += info.count;
    }
    QCOMPARE(numbers, about.storedNumbers);
    QVERIFY(numbers > 20000);
    QVERIFY(rewriteArchive(archive, model, model.loaded.parameters) == bytes);
    // One tensor changed, all others as before.
    const std::string chosen =
        std::max_element(about.tensors.begin(), about.tensors.end(),
                         [](const ParameterInfo& a, const ParameterInfo& b) { return a.count < b.count; })
            ->name;
    try {
        const TorchArchive tuned = TorchArchive::parse(
            rewritten(archive, [&](ParameterTable& table) { add(table, chosen, 0.5); }), "tuned");
        const ParameterTable after = inspected(tuned).loaded.parameters;
        for (const std::string& name : after.names()) {
            const torch::Tensor before = model.loaded.parameters.at(name);
            QVERIFY2(torch::equal(after.at(name), name == chosen ? before + 0.5 : before), name.c_str());
        }
    } catch (const Error& error) { // constants of TorchScript share their numbers
        QVERIFY2(QString(error.what()).contains("shares its numbers") && file.endsWith("serial.pt"),
                 error.what());
    }
}

QTEST_GUILESS_MAIN(TestArchiveModel)
#include "tst_archive_model.moc"
