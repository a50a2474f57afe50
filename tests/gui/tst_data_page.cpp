#include "data/data_page.h"
#include "data/histogram.h"
#include "shell/data_check.h"
#include "support/fake_engine.h"
#include "widgets/plot.h"

#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>
#include <QtWidgets/QTableWidget>

using namespace lodestone;
using namespace lodestone::gui;

class TestDataPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void histograms();
    void modelKeepsTheRules();
    void tableShowsTheFrames();
    void ticksLeaveFramesOut();
    void findingsSelectTheirFrames();
    void keysAreEditable();
    void plotsAreFilled();
    void tableAndSessionFollowEachOther();
    void referenceEnergiesAreFitted();
    void filesAreAccountedFor();

private:
    QString cell(int row, int column) const { return m_table->model()->index(row, column).data().toString(); }
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<DataPage> m_page;
    QTableView* m_table = nullptr;
};

void TestDataPage::init()
{
    QLocale::setDefault(QLocale(QLocale::English));
    m_folder = std::make_unique<QTemporaryDir>();
    const QString path = m_folder->filePath("frames.extxyz");
    QFile out(path);
    QVERIFY(out.open(QIODevice::WriteOnly));
    QTextStream text(&out);
    // Frames 0 and 3 are the same; the third has no forces.
    const double lengths[] = {4.0, 4.2, 4.4, 4.0};
    for (int i = 0; i < 4; ++i) {
        text << "2\nLattice=\"" << lengths[i]
             << " 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:magmoms:R:1"
             << (i == 2 ? "" : ":forces:R:3:other:R:3") << " energy=" << -8 - lengths[i]
             << " pbc=\"T T T\"\n";
        const char* forces[] = {" 0.3 0.4 0 1 0 0", " -0.3 -0.4 0 0 1 0"};
        for (int atom = 0; atom < 2; ++atom)
            text << (atom ? "O 2 2 2 0.1" : "Ni 0 0 0 -1.5") << (i == 2 ? "" : forces[atom]) << "\n";
    }
    out.close();
    m_session = std::make_unique<Session>();
    m_page = std::make_unique<DataPage>(*m_session);
    m_page->resize(1100, 700);
    m_page->show();
    m_table = m_page->findChild<QTableView*>("frames");
    m_session->openModel("model.nqx");
    QTRY_VERIFY(m_session->model());
    m_session->openData({path});
    QTRY_COMPARE(m_table->model()->rowCount(), 4);
    QTRY_VERIFY(m_session->preflight());
}

void TestDataPage::cleanup()
{
    m_page.reset();
    m_session.reset();
    m_folder.reset();
}

void TestDataPage::histograms()
{
    const Histogram h = histogram({0, 0.1, 0.9, 1, NAN}, 2);
    QCOMPARE(h.centres, (std::vector<double>{0.25, 0.75}));
    QCOMPARE(h.counts, (std::vector<double>{2, 2})); // the largest value is inside
    QCOMPARE(histogram({3, 3}, 10).counts, std::vector<double>{2});
    QVERIFY(histogram({}, 10).counts.empty());
    QVERIFY(histogram({NAN}, 10).counts.empty());
    const Histogram n = integerHistogram({2, 4, 4});
    QCOMPARE(n.centres, (std::vector<double>{2, 3, 4}));
    QCOMPARE(n.counts, (std::vector<double>{1, 0, 2}));
}

void TestDataPage::modelKeepsTheRules()
{
    FrameTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setFindings({{"error", "x", "none here", {0}}});
    model.setRows({{"Ni", "a", 1, -1, 0.5, 1}, {"O", "b", 1, -2, NAN, NAN}});
    model.setFindings({{"info", "x", "first", {0}}, {"error", "y", "worse", {0, 9}}});
    // The worst finding of a frame, by its short name; its sentence is in the tooltip.
    QCOMPARE(model.index(0, FrameTableModel::Problem).data().toString(), QString("y"));
    QVERIFY(model.index(0, FrameTableModel::Problem).data(Qt::ToolTipRole).toString().contains("worse"));
    QCOMPARE(model.index(1, FrameTableModel::Force).data().toString(), QString("–"));
    model.setExcluded({false, true});
    model.setRows({});
}

void TestDataPage::tableShowsTheFrames()
{
    QCOMPARE(cell(0, FrameTableModel::Formula), QString("NiO"));
    QCOMPARE(cell(0, FrameTableModel::Atoms), QString("2"));
    QCOMPARE(cell(0, FrameTableModel::Energy), QString("-6.0000"));
    QCOMPARE(cell(0, FrameTableModel::Force), QString("0.500"));
    QCOMPARE(cell(0, FrameTableModel::Moment), QString("1.50"));
    QCOMPARE(cell(2, FrameTableModel::Force), QString("–"));
    QVERIFY(cell(1, FrameTableModel::Source).contains("frames.extxyz"));
    m_table->sortByColumn(FrameTableModel::Energy, Qt::DescendingOrder);
    QCOMPARE(cell(3, FrameTableModel::Energy), QString("-6.2000")); // by number, not by text
    QString all;
    for (const auto* label : m_page->findChildren<QLabel*>())
        all += label->text();
    QVERIFY(all.contains("frames: 4"));
    QVERIFY(all.contains("forces in 3 frames"));
}

void TestDataPage::ticksLeaveFramesOut()
{
    QAbstractItemModel& model = *m_table->model();
    QVERIFY(model.setData(model.index(1, 0), Qt::Unchecked, Qt::CheckStateRole));
    QCOMPARE(m_session->excluded(), (std::vector<bool>{false, true, false, false}));
    QCOMPARE(model.index(1, 0).data(Qt::CheckStateRole).toInt(), int(Qt::Unchecked));
    m_session->undoStack().undo();
    QCOMPARE(model.index(1, 0).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
    m_table->selectAll();
    for (auto* button : m_page->findChildren<QPushButton*>())
        if (button->text() == "Leave out selected")
            button->click();
    QCOMPARE(m_session->excluded(), std::vector<bool>(4, true));
    m_session->undoStack().undo(); // one step for all of them
    QCOMPARE(m_session->excluded(), std::vector<bool>(4, false));
}

void TestDataPage::findingsSelectTheirFrames()
{
    auto* list = m_page->findChild<QListWidget*>();
    const Finding* duplicates = nullptr;
    for (const Finding& finding : m_session->preflight()->findings)
        if (finding.code == "duplicate-frames")
            duplicates = &finding;
    QVERIFY(duplicates && !duplicates->frames.empty()); // frames 0 and 3 are the same
    const auto items = list->findItems(QString::fromStdString(duplicates->text), Qt::MatchExactly);
    QCOMPARE(items.size(), 1);
    QVERIFY(!items[0]->icon().isNull());
    Q_EMIT list->itemClicked(items[0]);
    std::vector<std::size_t> rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        rows.push_back(std::size_t(index.row()));
    std::sort(rows.begin(), rows.end());
    QCOMPARE(rows, duplicates->frames);
    QVERIFY(!cell(int(rows[0]), FrameTableModel::Problem).isEmpty());
}

void TestDataPage::keysAreEditable()
{
    QComboBox* forces = nullptr;
    for (auto* box : m_page->findChildren<QComboBox*>())
        if (box->accessibleName() == "Forces")
            forces = box;
    QVERIFY(forces);
    QCOMPARE(forces->currentText(), QString("forces"));
    const int other = forces->findText("other");
    QVERIFY(other >= 0);
    forces->setCurrentIndex(other);
    Q_EMIT forces->activated(other);
    QTRY_COMPARE(QString::fromStdString(m_session->data()->keys.forces), QString("other"));
    QTRY_COMPARE(cell(0, FrameTableModel::Force), QString("1.000"));
}

void TestDataPage::plotsAreFilled()
{
    const auto plots = m_page->findChildren<Plot*>();
    QCOMPARE(plots.size(), 4);
    for (const Plot* plot : plots)
        QVERIFY2(plot->pointCount() > 0, qPrintable(plot->accessibleName()));
}

void TestDataPage::tableAndSessionFollowEachOther()
{
    m_session->setFrame(2);
    QCOMPARE(m_table->currentIndex().row(), 2);
    m_table->setCurrentIndex(m_table->model()->index(1, 1));
    QCOMPARE(m_session->frame(), 1);
}

/// Shift of every element, rank and both errors, as the engine's check gives them; its warning is a finding.
void TestDataPage::referenceEnergiesAreFitted()
{
    auto* sentence = m_page->findChild<QLabel*>("referenceFit");
    const auto* shifts = m_page->findChild<QTableWidget*>("shifts");
    QTRY_VERIFY2(sentence->text().contains("rank 1 of 2"), qPrintable(sentence->text()));
    for (const char* figure : {"0.75 eV/atom", "4 frames", "by 0.0125"})
        QVERIFY2(sentence->text().contains(figure), qPrintable(sentence->text()));
    QCOMPARE(shifts->rowCount(), 2);
    QCOMPARE(shifts->item(0, 0)->text(), QString("Ni"));
    QCOMPARE(shifts->item(0, 1)->text(), QString("-0.400"));
    QCOMPARE(shifts->item(1, 1)->text(), QString("+0.250"));
    const auto* list = m_page->findChild<QListWidget*>();
    QCOMPARE(list->findItems("The compositions do not determine", Qt::MatchStartsWith).size(), 1);
    // Another model: what was said of the first one is gone at once.
    m_session->openModel("other.nqx");
    QTRY_VERIFY(!m_session->dataCheck().facts());
    QVERIFY(!sentence->text().contains("rank"));
    QVERIFY(list->findItems("The compositions do not determine", Qt::MatchStartsWith).isEmpty());
    QTRY_VERIFY(m_session->dataCheck().facts());
    QVERIFY(sentence->text().contains("rank 1 of 2"));
    QCOMPARE(list->findItems("The compositions do not determine", Qt::MatchStartsWith).size(), 1);
}

/// What was read of every file and what was not; a file that cannot be read does not take the others with it.
void TestDataPage::filesAreAccountedFor()
{
    const QString good = m_session->dataFiles().front(), bad = m_folder->filePath("bad.extxyz");
    QFile out(bad);
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write("7\nProperties=species:S:1:pos:R:3\nFe 0 0 0\n") > 0);
    out.close();
    QSignalSpy problems(m_session.get(), &Session::problem);
    m_session->addData({bad});
    const auto* files = m_page->findChild<QTableWidget*>("imports");
    QTRY_COMPARE(files->rowCount(), 2);
    const auto text = [files](int row, int column) { return files->item(row, column)->text(); };
    QCOMPARE(text(0, 0), QString("frames.extxyz"));
    QCOMPARE(text(0, 1), QString("4"));
    QCOMPARE(text(0, 2), QString("8"));
    QCOMPARE(text(0, 4), QString("3")); // forces
    QCOMPARE(text(1, 1), QString("0"));
    QVERIFY2(text(1, 8).contains("bad.extxyz"), qPrintable(text(1, 8)));
    QCOMPARE(m_session->dataFiles(), QStringList{good}); // what a run is started on
    QVERIFY(!problems.isEmpty() && problems.last()[1].toString().contains("bad.extxyz"));
}

LODESTONE_TEST_WITH_FAKE_ENGINE(TestDataPage)
#include "tst_data_page.moc"
