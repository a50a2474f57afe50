// How fast the desktop is: its start, a click while a run emits events, and the opening of a long run. Prints
// one JSON object. Needs a display (xvfb-run does) and the program `lodestone` beside it.
//     xvfb-run -a -s "-screen 0 1600x1000x24" lodestone-bench-desktop [SECONDS of load, default 10] [turn:
//     nothing else]

#include "run/run_directory.h"
#include "shell/main_window.h"
#include "shell/page_stack.h"
#include "shell/settings.h"
#include "shell/theme.h"
#include "structure/viewport.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QProcess>
#include <QtCore/QSettings>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QTabBar>
#include <algorithm>
#include <cmath>
#include <iostream>
#include <sys/resource.h>
#include <thread>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

constexpr int eventsPerSecond = 200;
constexpr int longRun = 100000; // steps

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

double cpuSeconds(int who)
{
    rusage usage{};
    getrusage(who, &usage);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Json stepEvent(int step)
{
    const double x = 1.0 / (1 + 0.001 * step);
    return {{"step", step},
            {"epoch", step / 100},
            {"seconds", 0.05 * step},
            {"loss", {{"total", x}, {"energy", 0.2 * x}, {"forces", 0.7 * x}, {"moments", 0.1 * x}}},
            {"learning_rate", 1e-3},
            {"gradient_norm", 0.1 + x},
            {"threshold", 1e-3},
            {"changed", 1000},
            {"changed_of_model", 0.05},
            {"changed_of_eligible", 0.08},
            {"atoms_per_second", 1e4},
            {"eta", 100}};
}

Json evaluationEvent(int step)
{
    const auto metrics = [step](double scale) {
        Json json;
        for (const char* quantity : {"energy", "forces", "moments"})
            json[quantity] = {{"mae", scale / (1 + 0.001 * step)}, {"rmse", scale}, {"count", 100}};
        return json;
    };
    return {{"step", step},
            {"epoch", step / 100},
            {"seconds", 0.05 * step},
            {"best", true},
            {"splits", {{"validation", {{"base", metrics(1)}, {"tuned", metrics(0.5)}}}}}};
}

/// Milliseconds from the start of the program to its first picture, and its memory then (MiB).
Json start(int times)
{
    std::vector<double> milliseconds, memory;
    for (int i = 0; i <= times; ++i) {
        QElapsedTimer clock;
        clock.start();
        QProcess program;
        program.start(QStringLiteral(LODESTONE_BIN "/lodestone"),
                      {QStringLiteral("--no-settings"), QStringLiteral("--quit-when-shown")});
        program.waitForReadyRead(60000);
        const double elapsed = double(clock.nsecsElapsed()) * 1e-6;
        program.waitForFinished(60000);
        if (i == 0)
            continue; // fetches the libraries from disk
        milliseconds.push_back(elapsed);
        memory.push_back(program.readAllStandardOutput().trimmed().toDouble());
    }
    return {{"milliseconds", median(milliseconds)},
            {"slowest_milliseconds", *std::max_element(milliseconds.begin(), milliseconds.end())},
            {"memory_MiB", median(memory)}};
}

/// Clicks on the page tabs while a run in view emits events: the share of a core that the program takes, and
/// the time from a click's arrival to the repainted page.
Json load(MainWindow& window, const QString& folder, double seconds)
{
    const RunPaths paths{folder.toStdString()};
    QDir().mkpath(folder);
    const RunLock lock(paths);
    EventWriter events(paths);
    events.write("started", {{"steps", 1000000}, {"step", 0}});
    std::atomic<bool> done = false;
    std::atomic<double> writing = 0;
    std::jthread writer([&] {
        auto next = std::chrono::steady_clock::now();
        for (int step = 1; !done; ++step) {
            events.write("step", stepEvent(step));
            if (step % 100 == 0)
                events.write("evaluation", evaluationEvent(step));
            writing = cpuSeconds(RUSAGE_THREAD);
            next += std::chrono::microseconds(1000000 / eventsPerSecond);
            std::this_thread::sleep_until(next);
        }
    });
    window.session().openRun(folder);
    window.showPage(QStringLiteral("training"));
    QTest::qWait(2000);
    const auto measure = [&](bool clicking, std::vector<double>& latencies) {
        const double before = cpuSeconds(RUSAGE_SELF) - writing;
        QElapsedTimer clock;
        clock.start();
        QTabBar* tabs = window.pages().tabs();
        for (int click = 0; double(clock.elapsed()) < 1000 * seconds; ++click) {
            QTest::qWait(250);
            if (!clicking)
                continue;
            QElapsedTimer wait;
            wait.start();
            // Queued, as what comes from the window system: whatever is under way goes first.
            bool clicked = false;
            QMetaObject::invokeMethod(
                &window,
                [&] {
                    const int tab = click % 2 ? 4 : 5; // Training, Sparsity
                    QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(tab).center());
                    window.repaint();
                    clicked = true;
                },
                Qt::QueuedConnection);
            while (!clicked)
                QCoreApplication::processEvents(QEventLoop::AllEvents);
            latencies.push_back(double(wait.nsecsElapsed()) * 1e-6);
        }
        return (cpuSeconds(RUSAGE_SELF) - writing - before) / (1e-3 * double(clock.elapsed()));
    };
    std::vector<double> none, latencies;
    const double watching = measure(false, none);
    const double clicking = measure(true, latencies);
    done = true;
    writer.join();
    window.session().closeRun();
    return {{"events_per_second", eventsPerSecond},
            {"core_share_watching", watching},
            {"core_share_with_4_clicks_a_second", clicking},
            {"click_milliseconds", median(latencies)},
            {"slowest_click_milliseconds", *std::max_element(latencies.begin(), latencies.end())}};
}

/// Milliseconds from the request to open a long run to its curves.
Json openLongRun(MainWindow& window, const QString& folder)
{
    const RunPaths paths{folder.toStdString()};
    QDir().mkpath(folder);
    {
        const RunLock lock(paths);
        EventWriter events(paths);
        events.write("started", {{"steps", longRun}, {"step", 0}});
        for (int step = 1; step <= longRun; ++step) {
            events.write("step", stepEvent(step));
            if (step % 1000 == 0)
                events.write("evaluation", evaluationEvent(step));
        }
        events.write("finished", {{"reason", "done"}, {"step", longRun}, {"seconds", 1}});
    }
    std::vector<double> milliseconds;
    double longest = 0; // between two turns of the event loop
    for (int i = 0; i < 3; ++i) {
        window.showPage(QStringLiteral("training"));
        QElapsedTimer clock, turn;
        clock.start();
        window.session().openRun(folder);
        while (window.session().run()->history().state != "finished" && clock.elapsed() < 60000) {
            turn.start();
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
            longest = std::max(longest, double(turn.nsecsElapsed()) * 1e-6);
        }
        window.repaint();
        milliseconds.push_back(double(clock.nsecsElapsed()) * 1e-6);
        window.session().closeRun();
        QTest::qWait(200);
    }
    return {{"steps", longRun},
            {"megabytes", double(std::filesystem::file_size(paths.events())) * 1e-6},
            {"milliseconds", median(milliseconds)},
            {"longest_turn_milliseconds", longest}};
}

/// Turning 10,000 atoms with arrows and bonds by the mouse: milliseconds a picture while moving, and of the
/// picture that follows when the button is let go.
Json turn(MainWindow& window, const QString& file)
{
    constexpr int cells = 17; // 2 x 17^3 = 9,826 atoms of bcc iron
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly))
        return {};
    QTextStream text(&out);
    const double a = 2.87;
    text << 2 * cells * cells * cells << "\nLattice=\"" << cells * a << " 0 0 0 " << cells * a << " 0 0 0 "
         << cells * a << "\" Properties=species:S:1:pos:R:3:magmoms:R:3 pbc=\"T T T\"\n";
    for (int i = 0; i < cells * cells * cells; ++i)
        for (const double half : {0.0, 0.5})
            text << "Fe " << (i % cells + half) * a << ' ' << (i / cells % cells + half) * a << ' '
                 << (i / cells / cells + half) * a << ' ' << 0.3 * std::sin(i) << " 0 "
                 << (half > 0 ? -2.2 : 2.2) << '\n';
    text.flush();
    out.close();
    window.showPage(QStringLiteral("structure"));
    window.session().openData({file});
    const auto opened = [&] {
        return window.session().data() && window.session().dataFiles() == QStringList{file};
    };
    if (!QTest::qWaitFor(opened, 60000))
        return {};
    auto* viewport = window.findChild<Viewport*>();
    auto* canvas = viewport->focusProxy();
    QTest::qWait(4000);
    if (viewport->isPlaceholder())
        return {{"opengl", false}};
    std::vector<double> moving;
    QPoint at = canvas->rect().center();
    QTest::mousePress(canvas, Qt::LeftButton, {}, at);
    for (int i = 0; i < 30; ++i) {
        QElapsedTimer clock;
        clock.start();
        at += QPoint(5, 2);
        QMouseEvent move(QEvent::MouseMove, at, canvas->mapToGlobal(QPointF(at)), Qt::NoButton,
                         Qt::LeftButton, {});
        QApplication::sendEvent(canvas, &move);
        QCoreApplication::processEvents();
        moving.push_back(double(clock.nsecsElapsed()) * 1e-6);
    }
    std::vector<double> resting;
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, at);
    for (int i = 0; i < 4; ++i) {
        QElapsedTimer clock;
        clock.start();
        QTest::qWait(20);
        resting.push_back(double(clock.nsecsElapsed()) * 1e-6);
    }
    return {{"atoms", 2 * cells * cells * cells},
            {"picture_moving_milliseconds", median(moving)},
            {"slowest_picture_moving_milliseconds", *std::max_element(moving.begin(), moving.end())},
            {"slowest_picture_resting_milliseconds", *std::max_element(resting.begin(), resting.end())}};
}

} // namespace

int main(int argc, char** argv)
{
    qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    setDefaultSurfaceFormat();
    QStandardPaths::setTestModeEnabled(true);
    QApplication application(argc, argv);
    applyTheme(application, Theme::Light);
    const double seconds = argc > 1 ? std::max(1.0, QString::fromLocal8Bit(argv[1]).toDouble()) : 10;
    Json result = Json::object();
    const bool only = argc > 2 && QLatin1String(argv[2]) == QLatin1String("turn");
    if (!only)
        result["start"] = start(5);
    QTemporaryDir folder;
    QSettings settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
    settings.setValue(keys::runsFolder, folder.filePath(QStringLiteral("runs")));
    MainWindow window(settings);
    window.setAsksOnClose(false);
    window.resize(1440, 900);
    window.show();
    if (!QTest::qWaitForWindowExposed(&window))
        return 1;
    if (!only)
        result["load"] = load(window, folder.filePath(QStringLiteral("active")), seconds);
    if (!only)
        result["long_run"] = openLongRun(window, folder.filePath(QStringLiteral("long")));
    result["turn"] = turn(window, folder.filePath(QStringLiteral("iron.extxyz")));
    std::cout << result.dump(2) << std::endl;
    return 0;
}
