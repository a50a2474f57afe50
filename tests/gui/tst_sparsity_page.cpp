#include "crystal/elements.h"
#include "shell/session.h"
#include "sparsity/sparsity_page.h"
#include "sparsity/tensor_view.h"
#include "support/synthetic_run.h"

#include <QtTest/QtTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSlider>
#include <QtWidgets/QStackedWidget>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

/// The value of an element in a periodic table.
double share(const HeatMap::Data& data, int z)
{
    const TablePlace place = tablePlace(z);
    return data.values[std::size_t((place.row - 1) * 18 + place.column - 1)];
}

} // namespace

class TestSparsityPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
    void init();
    void blocksByL();
    void pathsOfOneTensorAreToldApart();
    void unknownModelShowsWholeBlocks();
    void layersWithTheRestLast();
    void periodicTableCountsRowsOfElements();
    void elementsInPathsOfAFlatTensor();
    void elementMapPutsTheDataFirst();
    void flatTensorIsShownPathByPath();
    void pageShowsElements();
    void signatureAndSensitivityComeFromTheExplanation();
    void pageFollowsTheRunAndItsTime();
    void cellOpensItsMatrixAndWeights();
    void engineErrorsStandWhereTheMatrixWould();
    void screenshots();

private:
    void prepareWeights();
    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_model;
};

void TestSparsityPage::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_model = m_folder->filePath("model.nqx").toStdString();
    qputenv("LODESTONE_ENGINE", synthetic::fakeEngine(m_folder->path()).toUtf8());
    synthetic::answer(m_folder->path(), "describe", toJson(synthetic::model(m_model)));
}

void TestSparsityPage::prepareWeights()
{
    std::vector<float> base, tuned;
    for (int i = 0; i < 32; ++i) {
        base.push_back(0.25F * float(i));
        tuned.push_back(base.back() + (i % 4 == 0 ? 0.5F : 0.0F)); // 8 of 32, as in the last record
    }
    synthetic::writeFloats(m_folder->filePath("base.raw").toStdString(), base);
    synthetic::writeFloats(m_folder->filePath("tuned.raw").toStdString(), tuned);
    synthetic::answer(m_folder->path(), "weights",
                      {{"shape", {4, 8}},
                       {"base", m_folder->filePath("base.raw").toStdString()},
                       {"tuned", m_folder->filePath("tuned.raw").toStdString()}});
}

void TestSparsityPage::blocksByL()
{
    const ModelDescription model = synthetic::model("m");
    const SparsityRecord record = synthetic::record(8);
    const SparsityTable changed = blockTable(&model, record, SparsityQuantity::ChangedFraction);
    QCOMPARE(changed.data.rows, QStringList({"layer_0/linear_1", "layer_1/linear_1"}));
    QCOMPARE(changed.data.columns, QStringList({"l = 0", "l = 1"}));
    QCOMPARE(changed.data.values[0], 8.0 / 32);
    QCOMPARE(changed.data.values[1], 3.0 / 6);
    QCOMPARE(changed.data.values[2], 0.0);
    QVERIFY(std::isnan(changed.data.values[3])); // nothing eligible is not "nothing changed"
    QCOMPARE(changed.tensors[1], QStringList({"layer_0/linear_1/1o"}));
    const SparsityTable relative = blockTable(&model, record, SparsityQuantity::RelativeChange);
    QCOMPARE(relative.data.values[0], 0.3);
    QCOMPARE(relative.data.values[1], 0.25);
    QCOMPARE(blockTable(&model, record, SparsityQuantity::Threshold).data.values[2], 0.04);
    QVERIFY(sparsityCaption(record).contains("11 of 54 eligible"));
    QVERIFY(sparsityCaption(record).contains("20.37 % changed / eligible"));
    QVERIFY(sparsityCaption(record).contains("13.92 % changed / whole model"));
}

void TestSparsityPage::pathsOfOneTensorAreToldApart()
{
    ModelDescription model = synthetic::model("m");
    model.tensors[0].paths = {{0, 0, 1, 1, 4, 4, 0, 16}, {0, 1, 1, -1, 4, 4, 16, 16}};
    SparsityRecord record = synthetic::record(8);
    record.tensors[0].pathChanged = {2, 6};
    const SparsityTable table = blockTable(&model, record, SparsityQuantity::ChangedFraction);
    QCOMPARE(table.data.values[0], 2.0 / 16);
    QCOMPARE(table.data.values[1], (6.0 + 3.0) / (16 + 6)); // with the l = 1 tensor of the same block
    QCOMPARE(table.tensors[1].size(), 2);
}

void TestSparsityPage::unknownModelShowsWholeBlocks()
{
    const SparsityTable table = blockTable(nullptr, synthetic::record(8), SparsityQuantity::ChangedFraction);
    QCOMPARE(table.data.columnCount, 1);
    QCOMPARE(table.data.columns, QStringList({"all l"}));
    QCOMPARE(table.data.values[0], 11.0 / 38);
}

void TestSparsityPage::layersWithTheRestLast()
{
    const SparsityTable table = layerTable({{-1, 0, 10, 5}, {1, 0, 4, 1}, {0, 1, 8, 2}});
    QCOMPARE(table.data.rows, QStringList({"layer 0", "layer 1", "outside layers"}));
    QCOMPARE(table.data.values[1], 0.25);
    QCOMPARE(table.data.values[2], 0.25);
    QCOMPARE(table.data.values[4], 0.5);
    QVERIFY(std::isnan(table.data.values[0]));
}

void TestSparsityPage::periodicTableCountsRowsOfElements()
{
    // Shape [2, 3 elements, 2]: the element runs in the middle.
    const std::vector<float> base(12, 1.0F);
    std::vector<float> tuned = base;
    tuned[0] = tuned[1] = tuned[6] = 2; // first element: 3 of 4
    tuned[4] = 2;                       // third: 1 of 4
    ParameterInfo tensor = synthetic::tensor("b", "x", "tensor-product", 0, -1, {2, 3, 2}, 1);
    const HeatMap::Data data = periodicTable(tensor, {26, 8, 3}, base, tuned);
    QCOMPARE(share(data, 26), 0.75);
    QCOMPARE(share(data, 8), 0.0);
    QCOMPARE(share(data, 3), 0.25);
    QVERIFY(std::isnan(share(data, 1)));
    QCOMPARE(data.texts.count(QString("Fe")), 1);
    tensor.elementAxis = -1;
    QCOMPARE(periodicTable(tensor, {26, 8, 3}, base, tuned).rowCount, 0);
    tensor.elementAxis = 0; // 2 rows are not 3 elements
    QCOMPARE(periodicTable(tensor, {26, 8, 3}, base, tuned).rowCount, 0);
}

/// Two paths in one list: the first, 2 channels x 3 elements x 2 channels, runs over elements, the second, 4
/// values, does not.
static ParameterInfo flatTensor()
{
    ParameterInfo tensor = synthetic::tensor("layer_0/product", "all", "tensor-product", 0, -1, {16});
    tensor.paths = {{0, 0, 1, 1, 2, 2, 0, 12, 2}, {1, 1, -1, -1, 2, 2, 12, 4}};
    return tensor;
}

void TestSparsityPage::elementsInPathsOfAFlatTensor()
{
    const std::vector<float> base(16, 1.0F);
    std::vector<float> tuned = base;
    tuned[0] = tuned[6] = 2;   // Fe: channel 0 and the second round
    tuned[10] = 2;             // Li
    tuned[13] = tuned[14] = 2; // of no element
    const HeatMap::Data data = periodicTable(flatTensor(), {26, 8, 3}, base, tuned);
    QCOMPARE(share(data, 26), 2.0 / 4);
    QCOMPARE(share(data, 8), 0.0);
    QCOMPARE(share(data, 3), 1.0 / 4);
}

void TestSparsityPage::elementMapPutsTheDataFirst()
{
    ModelDescription model = synthetic::model("m"); // Fe, O, Li
    model.tensors.push_back(flatTensor());
    SparsityRecord record = synthetic::record(8);
    QCOMPARE(elementTable(&model, record, {8}).data.rowCount, 0);                     // nothing counted
    record.tensors.push_back({"layer_0/skip/0e", 12, 5, 0.01, 1, 1, {5}, {4, 1, 0}}); // shape [3 elements, 4]
    record.tensors.push_back({"layer_0/product/all", 16, 3, 0.01, 1, 1, {2, 1}, {0, 2, 0}});
    const SparsityTable table = elementTable(&model, record, {8, 26});
    QCOMPARE(table.data.rows, QStringList({"layer_0/skip/0e", "layer_0/product/all"}));
    QCOMPARE(table.data.columns, QStringList({"O", "Fe", "Li"})); // lithium is not in the data
    QCOMPARE(table.data.values, (std::vector<double>{1.0 / 4, 4.0 / 4, 0, 2.0 / 4, 0, 0}));
    QCOMPARE(table.tensors[4], QStringList({"layer_0/product/all"}));
    QVERIFY(table.data.tooltips[2].contains("not in the data"));
    QVERIFY(table.data.tooltips[1].contains("4 of 4 eligible changed"));
    QCOMPARE(elementTable(&model, record, {}).data.columns, QStringList({"Li", "O", "Fe"}));
    QCOMPARE(elementTable(nullptr, record, {}).data.rowCount, 0);
}

void TestSparsityPage::flatTensorIsShownPathByPath()
{
    const std::vector<TensorSlice> slices = tensorSlices(flatTensor(), {26, 8, 3});
    QCOMPARE(slices.size(), std::size_t(2));
    QCOMPARE(slices[0].rowNames, QStringList({"Fe", "O", "Li"}));
    QCOMPARE(slices[1].title, QString("1o \u2192 1o, 2 \u00d7 2"));
    std::vector<float> base;
    for (int i = 0; i < 16; ++i)
        base.push_back(float(i));
    // Value i belongs to element i / 2 modulo 3.
    const HeatMap::Data first = sliceMatrix("t", slices[0], base, {}, 2);
    QCOMPARE(first.rowCount, 3);
    QCOMPARE(first.columnCount, 4);
    QCOMPARE(first.values, (std::vector<double>{0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11}));
    QCOMPARE(sliceMatrix("t", slices[1], base, {}, 2).values, (std::vector<double>{12, 13, 14, 15}));
    QCOMPARE(sliceMatrix("t", slices[1], base, {}, 0).values, (std::vector<double>(4, 0.0)));
    // A tensor with a shape is a matrix already, whatever paths it has.
    const auto shaped = tensorSlices(synthetic::model("m").tensors[2], {26, 8, 3});
    QCOMPARE(shaped.size(), std::size_t(1));
    QCOMPARE(shaped[0].rows, std::int64_t(3));
    QCOMPARE(shaped[0].rowNames, QStringList({"Fe", "O", "Li"}));
}

/// The whole way by mouse: the map by elements, a click on a cell, the path, a single weight.
void TestSparsityPage::pageShowsElements()
{
    ModelDescription model = synthetic::model(m_model);
    model.tensors.push_back(flatTensor());
    model.parameters += 16;
    synthetic::answer(m_folder->path(), "describe", toJson(model));
    const RunPaths paths = synthetic::writeRun(m_folder->filePath("run").toStdString(), m_model, "");
    SparsityRecord record = synthetic::record(8);
    record.tensors.push_back({"layer_0/product/all", 16, 3, 0.01, 1, 1, {2, 1}, {0, 2, 0}});
    EventWriter(paths).write("sparsity", {{"step", 101}, {"epoch", 11}, {"record", toJson(record)}});
    std::vector<float> base(16, 1.0F), tuned(16, 1.0F);
    tuned[2] = tuned[9] = 1.5F; // oxygen
    tuned[13] = 0.5F;
    synthetic::writeFloats(m_folder->filePath("base.raw").toStdString(), base);
    synthetic::writeFloats(m_folder->filePath("tuned.raw").toStdString(), tuned);
    synthetic::answer(m_folder->path(), "weights",
                      {{"shape", {16}},
                       {"base", m_folder->filePath("base.raw").toStdString()},
                       {"tuned", m_folder->filePath("tuned.raw").toStdString()}});
    Session session;
    SparsityPage page(session);
    page.resize(900, 600);
    page.show();
    session.openRun(m_folder->filePath("run"));
    page.findChild<QComboBox*>("rows")->setCurrentIndex(2);
    auto* map = page.findChild<HeatMap*>("map");
    QTRY_COMPARE(map->data().rows, QStringList({"layer_0/product/all"}));
    QCOMPARE(map->data().columns, QStringList({"Li", "O", "Fe"}));
    QCOMPARE(map->data().values[1], 2.0 / 4);
    page.findChild<QSlider*>("time")->setValue(0); // an earlier moment, which counted none
    QCOMPARE(map->data().rowCount, 0);
    QVERIFY(map->placeholder().contains("elements"));
    page.findChild<QSlider*>("time")->setValue(page.findChild<QSlider*>("time")->maximum());
    QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(0, 1).center());
    auto* matrix = page.findChild<HeatMap*>("matrix");
    QTRY_COMPARE(matrix->data().rowCount, 3); // elements x channels
    QCOMPARE(matrix->data().rows, QStringList({"Fe", "O", "Li"}));
    QCOMPARE(matrix->data().values[4], 0.5); // oxygen's first value, flat index 2
    QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cellRect(1, 3).center());
    const QString weight = page.findChild<QLabel*>("weight")->text();
    QVERIFY2(weight.contains("[9]") && weight.contains(" O") && weight.contains("tuned 1.5"),
             qPrintable(weight));
    auto* choice = page.findChild<QComboBox*>("paths");
    QVERIFY(choice->isVisible());
    QCOMPARE(choice->count(), 2);
    choice->setCurrentIndex(1);
    QTRY_COMPARE(matrix->data().rowCount, 2);
    QCOMPARE(matrix->data().values, (std::vector<double>{0, 0.5, 0, 0}));
    QTRY_COMPARE(page.findChild<QLabel*>("tensorSentence")->text(),
                 QString("3 of 16 weights changed (18.75 %)."));
    QTRY_VERIFY(page.findChild<HeatMap*>("elements")->data().rowCount == 9);
    QCOMPARE(share(page.findChild<HeatMap*>("elements")->data(), 8), 0.5);
}

void TestSparsityPage::signatureAndSensitivityComeFromTheExplanation()
{
    const Json explanation = {
        {"tensors",
         {{{"tensor", "layer_0/linear_1/0e"},
           {"block", "layer_0/linear_1"},
           {"signature", 0.25},
           {"relative_change", 0.5}},
          {{"tensor", "layer_0/linear_1/1o"},
           {"block", "layer_0/linear_1"},
           {"signature", nullptr},
           {"relative_change", 0}},
          {{"tensor", "layer_1/skip/0e"},
           {"block", "layer_1/skip"},
           {"signature", 0},
           {"relative_change", 0}}}},
        {"sensitivity",
         {{"loss_tuned", 2},
          {"blocks",
           {{{"block", "layer_0/linear_1"}, {"loss", 3}}, {{"block", "layer_1/skip"}, {"loss", 1.5}}}}}}};
    const SparsityTable signature = explanationTable(explanation, ExplanationQuantity::Signature);
    QCOMPARE(signature.data.rows, QStringList({"layer_0/linear_1", "layer_1/skip"}));
    QCOMPARE(signature.data.columns, QStringList({"0e", "1o"}));
    QCOMPARE(signature.data.values[0], 0.25);
    QVERIFY(std::isnan(signature.data.values[1]) && std::isnan(signature.data.values[3]));
    QCOMPARE(signature.tensors[0], QStringList({"layer_0/linear_1/0e"}));
    const SparsityTable sensitivity = explanationTable(explanation, ExplanationQuantity::Sensitivity);
    QCOMPARE(sensitivity.data.values, (std::vector<double>{0.5, -0.25}));
    QVERIFY_EXCEPTION_THROWN(explanationTable({{"tensors", {1}}}, ExplanationQuantity::Signature), Error);
    QVERIFY_EXCEPTION_THROWN(explanationTable(Json::array(), ExplanationQuantity::Sensitivity), Error);

    // On the page: nothing before the result, then asked of the engine once, then read.
    const RunPaths paths = synthetic::writeRun(m_folder->filePath("run").toStdString(), m_model, "finished");
    Session session;
    SparsityPage page(session);
    session.openRun(m_folder->filePath("run"));
    auto* quantity = page.findChild<QComboBox*>("quantity");
    auto* map = page.findChild<HeatMap*>("map");
    QTRY_VERIFY(map->data().rowCount > 0);
    quantity->setCurrentIndex(3);
    QCOMPARE(map->data().rowCount, 0);
    QVERIFY(map->placeholder().contains("result"));
    synthetic::writeResult(paths);
    QFile error(m_folder->filePath("explain.error"));
    QVERIFY(error.open(QIODevice::WriteOnly) && error.write("No such luck.") > 0);
    error.close();
    quantity->setCurrentIndex(4);
    QTRY_COMPARE(map->placeholder(), QString("No such luck."));
    writeFileAtomically(paths.explanation(), explanation.dump());
    session.openRun(m_folder->filePath("elsewhere"));
    session.openRun(m_folder->filePath("run"));
    QTRY_COMPARE(map->data().rowCount, 2);
    QVERIFY(map->data().diverging);
    quantity->setCurrentIndex(3);
    QCOMPARE(map->data().values[0], 0.25);
    quantity->setCurrentIndex(0);
    QVERIFY(map->data().scaleTitle.contains("eligible"));
}

void TestSparsityPage::pageFollowsTheRunAndItsTime()
{
    synthetic::writeRun(m_folder->filePath("run").toStdString(), m_model, "finished");
    Session session;
    SparsityPage page(session);
    auto* map = page.findChild<HeatMap*>("map");
    auto* caption = page.findChild<QLabel*>("caption");
    QCOMPARE(map->data().rowCount, 0);
    session.openRun(m_folder->filePath("run"));
    QTRY_COMPARE(map->data().rowCount, 2);
    QTRY_COMPARE(map->data().columnCount,
                 2); // l is known as soon as the engine has described the run's model
    QCOMPARE(map->data().values[0], 8.0 / 32);
    QVERIFY(caption->text().contains("20.37 % changed / eligible, 13.92 % changed / whole model"));
    auto* time = page.findChild<QSlider*>("time");
    QCOMPARE(time->maximum(), 1);
    time->setValue(0);
    QCOMPARE(map->data().values[0], 20.0 / 32);
    QVERIFY(page.findChild<QLabel*>("when")->text().startsWith("step 50"));
    time->setValue(1);
    QCOMPARE(map->data().values[0], 8.0 / 32);
    page.findChild<QComboBox*>("quantity")->setCurrentIndex(1);
    QCOMPARE(map->data().values[0], 0.3);
    page.findChild<QComboBox*>("rows")->setCurrentIndex(1);
    QCOMPARE(map->data().rows, QStringList({"layer 0", "layer 1"}));
    session.closeRun();
    QCOMPARE(map->data().rowCount, 0);
}

void TestSparsityPage::cellOpensItsMatrixAndWeights()
{
    prepareWeights();
    synthetic::writeRun(m_folder->filePath("run").toStdString(), m_model, "finished");
    Session session;
    SparsityPage page(session);
    page.resize(900, 600);
    page.show();
    session.openRun(m_folder->filePath("run"));
    auto* map = page.findChild<HeatMap*>("map");
    QTRY_COMPARE(map->data().columnCount, 2);
    QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(0, 0).center());
    auto* stack = page.findChild<QStackedWidget*>();
    QCOMPARE(stack->currentIndex(), 1);
    auto* matrix = page.findChild<HeatMap*>("matrix");
    QTRY_COMPARE(matrix->data().rowCount, 4);
    QCOMPARE(matrix->data().columnCount, 8);
    QCOMPARE(matrix->data().values[4], 0.5);
    QCOMPARE(matrix->data().values[5], 0.0);
    QTRY_COMPARE(page.findChild<QLabel*>("tensorSentence")->text(),
                 QString("8 of 32 weights changed (25.00 %)."));
    const QString request = QString::fromStdString(readFile(m_folder->filePath("requests").toStdString()));
    QVERIFY(request.contains("\"tensor\":\"layer_0/linear_1/0e\"") ||
            request.contains("\"tensor\": \"layer_0/linear_1/0e\""));
    QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cellRect(2, 4).center());
    QCOMPARE(page.findChild<QLabel*>("weight")->text(),
             QString("layer_0/linear_1/0e [2, 4]: base 5, tuned 5.5, delta 0.5"));
    QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cellRect(0, 1).center());
    QVERIFY(page.findChild<QLabel*>("weight")->text().endsWith("(unchanged)"));
    page.findChild<QPushButton*>("back")->click();
    QCOMPARE(stack->currentIndex(), 0);
}

void TestSparsityPage::engineErrorsStandWhereTheMatrixWould()
{
    QFile error(m_folder->filePath("weights.error"));
    QVERIFY(error.open(QIODevice::WriteOnly) && error.write("The model file is gone.") > 0);
    error.close();
    Session session;
    TensorView view(session);
    view.resize(500, 400);
    view.open(synthetic::model(m_model), {"layer_0/linear_1/0e"}, {});
    auto* matrix = view.findChild<HeatMap*>("matrix");
    const QImage waiting = matrix->grab().toImage();
    QTRY_VERIFY(matrix->grab().toImage() != waiting);
    QCOMPARE(matrix->data().rowCount, 0);
    QCOMPARE(matrix->placeholder(), QString("The model file is gone."));
    // Sizes that contradict the shape are refused as well.
    synthetic::writeFloats(m_folder->filePath("short.raw").toStdString(), {1, 2});
    QVERIFY_EXCEPTION_THROWN(
        readTensorWeights({{"shape", {4, 8}}, {"base", m_folder->filePath("short.raw").toStdString()}}),
        lodestone::Error);
}

void TestSparsityPage::screenshots()
{
    const QString target = qEnvironmentVariable("LODESTONE_SCREENSHOTS");
    if (target.isEmpty())
        QSKIP("LODESTONE_SCREENSHOTS names no folder for pictures");
    prepareWeights();
    synthetic::writeRun(m_folder->filePath("run").toStdString(), m_model, "finished");
    for (const bool dark : {false, true}) {
        if (dark)
            qApp->setPalette(QPalette(QColor(45, 45, 48)));
        const QString suffix = dark ? "-dark.png" : "-light.png";
        Session session;
        SparsityPage page(session);
        page.resize(1200, 760);
        page.show();
        session.openRun(m_folder->filePath("run"));
        auto* map = page.findChild<HeatMap*>("map");
        QTRY_COMPARE(map->data().columnCount, 2);
        QVERIFY(page.grab().save(target + "/sparsity" + suffix));
        QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(0, 0).center());
        QTRY_COMPARE(page.findChild<HeatMap*>("matrix")->data().rowCount, 4);
        QVERIFY(page.grab().save(target + "/matrix" + suffix));
        HeatMap elements;
        elements.resize(900, 460);
        elements.setData(periodicTable(synthetic::model("m").tensors[2], {26, 8, 3},
                                       std::vector<float>(12, 1.0F), {1, 1, 2, 2, 1, 1, 1, 1, 1, 2, 2, 2}));
        QVERIFY(elements.grab().save(target + "/elements" + suffix));
    }
    qApp->setPalette(QPalette());
}

QTEST_MAIN(TestSparsityPage)
#include "tst_sparsity_page.moc"
