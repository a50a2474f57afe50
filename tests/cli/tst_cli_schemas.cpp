#include "engine_process.h"

#include "run/run_directory.h"
#include "support/schema_files.h"

using namespace lodestone;
namespace fs = std::filesystem;

/// What earlier versions wrote (tests/data/schema-N) is taken up by the engine of today.
class TestCliSchemas : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const std::string& name) const { return fs::path(m_folder.path().toStdString()) / name; }
    /// The paths in a kept run are those of where it was made: the files lie elsewhere now.
    std::vector<std::string> fileOptions() const
    {
        return {"--set", "model=" + at("model.nqx").string(),
                "--set", "data.train=" + at("train.extxyz").string(),
                "--set", "data.test=" + at("test.extxyz").string()};
    }
    /// Makes the kept configuration of a run name the files where they are.
    void moveFiles(const fs::path& run) const
    {
        const RunPaths paths{run};
        Json config = readJsonFile(paths.configuration());
        config["model"] = at("model.nqx").string();
        config["data"]["train"] = Json::array({at("train.extxyz").string()});
        config["data"]["test"] = Json::array({at("test.extxyz").string()});
        writeFileAtomically(paths.configuration(), config.dump());
    }

private Q_SLOTS:
    void initTestCase()
    {
        unpackSchema(1, m_folder.path().toStdString());
        moveFiles(at("finished"));
    }

    /// The run was killed after two thirds of its steps by the version that began it; `finished` is the same run, not
    /// interrupted.
    void interruptedRunGoesOn()
    {
        const RunPaths run{at("interrupted")};
        std::vector<std::string> command = {"finetune",  "--run", run.root.string(), "--resume", "--no-audit",
                                            "--threads", "1"};
        for (const std::string& option : fileOptions())
            command.push_back(option);
        const EngineCall locked = callEngine(command);
        VERIFY_CODE(locked, 1);
        QVERIFY2(locked.error.find("on fixture") != std::string::npos, locked.error.c_str());
        fs::remove(run.lock());
        const EngineCall call = callEngine(command);
        VERIFY_CODE(call, 0);
        const Json resumed = readJsonFile(run.metrics());
        const Json whole = readJsonFile(RunPaths{at("finished")}.metrics());
        for (const char* key : {"eligible", "changed", "parameters", "trained", "step", "epoch"})
            QCOMPARE(resumed[key], whole[key]);
        // Other processors and libraries round differently.
        const auto close = [](const Json& a, const Json& b) {
            return std::abs(a.get<double>() - b.get<double>()) < 1e-3 * std::abs(b.get<double>()) + 1e-6;
        };
        QVERIFY(close(resumed["validation_loss"], whole["validation_loss"]));
        for (const auto& [split, sides] : whole["splits"].items())
            for (const auto& [side, metrics] : sides.items())
                for (const auto& [quantity, errors] : metrics.items()) {
                    const Json& own = resumed["splits"][split][side][quantity];
                    QVERIFY2(close(own["mae"], errors["mae"]) && own["count"] == errors["count"],
                             (split + " " + side + " " + quantity).c_str());
                }
    }

    void deltasAreRead_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto& entry : fs::directory_iterator(LODESTONE_SOURCE "/tests/data/schema-1/deltas")) {
            const QString file = QString::fromStdString(entry.path().stem().string()); // without .gz
            QTest::newRow(qPrintable(file)) << file;
        }
    }
    void deltasAreRead()
    {
        QFETCH(QString, name);
        const std::string delta = at("deltas/" + name.toStdString()).string(),
                          out = at("out.extxyz").string();
        const EngineCall call = callEngine({"predict", at("model.nqx").string(), at("test.extxyz").string(),
                                            "--delta", delta, "-o", out, "--json", "--threads", "1"});
        VERIFY_CODE(call, 0);
        const Json metrics = call.json()["metrics"];
        // The untuned model is off by far more than 0.5 eV/atom: the reference energies of the delta take
        // that up.
        QVERIFY(metrics["energy"]["mae"].get<double>() < 0.5);
        QCOMPARE(metrics["forces"]["count"].get<int>(), 48);
        if (name.contains("vector") || name.contains("magnitude"))
            QCOMPARE(metrics["moments"]["count"].get<int>(), 16);
        if (name.contains("spin-energy"))
            QVERIFY(readFile(out).find("magnetic_forces") != std::string::npos);
        const EngineCall exported = callEngine(
            {"export", at("model.nqx").string(), "--delta", delta, "-o", at("tuned.nqx").string()});
        VERIFY_CODE(exported, 0);
    }

    void finishedRunIsExplainedAndReported()
    {
        const std::string run = at("finished").string();
        const EngineCall explained = callEngine({"explain", run, "--json", "--threads", "1"});
        VERIFY_CODE(explained, 0);
        const Json metrics = readJsonFile(RunPaths{run}.metrics());
        QCOMPARE(explained.json()["changed"], metrics["changed"]);
        const double then = metrics["splits"]["test"]["tuned"]["forces"]["mae"].get<double>();
        const double now = explained.json()["splits"]["test"]["tuned"]["forces"]["mae"].get<double>();
        QVERIFY(std::abs(now - then) < 1e-4 * then);
        VERIFY_CODE(callEngine({"report", run, "-o", at("report.html").string(), "--as-is"}), 0);
        const EngineCall compared = callEngine({"compare", run, "--json"});
        VERIFY_CODE(compared, 0);
        QCOMPARE(compared.json()["runs"][0]["changed"], metrics["changed"]);
        VERIFY_CODE(callEngine({"compare", at("sweep").string(), "--markdown"}), 0);
    }

    void newerFilesAreRefused()
    {
        const auto refused = [](const EngineCall& call) {
            return call.code == 1 && call.error.find("newer version of Lodestone") != std::string::npos &&
                   call.error.find("Update Lodestone") != std::string::npos;
        };
        // "schema":1 stands as text in these files: another digit is a newer version of the same length.
        const auto makeNewer = [](const fs::path& file) {
            std::string bytes = readFile(file);
            const auto place = bytes.find(R"("schema":1})");
            if (place == std::string::npos)
                fail("{} has no version.", file.string());
            bytes[place + 9] = '9';
            writeFileAtomically(file, bytes);
        };
        const fs::path delta = at("deltas/sparse.delta.h5");
        makeNewer(delta);
        QVERIFY(refused(callEngine({"export", at("model.nqx").string(), "--delta", delta.string(), "-o",
                                    at("tuned.nqx").string()})));
        const RunPaths run{at("newer")};
        fs::copy(at("interrupted"), run.root, fs::copy_options::recursive);
        fs::remove_all(run.result());
        makeNewer(run.lastCheckpoint());
        std::vector<std::string> command = {"finetune", "--run", run.root.string(), "--resume"};
        for (const std::string& option : fileOptions())
            command.push_back(option);
        QVERIFY(refused(callEngine(command)));
        Json sweep = readJsonFile(at("sweep/sweep.json"));
        sweep["schema"] = 9;
        writeFileAtomically(at("sweep/sweep.json"), sweep.dump());
        QVERIFY(refused(callEngine({"compare", at("sweep").string(), "--markdown"})));
    }

    /// A sweep.json from elsewhere leads to no other folder.
    void sweepsStayInTheirFolder()
    {
        for (const std::string folder : {"../finished", "/etc", "..", ".", ""}) {
            Json sweep = readJsonFile(at("sweep/sweep.json"));
            sweep["schema"] = 1;
            for (Json& run : sweep["runs"])
                run["folder"] = folder;
            writeFileAtomically(at("sweep/sweep.json"), sweep.dump());
            const EngineCall call = callEngine({"compare", at("sweep").string(), "--markdown"});
            VERIFY_CODE(call, 1);
            QVERIFY2(call.error.find("not the name of a run") != std::string::npos, call.error.c_str());
        }
    }

    void whatTheEngineWritesHasItsNumber()
    {
        const RunPaths run{at("new")};
        const EngineCall call =
            callEngine({"finetune", at("config.json").string(), "--run", run.root.string(), "--set",
                        "epochs=1", "--set", "forgetting_frames=0", "--threads", "1"});
        VERIFY_CODE(call, 0);
        VERIFY_CODE(callEngine({"explain", run.root.string(), "--threads", "1"}), 0);
        for (const auto& [file, number] : {std::pair{run.configuration(), schema::configuration},
                                           {run.metrics(), schema::metrics},
                                           {run.audit(), schema::audit},
                                           {run.explanation(), schema::explanation}})
            QVERIFY2(jsonMember<int>(readJsonFile(file), "schema", file.string()) == number, file.c_str());
        for (const fs::path& file : {run.lastCheckpoint(), run.delta(), run.predictions()})
            QVERIFY2(readFile(file).find(R"("schema":)") != std::string::npos, file.c_str());
    }

    /// Names from files of strangers reach the terminal without their escape sequences.
    void terminalsAreNotWrittenTo()
    {
        const fs::path data = at("escape.extxyz");
        writeFileAtomically(data, "1\nProperties=species:S:1:pos:R:3\n\x1b[2JQq 0 0 0\n");
        const EngineCall call =
            callEngine({"predict", at("model.nqx").string(), data.string(), "-o", at("o.extxyz").string()});
        VERIFY_CODE(call, 1);
        QVERIFY2(call.error.find("[2JQq") != std::string::npos, call.error.c_str());
        QVERIFY((call.error + call.out).find('\x1b') == std::string::npos);
    }

    void deepConfigurationsAreRefused()
    {
        const std::string nested = std::string(400000, '[') + std::string(400000, ']');
        writeFileAtomically(at("deep.json"), R"({"model":"a","data":{"train":)" + nested + "}}");
        const EngineCall call =
            callEngine({"finetune", at("deep.json").string(), "--run", at("deep").string()});
        VERIFY_CODE(call, 1); // and does not end the process
        QVERIFY2(call.error.find("nested more than") != std::string::npos, call.error.c_str());
    }
};

QTEST_GUILESS_MAIN(TestCliSchemas)
#include "tst_cli_schemas.moc"
