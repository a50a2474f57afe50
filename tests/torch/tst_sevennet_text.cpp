// Deployed SevenNet models: which constant plays which part, texts that are not understood, broken records.
#include "support/sentence.h"
#include "support/sevennet_models.h"
#include "support/torch_archive_writer.h"

#include <functional>
#include <torch/torch.h>

using namespace lodestone;
using namespace lodestone::test;

namespace {

const char* const july = "models/sevennet-0/7net-0_11July2024_deployed_serial.pt";

/// The archive with another text of its module.
std::string withText(const TorchArchive& archive, const std::function<std::string(std::string)>& change)
{
    ZipWriter writer;
    for (const std::string& record : archive.records()) {
        const bool code = record.rfind("code/", 0) == 0 && record.substr(record.size() - 3) == ".py";
        writer.add("model/" + record, code ? change(archive.record(record)) : archive.record(record),
                   {.align = 64});
    }
    return writer.finish(true);
}

std::string replaced(std::string text, const std::string& from, const std::string& to, bool all = false)
{
    std::size_t at = text.find(from);
    if (at == std::string::npos)
        throw std::runtime_error("the text does not have " + from);
    do {
        text.replace(at, from.size(), to);
        at = text.find(from, at + to.size());
    } while (all && at != std::string::npos);
    return text;
}

} // namespace

class TestSevenNetText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void deployedConstants();
    void textThatIsNotUnderstood_data();
    void textThatIsNotUnderstood();
    void numbersOfTheText();
    void deployedRecords();
};

/// The roles of unnamed constants against the table of names that the shared folder keeps (made by hand from
/// the text).
void TestSevenNetText::deployedConstants()
{
    SKIP_WITHOUT_SHARED("models/sevennet-0");
    const ModelDescription about = sevenNet(july).loaded.description();
    QCOMPARE(about.elements.size(), std::size_t{89});
    QCOMPARE(about.elements.front(), 89);
    QCOMPARE(about.elements.back(), 40);
    QCOMPARE(about.cutoff, 5.0);
    QCOMPARE(about.layers, 5);
    QCOMPARE(about.irrepsHidden, std::string("128x0e + 64x1e + 32x2e"));
    // The parameters of upstream's count, 842,440, with scales and the denominator.
    QCOMPARE(about.parameters, std::int64_t{842440 + 89 + 1});
    const Json named =
        readJsonFile(sharedPath("models/sevennet-0/7net-0_11July2024_weights.json")).at("tensors");
    std::map<std::string, std::vector<std::int64_t>> ours;
    for (const ParameterInfo& info : about.tensors)
        ours[info.name] = info.shape;
    int compared = 0;
    for (const auto& [upstream, shape] : named.items()) {
        const std::size_t convolution = upstream.find("_convolution.weight_nn.layer");
        const std::size_t block = upstream.find(".l");
        const std::string layer = "layer_" + upstream.substr(0, 1) + "/";
        std::string name;
        if (convolution != std::string::npos)
            name = layer + "radial/" + upstream.substr(convolution + 28);
        else if (upstream.find("_self_") == 1 && block != std::string::npos)
            name = layer + upstream.substr(2, block - 2) + "/" + upstream.substr(block + 2) + "e";
        if (name.empty())
            continue;
        // A map with a single constant keeps the name "weight".
        if (!ours.count(name))
            name = name.substr(0, name.rfind('/')) + "/weight";
        QVERIFY2(ours.count(name), upstream.c_str());
        QCOMPARE(ours[name], shape.get<std::vector<std::int64_t>>());
        ++compared;
    }
    QCOMPARE(compared, 52);
}

void TestSevenNetText::textThatIsNotUnderstood_data()
{
    using Change = std::function<std::string(std::string)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const std::string& from, const std::string& to, const char* part,
                        bool all = false) {
        QTest::newRow(name) << Change([=](const std::string& text) { return replaced(text, from, to, all); })
                            << part;
    };
    row("activation of the radial network", "torch.silu(x)", "torch.erfc(x)", "activation");
    row("activation of the gate", "torch.silu(_69)", "torch.erfc(_69)", "gate");
    row("cutoff function", "107.171875", "107.2", "radial basis");
    row("onset", "torch.lt(r, 4.5)", "torch.lt(r, 4.4)", "radial basis");
    row("harmonics", "torch.mul(x2z2, 0.5)", "torch.mul(x2z2, 0.6)", "harmonics");
    row("centre and neighbour of the vector", "torch.sub(_8, torch.index(pos0, _9))",
        "torch.sub(torch.index(pos0, _9), _8)", "neighbour minus centre");
    row("features of the centre", "edge_src = torch.select(data[\"edge_index\"], 0, 1)",
        "edge_src = torch.select(data[\"edge_index\"], 0, 0)", "neighbours' features");
    row("sums on neighbours", "edge_dst = torch.select(data[\"edge_index\"], 0, 0)",
        "edge_dst = torch.select(data[\"edge_index\"], 0, 1)", "centres");
    row("columns of a message", "torch.slice(_53, 1, 128, 256)", "torch.slice(_53, 1, 128, 255)", "line");
    row("axes of a coupling", "torch.tensordot(einsum_12, CONSTANTS.c22, [4, 3], [1, 0])",
        "torch.tensordot(einsum_12, CONSTANTS.c22, [4, 4], [1, 0])", "line");
    row("coupling", "torch.tensordot(einsum_12, CONSTANTS.c23, [4, 3], [1, 0])",
        "torch.tensordot(einsum_12, CONSTANTS.c24, [4, 3], [1, 0])", "line");
    row("another coupling of the same shape", "CONSTANTS.c24, [4, 3], [1, 0]",
        "CONSTANTS.c24, [3, 4], [0, 1]", "");
    row("a matrix twice", "CONSTANTS.c16, [1], [0]", "CONSTANTS.c3, [1], [0]", "CONSTANTS.c3");
    row("self connection", "torch.add(data[\"x\"], data[\"self_cont_tmp\"])",
        "torch.add(data[\"x\"], data[\"x\"])", "self connection");
    row("energy", "torch.add(_353, _355)", "torch.sub(_353, _355)", "scale and shift");
    row("unknown operation", "torch.matmul(input, CONSTANTS.c6)", "torch.solve(input, CONSTANTS.c6)",
        "radial");
    row("syntax", "torch.mul(r, r)", "torch.mul(r, r", "line");
    row("lambda", "r_sq = torch.mul(r, r)", "r_sq = r * r", "line");
    QTest::newRow("deep brackets") << Change([](const std::string& text) {
        return replaced(text, "r_sq = ", "r_sq = " + std::string(100000, '('));
    }) << "nested";
    QTest::newRow("empty") << Change([](const std::string&) { return std::string(); }) << "forward";
    QTest::newRow("another function") << Change([](const std::string& text) {
        return text + "\n  def other(self: int,\n    x: Tensor) -> Tensor:\n    return x\n";
    }) << "not frozen";
}

void TestSevenNetText::textThatIsNotUnderstood()
{
    SKIP_WITHOUT_SHARED(july);
    QFETCH(std::function<std::string(std::string)>, change);
    QFETCH(QString, part);
    const TorchArchive archive = TorchArchive::parse(readFile(sharedPath(july)), "model.pt");
    const ArchiveModel model = openSevenNet(TorchArchive::parse(withText(archive, change), "changed.pt"));
    const QString limitation = QString::fromStdString(model.loaded.description().limitation);
    if (part.isEmpty()) { // another way to write the same
        QCOMPARE(limitation, QString());
        return;
    }
    QVERIFY2(limitation.contains(part), qPrintable("the limitation was: '" + limitation + "'"));
    QVERIFY(model.loaded.description().tensors.size() >= 60);
}

/// Numbers of the text are taken as they stand there.
void TestSevenNetText::numbersOfTheText()
{
    SKIP_WITHOUT_SHARED(july);
    const TorchArchive archive = TorchArchive::parse(readFile(sharedPath(july)), "model.pt");
    const auto energyWith = [&](const std::string& from, const std::string& to) {
        const std::string bytes =
            withText(archive, [&](const std::string& text) { return replaced(text, from, to); });
        const ArchiveModel model = openSevenNet(TorchArchive::parse(bytes, "changed.pt"));
        if (!model.loaded.description().limitation.empty())
            throw std::runtime_error(model.loaded.description().limitation);
        return predictionOf(model.loaded, fixtureStructure("h2o")).energy.item<double>();
    };
    const double before = energyWith("sym_strain", "sym_strain");
    // Twice the features of the elements, by the number or by the matrix.
    const double byNumber =
        energyWith("torch.mul(reshape_2, 0.105999788000636)", "torch.mul(reshape_2, 0.211999576001272)");
    ArchiveModel model = openSevenNet(archive);
    model.loaded.parameters.set("embedding/weight", model.loaded.parameters.at("embedding/weight") * 2);
    const double byMatrix = predictionOf(model.loaded, fixtureStructure("h2o")).energy.item<double>();
    QVERIFY(std::abs(byNumber - byMatrix) < 1e-9);
    QVERIFY(std::abs(byNumber - before) > 1e-3);
    // A coupling of the opposite sign.
    QVERIFY(
        std::abs(energyWith(
                     "einsum_15 = torch.einsum(\"dbca,dbc->dba\", [_111,",
                     "_999 = torch.mul(_111, -1.)\n    einsum_15 = torch.einsum(\"dbca,dbc->dba\", [_999,") -
                 before) > 1e-9);
}

void TestSevenNetText::deployedRecords()
{
    SKIP_WITHOUT_SHARED(july);
    const TorchArchive archive = TorchArchive::parse(readFile(sharedPath(july)), "model.pt");
    const auto without = [&](const std::string& name, const std::optional<std::string>& instead) {
        ZipWriter writer;
        for (const std::string& record : archive.records())
            if (record != name)
                writer.add("model/" + record, archive.record(record), {.align = 64});
            else if (instead)
                writer.add("model/" + record, *instead);
        return TorchArchive::parse(writer.finish(true), "changed.pt");
    };
    const std::string pointless = withText(
        archive, [](const std::string& text) { return replaced(text, "CONSTANTS.c16,", "CONSTANTS.c900,"); });
    VERIFY_ERROR(openSevenNet(TorchArchive::parse(pointless, "changed.pt")), "changed.pt", "CONSTANTS.c900",
                 "69");
    VERIFY_ERROR(openSevenNet(without("extra/cutoff", {})), "changed.pt", "extra/cutoff");
    VERIFY_ERROR(openSevenNet(without("extra/cutoff", "far")), "extra/cutoff");
    VERIFY_ERROR(openSevenNet(without("extra/chemical_symbols_to_index", {})), "chemical_symbols_to_index");
    VERIFY_ERROR(openSevenNet(without("extra/chemical_symbols_to_index", "H He Qq")), "'Qq'");
    VERIFY_ERROR(openSevenNet(without("extra/chemical_symbols_to_index", "H He")), "2 elements", "89");
    // Another cutoff than that of the text.
    const ArchiveModel model = openSevenNet(without("extra/cutoff", "6.0"));
    QVERIFY(model.loaded.description().limitation.find("radial basis") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestSevenNetText)
#include "tst_sevennet_text.moc"
