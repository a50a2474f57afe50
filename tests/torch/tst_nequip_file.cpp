// Files of NequIP: tensors and their places, writing back, reference energies, and what is only inspected.
#include "checkpoints/nequip/nequip_settings.h"
#include "support/nequip_models.h"
#include "support/sentence.h"
#include "weights/delta_file.h"

#include <QtTest/QtTest>
#include <random>
#include <set>

using namespace lodestone;
using namespace lodestone::test;

namespace {

const ParameterInfo& tensorNamed(const LoadedModel& loaded, const std::string& name)
{
    for (const ParameterInfo& info : loaded.description().tensors)
        if (info.name == name)
            return info;
    throw std::runtime_error("no tensor " + name);
}

/// The module at a path of names within a described model, by way of modules or attributes.
Json& moduleAt(Json& description, std::initializer_list<const char*> path)
{
    Json* module = &description["model"];
    for (const char* name : path)
        module = module->contains("modules") ? &(*module)["modules"][name] : &(*module)["attributes"][name];
    return *module;
}

template<class Body>
std::string sentenceOf(Body&& body)
{
    return sentence(body).toStdString();
}

std::string limitationOf(const Json& description)
{
    const ArchiveModel model = nequipModel(description);
    return model.loaded.description().limitation;
}

} // namespace

class TestNequipFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void describesItself();
    void pathsCoverTheTensors_data();
    void pathsCoverTheTensors();
    void elementsOfValues();
    void unchangedFilesStayAsTheyAre_data() { pathsCoverTheTensors_data(); }
    void unchangedFilesStayAsTheyAre();
    void changesAreWrittenToEveryCopy();
    void referenceEnergiesInTheirUnit();
    void frozen();
    void notComputed_data();
    void notComputed();
    void copiesThatDiffer();
    void statesOfTrainings();
    void compiled();
    void otherFilesAreNotNequips();
    void headsAreRefused();
    void typesThatAreNoElements();
    void yaml();
    void damagedDescriptions();
};

void TestNequipFile::describesItself()
{
    const LoadedModel script = nequipModel(nequipDescription("script_parity")).loaded;
    const ModelDescription& about = script.description();
    QCOMPARE(about.family, std::string("nequip"));
    QCOMPARE(about.architecture,
             std::string("NequIP 0.6.2, TorchScript: 4 interaction layers, edge harmonics to l = 2"));
    QCOMPARE(about.cutoff, 4.5);
    QCOMPARE(about.elements, (std::vector<int>{1, 6, 8, 26, 28}));
    QCOMPARE(about.layers, 4);
    QCOMPARE(about.lMax, 2);
    QCOMPARE(about.dtype, std::string("float64"));
    QCOMPARE(tensorNamed(script, "layer_1/linear_1/weight").stored,
             std::string("model.model.func.layer1_convnet.conv.linear_1.weight"));
    QCOMPARE(tensorNamed(script, "layer_0/self_connection/weight").kind, std::string("tensor-product"));
    QCOMPARE(tensorNamed(script, "layer_0/self_connection/weight").shape, (std::vector<std::int64_t>{135}));
    QCOMPARE(tensorNamed(script, "layer_2/radial/2").shape, (std::vector<std::int64_t>{8, 81}));
    QVERIFY(tensorNamed(script, "radial_basis/frequencies").trainable);
    QVERIFY(!tensorNamed(script, "global_scale").trainable);

    const LoadedModel package = nequipModel(nequipDescription("package_repulsion")).loaded;
    QCOMPARE(
        package.description().architecture,
        std::string("NequIP 0.19.0, packaged: 3 interaction layers, edge harmonics to l = 1, ZBL repulsion"));
    // Scales and Bessel roots are kept in double.
    QCOMPARE(package.description().dtype, std::string("float32"));
    QVERIFY(package.parameters.at("reference_energies").dtype() == torch::kFloat64);
    QCOMPARE(package.description().elements, (std::vector<int>{6, 26, 1, 28, 8}));
    QCOMPARE(tensorNamed(package, "embedding/weight").stored,
             std::string("sole_model.model.func.type_embed.embed_module.weight"));
    QCOMPARE(tensorNamed(package, "readout/1").kind, std::string("readout"));
    QCOMPARE(package.description().referenceEnergies, std::int64_t{5});

    QCOMPARE(nequipModel(nequipDescription("script_old")).loaded.description().architecture,
             std::string("NequIP, TorchScript: 2 interaction layers, edge harmonics to l = 2"));
}

void TestNequipFile::pathsCoverTheTensors_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"script_parity", "script_plain", "script_repulsion", "package_parity", "package_repulsion"})
        QTest::newRow(name) << name;
}

void TestNequipFile::pathsCoverTheTensors()
{
    QFETCH(QString, name);
    const LoadedModel loaded = nequipModel(nequipDescription(name.toStdString())).loaded;
    std::set<std::string> names, places;
    std::int64_t numbers = 0;
    for (const ParameterInfo& info : loaded.description().tensors) {
        QVERIFY2(names.insert(info.name).second && places.insert(info.stored).second, info.name.c_str());
        QCOMPARE(loaded.parameters.at(info.name).sizes().vec(), info.shape);
        numbers += info.count;
        std::int64_t next = 0;
        for (const ParameterPath& path : info.paths) {
            QCOMPARE(path.offset, next);
            next += path.count;
        }
        const bool wanted = info.kind == "linear" || info.kind == "tensor-product" || info.kind == "readout";
        QVERIFY2(next == (wanted ? info.count : 0), info.name.c_str());
    }
    QCOMPARE(loaded.description().storedNumbers, numbers);
}

void TestNequipFile::elementsOfValues()
{
    const LoadedModel script = nequipModel(nequipDescription("script_parity")).loaded;
    // [channels in][elements][channels out]
    const std::vector<int> connection =
        elementOfValues(tensorNamed(script, "layer_0/self_connection/weight"), 5);
    QCOMPARE(connection.size(), std::size_t{135});
    QCOMPARE(connection[8], 0);
    QCOMPARE(connection[9], 1);
    QCOMPARE(connection[45], 0);
    QCOMPARE(elementOfValues(tensorNamed(script, "embedding/weight"), 5)[7], 2);
    QCOMPARE(elementOfValues(tensorNamed(script, "reference_energies"), 5),
             (std::vector<int>{0, 1, 2, 3, 4}));
    const LoadedModel package = nequipModel(nequipDescription("package_parity")).loaded;
    QCOMPARE(elementOfValues(tensorNamed(package, "embedding/weight"), 5)[6], 1);
    // Here the attributes are learnt: no weight of the product belongs to an element.
    QVERIFY(elementOfValues(tensorNamed(package, "layer_1/self_connection/weight"), 5).empty());
}

void TestNequipFile::unchangedFilesStayAsTheyAre()
{
    QFETCH(QString, name);
    const TorchArchive archive = nequipArchive(nequipDescription(name.toStdString()));
    const ArchiveModel model = openNequip(archive);
    QVERIFY(rewriteArchive(archive, model, model.loaded.parameters) == archive.bytes());
}

void TestNequipFile::changesAreWrittenToEveryCopy()
{
    const Json description = nequipDescription("package_repulsion");
    const TorchArchive archive = nequipArchive(description);
    const ArchiveModel model = openNequip(archive);
    QCOMPARE(model.copies.size(), std::size_t{1});
    const std::string changed = "layer_1/linear_2/weight";
    ParameterTable parameters = model.loaded.parameters;
    parameters.set(changed, parameters.at(changed) + 0.25);
    const std::string bytes = rewriteArchive(archive, model, parameters);
    QCOMPARE(bytes.size(), archive.bytes().size());
    const TorchArchive rewritten = TorchArchive::parse(bytes, "rewritten");
    const ArchiveModel again = openNequip(rewritten);
    QCOMPARE(again.loaded.description().limitation, std::string());
    for (std::size_t i = 0; i < model.places.size(); ++i) {
        const std::string& name = model.loaded.description().tensors[i].name;
        QVERIFY2(torch::equal(again.loaded.parameters.at(name), parameters.at(name)), name.c_str());
        QVERIFY2(rewritten.numbers(model.places[i]) == rewritten.numbers(model.copies[0][i]), name.c_str());
        const bool same = rewritten.numbers(model.places[i]) == archive.numbers(model.places[i]);
        QVERIFY2(same == (name != changed), name.c_str());
    }
    std::size_t different = 0;
    for (const std::string& record : archive.records())
        different += archive.record(record) != rewritten.record(record);
    QCOMPARE(different, std::size_t{2});
    const Structure water = describedStructure(description, "h2o");
    QCOMPARE(nequipPrediction(again.loaded, water).energy.item<double>(),
             nequipPrediction(model.loaded, parameters, water).energy.item<double>());
}

/// Behind a global factor the stored shifts are eV over that factor.
void TestNequipFile::referenceEnergiesInTheirUnit()
{
    for (const char* name : {"script_parity", "package_parity"}) {
        const Json description = nequipDescription(name);
        const LoadedModel loaded = nequipModel(description).loaded;
        const ParameterInfo* reference = referenceTensor(loaded.description());
        QVERIFY(reference);
        QCOMPARE(reference->name, std::string("reference_energies"));
        const torch::Tensor row =
            referenceRow(loaded.description(), loaded.parameters.at(reference->name)) * reference->unit;
        QVERIFY(largest(row - torch::tensor({-1.5, -2.5, -3.25, -8.0, -6.0}, torch::kFloat64)) < 1e-12);
        DeltaFile delta;
        delta.baseSha256 = loaded.description().sha256;
        delta.float64 = true;
        delta.referenceEnergyShift = {{1, 0.5}, {8, -2.0}};
        const LoadedModel tuned = applyDelta(loaded, delta);
        const Structure water = describedStructure(description, "h2o");
        const double before = nequipPrediction(loaded, water).energy.item<double>();
        const double after = nequipPrediction(tuned, water).energy.item<double>();
        QVERIFY(std::abs(after - before - (2 * 0.5 - 2.0)) < 1e-12);
    }
}

/// torch.jit.freeze dissolves the modules: what is left of them has not even a flag of training.
void TestNequipFile::frozen()
{
    Json description = nequipDescription("script_parity");
    description["model"] = {
        {"module", "__torch__.nequip.nn._graph_model.GraphModel"},
        {"attributes",
         {{"model",
           {{"module", "__torch__.nequip.nn._rescale.RescaleOutput"}, {"attributes", Json::object()}}}}}};
    const ArchiveModel model = nequipModel(description);
    const ModelDescription& about = model.loaded.description();
    QVERIFY2(about.limitation.find("frozen") != std::string::npos, about.limitation.c_str());
    QCOMPARE(about.architecture, std::string("NequIP 0.6.2, TorchScript"));
    QCOMPARE(about.cutoff, 4.5);
    QCOMPARE(about.elements, (std::vector<int>{1, 6, 8, 26, 28}));
    // Its constants are listed.
    QVERIFY(!about.tensors.empty());
    const Structure water = describedStructure(description, "h2o");
    QCOMPARE(sentenceOf([&] { nequipPrediction(model.loaded, water); }), about.limitation);
}

void TestNequipFile::notComputed_data()
{
    QTest::addColumn<QString>("base");
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("words");
    QTest::newRow("norm activation") << "script_parity"
                                     << "norm"
                                     << "only gates";
    QTest::newRow("another part") << "script_parity"
                                  << "part"
                                  << "'uncertainty' (GMM) is not known";
    QTest::newRow("Allegro") << "package_parity"
                             << "allegro"
                             << "Allegro";
    QTest::newRow("Lennard-Jones") << "script_repulsion"
                                   << "lj"
                                   << "only ZBL";
    QTest::newRow("charges embedded") << "package_parity"
                                      << "embedded"
                                      << "charge, spin";
    QTest::newRow("other harmonics") << "script_parity"
                                     << "harmonics"
                                     << "spherical harmonics";
    QTest::newRow("a setting is missing") << "script_parity"
                                          << "setting"
                                          << "it has no setting 'resnet'";
    QTest::newRow("unknown activation") << "script_parity"
                                        << "activation"
                                        << "activation function is not known";
    QTest::newRow("parametrised weights") << "package_parity"
                                          << "parametrised"
                                          << "parametrised";
    QTest::newRow("irreps that do not fit") << "package_parity"
                                            << "irreps"
                                            << "irreps";
    QTest::newRow("weights of another size") << "script_parity"
                                             << "size"
                                             << "instructions ask for";
    QTest::newRow("basis of Gaussians") << "script_parity"
                                        << "basis"
                                        << "Bessel basis";
    QTest::newRow("repulsion scaled") << "script_repulsion"
                                      << "order"
                                      << "scales the pair potential";
    QTest::newRow("mean instead of sum") << "script_parity"
                                         << "mean"
                                         << "plain sum";
}

void TestNequipFile::notComputed()
{
    QFETCH(QString, base);
    QFETCH(QString, change);
    QFETCH(QString, words);
    Json description = nequipDescription(base.toStdString());
    const bool script = description["layout"] == "script";
    const auto part = [&](const char* name) -> Json& {
        return script ? moduleAt(description, {"model", "model", "func", name})
                      : moduleAt(description, {"model", "func", name});
    };
    if (change == "norm")
        moduleAt(description, {"model", "model", "func", "layer1_convnet", "equivariant_nonlin"})["module"] =
            "__torch__.e3nn.nn._normact.NormActivation";
    else if (change == "part")
        part("uncertainty") = {{"module", "__torch__.nequip.nn._gmm.GMM"},
                               {"attributes", {{"training", false}}}};
    else if (change == "allegro")
        part("allegro") = {{"module", "allegro.nn.allegro.Allegro_Module"},
                           {"attributes", {{"training", false}}}};
    else if (change == "lj")
        part("pair_potential")["module"] = "__torch__.nequip.nn.pair_potential.LennardJones";
    else if (change == "embedded")
        part("type_embed")["attributes"]["do_categorical_graph_field_embed"] = true;
    else if (change == "harmonics")
        part("spharm_edges")["attributes"]["sh"]["attributes"]["normalization"] = "integral";
    else if (change == "setting")
        part("layer2_convnet")["attributes"].erase("resnet");
    else if (change == "activation")
        for (auto& [file, activation] : description["activations"].items())
            activation[0] = "erf";
    else if (change == "parametrised")
        moduleAt(description, {"model", "func", "layer0_convnet", "conv", "edge_mlp", "mlp", "2"})
            .erase("parameters");
    else if (change == "irreps")
        moduleAt(description, {"model", "func", "layer1_convnet", "conv",
                               "linear_1"})["attributes"]["irreps_in"] = {{"irreps", "3x0e"}};
    else if (change == "size")
        part("layer1_convnet")["attributes"]["conv"]["attributes"]["linear_2"]["attributes"]["weight"]
                              ["tensor"] = {431};
    else if (change == "basis")
        part("radial_basis")["attributes"]["basis"]["module"] = "__torch__.nequip.nn.radial_basis.e3nn_basis";
    else if (change == "order") {
        Json& parts = moduleAt(description, {"model", "model", "func"})["attributes"];
        const Json rescale = parts["per_species_rescale"];
        parts.erase("per_species_rescale");
        parts["per_species_rescale"] = rescale;
    } else if (change == "mean")
        part("total_energy_sum")["attributes"]["reduce"] = "mean";
    const std::string limitation = limitationOf(description);
    QVERIFY2(limitation.find(words.toStdString()) != std::string::npos, limitation.c_str());
    QVERIFY2(limitation.back() == '.', limitation.c_str());
}

/// A package whose models are not one and the same is not tuned halfway.
void TestNequipFile::copiesThatDiffer()
{
    const TorchArchive archive = nequipArchive(nequipDescription("package_repulsion"));
    const ArchiveModel model = openNequip(archive);
    const torch::Tensor weight = loadTensor(archive, model.copies[0][3]) + 1;
    const std::string numbers(static_cast<const char*>(weight.data_ptr()), weight.nbytes());
    const std::string bytes = archive.withNumbers({{model.copies[0][3], numbers}});
    const ArchiveModel differing = openNequip(TorchArchive::parse(bytes, "differing"));
    const std::string limitation = differing.loaded.description().limitation;
    QVERIFY2(limitation.find("other weights") != std::string::npos, limitation.c_str());
}

void TestNequipFile::statesOfTrainings()
{
    for (const bool lightning : {false, true}) {
        TorchFileWriter writer;
        const auto weights = [&] {
            writer.data.text("model.func.layer0_convnet.conv.linear_1.weight");
            writer.data.values(std::vector<float>{1, 2, 3, 4}, {4});
        };
        if (lightning)
            writer.data.dictionary([&] {
                writer.data.text("epoch").integer(3);
                writer.data.text("state_dict").orderedDictionary(weights);
            });
        else
            writer.data.orderedDictionary(weights);
        const TorchArchive archive = TorchArchive::parse(writer.saved(), "best.ckpt");
        QVERIFY(looksLikeNequip(archive));
        const ArchiveModel model = openNequip(archive);
        const ModelDescription& about = model.loaded.description();
        QVERIFY2(about.limitation.find("state of a training") != std::string::npos, about.limitation.c_str());
        QCOMPARE(about.tensors.size(), std::size_t{1});
    }
}

void TestNequipFile::compiled()
{
    ZipWriter zip;
    zip.add("water/data/aotinductor/model/c1.wrapper.so", "\x7f"
                                                          "ELF");
    zip.add("water/data/aotinductor/model/c1_metadata.json",
            R"({"AOTI_DEVICE_KEY": "cpu", "r_max": "4.0", "type_names": "H O", "num_types": "2"})");
    zip.add("water/archive_format", "pt2");
    const TorchArchive archive = TorchArchive::parse(zip.finish(), "water.nequip.pt2");
    QVERIFY(looksLikeNequip(archive));
    const ArchiveModel model = openNequip(archive);
    const ModelDescription& about = model.loaded.description();
    QVERIFY2(about.limitation.find("machine code") != std::string::npos, about.limitation.c_str());
    QCOMPARE(about.cutoff, 4.0);
    QCOMPARE(about.elements, (std::vector<int>{1, 8}));
    QVERIFY(about.tensors.empty());
    QVERIFY(sentenceOf([&] { archive.root(); }).find("machine code") != std::string::npos);
}

void TestNequipFile::otherFilesAreNotNequips()
{
    TorchFileWriter writer;
    writer.data.orderedDictionary([&] {
        writer.data.text("embedding.weight");
        writer.data.values(std::vector<float>{1, 2}, {2});
    });
    QVERIFY(!looksLikeNequip(TorchArchive::parse(writer.saved(), "other.pt")));
    TorchFileWriter script;
    script.data.objectWith("__torch__.model", "Model", [&] { script.data.text("training").boolean(false); });
    script.constants.tuple();
    QVERIFY(!looksLikeNequip(TorchArchive::parse(script.script(), "other.pt")));
    ZipWriter zip;
    zip.add("other/data/aotinductor/model/metadata.json", "{}");
    QVERIFY(!looksLikeNequip(TorchArchive::parse(zip.finish(), "other.pt2")));
}

void TestNequipFile::headsAreRefused()
{
    const TorchArchive archive = nequipArchive(nequipDescription("script_plain"));
    const std::string sentence = sentenceOf([&] { openNequip(archive, {"pbe"}); });
    QVERIFY2(sentence.find("'pbe'") != std::string::npos, sentence.c_str());
}

void TestNequipFile::typesThatAreNoElements()
{
    Json description = nequipDescription("script_plain");
    description["extra"]["type_names"] = "H_water C O Fe Ni";
    // The symbols of such types stand in the configuration.
    QCOMPARE(limitationOf(description), std::string());
    description["extra"]["config"] = "type_to_chemical_symbol:\n  0: Mu\n";
    QVERIFY(limitationOf(description).find("'Mu' is no chemical element") != std::string::npos);
    description["extra"]["config"] = "type_to_chemical_symbol:\n  0: O\n";
    QVERIFY(limitationOf(description).find("Two of the model's atom types are O") != std::string::npos);
    description["extra"]["type_names"] = "H C";
    QVERIFY(!limitationOf(description).empty());
}

void TestNequipFile::yaml()
{
    const std::string text =
        "a: 1\nversions:\n  e3nn: 0.6.0\r\n\n  # words\n  nequip: '0.19.0'\n- x: y\nlast:\n  nequip: 2\n";
    const auto versions = yamlMapping(text, "versions");
    QCOMPARE(versions.at("nequip"), std::string("0.19.0"));
    QCOMPARE(versions.at("e3nn"), std::string("0.6.0"));
    QVERIFY(yamlMapping(text, "a").empty());
    QVERIFY(yamlMapping("", "a").empty());
    QCOMPARE(yamlMapping(text, "last").size(), std::size_t{1});
}

/// Values replaced by others at random: files end in a sentence, never in a fault.
void TestNequipFile::damagedDescriptions()
{
    std::mt19937 random(5);
    const std::vector<Json> replacements = {
        nullptr,
        -1,
        1e300,
        70000,
        "x",
        true,
        Json::array(),
        {{"irreps", "3x1o"}},
        {{"list", Json::array()}},
        {{"tensor", {2, 2}}, {"type", "float32"}, {"values", {1, 2, 3, 4}}}};
    int opened = 0, refused = 0;
    for (const char* name : {"script_plain", "package_repulsion"}) {
        const Json sound = nequipDescription(name);
        const Json flat = sound["model"].flatten();
        std::vector<std::string> places;
        for (const auto& [place, value] : flat.items()) {
            const std::size_t leaf = place.rfind('/');
            const bool setting = std::string_view(place).substr(0, leaf).ends_with("/attributes");
            const bool instruction = place.find("/instructions/list/") != std::string::npos &&
                                     place.find_first_not_of("0123456789", leaf + 1) == std::string::npos;
            if (setting || instruction)
                places.push_back(place);
        }
        for (int i = 0; i < 120; ++i) {
            const std::string& place = places[random() % places.size()];
            Json damaged = sound;
            damaged["model"][Json::json_pointer(place)] = replacements[random() % replacements.size()];
            const TorchArchive archive = nequipArchive(damaged);
            try {
                const ArchiveModel model = openNequip(archive);
                ++(model.loaded.description().limitation.empty() ? opened : refused);
            } catch (const Error& error) {
                QVERIFY2(error.exitCode() == 1, error.what());
                ++refused;
            }
        }
    }
    // Settings that nobody reads may change; those that are read are missed.
    QVERIFY2(refused > 30 && opened > 10,
             qPrintable(QString("%1 refused, %2 opened").arg(refused).arg(opened)));
}

QTEST_GUILESS_MAIN(TestNequipFile)
#include "tst_nequip_file.moc"
