#include "base/files.h"
#include "cluster/job_monitor.h"
#include "engine/run_watcher.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QProcess>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <memory>

using namespace lodestone;
using namespace lodestone::gui;
namespace fs = std::filesystem;

// Debian's Slurm on this machine, with one processor: the demo as a job of its own, a second job that has to
// wait, one that fails before the engine begins, one that is cancelled while it runs.

namespace {

/// LODESTONE_TEST_ENGINE, else what was built beside the test.
QString engine()
{
    return qEnvironmentVariable("LODESTONE_TEST_ENGINE", QStringLiteral(LODESTONE_BIN "/lodestone-engine"));
}

} // namespace

class TestRealSlurm : public QObject {
    Q_OBJECT

    QTemporaryDir m_slurm, m_runs;
    SlurmSite m_site;
    bool m_started = false;

    QString makeRun(const QString& name, int epochs);
    SlurmClient::Submission submit(SlurmClient& client, const SlurmSite& site, const QString& folder,
                                   bool resume = false);
    static QProcess* script(QObject* parent, const QStringList& arguments);

private Q_SLOTS:
    void initTestCase();
    void aRunIsQueuedRunsAndEnds();
    void aWaitingJobIsCancelled();
    void aRunningJobIsCancelledAndResumed();
    void twoProcessesShareARun();
    void aJobThatFailsBeforeTheEngineBegins();
    void whatSlurmRefusesIsSaid();
    void cleanupTestCase();
};

/// slurm.sh, with this process as the one whose end ends Slurm.
QProcess* TestRealSlurm::script(QObject* parent, const QStringList& arguments)
{
    auto* process = new QProcess(parent);
    process->setProcessChannelMode(QProcess::MergedChannels);
    process->start(QStringLiteral(LODESTONE_SOURCE "/tests/support/slurm/slurm.sh"), arguments);
    process->waitForFinished(120000);
    return process;
}

QString TestRealSlurm::makeRun(const QString& name, int epochs)
{
    const QString folder = m_runs.filePath(name);
    const std::string demo = LODESTONE_SOURCE "/resources/demo/";
    RunConfig config = readRunConfig(demo + "demo.json");
    config.model = demo + "demo.nqx";
    config.data.train = {demo + "demo_train.extxyz"};
    config.data.test = {demo + "demo_test.extxyz"};
    config.epochs = epochs;
    makeFolder(folder.toStdString());
    writeFileAtomically(folder.toStdString() + "/config.json", jsonText(toJson(config)));
    return folder;
}

SlurmClient::Submission TestRealSlurm::submit(SlurmClient& client, const SlurmSite& site,
                                              const QString& folder, bool resume)
{
    std::optional<SlurmClient::Submission> made;
    client.submit(site, folder, folder + QStringLiteral("/config.json"), resume, this,
                  [&made](const SlurmClient::Submission& submission) { made = submission; });
    [&made] { QTRY_VERIFY_WITH_TIMEOUT(made, 60000); }();
    return made.value_or(SlurmClient::Submission{{}, QStringLiteral("no answer")});
}

void TestRealSlurm::initTestCase()
{
    if (!QFileInfo(engine()).isExecutable())
        QSKIP("lodestone-engine was not built (LODESTONE_TEST_ENGINE names another one).");
    QProcess* process = script(
        this, {QStringLiteral("start"), m_slurm.path(), QString::number(QCoreApplication::applicationPid())});
    const QByteArray said = process->readAll();
    constexpr int notHere = 77;
    if (process->exitCode() == notHere)
        QSKIP(said.constData());
    QVERIFY2(process->exitStatus() == QProcess::NormalExit && process->exitCode() == 0, said.constData());
    m_started = true;
    qputenv("SLURM_CONF", m_slurm.filePath(QStringLiteral("slurm.conf")).toLocal8Bit());
    // These would hide every job and name every run alike.
    qputenv("SQUEUE_USERS", "nobody");
    qputenv("SBATCH_JOB_NAME", "other");
    m_site.engine = engine().toStdString();
    m_site.partition = "test";
    m_site.cpus = 1;
    m_site.memory = 3;
    m_site.minutes = 30;
    m_site.setup = {"export OMP_WAIT_POLICY=passive"};
}

void TestRealSlurm::aRunIsQueuedRunsAndEnds()
{
    SlurmClient client;
    JobMonitor monitor(client);
    monitor.setFirstInterval(500);
    QSignalSpy problems(&monitor, &JobMonitor::problem);

    // The name of the folder has everything in it that a shell would take apart.
    const QString folder = makeRun(QStringLiteral("it's a \"demo\" $(touch BAD) `x`"), 3);
    const RunPaths paths{folder.toStdString()};
    // Until then the folder is one of a file system that shows nothing of it.
    RunWatcher watcher(paths);
    QSignalSpy watcherProblems(&watcher, &RunWatcher::problem);
    QStringList states;
    connect(&watcher, &RunWatcher::stateChanged, this, [&states](const QString& state) { states << state; });

    SlurmSite site = m_site;
    site.gpus = 1;
    site.options = {"--hold"};
    const auto submission = submit(client, site, folder);
    QVERIFY2(submission.problem.isEmpty(), qPrintable(submission.problem));
    QCOMPARE(QFile::permissions(folder + QStringLiteral("/job.sh")) & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
    monitor.watch(paths, submission.job);
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("queued"), 30000);
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().job->reason, std::string("JobHeldUser"), 30000);
    const auto listed = findRuns(m_runs.path().toStdString());
    QCOMPARE(listed.size(), std::size_t(1));
    QCOMPARE(listed[0].state, std::string("queued"));

    QCOMPARE(QProcess::execute(QStringLiteral("scontrol"),
                               {QStringLiteral("release"), QString::fromStdString(submission.job.id)}),
             0);
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("finished"), 300000);
    QTRY_COMPARE_WITH_TIMEOUT(monitor.watched(), std::size_t(0), 60000);
    const auto job = readJobRecord(paths);
    QVERIFY(job);
    QCOMPARE(job->state, JobState::Finished);
    QVERIFY2(states.contains(QStringLiteral("running")), qPrintable(states.join(QLatin1Char(' '))));
    QVERIFY2(!states.contains(QStringLiteral("interrupted")) && !states.contains(QStringLiteral("failed")),
             qPrintable(states.join(QLatin1Char(' '))));
    QVERIFY(fs::exists(paths.delta()) && fs::exists(paths.metrics()));
    QVERIFY(!fs::exists(paths.lock()));
    QVERIFY(!watcher.history().evaluations.empty());
    QCOMPARE(summariseRun(paths.root).state, std::string("finished"));
    QVERIFY2(problems.isEmpty(), qPrintable(problems.value(0).value(0).toString()));
    QVERIFY2(watcherProblems.isEmpty(), qPrintable(watcherProblems.value(0).value(0).toString()));
    QVERIFY(!QFile::exists(folder + QStringLiteral("/BAD")) &&
            !QFile::exists(m_runs.filePath(QStringLiteral("BAD"))));
}

void TestRealSlurm::aWaitingJobIsCancelled()
{
    SlurmClient client;
    JobMonitor monitor(client);
    monitor.setFirstInterval(500);
    const QString first = makeRun(QStringLiteral("first"), 100000),
                  second = makeRun(QStringLiteral("second"), 3);
    const auto running = submit(client, m_site, first);
    QVERIFY2(running.problem.isEmpty(), qPrintable(running.problem));
    const RunPaths firstPaths{first.toStdString()}, paths{second.toStdString()};
    monitor.watch(firstPaths, running.job);
    QTRY_COMPARE_WITH_TIMEOUT(readJobRecord(firstPaths)->state, JobState::Running, 60000);
    const auto waiting = submit(client, m_site, second);
    QVERIFY2(waiting.problem.isEmpty(), qPrintable(waiting.problem));
    monitor.watch(paths, waiting.job);
    QTRY_VERIFY_WITH_TIMEOUT(!readJobRecord(paths)->reason.empty(), 60000);
    const auto record = readJobRecord(paths);
    QCOMPARE(record->state, JobState::Pending);
    QVERIFY2(record->reason == "Resources" || record->reason == "Priority", record->reason.c_str());

    // Another job of the same number, as far as the name tells, is left alone.
    JobRecord stranger = waiting.job;
    stranger.name = "lodestone-other-0";
    int answers = 0;
    client.cancel(stranger, this, [&answers](const QString&) { ++answers; });
    QTRY_COMPARE_WITH_TIMEOUT(answers, 1, 30000);
    QTest::qWait(2000);
    QCOMPARE(readJobRecord(paths)->state, JobState::Pending);

    QString problem = QStringLiteral("none yet");
    client.cancel(waiting.job, this, [&problem](const QString& sentence) { problem = sentence; });
    QTRY_COMPARE_WITH_TIMEOUT(problem, QString(), 30000);
    monitor.askNow();
    QTRY_COMPARE_WITH_TIMEOUT(readJobRecord(paths)->state, JobState::Cancelled, 30000);
    QCOMPARE(summariseRun(paths.root).state, std::string("stopped"));
    QVERIFY(!fs::exists(paths.events()));

    client.cancel(running.job, this, [](const QString&) {});
    QTRY_COMPARE_WITH_TIMEOUT(monitor.watched(), std::size_t(0), 60000);
}

void TestRealSlurm::aRunningJobIsCancelledAndResumed()
{
    SlurmClient client;
    JobMonitor monitor(client);
    monitor.setFirstInterval(500);
    const QString folder = makeRun(QStringLiteral("long"), 400);
    const RunPaths paths{folder.toStdString()};
    RunWatcher watcher(paths);
    const auto submission = submit(client, m_site, folder);
    QVERIFY2(submission.problem.isEmpty(), qPrintable(submission.problem));
    monitor.watch(paths, submission.job);
    QTRY_VERIFY_WITH_TIMEOUT(watcher.history().steps.size() > 3, 180000);
    QCOMPARE(watcher.history().state, std::string("running"));
    client.cancel(submission.job, this, [](const QString&) {});
    // Slurm's SIGTERM reaches the engine, which writes a checkpoint before it goes.
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("stopped"), 60000);
    QTRY_COMPARE_WITH_TIMEOUT(readJobRecord(paths)->state, JobState::Cancelled, 60000);
    QVERIFY(fs::exists(paths.lastCheckpoint()));

    const double reached = watcher.history().steps.back().step;
    const auto again = submit(client, m_site, folder, true);
    QVERIFY2(again.problem.isEmpty(), qPrintable(again.problem));
    monitor.watch(paths, again.job);
    QTRY_VERIFY_WITH_TIMEOUT(
        watcher.history().state == "running" && watcher.history().steps.back().step > reached, 180000);
    // The usual way to end it: control.jsonl, as for a run on this machine.
    watcher.stop();
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("stopped"), 60000);
    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(readJobRecord(paths)->state), 60000);
}

void TestRealSlurm::twoProcessesShareARun()
{
    if (QStandardPaths::findExecutable(QStringLiteral("mpirun")).isEmpty())
        QSKIP("there is no mpirun here");
    SlurmClient client;
    JobMonitor monitor(client);
    monitor.setFirstInterval(500);
    const QString folder = makeRun(QStringLiteral("shared"), 400);
    const RunPaths paths{folder.toStdString()};
    RunWatcher watcher(paths);
    SlurmSite site = m_site;
    site.processes = 2;
    site.options = {"--overcommit"}; // this cluster has one processor
    site.setup.push_back("export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1");
    const auto submission = submit(client, site, folder);
    QVERIFY2(submission.problem.isEmpty(), qPrintable(submission.problem));
    monitor.watch(paths, submission.job);
    QTRY_VERIFY_WITH_TIMEOUT(watcher.history().steps.size() > 3, 180000);
    const auto processes = [&paths] {
        return EventReader(paths.events())
            .poll(std::size_t{1} << 20)
            .events.front()
            .at("processes")
            .get<int>();
    };
    QCOMPARE(processes(), 2);
    client.cancel(submission.job, this, [](const QString&) {});
    // mpirun hands the signal on and waits for the checkpoint.
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("stopped"), 60000);
    QTRY_COMPARE_WITH_TIMEOUT(readJobRecord(paths)->state, JobState::Cancelled, 60000);

    const double reached = watcher.history().steps.back().step;
    const auto again = submit(client, m_site, folder, true); // one process
    QVERIFY2(again.problem.isEmpty(), qPrintable(again.problem));
    monitor.watch(paths, again.job);
    QTRY_VERIFY_WITH_TIMEOUT(
        watcher.history().state == "running" && watcher.history().steps.back().step > reached, 180000);
    watcher.stop();
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("stopped"), 60000);
    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(readJobRecord(paths)->state), 60000);
}

void TestRealSlurm::aJobThatFailsBeforeTheEngineBegins()
{
    SlurmClient client;
    JobMonitor monitor(client);
    monitor.setFirstInterval(500);
    const QString folder = makeRun(QStringLiteral("no module"), 3);
    const RunPaths paths{folder.toStdString()};
    RunWatcher watcher(paths);
    SlurmSite site = m_site;
    site.modules = {"not-there/1.0"};
    const auto submission = submit(client, site, folder);
    QVERIFY2(submission.problem.isEmpty(), qPrintable(submission.problem));
    monitor.watch(paths, submission.job);
    QTRY_COMPARE_WITH_TIMEOUT(watcher.history().state, std::string("failed"), 60000);
    QCOMPARE(readJobRecord(paths)->state, JobState::Failed);
    QVERIFY(!fs::exists(paths.events()));
}

void TestRealSlurm::whatSlurmRefusesIsSaid()
{
    SlurmClient client;
    const QString folder = makeRun(QStringLiteral("refused"), 3);
    SlurmSite site = m_site;
    site.partition = "nowhere";
    const auto submission = submit(client, site, folder);
    QVERIFY2(submission.problem.contains(QStringLiteral("invalid partition specified: nowhere")),
             qPrintable(submission.problem));
    QVERIFY(!fs::exists(RunPaths{folder.toStdString()}.job()));

    JobRecord gone;
    gone.id = "987654";
    gone.name = "lodestone-gone-0";
    std::optional<SlurmClient::Answer> answer;
    client.ask({gone}, this, [&answer](const SlurmClient::Answer& got) { answer = got; });
    QTRY_VERIFY_WITH_TIMEOUT(answer, 30000);
    QVERIFY2(answer->problem.isEmpty(), qPrintable(answer->problem));
    QVERIFY(answer->queue.empty());
}

void TestRealSlurm::cleanupTestCase()
{
    if (!m_started)
        return;
    QProcess* process = script(this, {QStringLiteral("stop"), m_slurm.path()});
    QCOMPARE(process->exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestRealSlurm)
#include "tst_real_slurm.moc"
