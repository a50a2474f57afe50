#include "model/blocks_page.h"
#include "model/tensor_inspector.h"
#include "shell/banner.h"
#include "support/fake_engine.h"
#include "widgets/plot.h"

#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTreeView>

using namespace lodestone;
using namespace lodestone::gui;

class TestBlocksPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void modelKeepsTheRules();
    void treeShowsTheModel();
    void ticksAndSentenceFollow();
    void presets();
    void filterAndTickShown();
    void inspectorReadsTheWeights();
    void flatWeightsAreMatricesPathByPath();
    void headsCanBeChosen();
    void limitedModelIsForLookingAt();
    void texts();

private:
    QModelIndex find(const QString& name) const;
    QString sentence() const { return m_page->findChild<QLabel*>("selection-sentence")->text(); }
    std::unique_ptr<Session> m_session;
    std::unique_ptr<BlocksPage> m_page;
    QTreeView* m_view = nullptr;
};

void TestBlocksPage::init()
{
    QLocale::setDefault(QLocale(QLocale::English));
    m_session = std::make_unique<Session>();
    m_page = std::make_unique<BlocksPage>(*m_session);
    m_page->resize(900, 600);
    m_page->show();
    m_view = m_page->findChild<QTreeView*>();
    m_session->openModel("model.nqx");
    QTRY_VERIFY(m_session->model());
}

void TestBlocksPage::cleanup()
{
    m_page.reset();
    m_session.reset();
}

QModelIndex TestBlocksPage::find(const QString& name) const
{
    const auto found = m_view->model()->match(m_view->model()->index(0, 0), Qt::DisplayRole, name, 1,
                                              Qt::MatchExactly | Qt::MatchRecursive);
    return found.isEmpty() ? QModelIndex() : found.front();
}

void TestBlocksPage::modelKeepsTheRules()
{
    const ModelDescription description = lodestone::test::smallModel();
    BlockTreeModel model;
    BlockFilter filter(model);
    QAbstractItemModelTester checkModel(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QAbstractItemModelTester checkFilter(&filter, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setModel(&description);
    model.setSelected({true, false, true, false, false, false});
    const auto shown = [&filter](const char* pattern) {
        filter.setPattern(QString::fromLatin1(pattern));
        return filter.shownTensors();
    };
    QCOMPARE(shown("linear*"), (std::vector<int>{0, 2}));
    // Every word must hold; l is that of the end of a path, and what has no paths has none.
    QCOMPARE(shown("layer_1"), (std::vector<int>{2, 3}));
    QCOMPARE(shown(" layer_1  l = 0"), std::vector<int>{2});
    QCOMPARE(shown("l=0 linear layer_0"), std::vector<int>{0});
    QCOMPARE(shown("l=1"), std::vector<int>());
    QCOMPARE(shown("layer_0 layer_1"), std::vector<int>());
    QCOMPARE(shown("").size(), std::size_t{5}); // all that can be trained
    model.setModel(nullptr);
    QCOMPARE(model.rowCount(), 0);
}

void TestBlocksPage::treeShowsTheModel()
{
    const QAbstractItemModel& model = *m_view->model();
    QStringList top;
    for (int row = 0; row < model.rowCount(); ++row)
        top << model.index(row, 0).data().toString();
    QCOMPARE(top, (QStringList{"Layer 0", "Layer 1", "readout", "reference"}));
    const QModelIndex layer = model.index(0, 0);
    QCOMPARE(model.index(0, 0, layer).data().toString(), QString("linear_1"));
    const QModelIndex leaf = model.index(0, 0, model.index(0, 0, layer));
    const auto cell = [&leaf](int column) { return leaf.siblingAtColumn(column).data().toString(); };
    QCOMPARE(cell(BlockTreeModel::Kind), QString("linear"));
    QCOMPARE(cell(BlockTreeModel::Path), QString("0e → 0e"));
    QCOMPARE(cell(BlockTreeModel::Shape), QString("4 × 4"));
    QCOMPARE(cell(BlockTreeModel::Count), QString("16"));
    QCOMPARE(layer.siblingAtColumn(BlockTreeModel::Count).data().toString(), QString("48")); // 16 + 32
    // A constant has no box to tick.
    const QModelIndex constant = model.index(0, 0, model.index(3, 0));
    QVERIFY(!constant.data(Qt::CheckStateRole).isValid());
    QVERIFY(!(constant.flags() & Qt::ItemIsUserCheckable));
}

void TestBlocksPage::ticksAndSentenceFollow()
{
    QCOMPARE(sentence(), QString("32 of 100 parameters may change (32.0 %)"));
    const QModelIndex layer = m_view->model()->index(0, 0);
    QCOMPARE(layer.data(Qt::CheckStateRole).toInt(), int(Qt::PartiallyChecked));
    QVERIFY(m_view->model()->setData(layer, Qt::Checked, Qt::CheckStateRole));
    QCOMPARE(layer.data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
    QCOMPARE(sentence(), QString("64 of 100 parameters may change (64.0 %)"));
    QCOMPARE(m_session->selected(), (std::vector<bool>{true, true, true, false, false, false}));
    m_session->undoStack().undo();
    QCOMPARE(sentence(), QString("32 of 100 parameters may change (32.0 %)"));
    QCOMPARE(layer.data(Qt::CheckStateRole).toInt(), int(Qt::PartiallyChecked));

    // The same by keyboard: down to the readout, space.
    m_view->setFocus();
    m_view->setCurrentIndex(m_view->model()->index(2, 0));
    QTest::keyClick(m_view, Qt::Key_Space);
    QCOMPARE(sentence(), QString("36 of 100 parameters may change (36.0 %)"));
}

void TestBlocksPage::presets()
{
    auto* box = m_page->findChild<QComboBox*>("preset");
    QCOMPARE(box->currentText(), QString("linear"));
    const int readout = box->findText("readout");
    QVERIFY(readout >= 0);
    box->setCurrentIndex(readout);
    Q_EMIT box->activated(readout);
    QCOMPARE(sentence(), QString("4 of 100 parameters may change (4.0 %)"));
    std::vector<bool> own = m_session->selected();
    own[1] = true;
    m_session->setSelected(own);
    QCOMPARE(box->currentIndex(), -1); // an own choice
    m_session->undoStack().undo();
    QCOMPARE(box->currentText(), QString("readout"));
    // What selects nothing in this model cannot be chosen.
    const int none = box->findText("l=3");
    QVERIFY(none >= 0);
    QVERIFY(!(box->model()->index(none, 0).flags() & Qt::ItemIsEnabled));
}

void TestBlocksPage::filterAndTickShown()
{
    auto* pattern = m_page->findChild<QLineEdit*>();
    pattern->setText("layer_1/*");
    QCOMPARE(m_view->model()->rowCount(), 1);
    QVERIFY(find("radial").isValid());
    pattern->setText("radial");
    QCOMPARE(m_view->model()->rowCount(), 2);
    QVERIFY(!find("linear_1").isValid());
    // A group ticked under a filter takes only what is shown.
    QVERIFY(m_view->model()->setData(m_view->model()->index(0, 0), Qt::Checked, Qt::CheckStateRole));
    QCOMPARE(m_session->selected(), (std::vector<bool>{true, true, true, false, false, false}));
    QCOMPARE(m_view->model()->index(0, 0).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
    for (auto* button : m_page->findChildren<QPushButton*>())
        if (button->text() == "Untick all shown")
            button->click();
    QCOMPARE(m_session->selected(), (std::vector<bool>{true, false, true, false, false, false}));
    pattern->setText("nothing like this");
    QCOMPARE(m_view->model()->rowCount(), 0);
    pattern->clear();
    QCOMPARE(m_view->model()->rowCount(), 4);
}

void TestBlocksPage::inspectorReadsTheWeights()
{
    auto* inspector = qobject_cast<TensorInspector*>(m_page->inspector());
    QVERIFY(inspector);
    auto* plot = inspector->findChild<Plot*>();
    QCOMPARE(plot->pointCount(), 0);
    m_view->setCurrentIndex(find("w0"));
    QCOMPARE(inspector->tensor(), 1);
    QTRY_VERIFY(plot->pointCount() > 0);
    QString all;
    for (const auto* label : inspector->findChildren<QLabel*>())
        all += label->text();
    QVERIFY(all.contains("layer_0/radial/w0"));
    QVERIFY(all.contains("Exactly zero</td><td>7<")); // 0, 5, ..., 30 of 32 values i mod 5
    m_view->setCurrentIndex(m_view->model()->index(0, 0));
    QCOMPARE(inspector->tensor(), -1);
    QCOMPARE(plot->pointCount(), 0);
}

/// e3nn keeps all paths of a linear layer in one list: the inspector takes it apart.
void TestBlocksPage::flatWeightsAreMatricesPathByPath()
{
    m_session->openModel("flat.model");
    QTRY_COMPARE(QFileInfo(QString::fromStdString(m_session->model()->file)).fileName(),
                 QString("flat.model"));
    auto* inspector = qobject_cast<TensorInspector*>(m_page->inspector());
    auto* matrix = inspector->findChild<HeatMap*>("tensorMatrix");
    auto* paths = inspector->findChild<QComboBox*>("tensorPaths");
    inspector->showTensor(0);
    QTRY_COMPARE(matrix->data().rowCount, 3);
    QCOMPARE(paths->count(), 2);
    QCOMPARE(paths->itemText(1), QString("1o \u2192 1o, 2 \u00d7 5"));
    QCOMPARE(matrix->data().columnCount, 4);
    QCOMPARE(matrix->data().values[1 * 4 + 2], double(6 % 5));
    paths->setCurrentIndex(1);
    QTRY_COMPARE(matrix->data().columnCount, 5);
    QCOMPARE(matrix->data().rowCount, 2);
    QCOMPARE(matrix->data().values[1 * 5 + 3], double((12 + 8) % 5));
    QString all;
    for (const auto* label : inspector->findChildren<QLabel*>())
        all += label->text();
    QVERIFY(all.contains("interactions.0.linear_up.weight")); // as it is called in the file
    // The product over elements: elements x channels; the model knows oxygen and nickel.
    inspector->showTensor(2);
    QTRY_COMPARE(matrix->data().rows, QStringList({"O", "Ni"}));
    QCOMPARE(matrix->data().values[1 * 6 + 3], double(9 % 5)); // nickel, second channel in, first out
}

void TestBlocksPage::headsCanBeChosen()
{
    auto* head = m_page->findChild<QComboBox*>("head");
    QVERIFY(!head->isVisible()); // this model has one only
    QCOMPARE(m_session->head(), QString());
    m_session->openModel("heads.model");
    QTRY_VERIFY(head->isVisible());
    QCOMPARE(head->currentText(), QString("mp_pbe"));
    QCOMPARE(m_session->head(), QString("mp_pbe"));
    std::vector<bool> ticks = m_session->selected();
    ticks[0] = !ticks[0];
    m_session->setSelected(ticks);
    head->setFocus();
    QTest::keyClick(head, Qt::Key_Down); // as by the wheel or from the list
    QTRY_COMPARE(m_session->head(), QString("omat_pbe"));
    QCOMPARE(head->currentText(), QString("omat_pbe"));
    QCOMPARE(m_session->selected(), ticks); // the same tensors: what was ticked stays
    QCOMPARE(m_session->modelArguments()["head"].get<std::string>(), std::string("omat_pbe"));
    m_session->openModel("heads.model", "no such head");
    QSignalSpy problems(m_session.get(), &Session::problem);
    QTRY_COMPARE(problems.size(), 1);
    QVERIFY(problems[0][1].toString().contains("no such head"));
    QCOMPARE(m_session->head(), QString("omat_pbe"));
}

void TestBlocksPage::limitedModelIsForLookingAt()
{
    auto* banner = m_page->findChild<Banner*>();
    QVERIFY(!banner->isVisible());
    m_session->openModel("limited.model");
    QTRY_VERIFY(banner->isVisible());
    QCOMPARE(banner->sentence(), QString("Lodestone does not compute models with dispersion terms yet."));
    QCOMPARE(sentence(), QString("100 parameters in 6 tensors"));
    // Nothing can be ticked, and who asks is told why.
    const QModelIndex layer = m_view->model()->index(0, 0);
    QVERIFY(!layer.data(Qt::CheckStateRole).isValid());
    QVERIFY(!m_view->model()->setData(layer, Qt::Checked, Qt::CheckStateRole));
    for (auto* button : m_page->findChildren<QPushButton*>())
        QVERIFY(!button->isEnabled() && button->toolTip().contains("dispersion"));
    // But it can be looked at.
    auto* inspector = qobject_cast<TensorInspector*>(m_page->inspector());
    m_view->setCurrentIndex(find("w0"));
    QTRY_VERIFY(inspector->findChild<Plot*>()->pointCount() > 0);
    QSignalSpy problems(m_session.get(), &Session::problem);
    RunConfig config;
    config.model = m_session->model()->file;
    config.data.train = {"a.extxyz"};
    QVERIFY(m_session->startRun(config, "no").isEmpty());
    QVERIFY(problems.back()[1].toString().contains("dispersion"));
    m_session->openModel("model.nqx");
    QTRY_VERIFY(!banner->isVisible());
    QVERIFY(m_view->model()->index(0, 0).data(Qt::CheckStateRole).isValid());
    for (auto* button : m_page->findChildren<QPushButton*>())
        QVERIFY(button->isEnabled() && !button->toolTip().contains("dispersion"));
}

void TestBlocksPage::texts()
{
    QCOMPARE(selectionSentence(38112, 707569), QString("38,112 of 707,569 parameters may change (5.4 %)"));
    QCOMPARE(selectionSentence(0, 0), QString("0 of 0 parameters may change (0.0 %)"));
    QCOMPARE(shapeText({}), QString("one number"));
    ParameterInfo tensor;
    tensor.paths = {{1, 2, -1, 1, 1, 1, 0, 1}, {0, 0, 1, 1, 1, 1, 1, 1}};
    QCOMPARE(pathText(tensor), QString("1o → 2e, 0e → 0e"));
}

LODESTONE_TEST_WITH_FAKE_ENGINE(TestBlocksPage)
#include "tst_blocks_page.moc"
