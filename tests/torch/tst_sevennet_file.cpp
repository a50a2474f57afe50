// Files of SevenNet: what is read from checkpoints and deployed models, what is refused and how, writing
// back.
#include "algebra/wigner.h"
#include "support/sentence.h"
#include "support/sevennet_models.h"
#include "support/synthetic_sevennet.h"

#include <torch/torch.h>

using namespace lodestone;
using namespace lodestone::test;

namespace {

const char* const july = "models/sevennet-0/7net-0_11July2024_deployed_serial.pt";
const char* const may = "models/sevennet-0/7net-0_22May2024_deployed_serial.pt";

ArchiveModel opened(const SevenNetCheckpoint& checkpoint, const std::string& modality = {})
{
    return openSevenNet(TorchArchive::parse(checkpoint.bytes(), "model.pth"), {modality});
}

/// Three layers: the second one has paths from all features to all.
SevenNetConfig threeLayerSettings()
{
    SevenNetConfig settings = syntheticSettings();
    settings.layers = 3;
    settings.elementSelfConnection = {true, true, true};
    return settings;
}
SevenNetCheckpoint threeLayerCheckpoint()
{
    SevenNetCheckpoint checkpoint = syntheticCheckpoint();
    checkpoint.set("num_convolution_layer", pickledInteger(3));
    checkpoint.tensors = syntheticTensors(threeLayerSettings());
    return checkpoint;
}

std::string limitationOf(const SevenNetCheckpoint& checkpoint)
{
    return opened(checkpoint).loaded.description().limitation;
}

/// An oxide molecule of the elements of the synthetic checkpoints.
Structure molecule()
{
    Structure structure;
    structure.species = {72, 8, 8, 8};
    structure.positions = {{0, 0, 0.1}, {1.4, 0.9, 0}, {-1.3, 1.1, 0.4}, {0.3, -1.2, 1.5}};
    return structure;
}

double energyOf(const ArchiveModel& model)
{
    return predictionOf(model.loaded, molecule()).energy.item<double>();
}

} // namespace

class TestSevenNetFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void everyNumberIsDescribed_data();
    void everyNumberIsDescribed();
    void namesAndShapesOfUpstream_data();
    void namesAndShapesOfUpstream();
    void modalities();
    void rewriting_data();
    void rewriting();
    void syntheticCheckpointComputes();
    void settingsThatAreNotComputed_data();
    void settingsThatAreNotComputed();
    void settingsThatAreWrong_data();
    void settingsThatAreWrong();
    void tensorsThatDoNotFit();
    void namesBeforeVersion010();
    void orderOfColumns();
    void signsOfCouplings();
    void biasesAndReadoutNetwork();

private:
    void allFiles();
};

void TestSevenNetFile::allFiles()
{
    QTest::addColumn<QString>("file");
    for (const char* name : {"cp_0", "7net0_small", "l3i5_small", "mf_small"})
        QTest::newRow(name) << QString("fixtures/sevennet/%1.pth").arg(name);
    QTest::newRow("11July2024") << july;
    QTest::newRow("22May2024") << may;
}

void TestSevenNetFile::everyNumberIsDescribed_data()
{
    allFiles();
}

void TestSevenNetFile::everyNumberIsDescribed()
{
    SKIP_WITHOUT_SHARED("fixtures/sevennet");
    QFETCH(QString, file);
    const std::filesystem::path path = sharedPath(file.toStdString());
    const TorchArchive archive = TorchArchive::parse(readFile(path), path.string());
    QVERIFY(looksLikeSevenNet(archive));
    const ArchiveModel model = openSevenNet(archive);
    const ModelDescription& about = model.loaded.description();
    QCOMPARE(about.family, std::string("sevennet"));
    QCOMPARE(about.limitation, std::string());
    QCOMPARE(about.dtype, std::string("float32"));
    QCOMPARE(about.file, path.string());
    QCOMPARE(model.places.size(), about.tensors.size());
    std::int64_t numbers = 0, references = 0;
    int withElements = 0;
    for (std::size_t i = 0; i < about.tensors.size(); ++i) {
        const ParameterInfo& info = about.tensors[i];
        const torch::Tensor& value = model.loaded.parameters.at(info.name);
        QCOMPARE(value.sizes().vec(), info.shape);
        QVERIFY(torch::equal(value, loadTensor(archive, model.places[i])));
        std::int64_t next = 0;
        for (const ParameterPath& part : info.paths) {
            QCOMPARE(part.offset, next);
            QCOMPARE(part.lIn, part.lOut);
            QCOMPARE(part.parityIn, part.parityOut);
            next += part.count;
        }
        if (!info.paths.empty())
            QCOMPARE(next, info.count);
        else
            QVERIFY2(info.kind == "radial" || info.kind == "scale" || info.kind == "reference",
                     info.name.c_str());
        const std::vector<int> elements = elementOfValues(info, about.elements.size());
        withElements += elements.empty() ? 0 : 1;
        if (!elements.empty())
            QCOMPARE(elements.size(), static_cast<std::size_t>(info.count));
        numbers += info.count;
        references += info.kind == "reference" ? info.count : 0;
        QVERIFY(!info.stored.empty());
    }
    QVERIFY(withElements >= (file.contains("cp_0") ? 4 : 2));
    QCOMPARE(about.storedNumbers, numbers);
    QCOMPARE(about.referenceEnergies, references);
    QCOMPARE(about.parameters, numbers - references);
    QCOMPARE(referenceTensor(about) != nullptr, !file.contains("cp_0"));
}

void TestSevenNetFile::namesAndShapesOfUpstream_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"cp_0", "7net0_small", "l3i5_small", "mf_small"})
        QTest::newRow(name) << name;
}

void TestSevenNetFile::namesAndShapesOfUpstream()
{
    SKIP_WITHOUT_SHARED("fixtures/sevennet");
    QFETCH(QString, name);
    const std::string base = "fixtures/sevennet/" + name.toStdString();
    const ModelDescription about = sevenNet(base + ".pth").loaded.description();
    const Json expected = readJsonFile(sharedPath(base + ".json")).at("parameters");
    QCOMPARE(about.tensors.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QCOMPARE(about.tensors[i].stored, expected[i].at("name").get<std::string>());
        QCOMPARE(about.tensors[i].shape, expected[i].at("shape").get<std::vector<std::int64_t>>());
    }
}

void TestSevenNetFile::modalities()
{
    SKIP_WITHOUT_SHARED("fixtures/sevennet");
    const ModelDescription first = sevenNet("fixtures/sevennet/mf_small.pth").loaded.description();
    QCOMPARE(first.heads, (std::vector<std::string>{"PBE", "R2SCAN"}));
    QCOMPARE(first.headIndex, 0);
    const ArchiveModel second = sevenNet("fixtures/sevennet/mf_small.pth", "R2SCAN");
    QCOMPARE(second.loaded.description().headIndex, 1);
    const ParameterInfo* reference = referenceTensor(second.loaded.description());
    QVERIFY(reference != nullptr);
    QCOMPARE(reference->shape, (std::vector<std::int64_t>{2, 18}));
    const torch::Tensor& values = second.loaded.parameters.at(reference->name);
    QVERIFY(torch::equal(referenceRow(second.loaded.description(), values), values[1]));
    VERIFY_ERROR(sevenNet("fixtures/sevennet/mf_small.pth", "SCAN"), "no modality 'SCAN'", "PBE, R2SCAN");
    VERIFY_ERROR(sevenNet("fixtures/sevennet/cp_0.pth", "PBE"), "has no modalities");
    QCOMPARE(exitCodeOf([] { sevenNet("fixtures/sevennet/mf_small.pth", "SCAN"); }), 2);
    if (std::filesystem::exists(sharedPath(july)))
        VERIFY_ERROR(sevenNet(july, "PBE"), "deployed model", "checkpoint");
}

void TestSevenNetFile::rewriting_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<QString>("record"); // the only one that changes
    QTest::newRow("cp_0") << "fixtures/sevennet/cp_0.pth"
                          << "layer_1/radial/2"
                          << "";
    QTest::newRow("mf_small") << "fixtures/sevennet/mf_small.pth"
                              << "reference_energies"
                              << "";
    QTest::newRow("11July2024") << july << "layer_0/self_interaction_2/1e"
                                << "constants/10";
    QTest::newRow("22May2024") << may << "layer_0/self_interaction_2/weight"
                               << "constants/10";
}

void TestSevenNetFile::rewriting()
{
    QFETCH(QString, file);
    QFETCH(QString, tensor);
    QFETCH(QString, record);
    SKIP_WITHOUT_SHARED(file.toStdString());
    const std::filesystem::path path = sharedPath(file.toStdString());
    const std::string bytes = readFile(path);
    const TorchArchive archive = TorchArchive::parse(bytes, path.string());
    const ArchiveModel model = openSevenNet(archive);
    QVERIFY(rewriteArchive(archive, model, model.loaded.parameters) == bytes);

    ParameterTable changed = model.loaded.parameters;
    torch::Tensor value = changed.at(tensor.toStdString()).clone();
    value.view(-1)[7] += 0.25; // of hydrogen, where it is an energy of elements
    value.view(-1)[value.numel() - 1] *= -2;
    changed.set(tensor.toStdString(), value);
    const std::string written = rewriteArchive(archive, model, changed);
    QCOMPARE(written.size(), bytes.size());
    const ZipFile before = ZipFile::parse(bytes, "before"), after = ZipFile::parse(written, "after");
    QCOMPARE(after.entries().size(), before.entries().size());
    int different = 0;
    for (std::size_t i = 0; i < before.entries().size(); ++i) {
        const ZipEntry &a = before.entries()[i], &b = after.entries()[i];
        QCOMPARE(b.name, a.name);
        QCOMPARE(b.dataOffset, a.dataOffset);
        QCOMPARE(b.storedBytes, a.storedBytes);
        if (before.read(a) == after.read(b)) {
            QCOMPARE(b.crc, a.crc);
            continue;
        }
        ++different;
        QVERIFY(b.crc != a.crc);
        if (!record.isEmpty())
            QVERIFY2(QString::fromStdString(a.name).endsWith("/" + record), a.name.c_str());
    }
    QCOMPARE(different, 1);
    // Bytes outside that record: at most its two checksums, four bytes each.
    std::size_t bytesThatDiffer = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytesThatDiffer += bytes[i] != written[i] ? 1 : 0;
    QVERIFY(bytesThatDiffer <= 2 * 4 + 2 * 4);

    const ArchiveModel again = openSevenNet(TorchArchive::parse(written, "again"));
    for (const std::string& name : changed.names())
        QVERIFY2(torch::equal(again.loaded.parameters.at(name), changed.at(name)), name.c_str());
    const Structure structure = fixtureStructure(file.contains("cp_0") ? "hfo2_molecule" : "h2o");
    LoadedModel expected = model.loaded;
    expected.parameters = changed;
    const double predicted = predictionOf(again.loaded, structure).energy.item<double>();
    QCOMPARE(predicted, predictionOf(expected, structure).energy.item<double>());
    QVERIFY(predicted != predictionOf(model.loaded, structure).energy.item<double>());
}

void TestSevenNetFile::syntheticCheckpointComputes()
{
    const ArchiveModel model = opened(syntheticCheckpoint());
    QCOMPARE(model.loaded.description().limitation, std::string());
    QVERIFY(std::isfinite(energyOf(model)));
    QVERIFY(looksLikeSevenNet(TorchArchive::parse(syntheticCheckpoint().bytes(), "model.pth")));
    SevenNetCheckpoint other = syntheticCheckpoint();
    other.remove("num_convolution_layer");
    QVERIFY(!looksLikeSevenNet(TorchArchive::parse(other.bytes(), "model.pth")));
}

void TestSevenNetFile::settingsThatAreNotComputed_data()
{
    using Change = std::function<void(SevenNetCheckpoint&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const Change& change, const QString& part) {
        QTest::newRow(name) << change << part;
    };
    const auto text = [](const char* key, const char* value) -> Change {
        return [=](SevenNetCheckpoint& c) { c.set(key, pickledText(value)); };
    };
    row("interaction", text("interaction_type", "allegro"), "\"allegro\"");
    row("activation", text("act_radial", "mish"), "\"mish\" (act_radial)");
    row("self connection", text("self_connection_type", "none"), "\"none\"");
    row(
        "basis",
        [](SevenNetCheckpoint& c) {
            c.set("radial_basis", pickledTexts({{"radial_basis_name", "gauss"}}));
        },
        "\"gauss\"");
    row(
        "setting of the basis",
        [](SevenNetCheckpoint& c) {
            c.set("radial_basis", [](PickleWriter& w) {
                w.dictionary([&] {
                    w.text("radial_basis_name").text("bessel").text("trainable_coeff").boolean(false);
                });
            });
        },
        "\"trainable_coeff\"");
    row(
        "cutoff function",
        [](SevenNetCheckpoint& c) {
            c.set("cutoff_function", pickledTexts({{"cutoff_function_name", "cosine"}}));
        },
        "\"cosine\"");
    row(
        "reduced", [](SevenNetCheckpoint& c) { c.set("optimize_by_reduce", pickledBoolean(false)); },
        "optimize_by_reduce");
    row(
        "another tensor",
        [](SevenNetCheckpoint& c) {
            c.tensors.push_back({"3_dispersion.c6", {2}, {1, 2}});
        },
        "3_dispersion.c6");
    row(
        "no coupling",
        [](SevenNetCheckpoint& c) {
            c.tensors.push_back({"1_convolution.convolution._compiled_main_left_right._w3j_1_1_1",
                                 {3, 3, 3},
                                 std::vector<float>(27, 0.3f)});
        },
        "no multiple of the 3j tensor (1, 1, 1)");
    row(
        "one modality",
        [](SevenNetCheckpoint& c) {
            c.set("use_modality", pickledBoolean(true));
            c.set("use_modal_output_block", pickledBoolean(true));
            c.set("_modal_map", [](PickleWriter& w) { w.dictionary([&] { w.text("PBE").integer(0); }); });
        },
        "single modality, PBE");
}

void TestSevenNetFile::settingsThatAreNotComputed()
{
    QFETCH(std::function<void(SevenNetCheckpoint&)>, change);
    QFETCH(QString, part);
    SevenNetCheckpoint checkpoint = syntheticCheckpoint();
    change(checkpoint);
    const ArchiveModel model = opened(checkpoint);
    const QString limitation = QString::fromStdString(model.loaded.description().limitation);
    QVERIFY2(limitation.contains(part), qPrintable(limitation));
    QVERIFY(limitation.endsWith('.'));
    QVERIFY(model.loaded.description().tensors.size() >= checkpoint.tensors.size());
    VERIFY_ERROR(energyOf(model), "cutoff");
}

void TestSevenNetFile::settingsThatAreWrong_data()
{
    using Change = std::function<void(SevenNetCheckpoint&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("part");
    for (const char* key :
         {"channel", "lmax", "is_parity", "act_radial", "act_scalar", "_type_map", "version", "radial_basis",
          "cutoff_function", "weight_nn_hidden_neurons", "self_connection_type"})
        QTest::newRow(key) << Change([=](SevenNetCheckpoint& c) { c.remove(key); })
                           << QString("has no \"%1\"").arg(key);
    const auto row = [](const char* name, const char* key, const SevenNetCheckpoint::Write& value,
                        const char* part) {
        QTest::newRow(name) << Change([=](SevenNetCheckpoint& c) { c.set(key, value); }) << part;
    };
    row("cutoff is a text", "cutoff", pickledText("4"), "\"cutoff\"");
    row("cutoff 0", "cutoff", pickledReal(0), "between 0 and 100");
    row("many layers", "num_convolution_layer", pickledInteger(2000), "from 1 to 64");
    row("no layers", "num_convolution_layer", pickledInteger(0), "from 1 to 64");
    row("degree", "lmax", pickledInteger(11), "must not exceed 6");
    row("channels", "channel", pickledInteger(-4), "between 1 and 65536");
    row("parity is a number", "is_parity", pickledInteger(1), "\"is_parity\"");
    row(
        "irreps", "irreps_manual", [](PickleWriter& w) { w.list([&] { w.text("3x0z"); }); }, "irreps_manual");
    row(
        "number of irreps", "irreps_manual", [](PickleWriter& w) { w.list([&] { w.text("3x0e"); }); },
        "before the first layer");
    row(
        "element twice", "_type_map",
        [](PickleWriter& w) { w.dictionary([&] { w.integer(8).integer(0).integer(72).integer(0); }); },
        "_type_map");
    row(
        "no element", "_type_map",
        [](PickleWriter& w) { w.dictionary([&] { w.integer(400).integer(0).integer(8).integer(1); }); },
        "400");
    row("other number of elements", "_number_of_species", pickledInteger(5), "_number_of_species");
    row("version", "version", pickledText("new"), "'new'");
    row(
        "self connections", "self_connection_type",
        [](PickleWriter& w) { w.list([&] { w.text("linear"); }); }, "2 entries");
    row(
        "onset behind the cutoff", "cutoff_function",
        [](PickleWriter& w) {
            w.dictionary([&] { w.text("cutoff_function_name").text("XPLOR").text("cutoff_on").real(7); });
        },
        "cutoff_on");
}

void TestSevenNetFile::settingsThatAreWrong()
{
    QFETCH(std::function<void(SevenNetCheckpoint&)>, change);
    QFETCH(QString, part);
    SevenNetCheckpoint checkpoint = syntheticCheckpoint();
    change(checkpoint);
    const QString said = sentence([&] { opened(checkpoint); });
    QVERIFY2(said.startsWith("model.pth: ") && said.contains(part), qPrintable(said));
}

void TestSevenNetFile::tensorsThatDoNotFit()
{
    SevenNetCheckpoint checkpoint = syntheticCheckpoint();
    std::erase_if(checkpoint.tensors, [](const auto& t) { return t.name == "1_convolution.denominator"; });
    VERIFY_ERROR(opened(checkpoint), "model.pth", "1_convolution.denominator");

    checkpoint = syntheticCheckpoint();
    checkpoint.tensor("0_self_interaction_1.linear.weight").shape = {3, 3};
    VERIFY_ERROR(opened(checkpoint), "0_self_interaction_1.linear.weight", "(3, 3)", "(9)");

    checkpoint = syntheticCheckpoint();
    checkpoint.tensor("0_self_interaction_1.linear.weight").values[4] = std::nanf("");
    VERIFY_ERROR(opened(checkpoint), "0_self_interaction_1.linear.weight", "not finite");

    checkpoint = syntheticCheckpoint();
    checkpoint.tensor("rescale_atomic_energy.shift").shape = {1, 2};
    VERIFY_ERROR(opened(checkpoint), "rescale_atomic_energy", "(1, 2)");
}

/// "2 convolution" instead of "2_convolution"; harmonics were not normalised unless the settings said so.
void TestSevenNetFile::namesBeforeVersion010()
{
    SevenNetCheckpoint old = syntheticCheckpoint();
    old.set("version", pickledText("0.9.1"));
    old.set("train_avg_num_neigh", pickledBoolean(true));
    for (auto& tensor : old.tensors) {
        tensor.name = tensor.name.rfind("edge_embedding", 0) == 0 ? "EdgeEmbedding" + tensor.name.substr(14)
                                                                  : tensor.name;
        if (tensor.name.find("_convolution.denominator") != std::string::npos)
            tensor.name = tensor.name.substr(0, 1) + " convolution.denumerator";
        else if (tensor.name.find("_convolution.") == 1)
            tensor.name = tensor.name.substr(0, 1) + " convolution" + tensor.name.substr(13);
        else if (tensor.name.find("rescale_atomic_energy") == 0)
            tensor.name = "rescale atomic energy" + tensor.name.substr(21);
        else if (tensor.name.find("reduce_input_to_hidden") == 0)
            tensor.name = "reducing nn input to hidden" + tensor.name.substr(22);
    }
    SevenNetCheckpoint current = syntheticCheckpoint();
    current.set("version", pickledText("0.10.4"));
    current.set("_normalize_sph", pickledBoolean(false));
    const ArchiveModel model = opened(old);
    QCOMPARE(energyOf(model), energyOf(opened(current)));
    QVERIFY(energyOf(model) != energyOf(opened(syntheticCheckpoint())));
    bool found = false;
    for (const ParameterInfo& info : model.loaded.description().tensors)
        if (info.name == "layer_1/convolution/denominator") {
            found = true;
            QCOMPARE(info.stored, std::string("1 convolution.denumerator"));
            QVERIFY(info.trainable);
        }
    QVERIFY(found);
}

/// Before version 0.11 the columns of the last radial matrix stood in another order: the same model either
/// way.
void TestSevenNetFile::orderOfColumns()
{
    const SevenNetCheckpoint sorted = threeLayerCheckpoint();
    SevenNetCheckpoint loop = sorted;
    loop.set("version", pickledText("0.11.0.dev0"));
    const SevenNetConfig settings = threeLayerSettings();
    const ConvolutionNetwork network = sevenNetNetwork(settings);
    SevenNetConfig oldSettings = settings;
    oldSettings.columns = ColumnOrder::Loop;
    const ConvolutionNetwork oldNetwork = sevenNetNetwork(oldSettings);
    for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
        auto& tensor = loop.tensor(fmt::format("{}_convolution.weight_nn.layer1.weight", layer));
        const std::vector<float> values = tensor.values;
        const auto columns = static_cast<std::size_t>(tensor.shape[1]);
        for (std::size_t i = 0; i < network.layers[layer].paths.size(); ++i) {
            const auto from = static_cast<std::size_t>(network.layers[layer].paths[i].column);
            const auto to = static_cast<std::size_t>(oldNetwork.layers[layer].paths[i].column);
            for (std::size_t row = 0; row < 4; ++row)
                for (std::size_t u = 0; u < 3; ++u)
                    tensor.values[row * columns + to + u] = values[row * columns + from + u];
        }
    }
    QVERIFY(std::abs(energyOf(opened(loop)) - energyOf(opened(sorted))) < 1e-12);
    loop.set("version", pickledText("0.11.0"));
    QVERIFY(std::abs(energyOf(opened(loop)) - energyOf(opened(sorted))) > 1e-6);
}

/// A 3j tensor of the opposite sign turns the columns of its path around.
void TestSevenNetFile::signsOfCouplings()
{
    const auto coupling = [](int layer, double sign) {
        SevenNetCheckpoint::Tensor tensor{
            fmt::format("{}_convolution.convolution._compiled_main_left_right._w3j_1_1_1", layer),
            {3, 3, 3},
            {}};
        for (const double value : wigner3j(1, 1, 1))
            tensor.values.push_back(static_cast<float>(sign * value));
        return tensor;
    };
    // Without parity the products 1 x 1 -> 1 reach the energy.
    SevenNetConfig settings = threeLayerSettings();
    settings.parity = false;
    SevenNetCheckpoint plain = threeLayerCheckpoint();
    plain.set("is_parity", pickledBoolean(false));
    plain.tensors = syntheticTensors(settings);
    SevenNetCheckpoint same = plain, flipped = plain, turned = plain;
    same.tensors.push_back(coupling(1, 1));
    flipped.tensors.push_back(coupling(1, -1));
    const ConvolutionLayer layer = sevenNetNetwork(settings).layers[1];
    auto& matrix = turned.tensor("1_convolution.weight_nn.layer1.weight");
    int paths = 0;
    for (const ConvolutionPath& path : layer.paths)
        if (layer.input[static_cast<std::size_t>(path.input)].irrep.l == 1 && path.l2 == 1 &&
            layer.sums[static_cast<std::size_t>(path.output)].irrep.l == 1) {
            ++paths;
            for (std::int64_t row = 0; row < 4; ++row)
                for (std::int64_t u = 0; u < 3; ++u)
                    matrix.values[static_cast<std::size_t>(row * matrix.shape[1] + path.column + u)] *= -1;
        }
    QVERIFY(paths > 0);
    QCOMPARE(energyOf(opened(same)), energyOf(opened(plain)));
    QVERIFY(std::abs(energyOf(opened(flipped)) - energyOf(opened(turned))) < 1e-12);
    const Prediction a = predictionOf(opened(flipped).loaded, molecule());
    const Prediction b = predictionOf(opened(plain).loaded, molecule());
    QVERIFY(largest(a.nodeEnergy - b.nodeEnergy) > 1e-8);

    SevenNetCheckpoint longer = plain;
    longer.tensors.push_back(coupling(1, 2));
    QVERIFY(limitationOf(longer).find("norm 2") != std::string::npos);
}

void TestSevenNetFile::biasesAndReadoutNetwork()
{
    SevenNetConfig settings = syntheticSettings();
    settings.biases = true;
    settings.readoutHidden = {5, 4};
    SevenNetCheckpoint checkpoint = syntheticCheckpoint();
    checkpoint.set("use_bias_in_linear", pickledBoolean(true));
    checkpoint.set("readout_as_fcn", pickledBoolean(true));
    checkpoint.set("readout_fcn_hidden_neurons",
                   [](PickleWriter& w) { w.list([&] { w.integer(5).integer(4); }); });
    checkpoint.set("readout_fcn_activation", pickledText("relu"));
    checkpoint.tensors = syntheticTensors(settings);
    const ArchiveModel model = opened(checkpoint);
    QCOMPARE(model.loaded.description().limitation, std::string());
    QVERIFY(std::isfinite(energyOf(model)));
    int biases = 0, readouts = 0;
    for (const ParameterInfo& info : model.loaded.description().tensors) {
        biases += info.kind == "bias" ? 1 : 0;
        readouts += info.kind == "readout" ? 1 : 0;
    }
    QCOMPARE(biases, 1 + 2 * 2);
    QCOMPARE(readouts, 3);
    // The energy depends on every bias.
    for (auto& tensor : checkpoint.tensors)
        if (tensor.name.find("bias") != std::string::npos) {
            const double before = energyOf(opened(checkpoint));
            tensor.values[0] += 0.5f;
            QVERIFY2(energyOf(opened(checkpoint)) != before, tensor.name.c_str());
        }
}

QTEST_GUILESS_MAIN(TestSevenNetFile)
#include "tst_sevennet_file.moc"
