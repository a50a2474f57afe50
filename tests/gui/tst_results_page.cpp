#include "runs/comparison_view.h"
#include "runs/results_page.h"
#include "shell/session.h"
#include "support/file_dialog.h"
#include "support/synthetic_run.h"
#include "widgets/plot.h"
#include "widgets/text_table.h"

#include <QtTest/QtTest>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

using namespace lodestone;
using namespace lodestone::gui;

class TestResultsPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        QApplication::setAttribute(Qt::AA_DontUseNativeDialogs); // the test types into Qt's own
    }
    void init();
    void parityLeavesOutMissingLabels();
    void damagedResultIsAnError();
    void reportsFromResultAndFromEvents();
    void pageShowsTheChosenRun();
    void auditIsTold();
    void runWithoutResultShowsWhatIsKnown();
    void comparisonOfTickedRuns();
    void exportAsksTheEngine();
    void exportKeepsTheEndingOfTheBase();
    void reportComesFromTheEngine();
    void runOfAnotherFolderIsListed();
    void screenshots();

private:
    QString path(const char* name) const { return m_folder->filePath(name); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestResultsPage::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    qputenv("LODESTONE_ENGINE", synthetic::fakeEngine(m_folder->path()).toUtf8());
    synthetic::writeResult(synthetic::writeRun(path("runs/first").toStdString(), "m.nqx", "finished"));
    synthetic::writeRun(path("runs/second").toStdString(), "m.nqx", "stopped");
}

void TestResultsPage::parityLeavesOutMissingLabels()
{
    const Parity parity = readParity({path("runs/first").toStdString()});
    QCOMPARE(parity.size(), std::size_t(1));
    const auto& validation = parity.at("validation");
    QCOMPARE(validation.at("energy").label, std::vector<double>({-1, -2}));
    QCOMPARE(validation.at("energy").tuned, std::vector<double>({-1.05, -1.95}));
    QCOMPARE(validation.at("forces").label.size(), std::size_t(18)); // components
    QCOMPARE(validation.at("moments").label, std::vector<double>({2.2, 2.4, 0, 2.0, 0}));
    QCOMPARE(validation.at("moments").base, std::vector<double>({2.2, 2.2, 0, 2.2, 0}));
    QVERIFY(readParity({path("runs/first").toStdString()}, 5).at("validation").at("forces").label.size() <=
            5);
    QVERIFY(readParity({path("runs/second").toStdString()}).empty());
}

void TestResultsPage::damagedResultIsAnError()
{
    writeFileAtomically(path("runs/first/result/predictions.h5").toStdString(), "no HDF5 at all");
    QVERIFY_EXCEPTION_THROWN(readParity({path("runs/first").toStdString()}), lodestone::Error);
}

void TestResultsPage::reportsFromResultAndFromEvents()
{
    const RunReport result = readRunReport(path("runs/first").toStdString(), false);
    QCOMPARE(result.error("validation", "forces"), 0.1);
    QCOMPARE(result.changed, std::int64_t(11));
    QCOMPARE(result.method, std::string("sparse (15 %)"));
    QVERIFY(std::isnan(result.error("test", "forces")));
    const RunReport events = readRunReport(path("runs/second").toStdString(), true);
    QCOMPARE(events.evaluations.size(), std::size_t(3));
    QCOMPARE(events.error("validation", "forces"), 0.1);
    QCOMPARE(events.parameters, std::int64_t(79));
    QCOMPARE(events.summary.state, std::string("stopped"));
    const auto rows = errorRows(result);
    QCOMPARE(rows.size(), std::size_t(4));
    QCOMPARE(rows[0].quantity, std::string("energy"));
    QCOMPARE(rows[3].quantity, std::string("moments:Fe"));
    QVERIFY(rows[3].hasBase);
}

void TestResultsPage::pageShowsTheChosenRun()
{
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    auto* list = page.findChild<QTableWidget*>("runs");
    QTRY_COMPARE(list->rowCount(), 2);
    int row = 0;
    while (list->item(row, 0)->text() != "first")
        ++row;
    QCOMPARE(list->item(row, 1)->text(), QString("finished"));
    QCOMPARE(list->item(row, 2)->text(), QLocale().toString(100 * 11.0 / 79, 'f', 2));
    QCOMPARE(list->item(row, 3)->text(), QString("0.1"));
    list->setCurrentCell(row, 0);
    QVERIFY(session.run());
    QTRY_COMPARE(page.findChild<Plot*>("parity_forces")->seriesPoints("tuned").size(), std::size_t(18));
    const auto energies = page.findChild<Plot*>("parity_energy")->seriesPoints("base");
    QCOMPARE(energies, std::vector<QPointF>({{-2, -1.7}, {-1, -1.2}})); // label, model; in ascending label
    QCOMPARE(page.findChild<Plot*>("parity_moments")->seriesPoints("tuned").size(), std::size_t(5));
    const QString sentence = page.findChild<QLabel*>("sentence")->text();
    QVERIFY2(sentence.contains("11 of 54 eligible") && sentence.contains("20.37 % changed / eligible") &&
                 sentence.contains("13.92 % changed / whole model"),
             qPrintable(sentence));
    auto* errors = page.findChild<TextTable*>("errors");
    QCOMPARE(errors->rowCount(), 4);
    QCOMPARE(errors->item(1, 1)->text(), QString("Forces"));
    QCOMPARE(errors->item(1, 3)->text(), QString("0.4"));
    QCOMPARE(errors->item(1, 4)->text(), QString("0.1"));
    QCOMPARE(errors->item(1, 5)->text(), QString("4.00 \u00d7"));
    QCOMPARE(errors->item(3, 1)->text(), QString("Moments of Fe"));
    QVERIFY(errors->asText().contains("Validation\tForces\teV/\u00c5\t0.4\t0.1\t4.00 \u00d7"));
    QVERIFY(page.findChild<QPushButton*>("exportModel")->isEnabled());
    QVERIFY(page.findChild<QLabel*>("audit")->isHidden()); // this run has none
}

void TestResultsPage::auditIsTold()
{
    QVERIFY(auditSentence({}).isEmpty());
    QVERIFY(auditSentence({{true, "Fine."}}).startsWith("Audit passed"));
    const QString failed = auditSentence({{true, "Fine."}, {false, "Fe-O attracts below 1 \u00c5."}});
    QCOMPARE(failed, QString("Audit NOT passed: Fe-O attracts below 1 \u00c5."));
    const RunPaths paths{path("runs/first").toStdString()};
    writeFileAtomically(paths.audit(), R"({"verdicts": [{"passed": false, "text": "Bad."}, 7, {}]})");
    const RunReport report = readRunReport(paths.root, false);
    QCOMPARE(report.audit.size(), std::size_t(2));
    QVERIFY(!report.audit[0].passed && report.audit[0].text == "Bad.");
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    session.openRun(path("runs/first"));
    QTRY_VERIFY(page.findChild<QLabel*>("audit")->text().contains("Bad."));
    std::filesystem::remove(paths.audit());
}

void TestResultsPage::runWithoutResultShowsWhatIsKnown()
{
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    session.openRun(path("runs/second"));
    auto* errors = page.findChild<TextTable*>("errors");
    QTRY_COMPARE(errors->rowCount(), 4); // from the last evaluation among the events
    QCOMPARE(errors->item(0, 4)->text(), QString("0.02"));
    QCOMPARE(page.findChild<Plot*>("parity_forces")->pointCount(), 0);
    QVERIFY(!page.findChild<QPushButton*>("exportModel")->isEnabled());
}

void TestResultsPage::comparisonOfTickedRuns()
{
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    auto* list = page.findChild<QTableWidget*>("runs");
    QTRY_COMPARE(list->rowCount(), 2);
    for (int row = 0; row < 2; ++row)
        list->item(row, 0)->setCheckState(Qt::Checked);
    auto* table = page.findChild<TextTable*>("comparison");
    QTRY_COMPARE(table->rowCount(), 2);
    QCOMPARE(table->item(0, 1)->text(), QString("sparse (15 %)"));
    QCOMPARE(table->item(0, 4)->text(), QLocale().toString(100 * 11.0 / 79, 'f', 2));
    auto* overlay = page.findChild<Plot*>("overlay");
    QCOMPARE(overlay->seriesNames().size(), 2);
    QCOMPARE(overlay->seriesPoints("second").back(), QPointF(2.0, 0.1));
    const auto pareto = page.findChild<Plot*>("pareto")->seriesPoints("first");
    QCOMPARE(pareto, std::vector<QPointF>({{100 * 11.0 / 79, 0.1}}));
}

void TestResultsPage::exportAsksTheEngine()
{
    synthetic::answer(m_folder->path(), "export", {{"out", "x"}, {"changed", 11}});
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    QSignalSpy problem(&session, &Session::problem), exported(&page, &ResultsPage::exported);
    page.exportModel(path("tuned.nqx"));
    QCOMPARE(problem.size(), 1); // no run: a sentence, no request
    session.openRun(path("runs/first"));
    page.exportModel(path("tuned.nqx"));
    QTRY_COMPARE(exported.size(), 1);
    const Json request = Json::parse(readFile(path("requests").toStdString()));
    QCOMPARE(request["do"].get<std::string>(), std::string("export"));
    QCOMPARE(request["run"].get<std::string>(), path("runs/first").toStdString());
    QCOMPARE(request["out"].get<std::string>(), path("tuned.nqx").toStdString());
    QVERIFY(page.findChild<QLabel*>("exportState")->text().contains("tuned.nqx"));
    QFile error(path("export.error"));
    QVERIFY(error.open(QIODevice::WriteOnly) && error.write("The disk is full.") > 0);
    error.close();
    problem.clear();
    page.exportModel(path("tuned.nqx"));
    QTRY_VERIFY(!problem.isEmpty() && problem.last()[1].toString() == "The disk is full.");
    QCOMPARE(exported.size(), 1);
}

void TestResultsPage::exportKeepsTheEndingOfTheBase()
{
    synthetic::answer(m_folder->path(), "export", {{"out", "x"}, {"changed", 11}});
    synthetic::writeResult(
        synthetic::writeRun(path("runs/third").toStdString(), "/models/mace-mp-0b3.model", "finished"));
    synthetic::writeResult(
        synthetic::writeRun(path("runs/fourth").toStdString(), "/models/oam-l.nequip.zip", "finished"));
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    page.show();
    auto* button = page.findChild<QPushButton*>("exportModel");
    auto* sentence = page.findChild<QLabel*>("sentence");
    for (const auto& [run, ending] : {std::pair{"third", ".model"}, std::pair{"fourth", ".nequip.zip"}}) {
        session.openRun(path("runs/") + run);
        QTRY_VERIFY(button->isEnabled() && sentence->text().contains("eligible"));
        const test::FileDialogAnswer answer(path("tuned")); // the user leaves the ending out
        QSignalSpy exported(&page, &ResultsPage::exported);
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(answer.answered());
        QVERIFY2(answer.proposed().endsWith(QString(run) + ending), qPrintable(answer.proposed()));
        QVERIFY(answer.nameFilters()[0].contains(QString("*") + ending));
        QTRY_COMPARE(exported.size(), 1);
        QCOMPARE(exported[0][0].toString(), path("tuned") + ending);
    }
}

void TestResultsPage::reportComesFromTheEngine()
{
    synthetic::answer(m_folder->path(), "report", {{"out", "x"}, {"bytes", 7}});
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    page.show();
    QSignalSpy problem(&session, &Session::problem), reported(&page, &ResultsPage::reported);
    page.saveReport(path("report.html"));
    QCOMPARE(problem.size(), 1); // no run: a sentence, no request
    session.openRun(path("runs/first"));
    auto* button = page.findChild<QPushButton*>("saveReport");
    QTRY_VERIFY(button->isEnabled());
    page.saveReport(path("report.html"));
    QTRY_COMPARE(reported.size(), 1);
    const Json request = Json::parse(readFile(path("requests").toStdString()));
    QCOMPARE(request["do"].get<std::string>(), std::string("report"));
    QCOMPARE(request["run"].get<std::string>(), path("runs/first").toStdString());
    QCOMPARE(request["out"].get<std::string>(), path("report.html").toStdString());
    // As PDF by the ending that the dialog proposes: the engine's page is printed here.
    writeFileAtomically((session.engine().scratchFolder() + "/report.html").toStdString(), "<p>page</p>");
    const test::FileDialogAnswer answer(path("printed"));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(answer.answered());
    QVERIFY2(answer.proposed().endsWith("first-report.pdf"), qPrintable(answer.proposed()));
    QTRY_COMPARE(reported.size(), 2);
    QCOMPARE(reported[1][0].toString(), path("printed.pdf"));
    QVERIFY(readFile(path("printed.pdf").toStdString()).starts_with("%PDF-"));
    // What the engine says, and what the printer says.
    problem.clear();
    page.saveReport(path("nowhere/printed.pdf"));
    QTRY_VERIFY(!problem.isEmpty() && problem.last()[1].toString().contains("nowhere"));
    QFile error(path("report.error"));
    QVERIFY(error.open(QIODevice::WriteOnly) && error.write("The run has no result.") > 0);
    error.close();
    problem.clear();
    page.saveReport(path("report.html"));
    QTRY_VERIFY(!problem.isEmpty() && problem.last()[1].toString() == "The run has no result.");
    QCOMPARE(reported.size(), 2);
}

void TestResultsPage::runOfAnotherFolderIsListed()
{
    synthetic::writeResult(synthetic::writeRun(path("elsewhere/guest").toStdString(), "m.nqx", "finished"));
    Session session;
    session.setRunsFolder(path("runs"));
    ResultsPage page(session);
    auto* list = page.findChild<QTableWidget*>("runs");
    QTRY_COMPARE(list->rowCount(), 2);
    session.openRun(path("elsewhere/guest"));
    QTRY_COMPARE(list->rowCount(), 3);
    QCOMPARE(list->item(0, 0)->text(), QString("guest"));
    session.openRun(path("runs/first"));
    QTRY_COMPARE(list->rowCount(), 3); // it stays when another run is in view
    list->item(0, 0)->setCheckState(Qt::Checked);
    list->item(1, 0)->setCheckState(Qt::Checked);
    QTRY_COMPARE(page.findChild<TextTable*>("comparison")->rowCount(), 2);
    QCOMPARE(page.findChild<TextTable*>("comparison")->item(0, 0)->text(), QString("guest"));
}

void TestResultsPage::screenshots()
{
    const QString target = qEnvironmentVariable("LODESTONE_SCREENSHOTS");
    if (target.isEmpty())
        QSKIP("LODESTONE_SCREENSHOTS names no folder for pictures");
    for (const bool dark : {false, true}) {
        if (dark)
            qApp->setPalette(QPalette(QColor(45, 45, 48)));
        const QString suffix = dark ? "-dark.png" : "-light.png";
        Session session;
        session.setRunsFolder(path("runs"));
        ResultsPage page(session);
        page.resize(1300, 760);
        page.show();
        session.openRun(path("runs/first"));
        QTRY_VERIFY(page.findChild<Plot*>("parity_forces")->pointCount() > 0);
        QTest::qWait(300);
        QVERIFY(page.grab().save(target + "/parity" + suffix));
        auto* tabs = page.findChild<QTabWidget*>();
        tabs->setCurrentIndex(1);
        QTest::qWait(100);
        QVERIFY(page.grab().save(target + "/errors" + suffix));
        auto* list = page.findChild<QTableWidget*>("runs");
        for (int row = 0; row < list->rowCount(); ++row)
            list->item(row, 0)->setCheckState(Qt::Checked);
        QTRY_COMPARE(page.findChild<TextTable*>("comparison")->rowCount(), 2);
        QTest::qWait(300);
        QVERIFY(page.grab().save(target + "/comparison" + suffix));
    }
    qApp->setPalette(QPalette());
}

QTEST_MAIN(TestResultsPage)
#include "tst_results_page.moc"
