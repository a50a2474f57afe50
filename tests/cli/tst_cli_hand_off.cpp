// Exported models in the programs that made their families (docs/python-hand-off.md): loaded by them, the
// same energies and forces. Needs clones of these programs in the folder LODESTONE_UPSTREAM, which are no
// part of this repository.
#include "engine_process.h"

#include "support/python.h"
#include "support/shared_data.h"

class TestCliHandOff : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void sameEnergies_data();
    void sameEnergies();
    void anotherModelIsNoticed();

private:
    std::string path(const QString& name) const { return m_folder.filePath(name).toStdString(); }
    std::string tuned(const QString& model);
    PythonCall check(const std::string& model, const QStringList& more = {}) const;
    QTemporaryDir m_folder;
    QString m_clones = qEnvironmentVariable("LODESTONE_UPSTREAM");
};

void TestCliHandOff::initTestCase()
{
    if (m_clones.isEmpty())
        QSKIP("LODESTONE_UPSTREAM names no folder with clones of the original programs");
    if (!pythonHas("ase, numpy, scipy, torch, yaml, pandas"))
        QSKIP("python3-ase, python3-torch, python3-scipy, python3-yaml or python3-pandas is not installed");
    SKIP_WITHOUT_SHARED("fixtures/mace");
}

/// A short sparse run of the demo's data on a model, exported.
std::string TestCliHandOff::tuned(const QString& model)
{
    const QString name = QFileInfo(model).fileName();
    const std::string run = path("run-" + name), out = path("tuned-" + name);
    [&] {
        VERIFY_CODE(
            callEngine({"finetune", demoFile("demo.json"), "--run", run, "--set",
                        "model=" + sharedPath(model.toStdString()).string(), "--set", "epochs=1", "--set",
                        "data.max_train=12", "--set", "forgetting_frames=0", "--set",
                        R"(targets={"energy":1,"forces":10})", "--set", R"(magnetism={"head":"none"})",
                        "--set", "optimiser.learning_rate=0.001", "--no-audit"}),
            0);
        VERIFY_CODE(callEngine({"export", run, "-o", out}), 0);
    }();
    return out;
}

PythonCall TestCliHandOff::check(const std::string& model, const QStringList& more) const
{
    return callPython(QStringList{QStringLiteral(LODESTONE_SOURCE "/tests/python/check_hand_off.py"),
                                  QString::fromStdString(model),
                                  QString::fromStdString(demoFile("demo_test.extxyz")), "--clones", m_clones,
                                  "--frames", "8"} +
                          more,
                      m_folder.path());
}

void TestCliHandOff::sameEnergies_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QStringList>("more");
    QTest::newRow("nequix") << "models/nequix/nequix-mp-1.nqx" << QStringList();
    QTest::newRow("mace") << "fixtures/mace/mp0b3_small.model" << QStringList();
    QTest::newRow("mace, a head") << "fixtures/mace/mh1_small.model"
                                  << QStringList{"--head", "matpes_r2scan"};
    QTest::newRow("sevennet") << "fixtures/sevennet/7net0_small.pth" << QStringList();
    QTest::newRow("sevennet, a modality")
        << "fixtures/sevennet/mf_small.pth" << QStringList{"--head", "R2SCAN"};
}

void TestCliHandOff::sameEnergies()
{
    QFETCH(QString, model);
    QFETCH(QStringList, more);
    const PythonCall call = check(tuned(model), more);
    QVERIFY2(call.code == 0, qPrintable(call.text));
    qInfo("%s", qPrintable(call.text.trimmed().section('\n', -1)));
}

/// An engine that is asked for the tuned model and answers with the base model's numbers.
void TestCliHandOff::anotherModelIsNoticed()
{
    const std::string model = tuned("fixtures/mace/mp0a_small.model");
    const QString engine = m_folder.filePath("wrong-engine");
    QFile script(engine);
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write(
        QStringLiteral("#!/bin/sh\nverb=$1\nshift 2\nexec '%1' $verb '%2' \"$@\"\n")
            .arg(enginePath(), QString::fromStdString(sharedPath("fixtures/mace/mp0a_small.model").string()))
            .toUtf8());
    script.close();
    QVERIFY(script.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
    const PythonCall call = check(model, {"--engine", engine});
    QVERIFY2(call.code == 1 && call.text.contains("DIFFERENT: mace"), qPrintable(call.text));
}

QTEST_APPLESS_MAIN(TestCliHandOff)
#include "tst_cli_hand_off.moc"
