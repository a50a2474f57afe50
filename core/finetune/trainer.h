#pragma once
#include "base/json.h"
#include "run/config.h"
#include "run/run_directory.h"

#include <functional>
#include <stop_token>

namespace lodestone {

class RankLeader;

/// How a run is asked to end: `gentle` (finish the step, write a checkpoint), `now` (end at the next safe
/// point, the last checkpoint stands). Either may be triggered from a signal handler's watcher thread.
struct RunStop {
    std::stop_token gentle;
    std::stop_token now;
};

/// For a progress bar; called at most ten times a second.
struct RunProgress {
    std::int64_t step = 0, steps = 0;
    int epoch = 0, epochs = 0;
    double loss = 0;
    double secondsLeft = 0;
    std::string note; ///< "validation", "reference energies", ...
};

enum class RunOutcome { Finished, Stopped };

/// One fine-tuning run from configuration to result/, in a run directory. Writes run.json, events,
/// checkpoints, delta, metrics and predictions. resume: goes on from checkpoints/last.h5 bit for bit (on
/// CPU); Error if there is none or if model or data files changed since. Bad input throws Error before the
/// first event but "failed". leader: of the other processes that share the run, if there are any.
RunOutcome runFinetune(const RunConfig& config, const RunPaths& paths, bool resume, const RunStop& stop = {},
                       const std::function<void(const RunProgress&)>& progress = {},
                       RankLeader* leader = nullptr);

} // namespace lodestone
