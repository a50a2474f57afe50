// MACE files: description, writing back, heads, files that are damaged or ask for what is not computed.
#include "archives/zip_file.h"
#include "models/model.h"
#include "support/mace_models.h"
#include "support/reference_tensors.h"
#include "support/sentence.h"
#include "support/tiny_mace.h"

#include <map>
#include <set>

using namespace lodestone;
using namespace std::string_literals;
using test::TinyMace;

namespace {

TorchArchive tiny(const TinyMace& options = {})
{
    return TorchArchive::parse(test::writeTinyMace(options), "tiny.model");
}

/// A model of the fixtures, or one written here.
TorchArchive archiveNamed(const QString& name)
{
    if (name == "tiny")
        return tiny();
    if (name == "tiny non-linear")
        return tiny({.first = "RealAgnosticResidualNonLinearInteractionBlock",
                     .later = "RealAgnosticResidualNonLinearInteractionBlock",
                     .agnostic = true,
                     .heads = {"a", "default", "c"},
                     .readout = "NonLinearBiasReadoutBlock"});
    return archiveOf(macePath(name.toStdString()));
}

void allRows()
{
    maceRows();
    QTest::newRow("tiny") << "tiny";
    QTest::newRow("tiny non-linear") << "tiny non-linear";
}

#define SKIP_UNLESS_WRITTEN_HERE(name)                                                                       \
    do {                                                                                                     \
        if (!name.startsWith("tiny"))                                                                        \
            SKIP_WITHOUT_SHARED("fixtures/mace");                                                            \
    } while (false)

Structure pairOfAtoms()
{
    Structure structure;
    structure.species = {26, 28};
    structure.positions = {{0, 0, 0}, {1.3, 1.2, 1.1}};
    return structure;
}

double energyOf(const ArchiveModel& model)
{
    const Structure structure = pairOfAtoms();
    const ModelDescription& about = model.loaded.description();
    const GraphBatch batch = makeGraphBatch({&structure}, about.elements, about.cutoff, torch::kFloat64);
    return predict(*model.loaded.model, model.loaded.parameters.to(torch::kCPU, torch::kFloat64), batch)
        .energy.item<double>();
}

const ParameterInfo& tensorNamed(const ModelDescription& about, const std::string& name)
{
    const auto found = std::find_if(about.tensors.begin(), about.tensors.end(),
                                    [&](const ParameterInfo& info) { return info.name == name; });
    if (found == about.tensors.end())
        qFatal("there is no tensor %s", name.c_str());
    return *found;
}

/// Names of the records whose bytes differ.
std::set<std::string> changedRecords(const std::string& before, const std::string& after)
{
    const ZipFile a = ZipFile::parse(before, "before"), b = ZipFile::parse(after, "after");
    std::set<std::string> changed;
    if (a.entries().size() != b.entries().size())
        qFatal("a record is missing");
    for (const ZipEntry& entry : a.entries()) {
        const ZipEntry* other = b.find(entry.name);
        if (!other || other->dataOffset != entry.dataOffset || a.read(entry) != b.read(*other))
            changed.insert(entry.name);
    }
    return changed;
}

} // namespace

class TestMaceFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void countsOfTheReleasedModel();
    void descriptionIsConsistent_data() { allRows(); }
    void descriptionIsConsistent();
    void namesOfUpstream_data() { maceRows(); }
    void namesOfUpstream();
    void paths();
    void elementsOfValues();
    void headsByName();
    void zeroedWeights();
    void unchangedIsByteIdentical_data() { allRows(); }
    void unchangedIsByteIdentical();
    void changedTensorAlone_data() { allRows(); }
    void changedTensorAlone();
    void forInspectionOnly_data();
    void forInspectionOnly();
    void damage_data();
    void damage();
    void randomBytes();
    void otherPickles();
};

void TestMaceFile::countsOfTheReleasedModel()
{
    SKIP_WITHOUT_SHARED("models/mace-ani500k-small-cc");
    const ModelDescription about = maceModel("real_ani500k_small_CC").loaded.description();
    QCOMPARE(about.family, std::string("mace"));
    QCOMPARE(about.parameters, std::int64_t{196944});
    QCOMPARE(about.referenceEnergies, std::int64_t{4});
    QCOMPARE(about.storedNumbers, std::int64_t{196948});
    QCOMPARE(about.elements, (std::vector<int>{1, 6, 7, 8}));
    QCOMPARE(about.cutoff, 5.0);
    QCOMPARE(about.layers, 2);
    QCOMPARE(about.lMax, 3);
    QCOMPARE(about.irrepsHidden, std::string("64x0e"));
    QCOMPARE(about.dtype, std::string("float64"));
    QVERIFY(about.heads.empty());
    QCOMPARE(about.architecture,
             std::string("ScaleShiftMACE, 2 interaction layers, hidden irreps 64x0e, edge "
                         "harmonics to l = 3, correlation 3"));
    std::map<std::string, std::int64_t> byKind;
    for (const ParameterInfo& info : about.tensors)
        byKind[info.kind] += info.count;
    QCOMPARE(byKind.at("tensor-product"), std::int64_t{65536 + 16384});
    QCOMPARE(byKind.at("contraction"), std::int64_t{2 * 4 * (23 + 4 + 1) * 64});
    QCOMPARE(byKind.at("readout"), std::int64_t{64 + 1024 + 16});
    QCOMPARE(byKind.at("reference"), std::int64_t{4});
}

void TestMaceFile::descriptionIsConsistent()
{
    QFETCH(QString, name);
    SKIP_UNLESS_WRITTEN_HERE(name);
    const ArchiveModel model = openMace(archiveNamed(name));
    const ModelDescription& about = model.loaded.description();
    QCOMPARE(model.loaded.parameters.names().size(), about.tensors.size());
    QCOMPARE(model.places.size(), about.tensors.size());
    std::set<std::string> names, stored;
    std::int64_t numbers = 0;
    for (std::size_t i = 0; i < about.tensors.size(); ++i) {
        const ParameterInfo& info = about.tensors[i];
        QVERIFY(names.insert(info.name).second);
        QVERIFY2(stored.insert(info.stored).second, info.stored.c_str());
        QVERIFY(info.name == info.block || info.name.starts_with(info.block + "/"));
        QVERIFY(info.layer < 0 || info.block == "layer_" + std::to_string(info.layer) + "/" + info.module);
        const torch::Tensor& value = model.loaded.parameters.at(info.name);
        QCOMPARE(value.sizes().vec(), info.shape);
        QCOMPARE(value.numel(), info.count);
        QCOMPARE(model.places[i].shape, info.shape);
        const double norm = value.to(torch::kFloat64).norm().item<double>();
        QVERIFY(std::abs(norm - info.norm) < 1e-12 * (1 + info.norm));
        QCOMPARE(info.trainable, info.kind != "reference");
        if (info.elementAxis >= 0)
            QCOMPARE(info.shape.at(static_cast<std::size_t>(info.elementAxis)),
                     static_cast<std::int64_t>(about.elements.size()));
        // The paths cover the tensor without gap or overlap.
        std::int64_t covered = 0;
        for (const ParameterPath& part : info.paths) {
            QCOMPARE(part.offset, covered);
            QVERIFY(part.count > 0);
            QVERIFY(info.kind == "contraction" ||
                    part.count % (part.multiplicityIn * part.multiplicityOut) == 0);
            covered += part.count;
        }
        QCOMPARE(covered, info.paths.empty() ? std::int64_t{0} : info.count);
        const bool equivariant =
            info.kind == "linear" || info.kind == "tensor-product" || info.kind == "contraction";
        QCOMPARE(!info.paths.empty(),
                 equivariant || (info.kind == "readout" && !info.name.ends_with("/bias")));
        numbers += info.count;
    }
    QCOMPARE(numbers, about.storedNumbers);
    QCOMPARE(about.parameters, about.storedNumbers - about.referenceEnergies);
    QVERIFY(referenceTensor(about));
}

/// Every parameter of upstream is one of ours in its shape, and there are no others but the reference
/// energies.
void TestMaceFile::namesOfUpstream()
{
    SKIP_WITHOUT_SHARED("fixtures/mace");
    QFETCH(QString, name);
    const ModelDescription about = maceModel(name.toStdString()).loaded.description();
    std::map<std::string, std::vector<std::int64_t>> ours;
    for (const ParameterInfo& info : about.tensors)
        ours[info.stored] = info.shape;
    const Json reference = maceReference("", name.toStdString());
    for (const Json& parameter : reference.at("parameters")) {
        const auto found = ours.find(parameter.at("name").get<std::string>());
        QVERIFY2(found != ours.end(), parameter.at("name").get<std::string>().c_str());
        QCOMPARE(found->second, parameter.at("shape").get<std::vector<std::int64_t>>());
        ours.erase(found);
    }
    QCOMPARE(ours.size(), std::size_t{1});
    QCOMPARE(ours.begin()->first, std::string("atomic_energies_fn.atomic_energies"));
    QCOMPARE(about.elements, reference.at("elements").get<std::vector<int>>());
    QCOMPARE(about.cutoff, reference.at("cutoff").get<double>());
    QCOMPARE(about.dtype, reference.at("stored_dtype").get<std::string>());
}

void TestMaceFile::paths()
{
    const ModelDescription about = openMace(tiny()).loaded.description();
    // Rows of the message's layer by the irrep that the convolution started from.
    const ParameterInfo& linear = tensorNamed(about, "layer_1/linear/weight");
    QCOMPARE(linear.irrepsIn, std::string("8x0e + 12x1o + 8x2e"));
    QCOMPARE(linear.irrepsOut, std::string("4x0e + 4x1o + 4x2e"));
    std::vector<std::pair<int, int>> degrees;
    for (const ParameterPath& path : linear.paths) {
        degrees.emplace_back(path.lIn, path.lOut);
        QCOMPARE(path.count, std::int64_t{16});
    }
    QCOMPARE(degrees,
             (std::vector<std::pair<int, int>>{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {1, 1}, {0, 2}, {1, 2}}));
    QCOMPARE(tensorNamed(about, "layer_0/contraction/1o/weights_max").paths.front().lOut, 1);
    QCOMPARE(tensorNamed(about, "readout_1/linear_2/weight").kind, std::string("readout"));
    QCOMPARE(tensorNamed(about, "readout_1/linear_2/weight").module, std::string("readout"));
    QCOMPARE(tensorNamed(about, "layer_1/conv_tp_weights/layer2").kind, std::string("radial"));
}

void TestMaceFile::elementsOfValues()
{
    const ArchiveModel model = openMace(tiny());
    const ModelDescription& about = model.loaded.description();
    const std::size_t elements = about.elements.size();
    for (const char* name :
         {"embedding/weight", "layer_1/skip_tp/weight", "layer_0/contraction/1o/weights_0"}) {
        const std::vector<int> owners = elementOfValues(tensorNamed(about, name), elements);
        QCOMPARE(owners.size(), static_cast<std::size_t>(tensorNamed(about, name).count));
        // The energy of atoms of two elements does not depend on what belongs to the third (oxygen), and on
        // the rest it does.
        for (const int element : {0, 1}) {
            ArchiveModel changed = model;
            torch::Tensor value = changed.loaded.parameters.at(name).clone();
            for (std::size_t i = 0; i < owners.size(); ++i)
                if (owners[i] == element)
                    value.view({-1})[static_cast<std::int64_t>(i)] += 0.1;
            changed.loaded.parameters.set(name, value);
            QCOMPARE(energyOf(changed) == energyOf(model), element == 0);
        }
    }
    QVERIFY(elementOfValues(tensorNamed(about, "layer_0/linear_up/weight"), elements).empty());
}

void TestMaceFile::headsByName()
{
    const TorchArchive archive = archiveNamed("tiny non-linear");
    const ModelDescription about = openMace(archive).loaded.description();
    QCOMPARE(about.heads, (std::vector<std::string>{"a", "default", "c"}));
    QCOMPARE(about.headIndex, 1);
    std::set<double> energies;
    for (const char* head : {"a", "default", "c"})
        energies.insert(energyOf(openMace(archive, {head})));
    QCOMPARE(energies.size(), std::size_t{3});
    QVERIFY(energies.count(energyOf(openMace(archive))));
    VERIFY_ERROR(openMace(archive, {"b"}), "tiny.model", "'b'", "a, default, c");
    QCOMPARE(exitCodeOf([&] { openMace(archive, {"b"}); }), 2);
}

void TestMaceFile::zeroedWeights()
{
    TinyMace options;
    QVERIFY(tensorNamed(openMace(tiny(options)).loaded.description(), "layer_0/contraction/0e/weights_max")
                .trainable);
    options.zeroed = true;
    const ArchiveModel model = openMace(tiny(options));
    const ModelDescription about = model.loaded.description();
    QVERIFY(!tensorNamed(about, "layer_0/contraction/0e/weights_max").trainable);
    QVERIFY(tensorNamed(about, "layer_0/contraction/0e/weights_0").trainable);
    QVERIFY(std::isfinite(energyOf(model)) && energyOf(model) != energyOf(openMace(tiny())));
}

void TestMaceFile::unchangedIsByteIdentical()
{
    QFETCH(QString, name);
    SKIP_UNLESS_WRITTEN_HERE(name);
    const TorchArchive archive = archiveNamed(name);
    const ArchiveModel model = openMace(archive);
    // A detour over float64 must not change anything either.
    QVERIFY(rewriteArchive(archive, model, model.loaded.parameters.to(torch::kCPU, torch::kFloat64)) ==
            archive.bytes());
}

void TestMaceFile::changedTensorAlone()
{
    QFETCH(QString, name);
    SKIP_UNLESS_WRITTEN_HERE(name);
    const TorchArchive archive = archiveNamed(name);
    ArchiveModel model = openMace(archive);
    const std::string before(archive.bytes());
    torch::manual_seed(6);
    for (const std::string changed :
         {"layer_1/product_linear/weight", "layer_0/contraction/0e/weights_max", "reference_energies"}) {
        const ParameterTable original = model.loaded.parameters;
        const torch::Tensor& value = original.at(changed);
        model.loaded.parameters.set(changed, value + 0.01 * torch::randn_like(value));
        const std::string after = rewriteArchive(archive, model, model.loaded.parameters);
        const ModelDescription& about = model.loaded.description();
        const auto number = static_cast<std::size_t>(&tensorNamed(about, changed) - about.tensors.data());
        const std::set<std::string> records = changedRecords(before, after);
        QCOMPARE(records.size(), std::size_t{1});
        QVERIFY(records.begin()->ends_with(model.places[number].storage.key));
        const ArchiveModel read = openMace(TorchArchive::parse(after, "after.model"));
        for (const std::string& tensor : original.names())
            QVERIFY(torch::equal(read.loaded.parameters.at(tensor), model.loaded.parameters.at(tensor)));
        if (name.startsWith("tiny")) {
            QCOMPARE(energyOf(read), energyOf(model));
            QVERIFY(energyOf(read) != energyOf(openMace(archive)));
        }
        model.loaded.parameters = original;
    }
}

void TestMaceFile::forInspectionOnly_data()
{
    QTest::addColumn<TinyMace>("options");
    QTest::addColumn<QString>("word");
    TinyMace o;
    const auto row = [](const char* title, const TinyMace& options, const char* word) {
        QTest::newRow(title) << options << word;
    };
    row("dipoles", {.name = "AtomicDipolesMACE"}, "mace.modules.models.AtomicDipolesMACE");
    row("charges and spins", {.extraModule = "joint_embedding"}, "joint_embedding");
    row("unknown parameter", {.extraParameter = true}, "surprise");
    row("interaction", {.first = "RealAgnosticStrangeInteractionBlock"},
        "interactions.0 is mace.modules.blocks");
    row("readout", {.readout = "GeneralNonLinearBiasReadoutBlock"},
        "readouts.1 is mace.modules.blocks.General");
    row("basis", {.basis = "FourierBasis"}, "bessel_fn is mace.modules.radial.FourierBasis");
    row("transform", {.transform = "HardTransform"}, "distance_transform");
    row("activation", {.activation = "relu"}, "non_linearity.acts.0");
    row("back-end", {.from = "ce3nn.o3._linear\nLinear", .to = "ccuequivariance_torch\nLinear"},
        "mace_cueq_to_e3nn");
    row("another layer", {.from = "ce3nn.o3._linear\nLinear", .to = "cmy.o3\nLinear"}, "my.o3.Linear");
    row("harmonics", {.from = "component", .to = "integrals"}, "integrals");
}

void TestMaceFile::forInspectionOnly()
{
    QFETCH(TinyMace, options);
    QFETCH(QString, word);
    const TorchArchive archive = tiny(options);
    QVERIFY(looksLikeMace(archive));
    const ArchiveModel model = openMace(archive);
    const ModelDescription& about = model.loaded.description();
    QCOMPARE(about.family, std::string("mace"));
    QVERIFY2(about.limitation.find(word.toStdString()) != std::string::npos, about.limitation.c_str());
    QVERIFY(about.limitation.starts_with("tiny.model: ") && about.limitation.ends_with("."));
    QVERIFY(about.tensors.size() > 20);
    const Structure structure = pairOfAtoms();
    const GraphBatch batch = makeGraphBatch({&structure}, {8, 26, 28}, 4, torch::kFloat64);
    VERIFY_ERROR(predict(*model.loaded.model, model.loaded.parameters, batch), "tiny.model",
                 qPrintable(word));
}

void TestMaceFile::damage_data()
{
    QTest::addColumn<TinyMace>("options");
    QTest::addColumn<QString>("word");
    const auto row = [](const char* title, const TinyMace& options, const char* word) {
        QTest::newRow(title) << options << word;
    };
    const auto swap = [](const std::string& from, const std::string& to) {
        TinyMace options;
        options.from = from;
        options.to = to;
        return options;
    };
    row("not finite", {.factor = std::nan("")}, "weights_max");
    row("no such element", {.elements = {8, 300}}, "300");
    row("element twice", {.elements = {8, 8}}, "twice");
    row("cutoff", {.cutoff = -4}, "cutoff");
    row("no interactions", swap("interactions", "interactionz"), "interactions");
    row("no cutoff", swap("r_max", "r_min"), "r_max");
    row("irreps missing", swap("irreps_out", "irreps_off"), "irreps_out");
    row("instructions missing", swap("instructions", "instructiong"), "instructions");
    row("path weight", swap("weights_max", "weights_min"), "weights_max");
    row("couplings", swap("U_matrix_2", "U_matrix_9"), "U_matrix_2");
    row("mode", swap("uvu", "uuu"), "conv_tp");
    row("mode of the skip", swap("uvw", "uuu"), "skip_tp");
    row("activation", swap("X\x03\0\0\0cst"s, "X\x03\0\0\0cts"s), "cst");
    row("correlation", swap("correlation", "correlatiom"), "correlation");
    row("neighbours", swap("avg_num_neighbors", "avg_num_neighbour"), "avg_num_neighbors");
    row("scale", swap("X\x05\0\0\0scale"s, "X\x05\0\0\0scala"s), "scale");
}

void TestMaceFile::damage()
{
    QFETCH(TinyMace, options);
    QFETCH(QString, word);
    VERIFY_ERROR(openMace(tiny(options)), "tiny.model", qPrintable(word));
}

/// Whatever a byte of the pickle becomes, the file opens, opens for inspection, or is refused with a
/// sentence.
void TestMaceFile::randomBytes()
{
    int opened = 0, refused = 0;
    for (int i = 0; i < 300; ++i) {
        TinyMace options;
        if (i % 2 == 1) {
            options.first = options.later = "RealAgnosticResidualNonLinearInteractionBlock";
            options.heads = {"a", "b"};
            options.transform = "AgnesiTransform";
            options.repulsion = true;
        }
        options.mutations = 1 + i % 3;
        options.mutationSeed = static_cast<std::uint64_t>(i);
        try {
            const TorchArchive archive = tiny(options);
            if (!looksLikeMace(archive))
                continue;
            const ArchiveModel model = openMace(archive);
            if (model.loaded.description().limitation.empty() &&
                model.loaded.description().elements == std::vector<int>{8, 26, 28})
                energyOf(model);
            ++opened;
        } catch (const InternalError& error) {
            QFAIL(error.what());
        } catch (const Error& error) {
            QVERIFY(error.what()[0] != '\0');
            ++refused;
        }
    }
    QVERIFY(opened > 30 && refused > 100);
}

void TestMaceFile::otherPickles()
{
    test::TorchFileWriter dictionary;
    dictionary.data.dictionary([&] { dictionary.data.text("model_state_dict").dictionary(); });
    QVERIFY(!looksLikeMace(TorchArchive::parse(dictionary.saved(), "checkpoint.pt")));
    test::TorchFileWriter other;
    other.data.module("macedonia.models", "MACE");
    QVERIFY(!looksLikeMace(TorchArchive::parse(other.saved(), "other.pt")));
    test::TorchFileWriter empty;
    empty.data.module("mace.modules.models", "MACE");
    const TorchArchive archive = TorchArchive::parse(empty.saved(), "empty.model");
    QVERIFY(looksLikeMace(archive));
    VERIFY_ERROR(openMace(archive), "empty.model", "r_max");
}

QTEST_GUILESS_MAIN(TestMaceFile)
#include "tst_mace_file.moc"
