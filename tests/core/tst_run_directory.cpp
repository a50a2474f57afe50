#include "base/files.h"
#include "run/metrics.h"
#include "run/run_directory.h"
#include "support/sentence.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <csignal>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace lodestone;
namespace fs = std::filesystem;

class TestRunDirectory : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    RunPaths m_paths;

    void append(const fs::path& path, std::string_view text) { std::ofstream(path, std::ios::app) << text; }
    /// A lock as another process would have written it.
    void writeLock(const std::string& host, long pid, long long start)
    {
        writeFileAtomically(m_paths.lock(), Json{{"host", host}, {"pid", pid}, {"start", start}}.dump());
    }
    std::string ownHost()
    {
        const RunLock lock(m_paths);
        return RunLock::holder(m_paths)->host;
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_paths.root = fs::path(m_folder->path().toStdString()) / "run-1";
        makeFolder(m_paths.root);
    }

    void oneEngineARun()
    {
        QVERIFY(!RunLock::holder(m_paths));
        {
            const RunLock lock(m_paths);
            const auto holder = RunLock::holder(m_paths);
            QVERIFY(holder && holder->alive);
            QCOMPARE(holder->pid, long(::getpid()));
            const QString text = sentence([&] { RunLock second(m_paths); });
            QVERIFY2(text.contains("in use by process " + QString::number(::getpid())), qPrintable(text));
            QVERIFY(RunLock::holder(m_paths)); // the refused one has not removed it
        }
        QVERIFY(!RunLock::holder(m_paths));
    }

    void staleLocksAreTakenOver()
    {
        const std::string host = ownHost();
        QProcess child;
        child.start("sleep", {"60"});
        QVERIFY(child.waitForStarted());
        const long pid = child.processId();
        std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
        const std::string line(std::istreambuf_iterator<char>(stat), {});
        const long long start = QString::fromStdString(line).section(' ', 21, 21).toLongLong();
        writeLock(host, pid, start);
        QVERIFY(RunLock::holder(m_paths)->alive);
        QVERIFY(
            sentence([&] { RunLock lock(m_paths); }).contains("in use by process " + QString::number(pid)));
        // The pid lives but belongs to a process that started at another time.
        writeLock(host, pid, start - 1);
        QVERIFY(!RunLock::holder(m_paths)->alive);
        writeLock(host, pid, start);
        ::kill(static_cast<pid_t>(pid), SIGKILL);
        // A killed child that its parent has not waited for yet is dead as well.
        QTRY_VERIFY(!RunLock::holder(m_paths)->alive);
        {
            const RunLock lock(m_paths);
            QCOMPARE(RunLock::holder(m_paths)->pid, long(::getpid()));
        }
        child.waitForFinished();
        for (const char* text : {"torn", R"({"host":"a","pid":1e300,"start":1})"}) {
            writeFileAtomically(m_paths.lock(), text);
            QVERIFY(!RunLock::holder(m_paths)->alive);
        }
        const RunLock lock(m_paths);
        QVERIFY(RunLock::holder(m_paths)->alive);
    }

    void locksOfOtherMachinesAreRespected()
    {
        writeLock("another-host", 1, 1);
        QVERIFY(RunLock::holder(m_paths)->alive);
        QVERIFY(sentence([&] { RunLock lock(m_paths); }).contains("another-host"));
        // Silent for hours: gone as far as a list of runs is concerned, but only a person may say so to an
        // engine.
        fs::last_write_time(m_paths.lock(), fs::file_time_type::clock::now() - std::chrono::hours(5));
        QVERIFY(!RunLock::holder(m_paths)->alive);
        const QString text = sentence([&] { RunLock lock(m_paths); });
        QVERIFY2(text.contains("last sign of life 5 h ago") && text.contains("delete the file"),
                 qPrintable(text));
        writeFileAtomically(m_paths.events(), R"({"schema":1,"seq":0,"kind":"step","step":1})"
                                              "\n");
        QCOMPARE(summariseRun(m_paths.root).state, std::string("interrupted"));
        fs::remove(m_paths.lock());
        QCOMPARE(sentence([&] { RunLock lock(m_paths); }), QString());
    }

    void anEngineShowsThatItLives()
    {
        RunLock lock(m_paths);
        fs::last_write_time(m_paths.lock(), fs::file_time_type::clock::now() - std::chrono::hours(5));
        const auto silent = RunLock::holder(m_paths)->lastSign;
        lock.beat(); // too early for another sign
        QCOMPARE(RunLock::holder(m_paths)->lastSign, silent);
        auto later = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        lock.beat(later);
        QVERIFY(RunLock::holder(m_paths)->lastSign > silent + std::chrono::hours(4));
        // Deleted by somebody who thought that the engine was gone: it stands again.
        fs::remove(m_paths.lock());
        lock.beat(later += std::chrono::minutes(1));
        QCOMPARE(RunLock::holder(m_paths)->pid, long(::getpid()));
        // ... and another engine was faster: then this one must not write any more.
        writeLock("another-host", 7, 1);
        later += std::chrono::minutes(1);
        const QString text = sentence([&] { lock.beat(later); });
        QVERIFY2(text.contains("process 7 on another-host has taken the run over"), qPrintable(text));
        QCOMPARE(RunLock::holder(m_paths)->pid, 7L);
    }

    void unwritableFoldersGetASentence()
    {
        writeFileAtomically(m_paths.root / "file", "");
        const RunPaths below{m_paths.root / "file" / "run"};
        QVERIFY(sentence([&] { RunLock lock(below); }).contains("cannot be made"));
        QVERIFY(sentence([&] { EventWriter events(below); }).contains("cannot be written"));
        QVERIFY(sentence([&] { sendControl(below, "stop"); }).contains("cannot be written"));
    }

    void eventsAreReadAsTheyGrow()
    {
        EventReader reader(m_paths.events());
        QVERIFY(reader.poll().events.empty());
        EventWriter writer(m_paths);
        writer.write("started", {{"step", 0}});
        writer.write("step", {{"step", 1}, {"loss", {{"total", 0.5}}}});
        auto batch = reader.poll();
        QCOMPARE(batch.events.size(), std::size_t{2});
        QVERIFY(!batch.restarted);
        QCOMPARE(batch.events[1]["schema"].get<int>(), 1);
        QCOMPARE(batch.events[1]["run"].get<std::string>(), std::string("run-1"));
        QCOMPARE(batch.events[1]["seq"].get<int>(), 1);
        QCOMPARE(batch.events[1]["kind"].get<std::string>(), std::string("step"));
        QCOMPARE(batch.events[1]["loss"]["total"].get<double>(), 0.5);
        QVERIFY(reader.poll().events.empty());
        writer.write("step", {{"step", 2}});
        QCOMPARE(reader.poll().events.size(), std::size_t{1});
    }

    void tornAndForeignLinesAreTolerated()
    {
        {
            EventWriter writer(m_paths);
            writer.write("started", {});
        }
        append(m_paths.events(), "no json\n[1,2]\n{\"seq\":1,\"kind\":\"from-the-future\"}\n{\"seq\":2,\"ki");
        EventReader reader(m_paths.events());
        const auto first = reader.poll();
        QCOMPARE(first.events.size(), std::size_t{2});
        QCOMPARE(first.events[1]["kind"].get<std::string>(), std::string("from-the-future"));
        append(m_paths.events(), "nd\":\"late\"}\n");
        const auto second = reader.poll();
        QCOMPARE(second.events.size(), std::size_t{1});
        QCOMPARE(second.events[0]["kind"].get<std::string>(), std::string("late"));
    }

    void aTornLastLineIsCutOffByTheNextWriter()
    {
        {
            EventWriter writer(m_paths);
            for (int i = 0; i < 3; ++i)
                writer.write("step", {{"step", i}});
        }
        append(m_paths.events(), "{\"schema\":1,\"run\":\"run-1\",\"seq\":3,\"time\":1.0,\"ki");
        EventWriter writer(m_paths);
        QCOMPARE(writer.nextSequence(), std::uint64_t{3});
        writer.write("step", {{"step", 3}});
        const auto batch = EventReader(m_paths.events()).poll();
        QCOMPARE(batch.events.size(), std::size_t{4});
        QCOMPARE(batch.events[3]["seq"].get<int>(), 3);
    }

    void smallPollsDeliverEverythingOnce()
    {
        EventWriter writer(m_paths);
        for (int i = 0; i < 50; ++i)
            writer.write("step", {{"step", i}, {"pad", std::string(i == 20 ? 5000 : 10, 'x')}});
        EventReader reader(m_paths.events());
        std::vector<int> steps;
        for (int polls = 0; polls < 200; ++polls)
            for (const Json& event : reader.poll(64).events)
                steps.push_back(event["step"].get<int>());
        QCOMPARE(steps.size(), std::size_t{50});
        for (int i = 0; i < 50; ++i)
            QCOMPARE(steps[static_cast<std::size_t>(i)], i);
    }

    void rewindingIsNoticedByReaders_data()
    {
        QTest::addColumn<int>("writtenAfterwards");
        QTest::newRow("file stays shorter") << 1;
        QTest::newRow("file grows beyond the reader") << 40;
    }
    void rewindingIsNoticedByReaders()
    {
        QFETCH(int, writtenAfterwards);
        EventWriter writer(m_paths);
        for (int i = 0; i < 10; ++i)
            writer.write("step", {{"step", i}});
        EventReader reader(m_paths.events());
        QCOMPARE(reader.poll().events.size(), std::size_t{10});
        writer.rewind(4);
        QCOMPARE(writer.nextSequence(), std::uint64_t{4});
        for (int i = 0; i < writtenAfterwards; ++i)
            writer.write("step", {{"step", 100 + i}});
        const auto batch = reader.poll();
        QVERIFY(batch.restarted);
        QCOMPARE(batch.events.size(), std::size_t(4 + writtenAfterwards));
        for (std::size_t i = 0; i < batch.events.size(); ++i)
            QCOMPARE(batch.events[i]["seq"].get<std::size_t>(), i);
        QCOMPARE(batch.events[3]["step"].get<int>(), 3);
        QCOMPARE(batch.events[4]["step"].get<int>(), 100);
        QVERIFY(!reader.poll().restarted);
    }

    void rewindToTheEndChangesNothing()
    {
        EventWriter writer(m_paths);
        writer.write("step", {});
        const std::string before = readFile(m_paths.events());
        writer.rewind(1);
        QCOMPARE(readFile(m_paths.events()), before);
    }

    /// A loss of power may leave anything where events had not reached the disk yet; even whole lines may
    /// follow.
    void rewindingTakesTheRemainsOfACrashAlong()
    {
        {
            EventWriter writer(m_paths);
            for (int i = 0; i < 3; ++i)
                writer.write("step", {{"step", i}});
        }
        const std::string sound = readFile(m_paths.events());
        append(m_paths.events(), std::string(500, '\0') + "\nhalf a line\n{\"seq\":5,\"kind\":\"step\"}\n");
        EventWriter writer(m_paths);
        writer.rewind(4); // of the checkpoint: its own event, number 3, was lost
        QCOMPARE(writer.nextSequence(), std::uint64_t{3});
        QCOMPARE(readFile(m_paths.events()), sound);
        writer.sync();
        writer.write("step", {{"step", 3}});
        QCOMPARE(EventReader(m_paths.events()).poll().events.back()["seq"].get<int>(), 3);
    }

    void threadsDoNotMixLines()
    {
        EventWriter writer(m_paths);
        {
            std::vector<std::jthread> threads;
            for (int t = 0; t < 4; ++t)
                threads.emplace_back([&writer, t] {
                    for (int i = 0; i < 100; ++i)
                        writer.write("step", {{"thread", t}, {"pad", std::string(500, 'x')}});
                });
        }
        const auto batch = EventReader(m_paths.events()).poll();
        QCOMPARE(batch.events.size(), std::size_t{400});
        for (std::size_t i = 0; i < batch.events.size(); ++i)
            QCOMPARE(batch.events[i]["seq"].get<std::size_t>(), i);
    }

    void controlReachesTheRun()
    {
        sendControl(m_paths, "stop"); // meant for an earlier process
        ControlReader reader(m_paths);
        QVERIFY(reader.poll().empty());
        sendControl(m_paths, "pause");
        append(m_paths.control(), "nonsense\n{\"do\":\"explode\"}\n{\"do\":7}\n{\"do\":\"res");
        QCOMPARE(reader.poll(), std::vector<std::string>{"pause"});
        append(m_paths.control(), "ume\"}\n");
        QCOMPARE(reader.poll(), std::vector<std::string>{"resume"});
        writeFileAtomically(m_paths.control(), "{\"do\":\"evaluate\"}\n");
        QCOMPARE(reader.poll(), std::vector<std::string>{"evaluate"});
        QCOMPARE(exitCodeOf([&] { sendControl(m_paths, "explode"); }), 2);
    }

    /// What is read of the beginning ends within the line that says that the run was resumed, and what is
    /// read of the end holds no step.
    void resumedRunsAreNotStoppedOnes()
    {
        EventWriter writer(m_paths);
        constexpr std::size_t window = 256 << 10;
        writer.write("sparsity", {{"pad", std::string(window - 1000, 'x')}});
        writer.write("stopped", {});
        QVERIFY(std::filesystem::file_size(m_paths.events()) < window);
        writer.write("started", {{"resumed", true}, {"pad", std::string(2000, 'x')}});
        QVERIFY(std::filesystem::file_size(m_paths.events()) > window);
        for (int i = 0; i < 3; ++i)
            writer.write("sparsity", {{"pad", std::string(window / 2, 'x')}});
        QCOMPARE(summariseRun(m_paths.root).state, std::string("interrupted"));
    }

    void summaries()
    {
        QCOMPARE(summariseRun(m_paths.root).state, std::string("empty"));
        EventWriter writer(m_paths);
        writer.write("started", {{"config", {{"epochs", 5}}}});
        writer.write("step", {{"epoch", 2}, {"changed_of_model", 0.04}});
        QCOMPARE(summariseRun(m_paths.root).state, std::string("interrupted"));
        {
            const RunLock lock(m_paths);
            QCOMPARE(summariseRun(m_paths.root).state, std::string("running"));
            writer.write("paused", {{"step", 1}});
            QCOMPARE(summariseRun(m_paths.root).state, std::string("paused"));
            writer.write("resumed", {{"step", 1}});
            // Longer than what is read of both ends: the middle does not matter.
            for (int i = 0; i < 4000; ++i)
                writer.write("step", {{"epoch", 3}, {"pad", std::string(200, 'x')}});
            writer.write("step", {{"epoch", 4}, {"changed_of_model", 0.03}});
        }
        writer.write("finished", {{"reason", "epochs"}});
        const RunSummary summary = summariseRun(m_paths.root);
        QCOMPARE(summary.state, std::string("finished"));
        QCOMPARE(summary.name, std::string("run-1"));
        QCOMPARE(summary.epoch, 4);
        QCOMPARE(summary.epochs, 5);
        QCOMPARE(summary.changedOfModel.value_or(0), 0.03);
        QVERIFY(summary.started > 1.6e9);
        append(m_paths.events(), "{\"epoch\":\"three\",\"kind\":\"step\"}\n{\"kind\":8}\n");
        append(m_paths.events(), "{\"epoch\":1e300,\"kind\":\"step\",\"changed_of_model\":null}\n");
        append(m_paths.events(),
               "{\"kind\":\"started\",\"config\":{\"epochs\":-1e300},\"frames\":{\"train\":-1}}\n" +
                   std::string(100000, '[') + "\n{\"kind\":\"finished\"}\n");
        const RunSummary same = summariseRun(m_paths.root); // values of the wrong type are passed over
        QCOMPARE(same.epoch, 4);
        QCOMPARE(same.epochs, 5);
        QCOMPARE(same.changedOfModel.value_or(0), 0.03);
        QVERIFY(same.frames.empty());
    }

    void runsAreFoundNewestFirst()
    {
        const fs::path parent = m_paths.root.parent_path();
        for (const char* name : {"a", "b"}) {
            const RunPaths paths{parent / name};
            makeFolder(paths.root);
            writeFileAtomically(paths.configuration(), "{}");
            append(paths.events(),
                   fmt::format("{{\"seq\":0,\"time\":{},\"kind\":\"started\"}}\n", name[0] - 'a'));
        }
        makeFolder(parent / "no-run");
        const std::vector<RunSummary> runs = findRuns(parent);
        QCOMPARE(runs.size(), std::size_t{2});
        QCOMPARE(runs[0].name, std::string("b"));
        QVERIFY(findRuns(parent / "absent").empty());
        // A sweep's runs are found as well, under the sweep's name.
        makeFolder(parent / "grid" / "seed_1");
        writeFileAtomically(parent / "grid" / "seed_1" / "run.json", "{}");
        QCOMPARE(findRuns(parent).size(), std::size_t{2});
        writeFileAtomically(parent / "grid" / "sweep.json", "{}");
        const std::vector<RunSummary> withSweep = findRuns(parent);
        QCOMPARE(withSweep.size(), std::size_t{3});
        QCOMPARE(withSweep.back().name, std::string("grid/seed_1"));
    }

    void errorStatistics()
    {
        Metrics metrics;
        for (const double d : {3.0, -4.0})
            metrics["forces"].add(d);
        metrics["energy"];
        for (auto& [quantity, errors] : metrics)
            errors.finish();
        QCOMPARE(metrics["forces"].mae, 3.5);
        QCOMPARE(metrics["forces"].rmse, std::sqrt(12.5));
        QCOMPARE(metrics["forces"].largest, 4.0);
        QCOMPARE(metrics["forces"].count, std::size_t{2});
        QCOMPARE(metrics["energy"].rmse, 0.0);
        const Json json = toJson(metrics);
        QCOMPARE(toJson(metricsFromJson(Json::parse(json.dump()))).dump(), json.dump());
        QVERIFY(sentence([] { metricsFromJson({{"forces", {{"mae", 1}}}}); }).contains("metrics of forces"));
    }
};

QTEST_GUILESS_MAIN(TestRunDirectory)
#include "tst_run_directory.moc"
