#include "base/files.h"
#include "storage/hdf5_writer.h"
#include "support/tiny_nequix.h"
#include "weights/delta_file.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <torch/torch.h>

using namespace lodestone;

namespace {

DeltaFile exampleFor(const LoadedModel& model, bool float64)
{
    DeltaFile delta;
    delta.baseSha256 = model.description().sha256;
    delta.float64 = float64;
    for (const auto& info : model.description().tensors) {
        if (!info.trainable || info.count < 8 || delta.tensors.size() == 2)
            continue;
        delta.tensors.push_back(
            {info.name, info.shape, {0, 3, info.count - 1}, {0.5, -0.25, 0.125}, 0.01, info.count});
    }
    delta.head = "magnitude";
    delta.headParameters["output_weight"] = torch::tensor({1.0, 2.0}, torch::kFloat32);
    delta.headParameters["element_bias"] = torch::tensor({{0.1, 0.2}}, torch::kFloat64);
    delta.referenceEnergyShift = {{8, -0.5}, {26, 1.25}};
    delta.provenance = {{"host", "here"}};
    return delta;
}

} // namespace

class TestDeltaFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void roundTrip();
    void appliesToTheBase();
    void refusesAnotherBase();
    void hostileFiles_data();
    void hostileFiles();
    void truncatedFiles();
    void hostileTables();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_path;
    LoadedModel m_model;
};

void TestDeltaFile::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->path().toStdString();
    m_model = openModel(writeTinyNequix(m_path));
}

void TestDeltaFile::roundTrip()
{
    for (const bool float64 : {false, true}) {
        const DeltaFile delta = exampleFor(m_model, float64);
        writeDelta(m_path / "x.delta.h5", delta);
        const DeltaFile back = readDelta(m_path / "x.delta.h5");
        QCOMPARE(back.baseSha256, delta.baseSha256);
        QCOMPARE(back.float64, float64);
        QCOMPARE(back.tensors.size(), delta.tensors.size());
        for (std::size_t i = 0; i < delta.tensors.size(); ++i) {
            QCOMPARE(back.tensors[i].name, delta.tensors[i].name);
            QCOMPARE(back.tensors[i].shape, delta.tensors[i].shape);
            QCOMPARE(back.tensors[i].indices, delta.tensors[i].indices);
            QCOMPARE(back.tensors[i].values, delta.tensors[i].values);
            QCOMPARE(back.tensors[i].threshold, delta.tensors[i].threshold);
            QCOMPARE(back.tensors[i].eligible, delta.tensors[i].eligible);
        }
        QCOMPARE(back.head, delta.head);
        QCOMPARE(back.headParameters.size(), delta.headParameters.size());
        for (const auto& [name, tensor] : delta.headParameters)
            QVERIFY(back.headParameters.at(name).equal(tensor));
        QCOMPARE(back.referenceEnergyShift, delta.referenceEnergyShift);
        QCOMPARE(back.provenance, delta.provenance);
    }
    // Nothing changed is a delta too.
    DeltaFile empty;
    empty.baseSha256 = m_model.description().sha256;
    empty.provenance = Json::object();
    writeDelta(m_path / "empty.delta.h5", empty);
    QVERIFY(readDelta(m_path / "empty.delta.h5").tensors.empty());
}

void TestDeltaFile::appliesToTheBase()
{
    for (const bool float64 : {false, true}) {
        const DeltaFile delta = exampleFor(m_model, float64);
        const LoadedModel tuned = applyDelta(m_model, delta);
        for (const auto& name : m_model.parameters.names()) {
            const auto difference = (tuned.parameters.at(name).to(torch::kFloat64) -
                                     m_model.parameters.at(name).to(torch::kFloat64))
                                        .flatten();
            const auto changed = std::find_if(delta.tensors.begin(), delta.tensors.end(),
                                              [&](const DeltaFile::Tensor& t) { return t.name == name; });
            auto expected = torch::zeros_like(difference);
            if (changed != delta.tensors.end())
                for (std::size_t i = 0; i < changed->indices.size(); ++i)
                    expected[changed->indices[i]] = changed->values[i];
            for (const auto& info : m_model.description().tensors)
                if (info.name == name && info.kind == "reference")
                    expected = torch::tensor({-0.5, 1.25}, torch::kFloat64); // elements O, Fe
            QVERIFY2((difference - expected).abs().max().item<double>() < 1e-6, name.c_str());
        }
    }
}

void TestDeltaFile::refusesAnotherBase()
{
    DeltaFile delta = exampleFor(m_model, false);
    delta.baseSha256 = std::string(64, '0');
    QVERIFY_EXCEPTION_THROWN(applyDelta(m_model, delta), Error);
    delta = exampleFor(m_model, false);
    delta.tensors[0].name = "layer_7/nothing";
    QVERIFY_EXCEPTION_THROWN(applyDelta(m_model, delta), Error);
    delta = exampleFor(m_model, false);
    delta.tensors[0].shape = {8};
    QVERIFY_EXCEPTION_THROWN(applyDelta(m_model, delta), Error);
}

void TestDeltaFile::hostileFiles_data()
{
    QTest::addColumn<int>("which");
    const char* names[] = {"index beyond the end", "negative index",    "not ascending",
                           "twice the same index", "NaN value",         "impossible shape",
                           "overflowing shape",    "tensor twice",      "impossible element",
                           "eligible too large",   "infinite threshold"};
    int i = 0;
    for (const char* name : names)
        QTest::newRow(name) << i++;
}

void TestDeltaFile::hostileFiles()
{
    QFETCH(int, which);
    DeltaFile delta = exampleFor(m_model, true);
    auto& t = delta.tensors[0];
    const std::int64_t big = std::int64_t{1} << 40;
    switch (which) {
    case 0:
        t.indices.back() = t.eligible;
        break;
    case 1:
        t.indices.front() = -1;
        break;
    case 2:
        std::swap(t.indices[0], t.indices[1]);
        break;
    case 3:
        t.indices[1] = t.indices[0];
        break;
    case 4:
        t.values[1] = std::nan("");
        break;
    case 5:
        t.shape = {-4, -4};
        break;
    case 6:
        t.shape = {big, big, big};
        break;
    case 7:
        delta.tensors.push_back(t);
        break;
    case 8:
        delta.referenceEnergyShift[999] = 1;
        break;
    case 9:
        t.eligible += 1;
        break;
    case 10:
        t.threshold = 1e300 * 1e300;
        break; // JSON has no infinity: read back as null
    }
    writeDelta(m_path / "bad.delta.h5", delta);
    QVERIFY_EXCEPTION_THROWN(readDelta(m_path / "bad.delta.h5"), Error);
}

void TestDeltaFile::truncatedFiles()
{
    writeDelta(m_path / "x.delta.h5", exampleFor(m_model, false));
    const std::string bytes = readFile(m_path / "x.delta.h5");
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{7}, bytes.size() / 3, bytes.size() / 2, bytes.size() - 1}) {
        writeFileAtomically(m_path / "cut.delta.h5", std::string_view(bytes).substr(0, size));
        QVERIFY_EXCEPTION_THROWN(readDelta(m_path / "cut.delta.h5"), Error);
    }
    QVERIFY_EXCEPTION_THROWN(readDelta(m_path / "absent.delta.h5"), Error);
    {
        auto file = Hdf5Writer::create(m_path / "other.h5");
        file.writeText("/something", "else");
        file.close();
    }
    QVERIFY_EXCEPTION_THROWN(readDelta(m_path / "other.h5"), Error);
    // More values claimed than there are, and values of no tensor.
    for (const int count : {1000000, 1}) {
        auto file = Hdf5Writer::create(m_path / "claims.h5");
        file.writeText("/format", R"({"name":"lodestone-delta","schema":1})");
        file.writeText("/base_sha256", "");
        file.writeText("/provenance", "{}");
        file.writeText("/head", "");
        file.writeText(
            "/tensors",
            Json::array(
                {{{"name", "a"}, {"shape", {10}}, {"count", count}, {"threshold", 0}, {"eligible", 10}}})
                .dump());
        const std::vector<std::int64_t> indices = {1, 2};
        const std::vector<double> values = {1, 2};
        file.write("/indices", std::span<const std::int64_t>(indices), {2});
        file.write("/values", std::span<const double>(values), {2});
        file.close();
        QVERIFY_EXCEPTION_THROWN(readDelta(m_path / "claims.h5"), Error);
    }
}

void TestDeltaFile::hostileTables()
{
    const auto write = [this](const Json& tensors) {
        auto file = Hdf5Writer::create(m_path / "hostile.h5");
        file.writeText("/format", R"({"name":"lodestone-delta","schema":1})");
        file.writeText("/base_sha256", "");
        file.writeText("/provenance", "{}");
        file.writeText("/head", "");
        file.writeText("/tensors", tensors.dump());
        file.write("/indices", std::vector<std::int64_t>{1, 2}, {2});
        file.write("/values", std::vector<double>{1, 2}, {2});
        file.write("/reference_energies/atomic_numbers", std::span<const std::int64_t>(), {0});
        file.write("/reference_energies/shifts", std::span<const double>(), {0});
        file.close();
    };
    const Json sound = {{"name", "a"}, {"shape", {10}}, {"count", 2}, {"threshold", 0.5}, {"eligible", 10}};
    write(Json::array({sound}));
    QCOMPARE(readDelta(m_path / "hostile.h5").tensors.at(0).values.size(), std::size_t{2});
    for (const Json& wrong :
         {Json{{"count", 1e300}}, Json{{"count", -1}}, Json{{"count", nullptr}}, Json{{"shape", {1e300}}},
          Json{{"shape", {1LL << 40, 1LL << 40}}}, Json{{"shape", 10}}, Json{{"eligible", 2.5}},
          Json{{"threshold", nullptr}}, Json{{"name", 7}}}) {
        Json changed = sound;
        changed.update(wrong);
        write(Json::array({changed}));
        QVERIFY_EXCEPTION_THROWN(readDelta(m_path / "hostile.h5"), Error);
    }
    for (const Json& wrong : {Json(7), Json::array({7}), Json::array({Json::array()})}) {
        write(wrong);
        QVERIFY_EXCEPTION_THROWN(readDelta(m_path / "hostile.h5"), Error);
    }
}

QTEST_GUILESS_MAIN(TestDeltaFile)
#include "tst_delta_file.moc"
