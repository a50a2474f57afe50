// .nqx files: description of the released models, damaged files, writing back, random models.
#include "base/error.h"
#include "base/files.h"
#include "checkpoints/nequix/nqx_file.h"
#include "checkpoints/nequix/random_nequix.h"
#include "models/model.h"
#include "support/reference_tensors.h"
#include "support/shared_data.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <set>

using namespace lodestone;

namespace {

const char* const released[] = {"nequix-mp-1", "nequix-oam-1", "nequix-mp-1-pft"};

std::filesystem::path releasedPath(const std::string& name)
{
    return sharedPath("models/nequix/" + name + ".nqx");
}

NequixSize smallSize()
{
    NequixSize size;
    size.cutoff = 4.5;
    size.elements = {26, 28};
    size.hiddenIrreps = "6x0e + 3x1o + 2x2e";
    size.lMax = 2;
    size.radialMlp = {8, 8};
    return size;
}

Structure pairOfAtoms()
{
    Structure structure;
    structure.species = {26, 28};
    structure.positions = {{0, 0, 0}, {1.3, 1.2, 1.1}};
    return structure;
}

double energyOf(const LoadedModel& loaded)
{
    const Structure structure = pairOfAtoms();
    const GraphBatch batch = makeGraphBatch({&structure}, loaded.description().elements,
                                            loaded.description().cutoff, torch::kFloat64);
    return predict(*loaded.model, loaded.parameters.to(torch::kCPU, torch::kFloat64), batch)
        .energy.item<double>();
}

} // namespace

class TestNqxFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void countsOfTheReleasedModel();
    void descriptionIsConsistent_data();
    void descriptionIsConsistent();
    void unchangedIsByteIdentical_data();
    void unchangedIsByteIdentical();
    void changedTensorAlone();
    void referenceEnergiesAlsoInTheHeader();
    void everyTruncationIsAnError();
    void damage_data();
    void damage();
    void otherFiles_data();
    void otherFiles();
    void randomModel();

private:
    std::filesystem::path path(const std::string& name) const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    /// The sentence with which openModel refuses these bytes; empty if it opens them.
    QString refusal(const std::string& bytes) const
    {
        writeFileAtomically(path("damaged.nqx"), bytes);
        try {
            openModel(path("damaged.nqx"));
            return {};
        } catch (const Error& error) {
            return QString::fromUtf8(error.what());
        }
    }
    std::string smallFile() const
    {
        writeRandomNequix(smallSize(), 3, path("small.nqx"));
        return readFile(path("small.nqx"));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestNqxFile::countsOfTheReleasedModel()
{
    SKIP_WITHOUT_SHARED("models/nequix");
    const LoadedModel loaded = openModel(releasedPath("nequix-mp-1"));
    const ModelDescription& about = loaded.description();
    QCOMPARE(about.storedNumbers, std::int64_t{707658});
    QCOMPARE(about.referenceEnergies, std::int64_t{89});
    QCOMPARE(about.parameters, std::int64_t{707569});
    QCOMPARE(about.tensors.size(), std::size_t{63});
    QCOMPARE(about.elements.size(), std::size_t{89});
    QCOMPARE(about.layers, 4);
    QCOMPARE(about.lMax, 3);
    QCOMPARE(about.cutoff, 6.0);
    QCOMPARE(about.irrepsHidden, std::string("128x0e + 64x1o + 32x2e + 32x3o"));
    std::map<std::string, std::int64_t> byKind;
    for (const ParameterInfo& info : about.tensors)
        byKind[info.kind] += info.count;
    QCOMPARE(byKind.at("linear"), std::int64_t{480625}); // 68 % of all parameters
    QCOMPARE(byKind.at("reference"), std::int64_t{89});
    QCOMPARE(byKind.at("readout"), std::int64_t{128});
    QCOMPARE(byKind.at("norm"), std::int64_t{3 * 384 + 128});
    const auto found =
        std::find_if(about.tensors.begin(), about.tensors.end(),
                     [](const ParameterInfo& info) { return info.name == "layer_1/linear_2/1o"; });
    QVERIFY(found != about.tensors.end());
    QCOMPARE(found->block, std::string("layer_1/linear_2"));
    QCOMPARE(found->irrepsIn, std::string("352x1o"));
    QCOMPARE(found->irrepsOut, std::string("64x1o"));
    std::vector<int> degrees;
    for (const ParameterPath& part : found->paths)
        degrees.push_back(part.lIn);
    QCOMPARE(degrees, (std::vector<int>{0, 1, 1, 2, 2, 3}));
}

void TestNqxFile::descriptionIsConsistent_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : released)
        QTest::newRow(name) << name;
    QTest::newRow("random") << "random";
}

void TestNqxFile::descriptionIsConsistent()
{
    QFETCH(QString, name);
    if (name != "random")
        SKIP_WITHOUT_SHARED("models/nequix");
    else
        smallFile();
    const LoadedModel loaded =
        openModel(name == "random" ? path("small.nqx") : releasedPath(name.toStdString()));
    const ModelDescription& about = loaded.description();
    QCOMPARE(loaded.parameters.names().size(), about.tensors.size());
    std::set<std::string> names;
    std::int64_t numbers = 0;
    for (const ParameterInfo& info : about.tensors) {
        QVERIFY(names.insert(info.name).second);
        QVERIFY(info.name.rfind(info.block, 0) == 0);
        const torch::Tensor& value = loaded.parameters.at(info.name);
        QCOMPARE(value.sizes().vec(), info.shape);
        QCOMPARE(value.numel(), info.count);
        QVERIFY(std::abs(value.to(torch::kFloat64).norm().item<double>() - info.norm) <
                1e-12 * (1 + info.norm));
        QCOMPARE(info.trainable, info.kind != "reference");
        if (info.elementAxis >= 0)
            QCOMPARE(info.shape.at(static_cast<std::size_t>(info.elementAxis)),
                     static_cast<std::int64_t>(about.elements.size()));
        // The paths cover the tensor without gap or overlap.
        std::int64_t covered = 0;
        for (const ParameterPath& part : info.paths) {
            QCOMPARE(part.offset, covered);
            QCOMPARE(part.count, part.multiplicityIn * part.multiplicityOut);
            covered += part.count;
        }
        QCOMPARE(covered, info.paths.empty() ? std::int64_t{0} : info.count);
        numbers += info.count;
    }
    QCOMPARE(numbers, about.storedNumbers);
}

void TestNqxFile::unchangedIsByteIdentical_data()
{
    descriptionIsConsistent_data();
}

void TestNqxFile::unchangedIsByteIdentical()
{
    QFETCH(QString, name);
    if (name != "random")
        SKIP_WITHOUT_SHARED("models/nequix");
    else
        smallFile();
    const std::filesystem::path base =
        name == "random" ? path("small.nqx") : releasedPath(name.toStdString());
    const LoadedModel loaded = openModel(base);
    // A detour over float64 must not change anything either.
    writeModel(base, loaded.parameters.to(torch::kCPU, torch::kFloat64), path("copy.nqx"));
    QVERIFY(readFile(base) == readFile(path("copy.nqx")));
}

void TestNqxFile::changedTensorAlone()
{
    const std::string before = smallFile();
    LoadedModel loaded = openModel(path("small.nqx"));
    const double energy = energyOf(loaded);
    const std::string changed = "layer_0/linear_2/1o";
    loaded.parameters.set("layer_0/linear_1/0e", loaded.parameters.at("layer_0/linear_1/0e") * 1.5);
    loaded.parameters.set(changed, loaded.parameters.at(changed) + 0.25);
    const double expected = energyOf(loaded);
    QVERIFY(std::abs(expected - energy) > 1e-6);
    writeModel(path("small.nqx"), loaded.parameters, path("tuned.nqx"));
    const LoadedModel tuned = openModel(path("tuned.nqx"));
    QCOMPARE(energyOf(tuned), expected);
    const std::string after = readFile(path("tuned.nqx"));
    QCOMPARE(after.size(), before.size());
    std::size_t differences = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        differences += before[i] != after[i];
    const auto touched = static_cast<std::size_t>(loaded.parameters.at(changed).numel() +
                                                  loaded.parameters.at("layer_0/linear_1/0e").numel());
    QVERIFY(differences > 0 && differences <= 4 * touched);
    for (const std::string& name : tuned.parameters.names())
        QVERIFY2(torch::equal(tuned.parameters.at(name), loaded.parameters.at(name)), name.c_str());
}

void TestNqxFile::referenceEnergiesAlsoInTheHeader()
{
    smallFile();
    LoadedModel loaded = openModel(path("small.nqx"));
    loaded.parameters.set("reference_energies", torch::tensor({-3.25f, 1.5f}));
    writeModel(path("small.nqx"), loaded.parameters, path("tuned.nqx"));
    const std::string bytes = readFile(path("tuned.nqx"));
    const NqxFile file = parseNqx(bytes, "tuned");
    QCOMPARE(file.header.at("atom_energies").at("26").get<double>(), -3.25);
    QCOMPARE(file.header.at("atom_energies").at("28").get<double>(), 1.5);
    QCOMPARE(energyOf(openModel(path("tuned.nqx"))), energyOf(loaded));
}

void TestNqxFile::everyTruncationIsAnError()
{
    const std::string whole = smallFile();
    const std::size_t header = whole.find('\n') + 1;
    for (std::size_t size = 0; size < whole.size(); size += size < header + 600 ? 7 : 101) {
        const QString sentence = refusal(whole.substr(0, size));
        QVERIFY2(sentence.contains("damaged.nqx"), qPrintable(sentence));
        QVERIFY2(sentence.contains("byte") || sentence.contains("column"), qPrintable(sentence));
    }
    QVERIFY(refusal(whole).isEmpty());
    QVERIFY(refusal(whole + "\n").isEmpty());
}

void TestNqxFile::damage_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("word");
    QTest::newRow("type") << "'<f4'"
                          << "'>f4'"
                          << ">f4";
    QTest::newRow("double") << "'<f4'"
                            << "'<f8'"
                            << "byte";
    QTest::newRow("object") << "'<f4'"
                            << "'|O8'"
                            << "|O8";
    QTest::newRow("fortran") << "False"
                             << "True "
                             << "C order";
    QTest::newRow("shape") << "6x0e + 3x1o"
                           << "7x0e + 3x1o"
                           << "layer_0/linear_2/0e has shape";
    QTest::newRow("huge shape") << "'shape': (2,), "
                                << "'shape': (99999999999999999,), "
                                << "more values";
    QTest::newRow("negative") << "'shape': (2,)"
                              << "'shape': (-2)"
                              << "tuple";
    QTest::newRow("key missing") << "\"cutoff\""
                                 << "\"cutout\""
                                 << "\"cutoff\"";
    QTest::newRow("key type") << "\"n_layers\":2"
                              << "\"n_layers\":\"two\""
                              << "n_layers";
    QTest::newRow("no element") << "[26,28]"
                                << "[26,226]"
                                << "atomic_numbers";
    QTest::newRow("element twice") << "[26,28]"
                                   << "[26,26]"
                                   << "twice";
    QTest::newRow("irreps") << "6x0e + 3x1o + 2x2e"
                            << "6x0e + 3x1o + two"
                            << "two";
    QTest::newRow("pseudoscalar") << "6x0e + 3x1o + 2x2e"
                                  << "6x0e + 3x0o"
                                  << "pseudoscalars";
    QTest::newRow("too many layers") << "\"n_layers\":2"
                                     << "\"n_layers\":2000000000"
                                     << "n_layers";
    QTest::newRow("more layers") << "\"n_layers\":2"
                                 << "\"n_layers\":3"
                                 << "layer_1/";
    QTest::newRow("fewer layers") << "\"n_layers\":2"
                                  << "\"n_layers\":1"
                                  << "byte";
    QTest::newRow("index weights") << "\"index_weights\":false"
                                   << "\"index_weights\":true"
                                   << "index_weights";
    QTest::newRow("cutoff") << "\"cutoff\":4.5"
                            << "\"cutoff\":-4.5"
                            << "cutoff";
    QTest::newRow("number too large") << "\"cutoff\":4.5"
                                      << "\"cutoff\":4e999"
                                      << "larger than a double";
    QTest::newRow("json") << "{\"cutoff\""
                          << "{cutoff"
                          << "JSON";
    QTest::newRow("magic") << "NUMPY"
                           << "NUMPI"
                           << "byte";
}

void TestNqxFile::damage()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, word);
    std::string bytes = smallFile();
    const std::size_t at = bytes.find(from.toStdString());
    QVERIFY(at != std::string::npos);
    bytes.replace(at, static_cast<std::size_t>(from.size()), to.toStdString());
    const QString sentence = refusal(bytes);
    QVERIFY2(sentence.contains("damaged.nqx") && sentence.contains(word), qPrintable(sentence));
}

void TestNqxFile::otherFiles_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("word");
    QTest::newRow("empty") << QByteArray() << "empty";
    QTest::newRow("zip") << QByteArray("PK\x03\x04rest") << "zip archive";
    QTest::newRow("text") << QByteArray("Fe 0 0 0\n") << "Nequix (.nqx";
    QTest::newRow("no newline") << QByteArray("{\"a\": 1}") << "byte 0";
    QTest::newRow("only a header") << QByteArray("{\"a\": 1}\n") << "cutoff";
}

void TestNqxFile::otherFiles()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, word);
    const QString sentence = refusal(bytes.toStdString());
    QVERIFY2(sentence.contains(word), qPrintable(sentence));
    QVERIFY_EXCEPTION_THROWN(openModel(path("absent.nqx")), Error);
}

void TestNqxFile::randomModel()
{
    const std::string first = smallFile();
    QVERIFY(first == smallFile()); // the same seed, the same file
    writeRandomNequix(smallSize(), 4, path("other.nqx"));
    QVERIFY(first != readFile(path("other.nqx")));
    const NqxFile file = parseNqx(first, "small");
    // What the upstream loader asks for.
    for (const char* key :
         {"atomic_numbers", "hidden_irreps", "lmax", "cutoff", "n_layers", "radial_basis_size",
          "radial_mlp_size", "radial_mlp_layers", "radial_polynomial_p", "mlp_init_scale", "index_weights",
          "layer_norm", "shift", "scale", "avg_n_neighbors", "atom_energies"})
        QVERIFY2(file.header.contains(key), key);
    for (const NqxRecord& record : file.records)
        QCOMPARE((record.dataOffset - record.offset) % 64, std::size_t{0});
    const LoadedModel loaded = openModel(path("small.nqx"));
    const torch::Tensor weight = loaded.parameters.at("layer_1/linear_2/0e");
    QVERIFY(std::abs(weight.std().item<double>() - 1) < 0.2);
    QVERIFY(std::isfinite(energyOf(loaded)));
    NequixSize uneven = smallSize();
    uneven.radialMlp = {8, 16};
    QVERIFY_EXCEPTION_THROWN(writeRandomNequix(uneven, 1, path("uneven.nqx")), Error);
}

QTEST_GUILESS_MAIN(TestNqxFile)
#include "tst_nqx_file.moc"
