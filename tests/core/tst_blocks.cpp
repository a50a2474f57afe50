#include "blocks/selection.h"
#include "blocks/sparsity.h"
#include "support/sentence.h"

#include <QtTest/QtTest>

using namespace lodestone;

/// A model of two layers with the shapes of Nequix in small.
static ModelDescription smallModel()
{
    ModelDescription model;
    model.file = "small.nqx";
    model.sha256 = "00ff";
    model.family = "nequix";
    model.architecture = "2 layers";
    model.dtype = "float32";
    model.cutoff = 5.5;
    model.elements = {1, 26};
    model.layers = 2;
    model.lMax = 1;
    model.irrepsHidden = "4x0e + 2x1o";
    const auto add = [&](const std::string& block, const std::string& leaf, const std::string& kind,
                         int layer, std::vector<std::int64_t> shape, std::vector<int> ls) {
        ParameterInfo tensor;
        tensor.block = block;
        tensor.name = leaf.empty() ? block : block + "/" + leaf;
        tensor.module = block.substr(block.rfind('/') + 1);
        tensor.kind = kind;
        tensor.layer = layer;
        tensor.shape = shape;
        tensor.count = 1;
        for (const std::int64_t n : shape)
            tensor.count *= n;
        const auto paths = static_cast<std::int64_t>(ls.size());
        for (std::int64_t p = 0; p < paths; ++p)
            tensor.paths.push_back({1, ls[static_cast<std::size_t>(p)], -1, 1, 2, tensor.count / paths / 2,
                                    p * tensor.count / paths, tensor.count / paths});
        tensor.norm = 0.1 * static_cast<double>(model.tensors.size());
        model.tensors.push_back(tensor);
        model.storedNumbers += tensor.count;
    };
    add("reference_energies", "", "reference", -1, {2}, {});
    model.tensors.back().trainable = false;
    model.tensors.back().elementAxis = 0;
    for (int layer = 0; layer < 2; ++layer) {
        const std::string prefix = "layer_" + std::to_string(layer) + "/";
        add(prefix + "radial", "0", "radial", layer, {8, 4}, {});
        add(prefix + "linear_1", "0e", "linear", layer, {4, 4}, {0});
        add(prefix + "linear_2", "all", "linear", layer, {4, 6}, {0, 1});
        add(prefix + "norm", "1o", "norm", layer, {2}, {});
    }
    add("readout", "0e", "readout", -1, {4, 1}, {0});
    model.referenceEnergies = 2;
    model.parameters = model.storedNumbers - 2;
    return model;
}

static QStringList names(const ModelDescription& model, const BlockSelection& selection)
{
    QStringList result;
    const std::vector<bool> selected = resolveSelection(model, selection);
    for (std::size_t i = 0; i < selected.size(); ++i)
        if (selected[i])
            result << QString::fromStdString(model.tensors[i].name);
    return result;
}

class TestBlocks : public QObject {
    Q_OBJECT

    const ModelDescription m_model = smallModel();

private Q_SLOTS:
    void descriptionSurvivesJson()
    {
        const Json json = toJson(m_model);
        const ModelDescription again = modelDescriptionFromJson(Json::parse(json.dump()));
        QCOMPARE(toJson(again).dump(), json.dump());
        QCOMPARE(again.tensors.size(), m_model.tensors.size());
        QCOMPARE(again.tensors[3].paths[1].offset, std::int64_t{12});
        QCOMPARE(again.tensors[3].norm, m_model.tensors[3].norm);
        QVERIFY(!again.tensors[0].trainable);
        Json broken = json;
        broken["tensors"][0].erase("shape");
        QVERIFY(sentence([&] { modelDescriptionFromJson(broken); }).contains("'shape' is missing"));
    }

    void presets_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("linear") << "linear"
                                << QStringList{"layer_0/linear_1/0e", "layer_0/linear_2/all",
                                               "layer_1/linear_1/0e", "layer_1/linear_2/all"};
        QTest::newRow("readout") << "readout" << QStringList{"readout/0e"};
        QTest::newRow("last-layer") << "last-layer"
                                    << QStringList{"layer_1/radial/0", "layer_1/linear_1/0e",
                                                   "layer_1/linear_2/all", "layer_1/norm/1o"};
        QTest::newRow("l=1") << "l=1" << QStringList{"layer_0/linear_2/all", "layer_1/linear_2/all"};
    }
    void presets()
    {
        QFETCH(QString, preset);
        QFETCH(QStringList, expected);
        QCOMPARE(names(m_model, {preset.toStdString(), {}, {}}), expected);
    }

    void everyPresetIsKnown()
    {
        for (const SelectionPreset& preset : selectionPresets()) {
            const QString text = sentence([&] { resolveSelection(m_model, {preset.name, {}, {}}); });
            QVERIFY2(!text.contains("There is no block preset"), preset.name.c_str());
        }
        // All trainable tensors, never the reference energies.
        QCOMPARE(names(m_model, {"all", {}, {}}).size(), 9);
    }

    void patterns_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("block by glob")
            << "*/linear_1" << QStringList{"layer_0/linear_1/0e", "layer_1/linear_1/0e"};
        QTest::newRow("module") << "norm" << QStringList{"layer_0/norm/1o", "layer_1/norm/1o"};
        QTest::newRow("leading part") << "layer_1"
                                      << QStringList{"layer_1/radial/0", "layer_1/linear_1/0e",
                                                     "layer_1/linear_2/all", "layer_1/norm/1o"};
        QTest::newRow("tensor") << "layer_0/linear_2/all" << QStringList{"layer_0/linear_2/all"};
        QTest::newRow("readout block") << "readout" << QStringList{"readout/0e"};
    }
    void patterns()
    {
        QFETCH(QString, pattern);
        QFETCH(QStringList, expected);
        QCOMPARE(names(m_model, {"", {pattern.toStdString()}, {}}), expected);
    }

    void excludeComesLast()
    {
        QCOMPARE(names(m_model, {"linear", {"readout"}, {"layer_0"}}),
                 QStringList({"layer_1/linear_1/0e", "layer_1/linear_2/all", "readout/0e"}));
        QVERIFY(names(m_model, {"", {"reference_energies"}, {}}).isEmpty());
        QVERIFY(names(m_model, {}).isEmpty());
    }

    void unmatchedPatternsNameTheNearest()
    {
        const auto resolve = [&](BlockSelection selection) {
            return [this, selection] { resolveSelection(m_model, selection); };
        };
        const QString misspelt = sentence(resolve({"", {"*/linear_3"}, {}}));
        QVERIFY2(misspelt.contains("'*/linear_3'") && misspelt.contains("'linear_1'"), qPrintable(misspelt));
        QVERIFY(sentence(resolve({"linear", {}, {"readuot"}})).contains("'readout'"));
        QVERIFY(sentence(resolve({"", {"zzzzzzzzzzzzzzzzzzzz"}, {}})).contains("linear_1, linear_2"));
        QVERIFY(sentence(resolve({"linaer", {}, {}})).contains("all-paths"));
        QVERIFY(sentence(resolve({"l=3", {}, {}})).contains("matches nothing"));
        QCOMPARE(exitCodeOf(resolve({"linaer", {}, {}})), 2);
    }

    void countsOfASelection()
    {
        QCOMPARE(selectedCount(m_model, resolveSelection(m_model, {"linear", {}, {}})),
                 std::int64_t{2 * (16 + 24)});
        QCOMPARE(exitCodeOf([&] { selectedCount(m_model, {true}); }), 4);
    }

    void cellsByLayerAndLSumUp()
    {
        SparsityRecord record;
        record.tensors = {{"layer_0/linear_2/all", 24, 7, 0.1, 1, 2, {5, 2}},
                          {"layer_0/linear_1/0e", 16, 3, 0.1, 1, 2, {3}},
                          {"layer_1/norm/1o", 2, 1, 0, 1, 2, {}},
                          {"readout/0e", 4, 4, 0, 1, 2, {4}}};
        record.eligible = 46;
        record.changed = 15;
        record.parameters = m_model.parameters;
        const std::vector<LayerLCell> cells = byLayerAndL(m_model, record);
        QCOMPARE(cells.size(), std::size_t{4});
        const auto is = [&](std::size_t i, int layer, int l, std::int64_t eligible, std::int64_t changed) {
            const LayerLCell& c = cells[i];
            return c.layer == layer && c.l == l && c.eligible == eligible && c.changed == changed;
        };
        QVERIFY(is(0, 0, 0, 28, 8));
        QVERIFY(is(1, 0, 1, 12, 2));
        QVERIFY(is(2, 1, 0, 2, 1));
        QVERIFY(is(3, -1, 0, 4, 4));
        record.tensors[0].elementChanged = {4, 0, 3};
        Json json = Json::parse(toJson(record).dump());
        const SparsityRecord again = sparsityRecordFromJson(json);
        QCOMPARE(again.tensors[0].elementChanged, (std::vector<std::int64_t>{4, 0, 3}));
        // Records of earlier versions count no elements.
        for (Json& tensor : json["tensors"])
            tensor.erase("element_changed");
        QVERIFY(sparsityRecordFromJson(json).tensors[0].elementChanged.empty());
        QCOMPARE(toJson(again).dump(), toJson(record).dump());
        QCOMPARE(again.changedOfEligible(), 15.0 / 46.0);
        QCOMPARE(again.changedOfModel(), 15.0 / double(m_model.parameters));
        record.tensors[0].pathChanged = {7};
        QVERIFY(sentence([&] { byLayerAndL(m_model, record); }).contains("2 paths"));
        record.tensors[0].tensor = "layer_9/x";
        QVERIFY(sentence([&] { byLayerAndL(m_model, record); }).contains("layer_9/x"));
    }
};

QTEST_APPLESS_MAIN(TestBlocks)
#include "tst_blocks.moc"
