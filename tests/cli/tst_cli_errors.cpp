#include "engine_process.h"

using namespace lodestone;

/// Bad input: exit code 1 and a sentence; bad usage: 2. Never a crash, never an empty message.
class TestCliErrors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void badInput_data();
    void badInput();
    void badUsage_data();
    void badUsage();
    void failedRunsLeaveInputAlone();

private:
    std::string write(const char* name, const std::string& text)
    {
        const std::string path = m_folder.filePath(QString::fromUtf8(name)).toStdString();
        writeFileAtomically(path, text);
        return path;
    }
    std::string config(const char* name, const Json& changes)
    {
        Json json = readJsonFile(demoFile("demo.json"));
        json["model"] = demoFile("demo.nqx");
        json["data"]["train"] = Json::array({demoFile("demo_train.extxyz")});
        json["data"]["test"] = Json::array();
        json.update(changes);
        return write(name, json.dump());
    }
    QTemporaryDir m_folder;
    std::string m_truncated, m_nan, m_noLattice, m_gold, m_good;
};

void TestCliErrors::initTestCase()
{
    const std::string model = readFile(demoFile("demo.nqx"));
    m_truncated = write("truncated.nqx", model.substr(0, model.size() / 2));
    m_nan = write("nan.extxyz",
                  "1\nLattice=\"3 0 0 0 3 0 0 0 3\" Properties=species:S:1:pos:R:3:forces:R:3 energy=-3\n"
                  "Fe 0 0 0 nan 0 0\n");
    m_noLattice =
        write("no_lattice.extxyz", "1\nProperties=species:S:1:pos:R:3 pbc=\"T T T\" energy=-3\nFe 0 0 0\n");
    m_gold = write("gold.extxyz",
                   "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3 pbc=\"T T T\" energy=-3\n"
                   "Au 0 0 0\n");
    m_good = config("good.json", Json::object());
}

void TestCliErrors::badInput_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QStringList>("words"); // what the sentence must mention
    const auto row = [](const char* name, const std::vector<std::string>& arguments,
                        const QStringList& words) { QTest::newRow(name) << qtArguments(arguments) << words; };
    const std::string out = m_folder.filePath(QStringLiteral("out.extxyz")).toStdString();
    const std::string run = m_folder.filePath(QStringLiteral("run")).toStdString();
    row("truncated model", {"inspect", m_truncated}, {"truncated.nqx"});
    row("no model file", {"inspect", "/nowhere/model.nqx"}, {"/nowhere/model.nqx"});
    row("NaN labels", {"predict", demoFile("demo.nqx"), m_nan, "-o", out}, {"nan.extxyz"});
    row("pbc without lattice", {"predict", demoFile("demo.nqx"), m_noLattice, "-o", out},
        {"no_lattice.extxyz"});
    row("unknown element", {"predict", demoFile("demo.nqx"), m_gold, "-o", out}, {"gold.extxyz", "Au"});
    row("unwritable output",
        {"predict", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "-o", "/proc/none/out.extxyz"},
        {"/proc/none"});
    row("NaN in training data",
        {"finetune", config("nan.json", {{"data", {{"train", {m_nan}}}}}), "--run", run + "-nan"},
        {"nan.extxyz"});
    row("unknown element in training",
        {"finetune", config("gold.json", {{"data", {{"train", {m_gold}}}}}), "--run", run + "-gold"}, {"Au"});
    row("unwritable run", {"finetune", m_good, "--run", m_good + "/run"}, {"good.json/run"});
    row("unknown key", {"finetune", config("key.json", {{"epoch", 3}}), "--run", run}, {"epoch", "epochs"});
    row("unknown nested key", {"finetune", m_good, "--run", run, "--set", "optimiser.learnin_rate=1"},
        {"learnin_rate", "learning_rate"});
    row("bad value", {"finetune", m_good, "--run", run, "--set", "method.kind=fast"}, {"method.kind"});
    row("nothing to resume", {"finetune", "--run", run + "-none", "--resume"}, {"run-none"});
    row("no run", {"compare", m_folder.path().toStdString()}, {"run.json"});
    row("not a delta",
        {"predict", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "-o", out, "--delta",
         demoFile("demo.nqx")},
        {"demo.nqx"});
}

void TestCliErrors::badInput()
{
    QFETCH(QStringList, arguments);
    QFETCH(QStringList, words);
    QProcess process;
    process.start(enginePath(), arguments);
    QVERIFY(process.waitForFinished(120000));
    const QString error = QString::fromUtf8(process.readAllStandardError());
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QVERIFY2(process.exitCode() == 1, qPrintable(QString::number(process.exitCode()) + ": " + error));
    for (const QString& word : words)
        QVERIFY2(error.contains(word), qPrintable(error));
    QVERIFY(process.readAllStandardOutput().isEmpty());
}

void TestCliErrors::badUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    const auto row = [](const char* name, const std::vector<std::string>& arguments) {
        QTest::newRow(name) << qtArguments(arguments);
    };
    row("no command", {});
    row("unknown command", {"inspekt", "x.nqx"});
    row("unknown option", {"inspect", demoFile("demo.nqx"), "--jason"});
    row("missing argument", {"predict", demoFile("demo.nqx")});
    row("no such number type", {"predict", demoFile("demo.nqx"), "x", "-o", "y", "--dtype", "float16"});
    row("no such device", {"predict", demoFile("demo.nqx"), "x", "-o", "y", "--device", "abacus"});
    row("no memory", {"predict", demoFile("demo.nqx"), "x", "-o", "y", "--memory", "0"});
    row("memory in words", {"predict", demoFile("demo.nqx"), "x", "-o", "y", "--memory", "lots"});
    row("no such log level", {"inspect", demoFile("demo.nqx"), "--log-level", "loud"});
    row("no such label", {"predict", demoFile("demo.nqx"), "x", "-o", "y", "--map", "enrgy=E"});
    row("no configuration", {"finetune", "--run", "somewhere"});
    row("block that is not there",
        {"finetune", m_good, "--run", m_good + "-run", "--set", "blocks={\"select\":[\"*/linaer_1\"]}"});
}

void TestCliErrors::badUsage()
{
    QFETCH(QStringList, arguments);
    QProcess process;
    process.start(enginePath(), arguments);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), 2);
    QVERIFY(!process.readAllStandardError().trimmed().isEmpty());
    QVERIFY(process.readAllStandardOutput().isEmpty());
}

void TestCliErrors::failedRunsLeaveInputAlone()
{
    // Exporting onto the base model must not destroy it.
    const std::string model = write("base.nqx", readFile(demoFile("demo.nqx")));
    const EngineCall call = callEngine({"export", model, "--delta", m_truncated, "-o", model});
    VERIFY_CODE(call, 1);
    QVERIFY(readFile(model) == readFile(demoFile("demo.nqx")));
}

QTEST_APPLESS_MAIN(TestCliErrors)
#include "tst_cli_errors.moc"
