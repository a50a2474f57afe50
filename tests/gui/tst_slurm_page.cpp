#include "base/files.h"
#include "cluster/slurm_dialog.h"
#include "cluster/slurm_settings.h"
#include "run/run_directory.h"
#include "shell/session.h"
#include "training/training_page.h"

#include <QtCore/QSettings>
#include <QtTest/QtTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>

using namespace lodestone;
using namespace lodestone::gui;

/// Runs as jobs of Slurm from the window's side: the dialog, the choice on the page, and a run from the queue
/// to its cancellation. Slurm's programs are scripts here; tests/cluster has the real ones.
class TestSlurmPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void dialogGivesBackWhatItWasGiven();
    void badSettingsAreNamed();
    void settingsAreKept();
    void startBecomesAJob();
    void refusedJobIsASentence();

private:
    void program(const char* name, const QByteArray& body) const;
    RunConfig config() const;
    std::unique_ptr<QTemporaryDir> m_folder;
    SlurmSite m_site;
};

void TestSlurmPage::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_site = {};
    m_site.partition = "gpu";
    m_site.modules = {"gcc/12.2", "cuda/12.4"};
    m_site.gpus = 2;
    m_site.gpuType = "a100";
    m_site.cpus = 8;
    m_site.memory = 31.5;
    m_site.minutes = 90;
    m_site.engine = "/opt/bin/lodestone-engine";
    m_site.options = {"--exclusive", "--constraint=fast"};
    m_site.setup = {"export A=1", "ulimit -s unlimited"};
    qputenv("PATH", m_folder->path().toLocal8Bit() + ":/usr/bin:/bin");
}

void TestSlurmPage::program(const char* name, const QByteArray& body) const
{
    QFile file(m_folder->filePath(QLatin1String(name)));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write("#!/bin/sh\ncd '" + m_folder->path().toLocal8Bit() + "'\n" + body + "\n");
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

RunConfig TestSlurmPage::config() const
{
    RunConfig made;
    made.model = m_folder->filePath("model.nqx").toStdString();
    made.data.train = {m_folder->filePath("train.extxyz").toStdString()};
    return made;
}

void TestSlurmPage::dialogGivesBackWhatItWasGiven()
{
    SlurmDialog dialog(m_site, nullptr);
    QVERIFY(dialog.site() == m_site);
    QVERIFY(dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok)->isEnabled());
    // What is submitted is shown, whatever it was before.
    dialog.findChild<QLineEdit*>("partition")->setText(" long ");
    QCOMPARE(dialog.site().partition, std::string("long"));
    bool shown = false;
    for (const QPlainTextEdit* text : dialog.findChildren<QPlainTextEdit*>())
        shown = shown || (text->toPlainText().contains("#SBATCH --partition=long\n") &&
                          text->toPlainText().contains("#SBATCH --gres=gpu:a100:2\n") &&
                          text->toPlainText().contains("module load 'cuda/12.4'"));
    QVERIFY(shown);
}

void TestSlurmPage::badSettingsAreNamed()
{
    SlurmDialog dialog({}, nullptr);
    const auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    auto* problem = dialog.findChild<QLabel*>("problem");
    QVERIFY(!ok->isEnabled());
    QVERIFY2(problem->text().contains("must be absolute"), qPrintable(problem->text()));
    dialog.findChild<QLineEdit*>("engine")->setText("/opt/lodestone-engine");
    QVERIFY2(ok->isEnabled(), qPrintable(problem->text()));
    dialog.findChild<QLineEdit*>("partition")->setText("a b; rm");
    QVERIFY(!ok->isEnabled());
    QVERIFY2(problem->text().contains("partition"), qPrintable(problem->text()));
}

void TestSlurmPage::settingsAreKept()
{
    QSettings settings(m_folder->filePath("settings.conf"), QSettings::IniFormat);
    {
        Session session;
        keepSlurmSettings(session, settings);
        QVERIFY(!session.usesSlurm());
        session.setSlurm(true, m_site);
    }
    Session session;
    keepSlurmSettings(session, settings);
    QVERIFY(session.usesSlurm());
    QVERIFY(session.slurmSite() == m_site);
}

void TestSlurmPage::startBecomesAJob()
{
    program("sbatch", "for a; do script=$a; done\n"
                      "name=$(sed -n 's/^#SBATCH --job-name=//p' \"$script\")\n"
                      "echo \"77|PENDING|$name||Resources\" > queue\necho 77");
    program("squeue", "cat queue");
    program("scancel", "echo \"$@\" > cancelled\nsed -i 's/PENDING/CANCELLED/' queue");
    Session session;
    session.setRunsFolder(m_folder->filePath("runs"));
    TrainingPage page(session);
    auto* place = page.findChild<QComboBox*>("place");
    auto* settings = page.findChild<QPushButton*>("slurmSettings");
    auto* cancel = page.findChild<QPushButton*>("cancelJob");
    auto* state = page.findChild<QLabel*>("state");
    auto* problems = page.findChild<QLabel*>("problems");
    QVERIFY(settings->isHidden() && cancel->isHidden());
    place->setCurrentIndex(1);
    Q_EMIT place->activated(1);
    QVERIFY(session.usesSlurm() && !settings->isHidden());
    QVERIFY2(problems->text().contains("Slurm: "), qPrintable(problems->text())); // no engine yet
    session.setSlurm(true, m_site);
    QVERIFY2(!problems->text().contains("Slurm: "), qPrintable(problems->text()));

    const QString folder = session.startRun(config(), "first try");
    QVERIFY(!folder.isEmpty());
    const RunPaths paths{folder.toStdString()};
    QTRY_VERIFY_WITH_TIMEOUT(state->text().contains("queue") && state->text().contains("job 77: Resources"),
                             20000);
    QVERIFY(!cancel->isHidden());
    QVERIFY(!page.findChild<QPushButton*>("resume")->isEnabled());
    const std::string script = readFile(paths.root / "job.sh");
    QVERIFY(script.find("exec '/opt/bin/lodestone-engine' finetune '" + paths.root.string() +
                        "/config.json'") != std::string::npos);
    cancel->click();
    QTRY_VERIFY_WITH_TIMEOUT(state->text().contains("job 77 was cancelled"), 20000);
    QVERIFY(readFile(m_folder->filePath("cancelled").toStdString()).find(" 77\n") != std::string::npos);
    QVERIFY(cancel->isHidden());
    QCOMPARE(summariseRun(paths.root).state, std::string("stopped"));
}

void TestSlurmPage::refusedJobIsASentence()
{
    program("sbatch", "echo 'sbatch: error: invalid account' >&2; exit 1");
    Session session;
    session.setRunsFolder(m_folder->filePath("runs"));
    session.setSlurm(true, m_site);
    QSignalSpy problem(&session, &Session::problem);
    QVERIFY(!session.startRun(config(), "first try").isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(!problem.empty(), 20000);
    const QString sentence = problem.first().at(1).toString();
    QVERIFY2(sentence.contains("invalid account"), qPrintable(sentence));
}

QTEST_MAIN(TestSlurmPage)
#include "tst_slurm_page.moc"
