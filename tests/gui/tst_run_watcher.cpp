#include "engine/run_watcher.h"

#include <QtTest/QtTest>
#include <fstream>

using namespace lodestone;
using namespace lodestone::gui;

class TestRunWatcher : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eventsBecomeHistory();
    void stepsAreThinned();
    void evaluationsAndMapsAreThinned();
    void resumedRunForgetsWhatCameAfter();
    void rolledBackRunForgetsWhatWentWrong();
    void watchesAGrowingRun();
    void longHistoryIsReadWithoutFalseStates();
    void rewoundFileIsReadAnew();
    void brokenEventsCostOnlyThemselves();
    void commandsReachTheRun();
};

namespace {

Json stepEvent(int step)
{
    return {{"kind", "step"},   {"step", step},
            {"epoch", 1},       {"loss", {{"total", 1.0}, {"forces", 0.5}}},
            {"eta", 12.0},      {"seconds", step * 0.1},
            {"threshold", 0.2}, {"changed_of_model", 0.04}};
}

RunPaths pathsIn(const QTemporaryDir& folder)
{
    return RunPaths{folder.path().toStdString()};
}

} // namespace

void TestRunWatcher::eventsBecomeHistory()
{
    RunHistory history;
    gui::apply(history, {{"kind", "started"}, {"steps", 40}, {"step", 0}, {"eligible", 7}});
    QCOMPARE(history.state, std::string("running"));
    QCOMPARE(history.totalSteps, 40.0);
    QCOMPARE(history.started.at("eligible").get<int>(), 7);
    gui::apply(history, stepEvent(3));
    QCOMPARE(history.steps.size(), std::size_t(1));
    QCOMPARE(history.steps[0].lossForces, 0.5);
    QVERIFY(std::isnan(history.steps[0].lossMoments)); // not in use is not zero
    QCOMPARE(history.steps[0].changedOfModel, 0.04);
    QCOMPARE(history.eta, 12.0);
    gui::apply(history, {{"kind", "paused"}, {"step", 3}});
    QCOMPARE(history.state, std::string("paused"));
    gui::apply(history, {{"kind", "resumed"}, {"step", 3}});
    QCOMPARE(history.state, std::string("running"));

    Metrics metrics;
    metrics["forces"].mae = 0.125;
    metrics["forces"].count = 3;
    gui::apply(history,
               {{"kind", "evaluation"},
                {"step", 3},
                {"epoch", 1},
                {"best", true},
                {"splits", {{"validation", {{"base", toJson(metrics)}, {"tuned", toJson(metrics)}}}}}});
    QCOMPARE(history.evaluations.size(), std::size_t(1));
    QVERIFY(history.evaluations[0].best);
    QCOMPARE(history.evaluations[0].tuned.at("validation").at("forces").mae, 0.125);

    SparsityRecord record;
    record.tensors.push_back({"layer_0/linear/0e", 16, 4, 0.1, 0.5, 2.0, {4}});
    record.eligible = 16;
    record.changed = 4;
    record.parameters = 100;
    gui::apply(history, {{"kind", "sparsity"},
                         {"step", 3},
                         {"record", toJson(record)},
                         {"layers", {{{"layer", 0}, {"l", 1}, {"eligible", 16}, {"changed", 4}}}}});
    QCOMPARE(history.sparsity.size(), std::size_t(1));
    QCOMPARE(history.sparsity[0].record.tensors[0].changed, std::int64_t(4));
    QCOMPARE(history.sparsity[0].layers[0].l, 1);

    gui::apply(history, {{"kind", "message"}, {"time", 5}, {"level", "warning"}, {"text", "slow"}});
    QCOMPARE(history.messages.back().text, std::string("slow"));
    gui::apply(history, {{"kind", "something-new"}, {"step", 9}});
    gui::apply(history, {{"kind", "failed"}, {"reason", "out of memory"}});
    QCOMPARE(history.state, std::string("failed"));
    QCOMPARE(history.endReason, std::string("out of memory"));
    QCOMPARE(history.messages.back().level, std::string("error"));
}

void TestRunWatcher::stepsAreThinned()
{
    RunHistory history;
    const int all = 3 * int(RunHistory::maxSteps);
    for (int step = 1; step <= all; ++step) {
        gui::apply(history, stepEvent(step));
        QVERIFY(history.steps.size() <= RunHistory::maxSteps);
    }
    QCOMPARE(history.steps.back().step, double(all));
    QVERIFY(history.steps.front().step < 20); // the beginning is still there
    for (std::size_t i = 1; i < history.steps.size(); ++i)
        QVERIFY(history.steps[i].step > history.steps[i - 1].step);
    for (int i = 0; i < 2500; ++i)
        gui::apply(history, {{"kind", "message"}, {"level", "info"}, {"text", std::to_string(i)}});
    QVERIFY(history.messages.size() <= RunHistory::maxMessages);
    QCOMPARE(history.messages.back().text, std::string("2499"));
}

void TestRunWatcher::evaluationsAndMapsAreThinned()
{
    RunHistory history;
    const int all = 3 * int(RunHistory::maxEvaluations), best = 777;
    const Json errors = {{"energy", {{"mae", 1.0}, {"rmse", 1.0}, {"largest", 1.0}, {"count", 1}}}};
    const Json splits = {{"validation", {{"tuned", errors}}}};
    for (int step = 1; step <= all; ++step) {
        gui::apply(history,
                   {{"kind", "evaluation"}, {"step", step}, {"best", step == best}, {"splits", splits}});
        QVERIFY(history.evaluations.size() <= RunHistory::maxEvaluations);
        gui::apply(
            history,
            {{"kind", "sparsity"}, {"step", step}, {"layers", Json::array({{{"layer", 0}, {"l", 1}}})}});
        QVERIFY(history.sparsity.size() <= RunHistory::maxSparsity);
    }
    QCOMPARE(history.evaluations.back().step, double(all));
    QVERIFY(std::any_of(history.evaluations.begin(), history.evaluations.end(),
                        [](const auto& e) { return e.best && e.step == best; }));
    for (const RunHistory::Evaluation& evaluation : history.evaluations)
        QCOMPARE(evaluation.tuned.at("validation").count("energy"), std::size_t(1)); // none was emptied
    for (const RunHistory::Sparsity& map : history.sparsity)
        QCOMPARE(map.layers.size(), std::size_t(1));
}

void TestRunWatcher::resumedRunForgetsWhatCameAfter()
{
    RunHistory history;
    gui::apply(history, {{"kind", "started"}, {"step", 0}, {"steps", 10}});
    for (int step = 1; step <= 6; ++step)
        gui::apply(history, stepEvent(step));
    gui::apply(history, {{"kind", "started"}, {"step", 4}, {"steps", 10}, {"resumed", true}});
    QCOMPARE(history.steps.size(), std::size_t(4));
    QCOMPARE(history.steps.back().step, 4.0);
}

void TestRunWatcher::rolledBackRunForgetsWhatWentWrong()
{
    RunHistory history;
    gui::apply(history, {{"kind", "started"}, {"step", 0}, {"steps", 10}});
    for (int step = 1; step <= 6; ++step)
        gui::apply(history, stepEvent(step));
    gui::apply(history,
               {{"kind", "rolled_back"}, {"step", 4}, {"from", 6}, {"reason", "The loss became NaN"}});
    QCOMPARE(history.steps.back().step, 4.0);
    QCOMPARE(history.state, std::string("running"));
}

void TestRunWatcher::watchesAGrowingRun()
{
    const QTemporaryDir folder;
    const RunPaths paths = pathsIn(folder);
    RunWatcher watcher(paths);
    QSignalSpy updated(&watcher, &RunWatcher::updated);
    QSignalSpy states(&watcher, &RunWatcher::stateChanged);
    QCOMPARE(watcher.history().state, std::string("empty"));
    {
        const RunLock lock(paths); // a live engine without an event yet
        QTRY_COMPARE(watcher.history().state, std::string("running"));
        EventWriter events(paths);
        events.write("started", {{"steps", 10}, {"step", 0}});
        for (int step = 1; step <= 5; ++step)
            events.write("step", stepEvent(step));
        QTRY_COMPARE(watcher.history().steps.size(), std::size_t(5));
        QVERIFY(watcher.active());
        events.write("paused", {{"step", 5}});
        QTRY_COMPARE(watcher.history().state, std::string("paused"));
        events.write("resumed", {{"step", 5}});
        QTRY_COMPARE(watcher.history().state, std::string("running"));
    }
    QTRY_COMPARE(watcher.history().state, std::string("interrupted")); // the engine is gone, without an end
    QVERIFY(!watcher.active());
    {
        const RunLock lock(paths);
        EventWriter events(paths);
        events.write("started", {{"steps", 10}, {"step", 5}, {"resumed", true}});
        QTRY_COMPARE(watcher.history().state, std::string("running"));
        events.write("finished", {{"reason", "all epochs"}, {"step", 10}});
    }
    QTRY_COMPARE(watcher.history().state, std::string("finished"));
    QCOMPARE(watcher.history().endReason, std::string("all epochs"));
    QCOMPARE(watcher.history().steps.size(), std::size_t(5));
    QStringList seen;
    for (const auto& signal : states)
        seen << signal[0].toString();
    QCOMPARE(seen, (QStringList{"running", "paused", "running", "interrupted", "running", "finished"}));
    QVERIFY(!updated.isEmpty());
}

void TestRunWatcher::longHistoryIsReadWithoutFalseStates()
{
    const QTemporaryDir folder;
    const RunPaths paths = pathsIn(folder);
    {
        // Several times what is read in one go.
        std::ofstream out(paths.events());
        int seq = 0;
        const auto write = [&](Json event) {
            event["schema"] = 1;
            event["seq"] = seq++;
            out << event.dump() << '\n';
        };
        write({{"kind", "started"}, {"steps", 15000}, {"step", 0}});
        for (int step = 1; step <= 15000; ++step)
            write(stepEvent(step));
        write({{"kind", "finished"}, {"reason", "all epochs"}});
        QVERIFY(out.tellp() > (2 << 20));
    }
    RunWatcher watcher(paths);
    QSignalSpy states(&watcher, &RunWatcher::stateChanged);
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("finished"), 60000);
    QCOMPARE(watcher.history().steps.size(), std::size_t(15000));
    QCOMPARE(states.size(), 1); // its past is not played back
}

void TestRunWatcher::rewoundFileIsReadAnew()
{
    const QTemporaryDir folder;
    const RunPaths paths = pathsIn(folder);
    const RunLock lock(paths);
    EventWriter events(paths);
    events.write("started", {{"steps", 10}, {"step", 0}});
    const auto checkpoint = events.nextSequence();
    for (int step = 1; step <= 5; ++step)
        events.write("step", stepEvent(step));
    RunWatcher watcher(paths);
    QTRY_COMPARE(watcher.history().steps.size(), std::size_t(5));
    events.rewind(checkpoint);
    events.write("step", stepEvent(1));
    QTRY_COMPARE(watcher.history().steps.size(), std::size_t(1));
    QCOMPARE(watcher.history().totalSteps, 10.0);
}

void TestRunWatcher::brokenEventsCostOnlyThemselves()
{
    const QTemporaryDir folder;
    const RunPaths paths = pathsIn(folder);
    const RunLock lock(paths);
    EventWriter events(paths);
    events.write("started", {{"steps", 10}, {"step", 0}});
    events.write("sparsity", {{"step", 1}, {"record", "not an object"}});
    events.write("evaluation", {{"step", 1}, {"splits", {{"validation", {{"tuned", 7}}}}}});
    events.write("step", stepEvent(2));
    RunWatcher watcher(paths);
    QTRY_COMPARE(watcher.history().steps.size(), std::size_t(1));
    QCOMPARE(watcher.history().state, std::string("running"));
    QVERIFY(watcher.history().sparsity.empty());
}

void TestRunWatcher::commandsReachTheRun()
{
    const QTemporaryDir folder;
    const RunPaths paths = pathsIn(folder);
    ControlReader control(paths);
    RunWatcher watcher(paths);
    watcher.pause();
    watcher.resume();
    watcher.stop();
    QCOMPARE(control.poll(), (std::vector<std::string>{"pause", "resume", "stop"}));

    QSignalSpy problems(&watcher, &RunWatcher::problem);
    RunWatcher nowhere(RunPaths{folder.path().toStdString() + "/missing"});
    QSignalSpy problem(&nowhere, &RunWatcher::problem);
    nowhere.stop();
    QCOMPARE(problem.size(), 1);
    QVERIFY(problem[0][0].toString().contains("missing"));
    QVERIFY(problems.isEmpty());
}

QTEST_GUILESS_MAIN(TestRunWatcher)
#include "tst_run_watcher.moc"
