#include "model/blocks_page.h"
#include "model/tensor_inspector.h"
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
    filter.setPattern("linear*");
    filter.setPattern("");
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
    auto* box = m_page->findChild<QComboBox*>();
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
