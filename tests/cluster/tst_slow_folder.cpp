#include "base/files.h"
#include "engine/run_watcher.h"

#include <QtCore/QDateTime>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::gui;

// A run directory of a shared file system: the folder, the record of its job, the events and the lock come to
// be seen at different times, in any order.

namespace {

double now()
{
    return double(QDateTime::currentMSecsSinceEpoch()) / 1000;
}

JobRecord record(JobState state)
{
    JobRecord job;
    job.id = "12";
    job.name = "lodestone-slow-0";
    job.submitted = job.observed = now() - 1;
    job.state = state;
    return job;
}

} // namespace

class TestSlowFolder : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    RunPaths m_paths;
    std::unique_ptr<RunWatcher> m_watcher;
    QStringList m_states, m_problems;

    std::string state() const { return m_watcher->history().state; }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_paths.root = std::filesystem::path(m_folder->path().toStdString()) / "not-there-yet";
        m_states.clear();
        m_problems.clear();
        m_watcher = std::make_unique<RunWatcher>(m_paths);
        connect(m_watcher.get(), &RunWatcher::stateChanged, this,
                [this](const QString& state) { m_states << state; });
        connect(m_watcher.get(), &RunWatcher::problem, this,
                [this](const QString& sentence) { m_problems << sentence; });
    }

    void everythingComesLate()
    {
        QTest::qWait(500);
        QCOMPARE(state(), std::string("empty"));
        makeFolder(m_paths.root);
        QTest::qWait(500);
        QCOMPARE(state(), std::string("empty"));

        writeJobRecord(m_paths, record(JobState::Pending));
        QTRY_COMPARE(state(), std::string("queued"));
        QVERIFY(m_watcher->waiting() && !m_watcher->active());
        writeJobRecord(m_paths, record(JobState::Running));
        QTRY_COMPARE(state(), std::string("starting"));
        QTest::qWait(500);
        QCOMPARE(state(), std::string("starting"));

        {
            EventWriter events(m_paths);
            events.write("started", {{"step", 0}, {"steps", 2}});
            events.write("step", {{"step", 1}});
        }
        QTRY_COMPARE(m_watcher->history().steps.size(), std::size_t(1));
        QCOMPARE(state(), std::string("running"));
        QTest::qWait(1500); // the lock is not to be seen all that time
        QCOMPARE(state(), std::string("running"));
        EventWriter(m_paths).write("finished", {{"step", 2}, {"reason", "all epochs done"}});
        QTRY_COMPARE(state(), std::string("finished"));
        writeJobRecord(m_paths, record(JobState::Finished));
        QTRY_COMPARE(m_watcher->history().job->state, JobState::Finished);
        QCOMPARE(state(), std::string("finished"));
        QCOMPARE(m_states, (QStringList{"queued", "starting", "running", "finished"}));
        QCOMPARE(m_problems, QStringList());
    }

    void eventsComeBeforeTheJobsRecord()
    {
        makeFolder(m_paths.root);
        {
            const RunLock lock(m_paths);
            EventWriter events(m_paths);
            events.write("started", {{"step", 0}, {"steps", 2}});
            QTRY_COMPARE(state(), std::string("running"));
            writeJobRecord(m_paths, record(JobState::Pending)); // what Slurm said before
            QTRY_VERIFY(m_watcher->history().job);
            QCOMPARE(state(), std::string("running"));
        }
        // The engine is gone without a word, and so is its job.
        writeJobRecord(m_paths, record(JobState::NodeFailed));
        QTRY_COMPARE(state(), std::string("interrupted"));
        QCOMPARE(m_problems, QStringList());
    }

    void aLineThatIsHalfThere()
    {
        makeFolder(m_paths.root);
        writeJobRecord(m_paths, record(JobState::Running));
        EventWriter(m_paths).write("started", {{"step", 0}, {"steps", 2}});
        QTRY_COMPARE(state(), std::string("running"));
        EventWriter(m_paths).write("finished", {{"step", 2}});
        const std::string whole = readFile(m_paths.events());
        const auto shown = [this](const std::string& text) { // as a cache of the file system would show it
            QFile file(QString::fromStdString(m_paths.events().string()));
            QVERIFY(file.open(QIODevice::WriteOnly) &&
                    file.write(text.data(), qint64(text.size())) == qint64(text.size()));
        };
        shown(whole.substr(0, whole.size() - 10));
        QTest::qWait(500);
        shown(whole);
        QTRY_COMPARE(state(), std::string("finished"));
        QCOMPARE(m_problems, QStringList());
    }

    void aBrokenRecordCostsOnlyWhatItSays()
    {
        makeFolder(m_paths.root);
        writeFileAtomically(m_paths.job(), "{\"schema\": 1, \"id\": \"-x\"}");
        EventWriter(m_paths).write("started", {{"step", 0}, {"steps", 2}});
        EventWriter(m_paths).write("finished", {{"step", 2}});
        QTRY_COMPARE(state(), std::string("finished"));
        QTRY_COMPARE(m_problems.size(), 1);
        QVERIFY(m_problems[0].contains("job.json"));
    }
};

QTEST_GUILESS_MAIN(TestSlowFolder)
#include "tst_slow_folder.moc"
