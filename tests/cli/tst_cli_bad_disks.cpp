#include "crash_bench.h"

#include "run/run_directory.h"

#include <cerrno>
#include <cstring>
#include <sys/mount.h>

using namespace lodestone;
using namespace lodestone::test;

namespace {

/// What is wrong with how the engine ended: it must name a file of the run, or the folder that the run lies
/// in, and the system's reason, in one sentence.
std::string wrongEnd(const EngineCall& call, const std::filesystem::path& run, int error)
{
    const std::size_t line = call.error.rfind("lodestone-engine: ");
    const std::string sentence = line == std::string::npos ? "" : call.error.substr(line);
    // Before there is a run's folder, the one that it is made in is named.
    const bool named = sentence.find(run.string()) != std::string::npos ||
                       sentence.find(run.parent_path().string() + ": ") != std::string::npos;
    const bool told = sentence.find(std::strerror(error)) != std::string::npos;
    if (call.code == 1 && named && told)
        return {};
    return fmt::format("The engine ended with {} and \"{}\". ", call.code,
                       line == std::string::npos ? call.error : sentence);
}

/// Of the class "space" in write_journal.h.
bool takesRoom(const JournalEntry& entry)
{
    return entry.change == Change::Open || entry.change == Change::Write ||
           entry.change == Change::MakeFolder;
}

/// A small file system in memory; not there where this process may not mount one.
class SmallDisk {
public:
    SmallDisk(std::filesystem::path folder, int kibibytes) : m_folder(std::move(folder))
    {
        makeFolder(m_folder);
        m_isThere =
            ::mount("none", m_folder.c_str(), "tmpfs", 0, fmt::format("size={}k", kibibytes).c_str()) == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk()
    {
        if (m_isThere)
            ::umount2(m_folder.c_str(), MNT_DETACH);
    }
    bool isThere() const { return m_isThere; }
    bool change(unsigned long flags, int kibibytes)
    {
        return ::mount("none", m_folder.c_str(), "tmpfs", MS_REMOUNT | flags,
                       fmt::format("size={}k", kibibytes).c_str()) == 0;
    }

private:
    std::filesystem::path m_folder;
    bool m_isThere = false;
};

} // namespace

/// Full, broken, read-only and lost disks, and clocks that jump: the engine says what is the matter and loses
/// nothing.
class TestCliBadDisks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void faults_data();
    void faults();
    void lastWriteOfACheckpoint();
    void smallDisk_data();
    void smallDisk();
    void readOnlyDisk();
    void folderThatIsMovedAway();
    void clockThatJumps();
    void cleanupTestCase() { QCOMPARE(m_bench.printTable(), 0); }

private:
    CrashBench m_bench;
    std::vector<JournalEntry> m_journal; ///< of an undisturbed run
};

void TestCliBadDisks::initTestCase()
{
    QVERIFY(m_bench.makeReference());
    const auto run = m_bench.freshRun();
    const auto journal = m_bench.folder() / "journal";
    QCOMPARE(CrashBench::call(CrashBench::arguments(run, false), run.parent_path(),
                              {{"LODESTONE_JOURNAL", journal.string()}})
                 .code,
             0);
    m_journal = readJournal(journal);
}

void TestCliBadDisks::faults_data()
{
    QTest::addColumn<QString>("kind"); // of changes, as in write_journal.h
    QTest::addColumn<int>("error");
    QTest::addColumn<int>("count"); // of changes that fail; 0: all from there on
    QTest::addColumn<int>("sample");
    QTest::newRow("full disk") << "space" << ENOSPC << 0 << 4;
    QTest::newRow("one write fails") << "space" << ENOSPC << 1 << 3;
    QTest::newRow("quota used up") << "space" << EDQUOT << 0 << 2;
    QTest::newRow("fsync fails once") << "sync" << EIO << 1 << 3;
    QTest::newRow("fsync fails from then on") << "sync" << EIO << 0 << 1;
    QTest::newRow("disk turns read-only") << "change" << EROFS << 0 << 2;
    QTest::newRow("network folder is stale") << "any" << ESTALE << 0 << 3;
    QTest::newRow("network folder is broken") << "any" << EIO << 0 << 2;
}

void TestCliBadDisks::faults()
{
    QFETCH(QString, kind);
    QFETCH(int, error);
    QFETCH(int, count);
    QFETCH(int, sample);
    const auto asked = CrashBench::crashesAskedFor();
    const int times = asked ? *asked / 10 : sample;
    const auto changes =
        int(std::count_if(m_journal.begin(), m_journal.end(), [&](const JournalEntry& entry) {
            const bool takesRoom = entry.change == Change::Open || entry.change == Change::Write ||
                                   entry.change == Change::MakeFolder;
            return kind == "space"    ? takesRoom
                   : kind == "sync"   ? entry.change == Change::Sync
                   : kind == "change" ? entry.change != Change::OpenToRead
                                      : true;
        }));
    for (int k = 0; k < times; ++k) {
        int at = int((k + m_bench.uniform(0, 1)) / times * changes);
        std::filesystem::path run;
        EngineCall call;
        // Events of steps are at most ten a second, so that a quicker run than the reference writes less
        // often, and may never come to one of its last changes.
        for (bool happened = false; !happened; at -= happened ? 0 : 5) {
            QVERIFY(at >= 0);
            run = m_bench.freshRun();
            const std::filesystem::path note = run.parent_path().string() + ".fault";
            std::filesystem::remove(note);
            call = CrashBench::call(
                CrashBench::arguments(run, false), run.parent_path(),
                {{"LODESTONE_FAULT", fmt::format("{} {} {} {}", kind.toStdString(), at, count, error)},
                 {"LODESTONE_FAULT_NOTE", note.string()}});
            happened = std::filesystem::exists(note);
        }
        // Nothing hangs on whether the lock, the last of all, can be removed.
        const bool unharmed = call.code == 0 && kind != "space" && kind != "sync";
        std::string problem = unharmed ? "" : wrongEnd(call, run, error);
        problem += m_bench.finish(run);
        m_bench.count(QTest::currentDataTag(), std::strerror(error),
                      problem.empty() ? "" : fmt::format("change {} of {}: {}", at, changes, problem));
    }
}

/// What HDF5 writes while it closes a file.
void TestCliBadDisks::lastWriteOfACheckpoint()
{
    int changes = 0, last = -1;
    for (const JournalEntry& entry : m_journal) {
        const bool ofCheckpoint = entry.path.find("last.h5") != std::string::npos;
        if (ofCheckpoint && entry.change == Change::Sync)
            break;
        if (takesRoom(entry)) {
            last = ofCheckpoint && entry.change == Change::Write ? changes : last;
            ++changes;
        }
    }
    QVERIFY(last > 0);
    const auto run = m_bench.freshRun();
    const EngineCall call =
        CrashBench::call(CrashBench::arguments(run, false), run.parent_path(),
                         {{"LODESTONE_FAULT", fmt::format("space {} 1 {}", last, ENOSPC)}});
    const std::string problem = wrongEnd(call, run, ENOSPC);
    m_bench.count("last write of a file fails", std::strerror(ENOSPC), problem + m_bench.finish(run));
}

void TestCliBadDisks::smallDisk_data()
{
    QTest::addColumn<int>("kibibytes");
    for (const int kibibytes : {8, 300, 700, 860})
        QTest::addRow("%d KiB", kibibytes) << kibibytes;
}

void TestCliBadDisks::smallDisk()
{
    QFETCH(int, kibibytes);
    const auto run = m_bench.freshRun();
    SmallDisk disk(run.parent_path(), kibibytes);
    if (!disk.isThere())
        QSKIP("this process may not mount file systems (CAP_SYS_ADMIN)");
    const EngineCall call = CrashBench::call(CrashBench::arguments(run, false));
    std::string problem = wrongEnd(call, run, ENOSPC);
    QVERIFY(disk.change(0, 65536));
    problem += m_bench.finish(run);
    m_bench.count("tmpfs", fmt::format("full at {} KiB, then enlarged", kibibytes), problem);
}

void TestCliBadDisks::readOnlyDisk()
{
    const auto run = m_bench.freshRun();
    SmallDisk disk(run.parent_path(), 65536);
    if (!disk.isThere() || !disk.change(MS_RDONLY, 65536))
        QSKIP("this process may not mount file systems (CAP_SYS_ADMIN)");
    std::string problem = wrongEnd(CrashBench::call(CrashBench::arguments(run, false)), run, EROFS);
    QVERIFY(disk.change(0, 65536));
    CrashBench::killAfter(run, 0.9 * m_bench.referenceSeconds());
    QVERIFY(disk.change(MS_RDONLY, 65536));
    problem +=
        wrongEnd(CrashBench::call(CrashBench::arguments(run, CrashBench::hasCheckpoint(run))), run, EROFS);
    problem += wrongView(run);
    QVERIFY(disk.change(0, 65536));
    problem += m_bench.finish(run);
    m_bench.count("tmpfs", "read-only, before and after a kill", problem);
}

void TestCliBadDisks::folderThatIsMovedAway()
{
    const int times = CrashBench::crashesAskedFor().value_or(20) / 10;
    for (int k = 0; k < times; ++k) {
        const auto run = m_bench.freshRun();
        const auto away = run.parent_path() / "away";
        QProcess process;
        CrashBench::prepare(process, {}, {});
        process.start(enginePath(), CrashBench::arguments(run, false));
        QVERIFY(process.waitForStarted());
        const auto wanted = std::int64_t(m_bench.uniform(0, 9));
        for (bool begun = false; !begun && process.state() == QProcess::Running;) {
            for (const Json& event : EventReader(RunPaths{run}.events()).poll().events)
                begun = begun || (event["kind"] == "checkpoint" && event["step"] >= wanted);
            process.waitForFinished(5);
        }
        QCOMPARE(process.state(), QProcess::Running);
        std::filesystem::rename(run, away);
        QVERIFY(process.waitForFinished(60000));
        const EngineCall call{process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                              {},
                              process.readAllStandardError().toStdString()};
        std::string problem = wrongEnd(call, run, ENOENT);
        if (std::filesystem::exists(run))
            problem += "The engine made the folder anew. ";
        else
            std::filesystem::rename(away, run);
        problem += m_bench.finish(run);
        m_bench.count("folder", "moved away and put back", problem);
    }
}

/// Order, losses and intervals do not hang on the wall clock; what is left to guess is how long the run will
/// take.
void TestCliBadDisks::clockThatJumps()
{
    const std::vector<std::string> jumps =
        CrashBench::crashesAskedFor()
            ? std::vector<std::string>{"259200 50", "259200 150", "1e9 20", "-3600 100"}
            : std::vector<std::string>{"259200 50"};
    for (const std::string& clock : jumps) {
        const auto run = m_bench.freshRun();
        const EngineCall call = CrashBench::call(CrashBench::arguments(run, false), run.parent_path(),
                                                 {{"LODESTONE_CLOCK", clock}});
        std::string problem = call.code == 0 ? "" : call.error;
        double first = 0, last = 0, seconds = 0, left = 0;
        for (const Json& event : EventReader(RunPaths{run}.events()).poll(64 << 20).events) {
            const double now = event["time"].get<double>();
            first = first == 0 ? now : std::min(first, now);
            last = std::max(last, now);
            if (event["kind"] == "step") {
                if (event["seconds"].get<double>() < seconds)
                    problem += "The active time goes back. ";
                seconds = event["seconds"].get<double>();
                left = std::max(left, event["eta"].get<double>());
            }
        }
        QVERIFY2(last - first > 1000, "the clock did not jump");
        if (seconds > 100 || left > 1000)
            problem +=
                fmt::format("After {} s of the steady clock {} s are said to be left. ", seconds, left);
        problem += m_bench.finish(run);
        m_bench.count("clock",
                      fmt::format("jumps of {} s, every {} ms", clock.substr(0, clock.find(' ')),
                                  clock.substr(clock.find(' ') + 1)),
                      problem);
    }
}

QTEST_GUILESS_MAIN(TestCliBadDisks)
#include "tst_cli_bad_disks.moc"
