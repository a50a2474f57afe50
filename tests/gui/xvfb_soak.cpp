#include "base/text.h"
#include "shell/heap.h"
#include "shell/main_window.h"
#include "shell/page_stack.h"
#include "shell/settings.h"
#include "shell/theme.h"
#include "structure/viewport.h"
#include "support/process_memory.h"
#include "widgets/plot.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QSettings>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QTabWidget>

#include <csignal>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

struct Sample {
    double minute = 0, desktop = 0, engine = 0, serve = 0; ///< MB
    double step = 0;
};

/// Mean of a figure over the samples between two shares of the time.
double meanBetween(const std::vector<Sample>& samples, double from, double to, double Sample::*figure)
{
    double sum = 0;
    int count = 0;
    for (const Sample& sample : samples) {
        const double share = sample.minute / samples.back().minute;
        if (share < from || share > to)
            continue;
        sum += sample.*figure;
        ++count;
    }
    return count > 0 ? sum / count : 0;
}

} // namespace

/// A run with the desktop attached, for LODESTONE_SOAK_MINUTES (default 1; 120 for the figures in
/// docs/robustness.md): pages, tabs, frames, views and themes change, the run is paused and goes on, the run
/// is closed and opened, the window too, and the answering engine is killed. Memory of both programs must be
/// flat after a quarter of the time. Writes soak.csv and soak.png to LODESTONE_TEST_ARTIFACTS.
class TestSoak : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void staysTheSame();

private:
    void openWindow();
    void act(int turn);
    void lookAround(int turn);
    void pauseAndGoOn();
    void reconnect();
    void sample();
    void writeFigures() const;
    long enginePid() const;
    bool settles(const char* state) const;

    QTemporaryDir m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<MainWindow> m_window;
    QString m_run, m_pictures;
    QElapsedTimer m_clock;
    std::vector<Sample> m_samples;
    std::map<QString, int> m_done; ///< what was done how often
};

void TestSoak::openWindow()
{
    m_window = std::make_unique<MainWindow>(*m_settings);
    m_window->setAsksOnClose(false);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestSoak::initTestCase()
{
    // A long soak may be run from a copy of the programs while the build goes on.
    const QString engine =
        qEnvironmentVariable("LODESTONE_ENGINE", QStringLiteral(LODESTONE_BIN "/lodestone-engine"));
    if (!QFileInfo::exists(engine))
        QSKIP("lodestone-engine was not built (LODESTONE_ENGINE=OFF)");
    qputenv("LODESTONE_ENGINE", engine.toLocal8Bit());
    m_pictures =
        qEnvironmentVariable("LODESTONE_TEST_ARTIFACTS", QStringLiteral(LODESTONE_BIN "/../artifacts"));
    QVERIFY(QDir().mkpath(m_pictures));
    m_settings = std::make_unique<QSettings>(m_folder.filePath("settings.ini"), QSettings::IniFormat);
    m_settings->setValue(keys::runsFolder, m_folder.filePath("runs"));
    openWindow();
    QVERIFY(m_window->openDemo());
    Session& session = m_window->session();
    QTRY_VERIFY_WITH_TIMEOUT(session.suggestedConfiguration() && session.model() && session.data(), 60000);
    RunConfig config = *session.suggestedConfiguration();
    config.epochs = 90000; // more than fit into any soak; it is stopped at the end
    config.earlyStopping = 0;
    config.checkpointEverySeconds = 20;
    m_run = session.startRun(config, "soak");
    QVERIFY(!m_run.isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(settles("running"), 120000);
    QVERIFY(enginePid() > 0);
}

void TestSoak::cleanupTestCase()
{
    if (m_window && m_window->session().run() && m_window->session().run()->active()) {
        m_window->session().run()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(settles("stopped"), 60000);
    }
    m_window.reset();
}

bool TestSoak::settles(const char* state) const
{
    const RunWatcher* run = m_window->session().run();
    return run && run->history().state == state && (!run->history().steps.empty() || state[0] == 's');
}

long TestSoak::enginePid() const
{
    const auto holder = RunLock::holder(RunPaths{m_run.toStdString()});
    return holder && holder->alive ? holder->pid : 0;
}

/// The next page, tab, frame and view: what somebody does who looks at a run.
void TestSoak::lookAround(int turn)
{
    const int count = m_window->pages().count();
    const QString key = m_window->pages().key(turn % count);
    m_window->showPage(key);
    QWidget* page = m_window->pages().page(key);
    if (auto* tabs = page->findChild<QTabWidget*>(); tabs && tabs->count() > 0)
        tabs->setCurrentIndex(turn / count % tabs->count());
    Session& session = m_window->session();
    if (session.data())
        session.setFrame(int(std::size_t(turn) * 7 % session.data()->frames.size()));
    if (auto* view = page->findChild<Viewport*>())
        view->lookAlong({std::sin(turn), std::cos(turn), 0.3}, {0, 0, 1});
    if (turn % 13 == 0)
        applyTheme(*qApp, turn % 2 ? Theme::Dark : Theme::Light);
    ++m_done["looked at a page"];
}

void TestSoak::pauseAndGoOn()
{
    RunWatcher* run = m_window->session().run();
    QVERIFY(run);
    run->pause();
    QTRY_VERIFY_WITH_TIMEOUT(settles("paused"), 60000);
    QTest::qWait(300);
    run->resume();
    QTRY_VERIFY_WITH_TIMEOUT(settles("running"), 60000);
    ++m_done["paused and resumed"];
}

/// The run is closed and opened, then the window; last the engine that answers questions dies.
void TestSoak::reconnect()
{
    m_window->session().closeRun();
    QTest::qWait(100);
    m_window->openRun(m_run);
    QTRY_VERIFY_WITH_TIMEOUT(settles("running"), 60000);
    ++m_done["closed and opened the run"];
    m_window->close();
    m_window.reset();
    for (const QWidget* widget : QApplication::topLevelWidgets())
        QVERIFY2(!QByteArray(widget->metaObject()->className()).startsWith("lodestone"),
                 qPrintable("left behind by the window: " + widget->objectName()));
    openWindow();
    m_window->openRun(m_run);
    QTRY_VERIFY_WITH_TIMEOUT(settles("running") && m_window->session().model() && m_window->session().data(),
                             60000);
    ++m_done["closed and opened the window"];
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->session().engine().busy(), 60000);
    if (const auto* serve = m_window->session().engine().findChild<QProcess*>();
        serve && serve->processId() > 0) {
        ::kill(pid_t(serve->processId()), SIGKILL);
        ++m_done["killed the answering engine"];
    }
}

void TestSoak::act(int turn)
{
    lookAround(turn);
    if (turn % 9 == 4)
        pauseAndGoOn();
    if (turn % 23 == 11)
        reconnect();
}

void TestSoak::sample()
{
    Sample sample;
    sample.minute = double(m_clock.elapsed()) / 60000;
    sample.desktop = test::residentMegabytes(::getpid());
    sample.engine = test::residentMegabytes(enginePid());
    if (const auto* serve = m_window->session().engine().findChild<QProcess*>();
        serve && serve->processId() > 0)
        sample.serve = test::residentMegabytes(long(serve->processId()));
    const RunWatcher* run = m_window->session().run();
    if (run && !run->history().steps.empty())
        sample.step = run->history().steps.back().step;
    m_samples.push_back(sample);
}

void TestSoak::writeFigures() const
{
    std::vector<double> minutes, desktop, engine;
    QFile file(m_pictures + "/soak.csv");
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("minute,desktop_mb,engine_mb,serve_mb,step\n");
    for (const Sample& s : m_samples) {
        file.write(fmt::format("{:.3f},{:.1f},{:.1f},{:.1f},{:.0f}\n", s.minute, s.desktop, s.engine, s.serve,
                               s.step)
                       .c_str());
        minutes.push_back(s.minute);
        desktop.push_back(s.desktop);
        engine.push_back(s.engine);
    }
    Plot plot;
    plot.resize(900, 420);
    plot.setTitles("Resident memory of a run with the desktop attached", "minutes", "MB");
    plot.setSeries("desktop", minutes, desktop);
    plot.setSeries("engine of the run", minutes, engine);
    plot.fitAll();
    QVERIFY(plot.exportTo(m_pictures + "/soak.png"));
}

void TestSoak::staysTheSame()
{
    const double minutes = qEnvironmentVariable("LODESTONE_SOAK_MINUTES", "1").toDouble();
    QVERIFY(minutes > 0);
    const bool full = minutes >= 30;
    const long engine = enginePid();
    m_clock.start();
    for (int turn = 0; double(m_clock.elapsed()) < minutes * 60000; ++turn) {
        act(turn);
        if (QTest::currentTestFailed())
            return;
        QTest::qWait(full ? 4000 : 700);
        sample();
    }
    writeFigures();
    QCOMPARE(enginePid(), engine); // one engine all the time
    for (const auto& [what, count] : m_done)
        qInfo("%s: %d times", qPrintable(what), count);
    QVERIFY(m_done["paused and resumed"] > 0 && m_done["closed and opened the window"] > 0);
    QVERIFY(m_samples.back().step > m_samples.front().step);

    // Warm-up is the first quarter: caches, thinned curves and the allocators' arenas fill. A minute is too
    // short for that; there the wider limit still catches what grows with every turn.
    const double allowed = full ? 0.05 : 0.25;
    for (const auto& [name, figure] : {std::pair("desktop", &Sample::desktop), {"engine", &Sample::engine}}) {
        const double first = meanBetween(m_samples, 0.25, 0.5, figure);
        const double last = meanBetween(m_samples, 0.75, 1, figure);
        qInfo("%s: %.1f MB in the second quarter, %.1f MB in the last (%+.2f %%), %.1f minutes, %zu samples",
              name, first, last, 100 * (last / first - 1), minutes, m_samples.size());
        QVERIFY(first > 10);
        QVERIFY2(last < (1 + allowed) * first, "memory grows");
    }
}

int main(int argc, char** argv)
{
    returnLargeBlocks(); // as the program does
    qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    qputenv("QTEST_FUNCTION_TIMEOUT", "20000000"); // a soak takes longer than Qt Test lets a function run
    setDefaultSurfaceFormat();
    QStandardPaths::setTestModeEnabled(true);
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English));
    applyTheme(application, Theme::Light);
    TestSoak test;
    return QTest::qExec(&test, argc, argv);
}
#include "xvfb_soak.moc"
