#include "base/files.h"
#include "project/project_tree.h"
#include "shell/main_window.h"
#include "shell/page.h"
#include "shell/page_stack.h"
#include "shell/resource_folder.h"
#include "shell/settings.h"
#include "shell/theme.h"
#include "structure/viewport.h"
#include "support/file_dialog.h"
#include "support/shared_data.h"
#include "support/text_fit.h"
#include "widgets/heat_map.h"
#include "widgets/plot.h"

#include <QtCore/QSettings>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QApplication>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMenuBar>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QTableView>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

/// A curve drawn on a page: the plots that are shown and not empty.
int filledPlots(const QWidget* page)
{
    int count = 0;
    for (const Plot* plot : page->findChildren<Plot*>())
        count += plot->isVisible() && plot->pointCount() > 0;
    return count;
}

/// What the engine gives as the numbers of a tensor: "base" of a model file, "tuned" of a model and a run.
std::vector<float> readFloats(const Json& answer, const char* side)
{
    const std::string bytes = readFile(answer.at(side).get<std::string>());
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

int colours(const QImage& image)
{
    QSet<QRgb> seen;
    for (int y = 0; y < image.height(); y += 2)
        for (int x = 0; x < image.width(); x += 2)
            seen.insert(image.pixel(x, y));
    return int(seen.size());
}

} // namespace

/// The whole job in the real window with the real engine on the demo: open, choose blocks, train, look,
/// export, and find the run again. Pictures of every page go to the folder LODESTONE_TEST_ARTIFACTS (default:
/// artifacts in the build).
class TestWholeJob : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void demoOpens();
    void blocksAreChosen();
    void runFinishes();
    void pagesShowTheRun();
    void momentsAppear();
    void exportButtonWritesTheTunedModel();
    void runIsFoundAgain();
    void nickelOxideWithAFoundationModel();

private:
    void openWindow();
    void pictures(const QString& name);
    void picture(const QString& name, const QSize& size);
    Json ask(const QString& verb, const Json& arguments);
    Page* page(const char* key) { return qobject_cast<Page*>(m_window->pages().page(QLatin1String(key))); }
    QTemporaryDir m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<MainWindow> m_window;
    QString m_pictures, m_run;
    QStringList m_complaints;
};

void TestWholeJob::openWindow()
{
    m_window = std::make_unique<MainWindow>(*m_settings);
    m_window->setAsksOnClose(false);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

/// The window as it is; one flat colour or a text without enough room is noted as a complaint.
void TestWholeJob::picture(const QString& name, const QSize& size)
{
    QTest::qWait(700); // timers that redraw, and the questions that a page asks when it is shown
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->session().engine().busy(),
                             300000); // measuring a run's cost takes time
    QTest::qWait(200);
    const QImage image = m_window->grab().toImage();
    QVERIFY(image.save(QStringLiteral("%1/%2.png").arg(m_pictures, name)));
    const test::ClippedTexts texts(*m_window);
    for (const QString& text : texts.found())
        m_complaints << name + QStringLiteral(": ") + text;
    if (image.size() != size)
        m_complaints << name + QStringLiteral(": larger than it was made: %1 x %2")
                                   .arg(image.width())
                                   .arg(image.height());
    if (colours(image) <= 60 || texts.looked() <= 20)
        m_complaints << name + QStringLiteral(": the picture is empty");
}

/// Every page and every tab on it, light and dark, in a large and in a small window.
void TestWholeJob::pictures(const QString& name)
{
    const std::pair<Theme, QSize> looks[] = {
        {Theme::Dark, {1600, 1000}}, {Theme::Light, {1280, 800}}, {Theme::Light, {1600, 1000}}};
    for (const auto& [theme, size] : looks) {
        applyTheme(*qApp, theme);
        m_window->resize(size);
        for (int i = 0; i < m_window->pages().count(); ++i) {
            const QString key = m_window->pages().key(i);
            const QString file =
                QStringLiteral("%1-%2-%3-%4").arg(name, key, themeName(theme)).arg(size.width());
            m_window->showPage(key);
            picture(file, size);
            auto* tabs = m_window->pages().page(key)->findChild<QTabWidget*>();
            for (int tab = 1; tabs && tabs->isVisible() && tab < tabs->count(); ++tab) {
                tabs->setCurrentIndex(tab);
                picture(QStringLiteral("%1-tab%2").arg(file).arg(tab), size);
            }
            if (tabs)
                tabs->setCurrentIndex(0);
        }
    }
    for (const QString& complaint : m_complaints)
        qWarning("%s", qPrintable(complaint));
    QVERIFY2(m_complaints.isEmpty(), "texts without room, or empty pictures: see above");
}

/// The real engine's answer; a null value after a failure.
Json TestWholeJob::ask(const QString& verb, const Json& arguments)
{
    Json answer;
    bool done = false;
    QString error;
    m_window->session().engine().request(verb, arguments, this, [&](const EngineClient::Reply& reply) {
        done = true;
        answer = reply.ok;
        error = reply.error;
    });
    [&] { QTRY_VERIFY_WITH_TIMEOUT(done, 60000); }();
    [&] { QCOMPARE(error, QString()); }();
    return answer;
}

void TestWholeJob::initTestCase()
{
    const QString engine = QStringLiteral(LODESTONE_BIN "/lodestone-engine");
    if (!QFileInfo::exists(engine))
        QSKIP("lodestone-engine was not built (LODESTONE_ENGINE=OFF)");
    qputenv("LODESTONE_ENGINE", engine.toLocal8Bit());
    QVERIFY2(demoFiles().complete(), "resources/demo is incomplete");
    m_pictures =
        qEnvironmentVariable("LODESTONE_TEST_ARTIFACTS", QStringLiteral(LODESTONE_BIN "/../artifacts"));
    QVERIFY(QDir().mkpath(m_pictures));
    m_settings = std::make_unique<QSettings>(m_folder.filePath("settings.ini"), QSettings::IniFormat);
    m_settings->setValue(keys::runsFolder, m_folder.filePath("runs"));
    openWindow();
}

void TestWholeJob::cleanupTestCase()
{
    if (m_window && m_window->session().run() && m_window->session().run()->active())
        m_window->session().run()->stop();
    m_window.reset();
}

void TestWholeJob::demoOpens()
{
    QVERIFY(m_window->openDemo());
    Session& session = m_window->session();
    QTRY_VERIFY_WITH_TIMEOUT(session.model() && session.data() && session.preflight(), 60000);
    QVERIFY(session.model()->tensors.size() > 5);
    QVERIFY(session.data()->frames.size() > 10);
    for (const Finding& finding : session.preflight()->findings)
        QVERIFY2(finding.level != "error", finding.text.c_str());
    QVERIFY(!session.moments().label.empty());
    m_window->showPage("data");
    QTRY_COMPARE(page("data")->findChild<QTableView*>("frames")->model()->rowCount(),
                 int(session.data()->frames.size()));
    QTRY_COMPARE(filledPlots(page("data")), 4); // neighbours are counted once the model is there
    for (const char* key : {"structure", "data", "blocks", "training"})
        QCOMPARE(m_window->pages().problem(QLatin1String(key)), QString());
}

void TestWholeJob::blocksAreChosen()
{
    Session& session = m_window->session();
    m_window->showPage("blocks");
    const auto chosen = selectedCount(*session.model(), session.selected());
    QVERIFY(chosen > 0 && chosen < session.model()->parameters);
    const QString sentence = page("blocks")->findChild<QLabel*>("selection-sentence")->text();
    QVERIFY2(sentence.contains(QLocale().toString(qlonglong(chosen))), qPrintable(sentence));
}

void TestWholeJob::runFinishes()
{
    // The demo's own settings with fewer epochs: enough to improve, short enough for a test.
    QVERIFY(m_window->session().suggestedConfiguration());
    RunConfig config = *m_window->session().suggestedConfiguration();
    config.epochs = 12;
    m_window->session().suggestConfiguration(config);
    m_window->showPage("training");
    auto* start = page("training")->findChild<QPushButton*>("start");
    page("training")->findChild<QLineEdit*>("runName")->setText("whole-job");
    QVERIFY(start->isEnabled());
    QTest::mouseClick(start, Qt::LeftButton);
    Session& session = m_window->session();
    QTRY_VERIFY(session.run());
    m_run = QString::fromStdString(session.run()->paths().root.string());
    QTRY_COMPARE_WITH_TIMEOUT(session.run()->history().state, std::string("finished"), 600000);
    QCOMPARE(m_window->pages().problem("training"), QString());
}

void TestWholeJob::pagesShowTheRun()
{
    const RunHistory& history = m_window->session().run()->history();
    QVERIFY(history.steps.size() > 10);
    QVERIFY(!history.evaluations.empty() && !history.sparsity.empty());
    const SparsityRecord& record = history.sparsity.back().record;
    QVERIFY(record.changed > 0 && record.changed < record.eligible);
    QVERIFY2(record.changedOfModel() < 0.1, "the demo changes under 10 % of the parameters");
    const auto& last = history.evaluations.back();
    QVERIFY(last.tuned.at("validation").at("forces").mae < 0.8 * last.base.at("validation").at("forces").mae);
    QVERIFY(last.tuned.at("validation").at("moments").mae <
            0.8 * last.base.at("validation").at("moments").mae);

    m_window->showPage("training");
    QTRY_VERIFY(filledPlots(page("training")) > 0);
    m_window->showPage("sparsity");
    QTRY_VERIFY([this] {
        for (const HeatMap* map : page("sparsity")->findChildren<HeatMap*>())
            if (map->isVisible() && map->data().rowCount > 0 &&
                std::any_of(map->data().values.begin(), map->data().values.end(),
                            [](double v) { return v > 0; }))
                return true;
        return false;
    }());
    m_window->showPage("results");
    QTRY_VERIFY(filledPlots(page("results")) > 0);
}

void TestWholeJob::momentsAppear()
{
    Session& session = m_window->session();
    session.refreshMoments();
    double tuned = 0, base = 0;
    for (int frame = 0; frame < 8; ++frame) {
        session.setFrame(frame);
        const std::size_t atoms = session.data()->frames[std::size_t(frame)].structure.size();
        QTRY_COMPARE_WITH_TIMEOUT(session.moments().tuned.size(), atoms, 60000);
        QCOMPARE(session.moments().base.size(), atoms);
        for (std::size_t i = 0; i < atoms; ++i) {
            const double label = norm(session.moments().label[i]);
            tuned += std::abs(norm(session.moments().tuned[i]) - label);
            base += std::abs(norm(session.moments().base[i]) - label);
        }
    }
    QVERIFY2(tuned < 0.8 * base, qPrintable(QString("%1 against %2").arg(tuned).arg(base)));
    session.setFrame(1);
    pictures("demo");
}

/// As a user does it: the button of the Results page, the file dialog, then "Open a model" in the menu.
void TestWholeJob::exportButtonWritesTheTunedModel()
{
    Session& session = m_window->session();
    const ModelDescription base = *session.model();
    const QString out = m_folder.filePath("tuned.nqx");
    m_window->showPage("results");
    auto* button = page("results")->findChild<QAbstractButton*>("exportModel");
    QVERIFY(button->isVisible() && button->isEnabled());
    {
        const test::FileDialogAnswer answer(out);
        QTest::mouseClick(button, Qt::LeftButton); // returns when the dialog is closed
        QVERIFY(answer.answered());
        QVERIFY2(answer.proposed().endsWith("whole-job.nqx"), qPrintable(answer.proposed()));
    }
    auto* said = page("results")->findChild<QLabel*>("exportState");
    QTRY_VERIFY_WITH_TIMEOUT(!session.engine().busy(), 60000);
    QCOMPARE(m_window->pages().problem("results"), QString());
    QVERIFY2(said->isVisible() && said->text().startsWith("Written"), qPrintable(said->text()));
    QVERIFY(said->text().contains(out));

    QAction* open = nullptr;
    for (QAction* action : m_window->findChildren<QAction*>())
        if (action->shortcut() == QKeySequence("Ctrl+M"))
            open = action;
    QVERIFY(open);
    {
        const test::FileDialogAnswer answer(out);
        open->trigger();
        QVERIFY(answer.answered());
    }
    QTRY_COMPARE_WITH_TIMEOUT(session.model()->file, out.toStdString(), 60000);
    QCOMPARE(session.model()->parameters, base.parameters);
    QVERIFY(session.model()->sha256 != base.sha256);
    m_window->showPage("blocks");
    QTRY_VERIFY(page("blocks")->findChild<QLabel*>("architecture")->text().contains("tuned.nqx"));

    // Number by number: what was written is the base with the run's changes, and nothing else.
    const Json metrics = readJsonFile(RunPaths{m_run.toStdString()}.metrics());
    std::int64_t changed = 0;
    for (const ParameterInfo& tensor : base.tensors) {
        const std::string scratch = session.engine().scratchFolder().toStdString();
        const Json before = ask("weights", {{"model", base.file},
                                            {"tensor", tensor.name},
                                            {"run", m_run.toStdString()},
                                            {"scratch", scratch}});
        const std::vector<float> old = readFloats(before, "base"), tuned = readFloats(before, "tuned");
        const Json after =
            ask("weights", {{"model", out.toStdString()}, {"tensor", tensor.name}, {"scratch", scratch}});
        QVERIFY2(readFloats(after, "base") == tuned, tensor.name.c_str());
        for (std::size_t i = 0; tensor.trainable && i < old.size(); ++i)
            changed += old[i] != tuned[i];
    }
    // A delta below half a unit in the last place of its weight leaves the stored number as it was.
    const auto counted = metrics["changed"].get<std::int64_t>();
    QVERIFY2(changed > 100 && changed <= counted && changed > 0.99 * counted,
             qPrintable(QString("%1 of %2").arg(changed).arg(counted)));
}

void TestWholeJob::runIsFoundAgain()
{
    m_window->close();
    m_window.reset();
    openWindow();
    auto* tree = m_window->findChild<ProjectTree*>();
    QTRY_COMPARE(tree->runs(), QStringList{m_run});
    Q_EMIT tree->runRequested(m_run);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->session().run()->history().state, std::string("finished"), 30000);
    m_window->showPage("training");
    QTRY_VERIFY(filledPlots(page("training")) > 0);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().model() && m_window->session().data(), 60000);
}

void TestWholeJob::nickelOxideWithAFoundationModel()
{
    SKIP_WITHOUT_SHARED("models/nequix/nequix-mp-1.nqx");
    Session& session = m_window->session();
    session.closeRun();
    m_window->openPaths(
        {QString::fromStdString(sharedPath("models/nequix/nequix-mp-1.nqx").string()),
         QString::fromStdString(sharedPath("data/nio-noncollinear/nio_deepspin.extxyz").string())});
    QTRY_VERIFY_WITH_TIMEOUT(session.model() && session.model()->storedNumbers == 707658, 60000);
    QCOMPARE(session.model()->referenceEnergies, std::int64_t(89));
    QTRY_VERIFY_WITH_TIMEOUT(session.data() && session.data()->frames.size() == 151, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(session.preflight() && !session.preflight()->neighbourCounts.empty(), 60000);
    QVERIFY(session.data()->frames[0].moments->kind == Moments::Kind::Vector);
    const QString sentence = page("blocks")->findChild<QLabel*>("selection-sentence")->text();
    QVERIFY2(sentence.contains(QLocale().toString(707569)), qPrintable(sentence));
    // A real run on it, short: the pictures of the README are taken of this.
    RunConfig config;
    config.targets = {1000, 10, 0, 0, 100, true};
    config.data.magneticForceFactor = 1.31;
    config.data.validationFraction = 0.3;
    config.data.maxTrain = 40;
    config.data.maxValidation = 20;
    config.method.targetFraction = 0.05;
    config.method.sigma = 1e-4;
    config.magneticHead = "spin-energy";
    config.headLearningRate = 0.01;
    config.optimiser.learningRate = 2e-4;
    config.epochs = 8;
    config.maxFrames = 2;
    config.forgettingFrames = 8;
    session.suggestConfiguration(config);
    m_window->showPage("training");
    page("training")->findChild<QLineEdit*>("runName")->setText("nio-spin-energy");
    auto* start = page("training")->findChild<QPushButton*>("start");
    QTRY_VERIFY(start->isEnabled());
    QTest::mouseClick(start, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(session.run() && session.run()->paths().root.filename() == "nio-spin-energy",
                             30000);
    QTRY_COMPARE_WITH_TIMEOUT(session.run()->history().state, std::string("finished"), 900000);
    const auto& last = session.run()->history().evaluations.back();
    const char* torque = "magnetic_forces:perpendicular";
    QVERIFY(last.tuned.at("validation").at(torque).mae < 0.8 * last.base.at("validation").at(torque).mae);
    session.setFrame(2);
    QTRY_VERIFY_WITH_TIMEOUT(!session.moments().bonds.empty(), 120000);
    // The audit follows the run; the page Results shows it when it is there.
    QTRY_VERIFY_WITH_TIMEOUT(page("results")->findChild<QLabel*>("audit")->text().contains("Audit"), 300000);
    pictures("nio");
}

int main(int argc, char** argv)
{
    qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    qputenv("QTEST_FUNCTION_TIMEOUT", "1200000"); // the run itself takes minutes on a busy machine
    setDefaultSurfaceFormat();
    QStandardPaths::setTestModeEnabled(true);
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs); // the test types into Qt's own
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English));
    applyTheme(application, Theme::Light);
    TestWholeJob test;
    return QTest::qExec(&test, argc, argv);
}
#include "xvfb_whole_job.moc"
