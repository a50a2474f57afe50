#include "base/files.h"
#include "cluster/job_monitor.h"
#include "run/run_directory.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::gui;

// Slurm's programs are scripts here, so that they can be slow, endless, broken and away.

class TestSlurmClient : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_programs, m_run;
    RunPaths m_paths;
    SlurmSite m_site;

    void program(const char* name, const QByteArray& body)
    {
        QFile file(m_programs->filePath(QLatin1String(name)));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write("#!/bin/sh\n" + body + "\n");
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    }

    SlurmClient::Submission submit(SlurmClient& client)
    {
        std::optional<SlurmClient::Submission> made;
        client.submit(m_site, m_run->path(), m_run->filePath("config.json"), false, this,
                      [&made](const SlurmClient::Submission& submission) { made = submission; });
        if (made)
            return {{}, QStringLiteral("the answer came before the call returned")};
        [&made] { QTRY_VERIFY_WITH_TIMEOUT(made, 20000); }();
        return made.value_or(SlurmClient::Submission{{}, QStringLiteral("no answer")});
    }

    QString ask(SlurmClient& client)
    {
        JobRecord job;
        job.id = "12";
        job.name = "lodestone-a-0";
        std::optional<SlurmClient::Answer> answer;
        client.ask({job}, this, [&answer](const SlurmClient::Answer& got) { answer = got; });
        [&answer] { QTRY_VERIFY_WITH_TIMEOUT(answer, 20000); }();
        return answer ? answer->problem : QStringLiteral("no answer");
    }

private Q_SLOTS:
    void init()
    {
        m_programs = std::make_unique<QTemporaryDir>();
        m_run = std::make_unique<QTemporaryDir>();
        m_paths.root = m_run->path().toStdString();
        QVERIFY(QDir::setCurrent(QStringLiteral("/"))); // the former test's folder is gone
        m_site = {};
        m_site.engine = "/opt/lodestone-engine";
        qputenv("PATH", m_programs->path().toLocal8Bit() + ":/usr/bin:/bin");
        for (const char* name : {"sbatch", "squeue", "scancel"})
            program(name, "exit 3"); // none of this machine's own
    }

    void jobsAreSubmitted()
    {
        // What it is called with, and the variables that reach it.
        qputenv("SQUEUE_FORMAT", "x");
        qputenv("SBATCH_JOB_NAME", "x");
        qputenv("SBATCH_ACCOUNT", "kept");
        program("sbatch", "for a; do echo \"<$a>\"; done > said; env | grep -E '^(SQUEUE|SBATCH)_' >> said\n"
                          "echo Welcome; echo '12;alpha'");
        QVERIFY(QDir::setCurrent(m_run->path()));
        SlurmClient client;
        const auto made = submit(client);
        QVERIFY2(made.problem.isEmpty(), qPrintable(made.problem));
        QCOMPARE(made.job.id, std::string("12"));
        QCOMPARE(made.job.cluster, std::string("alpha"));
        const std::string folder = m_paths.root.string();
        QCOMPARE(readFile(m_paths.root / "said"),
                 "<--parsable>\n<--chdir=" + folder + ">\n<" + folder + "/job.sh>\nSBATCH_ACCOUNT=kept\n");
        QCOMPARE(toJson(*readJobRecord(m_paths)), toJson(made.job));
        QCOMPARE(QFile::permissions(m_run->filePath("job.sh")) &
                     (QFile::ReadGroup | QFile::ReadOther | QFile::ExeOwner | QFile::ExeOther),
                 QFile::Permissions());
        QVERIFY(QString::fromStdString(readFile(m_paths.root / "job.sh"))
                    .contains(QString::fromStdString(made.job.name)));
        const auto again = submit(client);
        QVERIFY(again.job.name != made.job.name);
    }

    void whatGoesWrongIsASentence_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* body, const char* says) {
            QTest::newRow(name) << QByteArray(body) << QString(says);
        };
        row("refused", "echo 'sbatch: error: \033[2JInvalid account' >&2; exit 1",
            "sbatch failed: sbatch: error: ?[2JInvalid account");
        row("a strange answer", "echo 'Submitted batch job 12'", "did not answer with the number");
        row("nothing", "true", "did not answer with the number");
        row("a crash", "kill -SEGV $$", "sbatch crashed");
        row("an endless answer", "yes", "more than a mebibyte");
        row("endless errors", "yes >&2", "more than a mebibyte");
        row("no answer", "exec sleep 60", "did not answer within 2 s");
    }

    void whatGoesWrongIsASentence()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, says);
        program("sbatch", body);
        SlurmClient client;
        client.setPatience(2000);
        const auto made = submit(client);
        QVERIFY2(made.problem.contains(says), qPrintable(made.problem));
        QVERIFY(made.problem.size() < 700);
        QVERIFY(!std::filesystem::exists(m_paths.job()));
    }

    void programsThatAreNotThere()
    {
        QVERIFY(QFile::remove(m_programs->filePath("sbatch")));
        qputenv("PATH", m_programs->path().toLocal8Bit());
        SlurmClient client;
        QVERIFY(submit(client).problem.contains("sbatch was not found"));
        m_site.engine = "relative";
        QVERIFY(submit(client).problem.contains("absolute"));
    }

    void aJobWithoutItsRecordIsCancelled()
    {
        program("sbatch", "mkdir job.json; echo 12"); // so that the record cannot take its place
        program("scancel", "echo \"$@\" > cancelled");
        QVERIFY(QDir::setCurrent(m_run->path()));
        SlurmClient client;
        const auto made = submit(client);
        QVERIFY(made.problem.contains("job.json"));
        QCOMPARE(readFile(m_paths.root / "cancelled"), "--name=" + made.job.name + " 12\n");
    }

    void anUnknownJobIsAnAnswer()
    {
        SlurmClient client;
        program("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
        QCOMPARE(ask(client), QString());
        program("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1");
        QVERIFY(ask(client).contains("Unable to contact"));
        program("squeue", "echo '12|PENDING|lodestone-a-0||Resources'; yes");
        QVERIFY(ask(client).contains("mebibyte")); // half a queue says nothing of who is missing in it
    }

    void jobsAreFollowedToTheirEnd()
    {
        program("sbatch", "echo 12");
        QVERIFY(QDir::setCurrent(m_run->path()));
        SlurmClient client;
        const auto made = submit(client);
        QVERIFY2(made.problem.isEmpty(), qPrintable(made.problem));
        const QByteArray name = QByteArray::fromStdString(made.job.name);
        JobMonitor monitor(client);
        monitor.setFirstInterval(100);
        QSignalSpy changed(&monitor, &JobMonitor::changed);
        const auto queue = [&](const QByteArray& line) {
            program("squeue", line.isEmpty() ? "true" : "echo '" + line + "'");
        };
        queue("12|PENDING|" + name + "||Resources");
        monitor.watch(m_paths, made.job);
        QTRY_COMPARE(readJobRecord(m_paths)->reason, std::string("Resources"));
        QTRY_VERIFY(monitor.interval() > 200); // nothing happens: it asks less often
        queue("12|RUNNING|" + name + "|n1|None");
        QTRY_COMPARE(readJobRecord(m_paths)->state, JobState::Running);
        queue({});
        QTRY_COMPARE_WITH_TIMEOUT(readJobRecord(m_paths)->state, JobState::Gone, 20000);
        QTRY_COMPARE(monitor.watched(), std::size_t(0));
        QCOMPARE(changed.size(), 3);
    }

    void slurmThatIsAwayIsAskedLessOften()
    {
        JobRecord job;
        job.id = "12";
        job.name = "lodestone-a-0";
        writeJobRecord(m_paths, job);
        program("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1");
        SlurmClient client;
        JobMonitor monitor(client);
        monitor.setFirstInterval(50);
        QSignalSpy problems(&monitor, &JobMonitor::problem);
        monitor.watch(m_paths, job);
        QTRY_VERIFY(monitor.interval() >= 400);
        QCOMPARE(problems.size(), 1); // the same sentence is told once
        QVERIFY(problems[0][0].toString().contains("squeue failed: Unable to contact"));
        QCOMPARE(monitor.watched(), std::size_t(1)); // nothing is known of the job, so it is not given up
        QCOMPARE(readJobRecord(m_paths)->state, JobState::Pending);
        monitor.askNow();
        QCOMPARE(monitor.interval(), 50);
    }

    void anotherClustersJobIsNotGivenUp()
    {
        JobRecord job;
        job.id = "12";
        job.name = "lodestone-a-0";
        job.host = "login-of-another-cluster";
        writeJobRecord(m_paths, job);
        program("squeue", "echo x >> asked");
        QVERIFY(QDir::setCurrent(m_run->path()));
        SlurmClient client;
        JobMonitor monitor(client);
        monitor.setFirstInterval(50);
        monitor.watch(m_paths, job);
        QTRY_VERIFY(std::filesystem::exists(m_paths.root / "asked") &&
                    readFile(m_paths.root / "asked").size() > 4);
        QCOMPARE(readJobRecord(m_paths)->state, JobState::Pending);
        QCOMPARE(monitor.watched(), std::size_t(1));
    }

    void anotherDesktopsNewJobIsKept()
    {
        JobRecord old;
        old.id = "12";
        old.name = "lodestone-a-0";
        JobRecord fresh = old;
        fresh.id = "13";
        fresh.name = "lodestone-a-1";
        writeJobRecord(m_paths, fresh);
        program("squeue", "echo '12|CANCELLED|lodestone-a-0||None'");
        SlurmClient client;
        JobMonitor monitor(client);
        monitor.setFirstInterval(50);
        monitor.watch(m_paths, old);
        QTRY_COMPARE(monitor.watched(), std::size_t(0));
        QCOMPARE(toJson(*readJobRecord(m_paths)), toJson(fresh));
    }
};

QTEST_GUILESS_MAIN(TestSlurmClient)
#include "tst_slurm_client.moc"
