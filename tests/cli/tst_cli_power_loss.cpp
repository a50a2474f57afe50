#include "crash_bench.h"

using namespace lodestone;
using namespace lodestone::test;

/// The power goes at any moment: whatever of a run the disk then holds, it ends as one that was left alone.
class TestCliPowerLoss : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void journalIsComplete();
    void leftoversAreNeverRead();
    void atAnyChange();
    void cleanupTestCase() { QCOMPARE(m_bench.printTable(), 0); }

private:
    CrashBench m_bench;
    std::string m_watched;
    std::vector<JournalEntry> m_journal;
};

/// What tells two states of the disk apart for the engine: everything but the contents of temporary files,
/// which it never opens (leftoversAreNeverRead).
static std::string keyOf(const DiskState& state)
{
    std::string key;
    for (const auto& [name, content] : state) {
        const bool temporary = name.ends_with(".tmp");
        key += name + (content ? ":" : "/") + (content && !temporary ? *content : "") + "\n";
    }
    return sha256(key);
}

void TestCliPowerLoss::initTestCase()
{
    QVERIFY(m_bench.makeReference());
    const auto run = m_bench.freshRun();
    m_watched = run.parent_path().string();
    const auto journal = m_bench.folder() / "journal";
    QCOMPARE(CrashBench::call(CrashBench::arguments(run, false), m_watched,
                              {{"LODESTONE_JOURNAL", journal.string()}})
                 .code,
             0);
    m_journal = readJournal(journal);
}

/// Played back to its end the journal gives what lies in the folder: nothing that the engine did escaped it.
void TestCliPowerLoss::journalIsComplete()
{
    Disk disk(m_watched);
    for (const JournalEntry& entry : m_journal)
        disk.apply(entry);
    std::set<std::string> names;
    for (const auto& [name, content] : disk.after(Loss::None, nullptr, m_bench.random())) {
        names.insert(name);
        if (content && !name.ends_with("engine.log")) // which is written by stdio, and never read
            QVERIFY2(readFile(name) == *content, name.c_str());
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(m_watched))
        QVERIFY2(names.contains(entry.path().string()), entry.path().c_str());
}

/// What a killed writer left behind is not opened, only removed: so its contents make no difference below.
void TestCliPowerLoss::leftoversAreNeverRead()
{
    const auto run = m_bench.freshRun();
    CrashBench::killAfter(run, 0.9 * m_bench.referenceSeconds());
    makeFolder(run / "checkpoints");
    makeFolder(run / "result");
    std::set<std::string> leftovers;
    for (const char* name : {"lock", "run.json", "checkpoints/last.h5", "checkpoints/best.h5",
                             "result/delta.h5", "result/metrics.json", "result/predictions.h5"}) {
        leftovers.insert((run / fmt::format("{}.1-0123abcd.tmp", name)).string());
        writeFileAtomically(run / fmt::format("{}.1-0123abcd.tmp", name), "half of a fi");
    }
    const auto journal = m_bench.folder() / "journal of a resumed run";
    QCOMPARE(CrashBench::call(CrashBench::arguments(run, CrashBench::hasCheckpoint(run)), m_watched,
                              {{"LODESTONE_JOURNAL", journal.string()}})
                 .code,
             0);
    std::size_t removed = 0;
    for (const JournalEntry& entry : readJournal(journal))
        if (leftovers.contains(entry.path)) {
            QVERIFY2(entry.change == Change::Unlink, entry.path.c_str());
            ++removed;
        }
    QCOMPARE(removed, leftovers.size());
}

void TestCliPowerLoss::atAnyChange()
{
    // The sample: some moments anywhere, more around what makes states of the disk differ.
    std::set<std::size_t> moments;
    for (std::size_t at = 0; at <= m_journal.size(); ++at)
        if (const double chance =
                at == m_journal.size() || CrashBench::crashesAskedFor()                          ? 1
                : m_journal[at].change == Change::Sync || m_journal[at].change == Change::Rename ? 0.1
                                                                                                 : 0.04;
            m_bench.uniform(0, 1) < chance)
            moments.insert(at);
    std::map<std::string, std::string> problems; // of each state that was met; many changes lead to the same
    Disk disk(m_watched);
    for (std::size_t at = 0; at <= m_journal.size(); ++at) {
        const JournalEntry* const coming = at < m_journal.size() ? &m_journal[at] : nullptr;
        if (moments.contains(at)) {
            for (const Loss loss : losses) {
                const DiskState state = disk.after(loss, coming, m_bench.random());
                const auto [known, isNew] = problems.try_emplace(keyOf(state));
                if (isNew) {
                    const auto run = m_bench.freshRun();
                    writeState(state, m_watched, run.parent_path());
                    known->second = m_bench.finish(run);
                }
                m_bench.count("power loss", nameOf(loss),
                              known->second.empty() ? "" : fmt::format("change {}: {}", at, known->second));
            }
        }
        if (coming)
            disk.apply(*coming);
    }
    fmt::print("{} changes in the journal, {} moments; {} different states of the disk were resumed.\n",
               m_journal.size(), moments.size(), problems.size());
}

QTEST_GUILESS_MAIN(TestCliPowerLoss)
#include "tst_cli_power_loss.moc"
