#pragma once
#include "engine_process.h"
#include "support/crash/disk_replay.h"
#include "support/crash/run_contents.h"

#include <optional>
#include <random>

namespace lodestone::test {

/// Short runs of the demo that are disturbed, resumed and compared with one that was left alone; and the
/// count of how that went. LODESTONE_CRASHES=N asks for the full matrix with N kills; else a sample with a
/// fixed seed is taken.
class CrashBench {
public:
    CrashBench();
    /// The undisturbed run; false (with a message) if it fails.
    bool makeReference();

    std::filesystem::path folder() const { return m_folder.path().toStdString(); }
    /// Where a disturbed run lies: alone in a folder that is watched. Emptied by each call.
    std::filesystem::path freshRun();
    std::filesystem::path run() const { return folder() / "disturbed" / "run"; }
    const RunContents& reference() const { return m_reference; }
    double referenceSeconds() const { return m_seconds; }
    std::mt19937& random() { return m_random; }
    double uniform(double from, double to) { return std::uniform_real_distribution(from, to)(m_random); }
    /// Of the full matrix, as asked for; nothing in a sample.
    static std::optional<int> crashesAskedFor();

    static QStringList arguments(const std::filesystem::path& run, bool resume);
    /// A process with the watching library in it; `settings`: LODESTONE_... as in write_journal.h, beside
    /// LODESTONE_WATCHED.
    static void prepare(QProcess& process, const std::filesystem::path& watched,
                        const std::map<std::string, std::string>& settings);
    /// One call of the engine with faults below `watched`.
    static EngineCall call(const QStringList& arguments, const std::filesystem::path& watched = {},
                           const std::map<std::string, std::string>& settings = {});
    /// Starts or resumes the run as it stands; SIGKILL after so many seconds. False if it had ended by itself
    /// before.
    static bool killAfter(const std::filesystem::path& run, double seconds);
    static bool hasCheckpoint(const std::filesystem::path& run);

    /// Looks at a crashed run as a desktop does, resumes it (or, before its first checkpoint, starts it anew
    /// as the engine advises) and compares. Empty if all is as in the reference.
    std::string finish(const std::filesystem::path& run);

    /// Adds to the table; `problem` empty: resumed identical. Prints what went wrong at once.
    void count(const std::string& kind, const std::string& injected, const std::string& problem);
    /// The whole table; returns how many runs were not as in the reference.
    int printTable() const;

private:
    struct Row {
        std::string kind, injected;
        int times = 0, lost = 0;
    };
    QTemporaryDir m_folder;
    RunContents m_reference;
    double m_seconds = 0;
    std::mt19937 m_random{20261127};
    std::vector<Row> m_rows;
};

} // namespace lodestone::test
