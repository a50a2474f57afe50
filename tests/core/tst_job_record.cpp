#include "base/files.h"
#include "run/job_record.h"
#include "run/run_directory.h"
#include "support/sentence.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

namespace {

JobRecord waiting()
{
    JobRecord job;
    job.id = "12";
    job.name = "lodestone-run-1-ab12";
    job.host = "login1";
    job.submitted = 1000;
    job.observed = 1000;
    job.reason = "Resources";
    return job;
}

} // namespace

class TestJobRecord : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    RunPaths m_paths;

    std::string state(const std::string& events, bool alive, double lastEvent, JobState job,
                      double now = 2000)
    {
        JobRecord record = waiting();
        record.state = job;
        return stateWithJob(events, alive, lastEvent, record, now);
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_paths.root = std::filesystem::path(m_folder->path().toStdString()) / "run-1";
        makeFolder(m_paths.root);
    }

    void recordsAreKept()
    {
        QVERIFY(!readJobRecord(m_paths));
        for (const JobState each :
             {JobState::Pending, JobState::Running, JobState::Finished, JobState::Failed, JobState::Cancelled,
              JobState::TimedOut, JobState::NodeFailed, JobState::OutOfMemory, JobState::Gone}) {
            JobRecord job = waiting();
            job.state = each;
            job.cluster = "alpha";
            writeJobRecord(m_paths, job);
            QCOMPARE(toJson(*readJobRecord(m_paths)), toJson(job));
        }
    }

    void strangersRecordsAreRefused_data()
    {
        QTest::addColumn<QString>("change");
        const auto row = [](const char* name, const char* json) { QTest::newRow(name) << QString(json); };
        row("newer", "{\"schema\": 2}");
        row("another scheduler", "{\"scheduler\": \"rm\"}");
        row("an option for a number", "{\"id\": \"--user=root\"}");
        row("no number", "{\"id\": \"\"}");
        row("a number that is none", "{\"id\": 12}");
        row("two numbers", "{\"id\": \"12,13\"}");
        row("an option for a name", "{\"name\": \"-x\"}");
        row("no name", "{\"name\": \"\"}");
        row("a name for a shell", "{\"name\": \"$(x)\"}");
        row("a name of two lines", "{\"name\": \"a\\nb\"}");
        row("a strange cluster", "{\"cluster\": \"all,x\"}");
        row("a reason for a terminal", "{\"reason\": \"\\u001b[2J\"}");
        row("no time", "{\"observed\": null}");
        row("an unknown state", "{\"state\": \"dreaming\"}");
    }

    void strangersRecordsAreRefused()
    {
        QFETCH(QString, change);
        Json json = toJson(waiting());
        json.update(Json::parse(change.toStdString()));
        writeFileAtomically(m_paths.job(), jsonText(json));
        const QString text = sentence([&] { readJobRecord(m_paths); });
        QVERIFY(text.contains("job.json"));
        QVERIFY(!summariseRun(m_paths.root).job); // and the list of runs goes on without it
    }

    void brokenFilesAreRefused()
    {
        for (const std::string& text :
             {std::string(), std::string("{"), std::string("[]"), std::string(100 << 10, ' ')}) {
            writeFileAtomically(m_paths.job(), text);
            QVERIFY(!sentence([&] { readJobRecord(m_paths); }).isEmpty());
            QCOMPARE(summariseRun(m_paths.root).state, std::string("empty"));
        }
    }

    void aRunWithoutEventsIsWhatItsJobIs()
    {
        const std::string none = "empty";
        QCOMPARE(state(none, false, 0, JobState::Pending), std::string("queued"));
        QCOMPARE(state(none, false, 0, JobState::Running), std::string("starting"));
        QCOMPARE(state(none, true, 0, JobState::Running), std::string("running"));
        QCOMPARE(state(none, true, 0, JobState::Pending),
                 std::string("running")); // the lock is newer than what Slurm said
        for (const JobState bad :
             {JobState::Failed, JobState::TimedOut, JobState::NodeFailed, JobState::OutOfMemory})
            QCOMPARE(state(none, false, 0, bad), std::string("failed"));
        QCOMPARE(state(none, false, 0, JobState::Cancelled), std::string("stopped"));
        QCOMPARE(state(none, false, 0, JobState::Gone), std::string("interrupted"));
        QCOMPARE(stateWithJob(none, false, 0, std::nullopt, 2000), none);
    }

    void eventsAfterTheSubmissionTell()
    {
        const double after = 1500;
        for (const char* ended : {"finished", "stopped", "failed"})
            for (const JobState job :
                 {JobState::Pending, JobState::Running, JobState::Finished, JobState::Gone})
                QCOMPARE(state(ended, false, after, job), std::string(ended));
        // The lock of another machine shows late; a job that was seen running not long ago vouches for its
        // engine.
        QCOMPARE(state("running", false, after, JobState::Running, after + 60), std::string("running"));
        QCOMPARE(state("paused", false, after, JobState::Running, after + 60), std::string("paused"));
        QCOMPARE(state("running", false, after, JobState::Running, after + 3600), std::string("interrupted"));
        QCOMPARE(state("running", false, after, JobState::NodeFailed, after + 60),
                 std::string("interrupted"));
        QCOMPARE(stateWithJob("running", false, after, std::nullopt, after + 1), std::string("interrupted"));
    }

    void aRunThatIsToGoOnWaits()
    {
        const double before = 500; // what the events told is older than the job
        for (const char* past : {"stopped", "finished", "running", "paused", "failed"}) {
            QCOMPARE(state(past, false, before, JobState::Pending), std::string("queued"));
            QCOMPARE(state(past, false, before, JobState::Running), std::string("starting"));
        }
        QCOMPARE(state("stopped", false, before, JobState::Cancelled), std::string("stopped"));
        QCOMPARE(state("stopped", false, before, JobState::Failed), std::string("stopped"));
        QCOMPARE(state("running", false, before, JobState::Failed), std::string("interrupted"));
        QCOMPARE(state("newer", false, before, JobState::Pending), std::string("newer"));
    }

    void aFolderWithOnlyAJobIsListed()
    {
        const std::filesystem::path runs = m_paths.root.parent_path();
        QVERIFY(findRuns(runs).empty());
        writeJobRecord(m_paths, waiting());
        const auto found = findRuns(runs);
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(found[0].state, std::string("queued"));
        QCOMPARE(found[0].started, 1000.0); // so that it stands where it belongs in the list
        QCOMPARE(found[0].job->reason, std::string("Resources"));
        EventWriter(m_paths).write("started", {{"step", 0}});
        EventWriter(m_paths).write("finished", {{"step", 3}});
        QCOMPARE(summariseRun(m_paths.root).state, std::string("finished"));
    }
};

QTEST_GUILESS_MAIN(TestJobRecord)
#include "tst_job_record.moc"
