#include "crash_bench.h"

#include "run/run_directory.h"

#include <QtCore/QElapsedTimer>
#include <cstdio>

namespace lodestone::test {

namespace fs = std::filesystem;

CrashBench::CrashBench() = default;

std::optional<int> CrashBench::crashesAskedFor()
{
    bool isNumber = false;
    const int crashes = qEnvironmentVariableIntValue("LODESTONE_CRASHES", &isNumber);
    return isNumber ? std::optional(crashes) : std::nullopt;
}

QStringList CrashBench::arguments(const fs::path& run, bool resume)
{
    std::vector<std::string> list = {"finetune", demoFile("demo.json"), "--run", run.string(), "--threads",
                                     "1",        "--no-audit"};
    if (resume)
        list.push_back("--resume");
    // Three steps an epoch, a checkpoint after each; the target is reached, and the first best kept, in the
    // middle.
    for (const char* text : {"epochs=4", "data.max_train=12", "data.max_validation=4", "data.max_test=4",
                             "forgetting_frames=0", "checkpoint_every=0.001 s"})
        list.insert(list.end(), {"--set", text});
    return qtArguments(list);
}

void CrashBench::prepare(QProcess& process, const fs::path& watched,
                         const std::map<std::string, std::string>& settings)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("OMP_WAIT_POLICY", "passive");
    if (!settings.empty()) {
        environment.insert("LD_PRELOAD", LODESTONE_WRITE_FAULTS);
        environment.insert("LODESTONE_WATCHED", QString::fromStdString(watched.string()));
    }
    for (const auto& [name, value] : settings)
        environment.insert(QString::fromStdString(name), QString::fromStdString(value));
    process.setProcessEnvironment(environment);
}

EngineCall CrashBench::call(const QStringList& arguments, const fs::path& watched,
                            const std::map<std::string, std::string>& settings)
{
    QProcess process;
    prepare(process, watched, settings);
    return callEngine(process, arguments, 120000);
}

bool CrashBench::hasCheckpoint(const fs::path& run)
{
    return fs::exists(RunPaths{run}.lastCheckpoint());
}

bool CrashBench::killAfter(const fs::path& run, double seconds)
{
    QProcess process;
    prepare(process, {}, {});
    QElapsedTimer clock;
    clock.start();
    process.start(enginePath(), arguments(run, hasCheckpoint(run)));
    process.waitForStarted();
    if (process.waitForFinished(std::max(0, int(1e3 * seconds - double(clock.elapsed())))))
        return false;
    process.kill();
    process.waitForFinished();
    return process.exitStatus() == QProcess::CrashExit;
}

bool CrashBench::makeReference()
{
    if (!m_folder.isValid())
        return false;
    const fs::path run = folder() / "reference" / "run";
    QElapsedTimer clock;
    clock.start();
    const EngineCall made = call(arguments(run, false));
    m_seconds = 1e-3 * double(clock.elapsed());
    if (made.code != 0) {
        qWarning("%s", made.error.c_str());
        return false;
    }
    m_reference = contentsOf(run);
    return m_reference.faults.empty() && !m_reference.epochEnds.empty();
}

fs::path CrashBench::freshRun()
{
    fs::remove_all(run().parent_path());
    makeFolder(run().parent_path());
    return run();
}

std::string CrashBench::finish(const fs::path& run)
{
    std::string text = wrongView(run);
    const bool anew = !hasCheckpoint(run);
    EngineCall again = call(arguments(run, true));
    if (anew) {
        if (again.code != 1 || again.error.find("start the run without --resume") == std::string::npos)
            text += fmt::format("Without a checkpoint --resume gives {}: {} ", again.code, again.error);
        again = call(arguments(run, false));
    }
    if (again.code != 0)
        return text +
               fmt::format("{} gives {}: {} ", anew ? "Starting anew" : "Resuming", again.code, again.error);
    try {
        return text + differences(m_reference, contentsOf(run));
    } catch (const std::exception& e) {
        return text + e.what();
    }
}

void CrashBench::count(const std::string& kind, const std::string& injected, const std::string& problem)
{
    auto row = std::find_if(m_rows.begin(), m_rows.end(),
                            [&](const Row& r) { return r.kind == kind && r.injected == injected; });
    if (row == m_rows.end())
        row = m_rows.insert(m_rows.end(), Row{kind, injected});
    ++row->times;
    if (problem.empty())
        return;
    ++row->lost;
    qWarning("%s, %s: %s", kind.c_str(), injected.c_str(), problem.c_str());
}

int CrashBench::printTable() const
{
    std::string text = fmt::format("\n{:<22} {:<44} {:>7} {:>17} {:>5}\n", "kind", "injected", "times",
                                   "resumed identical", "lost");
    int lost = 0;
    for (const Row& row : m_rows) {
        text += fmt::format("{:<22} {:<44} {:>7} {:>17} {:>5}\n", row.kind, row.injected, row.times,
                            row.times - row.lost, row.lost);
        lost += row.lost;
    }
    std::fputs((text + "\n").c_str(), stdout);
    std::fflush(stdout);
    return lost;
}

} // namespace lodestone::test
