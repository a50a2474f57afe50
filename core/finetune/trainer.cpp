#include "finetune/trainer.h"
#include "base/files.h"
#include "finetune/edge_budget.h"
#include "finetune/training_run.h"

#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>

namespace lodestone {
namespace {

/// The folder must be free, or hold what is to be resumed.
void checkFolder(const RunPaths& paths, bool resume)
{
    const bool hasCheckpoint = std::filesystem::exists(paths.lastCheckpoint());
    if (resume && !hasCheckpoint)
        fail("{}: there is no checkpoint to resume from (checkpoints/last.h5); start the run without "
             "--resume.",
             paths.root.string());
    if (!resume && hasCheckpoint)
        fail("{}: the folder already holds a run. Resume it, or choose another folder.", paths.root.string());
}

} // namespace

RunOutcome runFinetune(const RunConfig& config, const RunPaths& paths, bool resume, const RunStop& stop,
                       const std::function<void(const RunProgress&)>& progress, RankLeader* leader)
{
    makeFolder(paths.root);
    checkFolder(paths, resume);
    RunLock lock(paths);
    for (const auto& file : {paths.lock(), paths.configuration(), paths.lastCheckpoint(),
                             paths.bestCheckpoint(), paths.delta(), paths.metrics(), paths.predictions()})
        removeTemporaries(file); // of an engine that was killed
    makeFolder(paths.checkpoints());
    makeFolder(paths.result());
    EventWriter events(paths);
    if (!resume)
        events.rewind(0); // what an attempt left behind that failed before its first checkpoint
    RunLog log(events);
    TrainingRun run(config, paths, lock, log, stop, progress, leader);
    const auto failed = [&](const std::string& reason) {
        spdlog::error("{}", reason);
        try {
            log.write("failed", run.endFields(reason));
        } catch (const Error& e) {
            spdlog::error("{}", e.what()); // the disk that made the run fail does not take this either
        }
    };
    try {
        return run.execute(resume);
    } catch (const Stopped&) {
        log.write("stopped", run.endFields("stopped at once by the user; the last checkpoint stands"));
        return RunOutcome::Stopped;
    } catch (const Error& e) {
        failed(e.what());
        throw;
    } catch (const std::exception& e) {
        spdlog::debug("{}", e.what());
        if (saysOutOfMemory(e)) {
            // Not while a batch was made or computed: it would have been divided.
            const std::string sentence = "Memory ran out: use fewer frames, or a machine with more memory.";
            failed(sentence);
            throw Error(sentence);
        }
        if (const auto* const torchError = dynamic_cast<const c10::Error*>(&e)) {
            const std::string sentence = fmt::format("LibTorch: {}", torchError->what_without_backtrace());
            failed(sentence);
            throw InternalError(sentence);
        }
        failed(e.what());
        throw;
    }
}

} // namespace lodestone
