#include "crash_bench.h"

using namespace lodestone;
using namespace lodestone::test;

namespace {

/// What an export holds: the bytes of a model; of a delta its arrays (HDF5 notes the time when they are
/// made).
std::map<std::string, std::string> numbersOf(const std::filesystem::path& file)
{
    if (file.extension() != ".h5")
        return {{"", readFile(file)}};
    return arraysOf(file);
}

int changesIn(const std::filesystem::path& journal)
{
    const std::vector<JournalEntry> entries = readJournal(journal);
    return int(std::count_if(entries.begin(), entries.end(),
                             [](const JournalEntry& entry) { return entry.change != Change::OpenToRead; }));
}

} // namespace

/// SIGKILL at any moment: the resumed run ends as one that was left alone.
class TestCliKills : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_bench.makeReference()); }
    void anyMoment();
    void severalInARow();
    void anyChange();
    void inTheMiddleOfWrites();
    void whileResuming();
    void whileExporting();
    void cleanupTestCase() { QCOMPARE(m_bench.printTable(), 0); }

private:
    /// How many of one kind: a share of the full matrix, or of the sample.
    static int times(double share, int sample)
    {
        const auto all = CrashBench::crashesAskedFor();
        return all ? int(share * *all) : sample;
    }
    /// Changes of files and names that an undisturbed run makes.
    int changesOfARun();
    /// The run as it stands is started or resumed, and killed at change `number`; false if it ended before.
    bool killAt(int number, bool half);
    /// A fresh run is killed at a random change between these parts of all; false if it never got that far.
    bool killBetween(double from, double to, bool half);

    CrashBench m_bench;
    int m_changes = 0;
};

void TestCliKills::anyMoment()
{
    for (int k = 0; k < times(0.3, 5); ++k) {
        const auto run = m_bench.freshRun();
        CrashBench::killAfter(run, m_bench.uniform(0, m_bench.referenceSeconds()));
        m_bench.count("SIGKILL", "at a random moment", m_bench.finish(run));
    }
}

void TestCliKills::severalInARow()
{
    for (int k = 0; k < times(0.1, 2); ++k) {
        const auto run = m_bench.freshRun();
        for (int kills = 0; kills < 4; ++kills)
            CrashBench::killAfter(run, m_bench.uniform(0.4, 0.9) * m_bench.referenceSeconds());
        m_bench.count("SIGKILL", "four in a row", m_bench.finish(run));
    }
}

int TestCliKills::changesOfARun()
{
    if (m_changes > 0)
        return m_changes;
    const auto run = m_bench.freshRun();
    const auto journal = m_bench.folder() / "journal";
    if (CrashBench::call(CrashBench::arguments(run, false), run.parent_path(),
                         {{"LODESTONE_JOURNAL", journal.string()}})
            .code == 0)
        m_changes = changesIn(journal);
    return m_changes;
}

bool TestCliKills::killAt(int number, bool half)
{
    const auto run = m_bench.run();
    return CrashBench::call(CrashBench::arguments(run, CrashBench::hasCheckpoint(run)), run.parent_path(),
                            {{"LODESTONE_KILL", fmt::format("{}{}", number, half ? " half" : "")}})
               .code == -1;
}

bool TestCliKills::killBetween(double from, double to, bool half)
{
    // A slower run has more events, and so more changes: a faster one may end before the change that was
    // drawn.
    const int changes = changesOfARun();
    for (int draws = 0; draws < 20; ++draws) {
        m_bench.freshRun();
        if (killAt(int(m_bench.uniform(from, to) * changes), half))
            return true;
    }
    return false;
}

void TestCliKills::anyChange()
{
    QVERIFY(changesOfARun() > 100);
    for (int k = 0; k < times(0.25, 5); ++k) {
        QVERIFY(killBetween(0, 1, false));
        m_bench.count("SIGKILL", "before a random change of a file", m_bench.finish(m_bench.run()));
    }
}

void TestCliKills::inTheMiddleOfWrites()
{
    for (int k = 0; k < times(0.15, 4); ++k) {
        QVERIFY(killBetween(0, 1, true));
        m_bench.count("SIGKILL", "after half of a write", m_bench.finish(m_bench.run()));
    }
}

void TestCliKills::whileResuming()
{
    for (int k = 0; k < times(0.2, 4); ++k) {
        QVERIFY(killBetween(0.2, 0.9, false));
        killAt(int(m_bench.uniform(0, 40)), k % 2 == 0); // reading, cutting events, its first checkpoint
        m_bench.count("SIGKILL", "again at a change while resuming", m_bench.finish(m_bench.run()));
    }
}

/// The export is there whole, as it was or as it is to be.
void TestCliKills::whileExporting()
{
    const auto run = m_bench.folder() / "reference" / "run";
    const auto folder = m_bench.folder() / "exported";
    for (const char* name : {"model.nqx", "tuned.delta.h5"}) {
        makeFolder(folder);
        const auto out = folder / name;
        const QStringList arguments = qtArguments({"export", run.string(), "--out", out.string()});
        const auto journal = m_bench.folder() / (std::string("journal of ") + name);
        QCOMPARE(CrashBench::call(arguments, folder, {{"LODESTONE_JOURNAL", journal.string()}}).code, 0);
        const auto arrays = numbersOf(out);
        const std::string old = "an older export";
        const auto changes = changesIn(journal);
        QVERIFY(changes > 3);
        for (int at = 0; at < changes; at += CrashBench::crashesAskedFor() ? 1 : 1 + changes / 5)
            for (const bool half : {false, true}) {
                std::filesystem::remove_all(folder);
                makeFolder(folder);
                writeFileAtomically(out, old);
                const auto kill = fmt::format("{}{}", at, half ? " half" : "");
                const EngineCall call = CrashBench::call(arguments, folder, {{"LODESTONE_KILL", kill}});
                std::string problem;
                if (call.code != -1)
                    problem = fmt::format("the engine was not killed: code {}", call.code);
                else if (readFile(out) != old && numbersOf(out) != arrays)
                    problem = "the file is neither the old nor the new one";
                else if (CrashBench::call(arguments).code != 0 || numbersOf(out) != arrays)
                    problem = "exporting once more does not give the whole file";
                m_bench.count("SIGKILL", fmt::format("at a change of export to {}", name), problem);
            }
        std::filesystem::remove_all(folder);
    }
}

QTEST_GUILESS_MAIN(TestCliKills)
#include "tst_cli_kills.moc"
