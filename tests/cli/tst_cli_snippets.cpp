// The Python of docs/file-formats.md runs on files that the engine makes here, and prints the engine's
// numbers.
#include "engine_process.h"

#include "base/files.h"
#include "run/run_directory.h"
#include "support/python.h"
#include "support/shared_data.h"

using namespace lodestone;

class TestCliSnippets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void printedNumbersAreTheEngines();
    void wrongExportIsNoticed();
    void torch();

private:
    std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }
    void makeRun(const std::string& model, const char* run, const char* base, const char* tuned) const;
    /// What the page's blocks print, key (the words before the first number, True or False) -> the rest.
    QMap<QString, QString> print(bool withTorch);
    QTemporaryDir m_folder;
};

void TestCliSnippets::makeRun(const std::string& model, const char* run, const char* base,
                              const char* tuned) const
{
    std::filesystem::copy_file(model, path(base));
    VERIFY_CODE(callEngine({"finetune", demoFile("demo.json"), "--run", path(run), "--set",
                            "model=" + path(base), "--set", "epochs=3", "--set", "data.max_train=24", "--set",
                            "forgetting_frames=0", "--no-audit"}),
                0);
    VERIFY_CODE(callEngine({"export", path(run), "-o", path(tuned)}), 0);
}

void TestCliSnippets::initTestCase()
{
    if (!pythonHas("h5py, numpy"))
        QSKIP("python3 with h5py and numpy is not installed (packages python3-h5py and python3-numpy)");
    makeRun(demoFile("demo.nqx"), "run", "base.nqx", "tuned.nqx");
    std::filesystem::copy_file(LODESTONE_SOURCE "/tests/data/schema-1/work.lodestone",
                               path("work.lodestone"));
}

QMap<QString, QString> TestCliSnippets::print(bool withTorch)
{
    QStringList blocks = pythonBlocks(QStringLiteral(LODESTONE_SOURCE "/docs/file-formats.md"));
    if (!withTorch)
        blocks.removeIf([](const QString& block) { return block.contains("import torch"); });
    const PythonCall call = callPython({"-c", blocks.join('\n')}, m_folder.path());
    [&] { QVERIFY2(call.code == 0, qPrintable(call.text)); }();
    static const QRegularExpression line("^(.*?) ([0-9].*|True|False|model\\..*)$");
    QMap<QString, QString> printed;
    for (const QString& text : call.text.split('\n', Qt::SkipEmptyParts)) {
        const auto parts = line.match(text);
        [&] { QVERIFY2(parts.hasMatch(), qPrintable(text)); }();
        printed[parts.captured(1)] = parts.captured(2);
    }
    return printed;
}

void TestCliSnippets::printedNumbersAreTheEngines()
{
    const RunPaths run{path("run")};
    const Json metrics = readJsonFile(run.metrics());
    const auto events = EventReader(run.events()).poll(std::size_t{1} << 30).events;
    std::size_t steps = 0;
    double share = 0;
    Json record, end;
    for (const Json& event : events) {
        if (event["kind"] == "step") {
            ++steps;
            share = event["changed_of_model"].get<double>();
        } else if (event["kind"] == "sparsity") {
            record = event["record"];
        }
        end = event;
    }
    QVERIFY(end["kind"] == "finished" && steps > 0);
    const auto changed = metrics["changed"].get<qint64>(), eligible = metrics["eligible"].get<qint64>();
    const double error = metrics["splits"]["validation"]["tuned"]["forces"]["mae"].get<double>();
    const auto number = [](const QString& text) { return text.section(' ', 0, 0).toDouble(); };

    auto printed = print(false);
    QCOMPARE(printed.take("steps"), QString::number(steps));
    QCOMPARE(number(printed.take("last share")), share);
    QCOMPARE(number(printed.take("force error")), error);
    QCOMPARE(printed.take("changed"), QString::number(changed));
    QCOMPARE(printed.take("same as the export"), "True");
    const double predicted = number(printed.take("predicted force error"));
    QVERIFY2(std::abs(predicted - error) < 1e-9, qPrintable(QString::number(predicted, 'g', 12)));
    QVERIFY(printed.take("iron").contains(QRegularExpression("^[1-9][0-9]* atoms in [1-9][0-9]* frames$")));
    QCOMPARE(printed.take("checkpoint of step"), QString::number(end["step"].get<qint64>()));
    QCOMPARE(printed.take("trained"), QString::number(eligible));
    QCOMPARE(printed.take("sparsity"), QStringLiteral("%1 of %2").arg(changed).arg(eligible));
    const QStringList most = printed.take("most changed").split(' '); // "91 of 256 in layer_1/skip/1o"
    QCOMPARE(most.size(), 5);
    for (const Json& tensor : record["tensors"])
        if (tensor["tensor"] == most[4].toStdString()) {
            QCOMPARE(most[2].toLongLong(), tensor["eligible"].get<qint64>());
            // A delta below half a unit in the last place of its weight leaves the stored number as it was.
            QVERIFY(most[0].toLongLong() <= tensor["changed"].get<qint64>() &&
                    most[0].toDouble() > 0.9 * tensor["changed"].get<double>());
            record = nullptr;
            break;
        }
    QVERIFY2(record.is_null(), qPrintable(most[4]));
    QCOMPARE(printed.take("project"), "model.nqx train.extxyz");
    QVERIFY2(printed.isEmpty(), qPrintable(printed.keys().join(", ")));
}

void TestCliSnippets::wrongExportIsNoticed()
{
    std::filesystem::rename(path("tuned.nqx"), path("kept.nqx"));
    std::filesystem::copy_file(path("base.nqx"), path("tuned.nqx"));
    const QString said = print(false).value("same as the export");
    std::filesystem::rename(path("kept.nqx"), path("tuned.nqx"));
    QCOMPARE(said, "False");
}

void TestCliSnippets::torch()
{
    if (!pythonHas("torch"))
        QSKIP("PyTorch for Python is not installed (package python3-torch)");
    SKIP_WITHOUT_SHARED("fixtures/sevennet/7net0_small.pth");
    makeRun(sharedPath("fixtures/sevennet/7net0_small.pth").string(), "sevennet-run", "base.pth",
            "tuned.pth");
    QCOMPARE(print(true).value("SevenNet same as the export"), "True");
}

QTEST_APPLESS_MAIN(TestCliSnippets)
#include "tst_cli_snippets.moc"
