#include "engine_process.h"
#include "support/run_events.h"

#include "formats/formats.h"
#include "run/run_directory.h"

#include <csignal>

using namespace lodestone;

namespace {

/// Everything in metrics.json that does not depend on the clock.
Json withoutTimes(Json metrics)
{
    metrics.erase("seconds");
    return metrics;
}

} // namespace

/// Whole runs on the demo: the result, stopping, killing, going on.
class TestCliRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void demoImprovesForcesAndMoments();
    void tunedModelReadsBack();
    void tunedModelKeepsItsSymmetries();
    void killedRunGoesOnExactly();
    void interruptedRunGoesOn();
    void runsAreCompared();
    void targetsOutOfReachAreTold();

private:
    std::string folder(const char* name) const
    {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    /// The demo's run on fewer frames, some 200 steps: long enough to be stopped in the middle.
    std::vector<std::string> shortRun(const std::string& run) const
    {
        return {"finetune",  demoFile("demo.json"),
                "--run",     run,
                "--threads", "1",
                "--set",     "epochs=40",
                "--set",     "data.max_train=24",
                "--set",     "data.max_validation=6",
                "--set",     "checkpoint_every=1 s"};
    }
    /// Waits until the run has done `steps` steps; false if it ended before.
    static bool waitForSteps(QProcess& process, const std::string& run, int steps)
    {
        if (!process.waitForStarted())
            return false;
        for (int tries = 0; tries < 2400 && process.state() == QProcess::Running; ++tries) {
            const std::vector<Json> events = std::filesystem::exists(RunPaths{run}.events())
                                                 ? test::eventsOf(RunPaths{run}, "step")
                                                 : std::vector<Json>();
            if (!events.empty() && events.back()["step"].get<int>() >= steps)
                return true;
            process.waitForFinished(50);
        }
        return false;
    }

    QTemporaryDir m_folder;
};

void TestCliRuns::demoImprovesForcesAndMoments()
{
    const std::string run = folder("demo");
    const EngineCall call = callEngine({"finetune", demoFile("demo.json"), "--run", run, "--json"}, 600000);
    VERIFY_CODE(call, 0);
    const Json metrics = call.json()["metrics"];
    const Json test = metrics["splits"]["test"];
    const auto mae = [&test](const char* side, const char* quantity) {
        return test[side][quantity]["mae"].get<double>();
    };
    QVERIFY2(mae("tuned", "forces") < 0.5 * mae("base", "forces"), test.dump().c_str());
    QVERIFY2(mae("tuned", "moments:magnetic") < 0.7 * mae("base", "moments:magnetic"), test.dump().c_str());
    QVERIFY(mae("tuned", "energy") < mae("base", "energy"));
    const double share = metrics["changed_of_model"].get<double>();
    QVERIFY(share > 0 && share < 0.1);
    QCOMPARE(test::eventsOf(RunPaths{run}, "finished").size(), std::size_t(1));
    // The same share in the last sparsity event.
    QCOMPARE(test::eventsOf(RunPaths{run}, "sparsity").back()["record"]["changed"], metrics["changed"]);
}

void TestCliRuns::tunedModelReadsBack()
{
    const std::string run = folder("demo"), model = folder("tuned.nqx"), delta = folder("tuned.delta.h5");
    if (!std::filesystem::exists(RunPaths{run}.delta()))
        QSKIP("the demo's run did not finish");
    const EngineCall exported = callEngine({"export", run, "-o", model, "--json"});
    VERIFY_CODE(exported, 0);
    VERIFY_CODE(callEngine({"export", run, "-o", delta}), 0);
    QCOMPARE(exported.json()["changed"], readJsonFile(RunPaths{run}.metrics())["changed"]);
    const std::string a = folder("a.extxyz"), b = folder("b.extxyz");
    VERIFY_CODE(callEngine({"predict", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "--delta", delta,
                            "-o", a}),
                0);
    VERIFY_CODE(callEngine({"predict", model, demoFile("demo_test.extxyz"), "-o", b}), 0);
    const std::vector<Structure> withDelta = readStructures(a), merged = readStructures(b);
    QCOMPARE(withDelta.size(), merged.size());
    for (std::size_t f = 0; f < merged.size(); ++f) {
        const double difference =
            std::get<double>(withDelta[f].info.at("energy")) - std::get<double>(merged[f].info.at("energy"));
        QVERIFY(std::abs(difference) < 1e-5 * double(merged[f].size()));
        const auto& x = withDelta[f].arrays.at("forces").numbers;
        const auto& y = merged[f].arrays.at("forces").numbers;
        for (std::size_t k = 0; k < x.size(); ++k)
            QVERIFY(std::abs(x[k] - y[k]) < 1e-4);
        QVERIFY(withDelta[f].arrays.count("magmoms") == 1); // the head travels in the delta, not in the model
        QVERIFY(merged[f].arrays.count("magmoms") == 0);
    }
    // Symmetry holds after tuning, moments included.
    const EngineCall audit =
        callEngine({"audit", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "--delta", delta, "--json"});
    VERIFY_CODE(audit, 0);
    for (const char* operation : {"rotation", "inversion", "translation", "permutation", "time_reversal"}) {
        QVERIFY(audit.json()[operation]["energy"].get<double>() < 1e-10);
        QVERIFY(audit.json()[operation]["forces"].get<double>() < 1e-9);
        QVERIFY(audit.json()[operation]["moments"].get<double>() < 1e-9);
    }
}

void TestCliRuns::tunedModelKeepsItsSymmetries()
{
    const std::string delta = RunPaths{folder("demo")}.delta().string();
    if (!std::filesystem::exists(delta))
        QSKIP("the demo's run did not finish");
    const EngineCall call =
        callEngine({"audit", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "--delta", delta, "--json"});
    VERIFY_CODE(call, 0);
    const Json audit = call.json();
    for (const char* operation : {"rotation", "inversion", "translation", "permutation"})
        for (const char* quantity : {"energy", "forces", "stress", "moments"})
            QVERIFY2(audit[operation][quantity].get<double>() < 1e-9, operation);
    QVERIFY(audit["finite_differences"]["forces"].get<double>() < 1e-5);
    QVERIFY(audit["finite_differences"]["stress"].get<double>() < 1e-6);
}

void TestCliRuns::killedRunGoesOnExactly()
{
    const std::string whole = folder("whole"), killed = folder("killed");
    VERIFY_CODE(callEngine(shortRun(whole)), 0);
    QProcess process;
    process.start(enginePath(), qtArguments(shortRun(killed)));
    QVERIFY(waitForSteps(process, killed, 60));
    while (!std::filesystem::exists(RunPaths{killed}.lastCheckpoint()) &&
           process.state() == QProcess::Running)
        process.waitForFinished(20);
    process.kill(); // SIGKILL
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitStatus(), QProcess::CrashExit);
    QVERIFY(!std::filesystem::exists(RunPaths{killed}.metrics()));

    std::vector<std::string> again = shortRun(killed);
    again.push_back("--resume");
    VERIFY_CODE(callEngine(again), 0);
    QCOMPARE(withoutTimes(readJsonFile(RunPaths{killed}.metrics())).dump(),
             withoutTimes(readJsonFile(RunPaths{whole}.metrics())).dump());
    // The events read like those of one run: every step once, in order, with the same losses.
    const std::vector<Json> a = test::eventsOf(RunPaths{whole}, "step"),
                            b = test::eventsOf(RunPaths{killed}, "step");
    QVERIFY(!a.empty());
    QCOMPARE(b.back()["step"], a.back()["step"]);
    QCOMPARE(b.back()["loss"], a.back()["loss"]);
    for (std::size_t i = 1; i < b.size(); ++i)
        QVERIFY(b[i]["step"].get<int>() > b[i - 1]["step"].get<int>());
}

void TestCliRuns::interruptedRunGoesOn()
{
    const std::string run = folder("interrupted");
    QProcess process;
    process.start(enginePath(), qtArguments(shortRun(run)));
    QVERIFY(waitForSteps(process, run, 20));
    QCOMPARE(::kill(pid_t(process.processId()), SIGINT), 0);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 3);
    QCOMPARE(test::eventsOf(RunPaths{run}, "stopped").size(), std::size_t(1));
    QVERIFY(std::filesystem::exists(RunPaths{run}.lastCheckpoint()));
    // Without CONFIG: the run's own configuration.
    VERIFY_CODE(callEngine({"finetune", "--run", run, "--resume", "--threads", "1"}), 0);
    QCOMPARE(test::eventsOf(RunPaths{run}, "finished").size(), std::size_t(1));
    QVERIFY(std::filesystem::exists(RunPaths{run}.delta()));
}

void TestCliRuns::runsAreCompared()
{
    const EngineCall call = callEngine({"compare", folder("whole"), folder("interrupted"), "--json"});
    VERIFY_CODE(call, 0);
    const Json runs = call.json()["runs"];
    QCOMPARE(runs.size(), std::size_t(2));
    for (const Json& run : runs) {
        QCOMPARE(run["state"].get<std::string>(), std::string("finished"));
        QCOMPARE(run["method"].get<std::string>(), std::string("sparse"));
        QVERIFY(run["splits"]["validation"]["tuned"]["forces"]["mae"].get<double>() > 0);
    }
    VERIFY_CODE(callEngine({"compare", folder("whole"), folder("interrupted")}), 0);
}

void TestCliRuns::targetsOutOfReachAreTold()
{
    const std::string run = folder("unreachable");
    VERIFY_CODE(callEngine({"finetune", demoFile("demo.json"), "--run", run, "--no-audit", "--set",
                            "method.target_fraction=0.05", "--set", "method.per_path_threshold=true", "--set",
                            R"(blocks={"preset":"readout"})", "--set", "epochs=1"}),
                0);
    std::string said;
    for (const Json& message : test::eventsOf(RunPaths{run}, "message"))
        said += message.at("text").get<std::string>() + "\n";
    QVERIFY2(said.find("target_fraction 0.05 cannot be reached") != std::string::npos, said.c_str());
    QVERIFY2(said.find("per_path_threshold does nothing") != std::string::npos, said.c_str());
}

QTEST_APPLESS_MAIN(TestCliRuns)
#include "tst_cli_runs.moc"
