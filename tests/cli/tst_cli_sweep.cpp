#include "engine_process.h"

#include "run/run_directory.h"

#include <csignal>

using namespace lodestone;

/// Several runs in one command, on the demo.
class TestCliSweep : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void seedsAndValuesWithMeanAndSpread();
    void aFailingRunIsNotedAndTheOthersGoOn();
    void stoppedSweepGoesOn();
    void wrongInputIsASentence();

private:
    std::vector<std::string> sweep(const std::string& folder, const std::vector<std::string>& more,
                                   const std::string& epochs = "2") const
    {
        std::vector<std::string> arguments = {
            "sweep", demoFile("demo.json"),
            "--run", m_folder.filePath(QString::fromStdString(folder)).toStdString(),
            "--set", "epochs=" + epochs,
            "--set", "data.max_train=12",
            "--set", "data.max_validation=4",
            "--set", "data.test=[]",
            "--set", "forgetting_frames=4"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }

    QTemporaryDir m_folder;
};

void TestCliSweep::seedsAndValuesWithMeanAndSpread()
{
    const auto arguments =
        sweep("grid", {"--vary", "method.target_fraction=0.02,0.2", "--seeds", "1-2", "--json"});
    const EngineCall call = callEngine(arguments);
    VERIFY_CODE(call, 0);
    const Json summary = call.json();
    QCOMPARE(summary["settings"].size(), std::size_t{2});
    QCOMPARE(summary["runs"].size(), std::size_t{4});
    const std::filesystem::path folder = m_folder.filePath(QStringLiteral("grid")).toStdString();
    QCOMPARE(readJsonFile(folder / "sweep.json"), summary);
    // The mean recomputed from the runs' own metrics.
    double sum = 0;
    std::vector<int> crystals;
    for (const char* run : {"target_fraction=0.2_seed_1", "target_fraction=0.2_seed_2"}) {
        const Json metrics = readJsonFile(RunPaths{folder / run}.metrics());
        sum += metrics["splits"]["validation"]["tuned"]["forces"]["mae"].get<double>();
        QVERIFY(std::abs(metrics["changed_of_model"].get<double>() - 0.2) < 1e-3);
        // The same crystals in all runs; fewer than asked for where the model knows few.
        crystals.push_back(metrics["forgetting"]["frames"].get<int>());
        QVERIFY(crystals.back() > 0 && crystals.back() <= 4);
        QCOMPARE(metrics["forgetting"]["energy"]["count"].get<int>(), crystals.back());
    }
    QCOMPARE(crystals.front(), crystals.back());
    const Json& values = summary["settings"][1]["values"];
    QVERIFY(std::abs(values["validation forces"]["mean"].get<double>() - sum / 2) < 1e-14);
    QVERIFY(values["validation forces"]["spread"].get<double>() > 0);
    // Nothing is computed twice, and the numbers stay.
    const auto before =
        std::filesystem::last_write_time(RunPaths{folder / "target_fraction=0.02_seed_1"}.metrics());
    const EngineCall again = callEngine(arguments);
    VERIFY_CODE(again, 0);
    QCOMPARE(again.json(), summary);
    QCOMPARE(std::filesystem::last_write_time(RunPaths{folder / "target_fraction=0.02_seed_1"}.metrics()),
             before);
    // The table for a paper: the best setting's mean, and the unchanged model.
    const EngineCall table = callEngine({"compare", folder.string(), "--markdown"});
    VERIFY_CODE(table, 0);
    QVERIFY2(table.out.find("| unchanged model |") != std::string::npos, table.out.c_str());
    const Json& best = summary["settings"][summary["settings"][0]["best"].get<bool>() ? 0 : 1];
    const Json& forces = best["values"]["validation forces"];
    const std::string wanted = QString("| %1 ± %2 |")
                                   .arg(1000 * forces["mean"].get<double>(), 0, 'f', 1)
                                   .arg(1000 * forces["spread"].get<double>(), 0, 'f', 1)
                                   .toStdString();
    QVERIFY2(table.out.find(wanted) != std::string::npos, (wanted + table.out).c_str());
    // Another configuration in the same folder is refused before anything is computed.
    auto other = arguments;
    other.insert(other.end(), {"--set", "loss.kind=mae"});
    const EngineCall refused = callEngine(other);
    VERIFY_CODE(refused, 1);
    QVERIFY2(refused.error.find("holds a run of another configuration") != std::string::npos,
             refused.error.c_str());
}

void TestCliSweep::aFailingRunIsNotedAndTheOthersGoOn()
{
    const auto arguments = sweep("failing", {"--vary", "optimiser.learning_rate=1e30,0.005", "--set",
                                             "optimiser.clip=0", "--best-seeds", "1,4"});
    const EngineCall call = callEngine(arguments);
    VERIFY_CODE(call, 1);
    QVERIFY2(call.out.find("learning_rate=1e30_seed_1 failed: ") != std::string::npos, call.out.c_str());
    QVERIFY2(call.out.find("learning_rate=0.005  (2 seeds)  lowest validation loss") != std::string::npos,
             call.out.c_str());
}

void TestCliSweep::stoppedSweepGoesOn()
{
    const auto arguments = sweep("stopped", {"--seeds", "1,2", "--json"}, "40");
    const std::filesystem::path folder = m_folder.filePath(QStringLiteral("stopped")).toStdString();
    QProcess process;
    process.start(enginePath(), qtArguments(arguments));
    QVERIFY(process.waitForStarted());
    for (int tries = 0;
         tries < 2400 && !std::filesystem::exists(RunPaths{folder / "seed_1"}.lastCheckpoint()); ++tries)
        process.waitForFinished(20);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), 3);
    QVERIFY(!std::filesystem::exists(RunPaths{folder / "seed_2"}.metrics()));
    const EngineCall call = callEngine(arguments);
    VERIFY_CODE(call, 0);
    QCOMPARE(call.json()["settings"][0]["seeds"], Json({1, 2}));
}

void TestCliSweep::wrongInputIsASentence()
{
    VERIFY_CODE(callEngine(sweep("bad", {"--vary", "epochs"})), 2);
    VERIFY_CODE(callEngine(sweep("bad", {"--seeds", "one"})), 2);
    const EngineCall unknown = callEngine(sweep("bad", {"--vary", "method.lamda=1,2"}));
    VERIFY_CODE(unknown, 1);
    QVERIFY2(unknown.error.find("nearest known key is 'method.lambda'") != std::string::npos,
             unknown.error.c_str());
}

QTEST_GUILESS_MAIN(TestCliSweep)
#include "tst_cli_sweep.moc"
