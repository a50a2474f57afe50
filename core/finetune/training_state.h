#pragma once
#include "base/json.h"
#include "finetune/divergence.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <torch/types.h>

namespace lodestone {

/// Where a run stands between two steps.
struct TrainingPosition {
    std::int64_t step = 0;          ///< steps done
    int epoch = 0;                  ///< epochs done
    std::int64_t stepInEpoch = 0;   ///< steps done in the current one
    double seconds = 0;             ///< active time
    std::optional<double> bestLoss; ///< on validation, once one counts
    int bestEpoch = 0;
    std::int64_t bestStep = 0;
    int epochsSinceBest = 0;
    double plateauFactor = 1;               ///< of the learning rate, schedule "plateau"
    std::optional<std::size_t> edgesAtOnce; ///< the EdgeBudget, once memory has run out
    std::uint64_t nextSequence = 0;         ///< events from here on are forgotten on resuming
    std::map<int, double> shift;            ///< reference energy corrections, atomic number -> eV/atom
    LossHistory losses;
    int rollBacks = 0;     ///< so far
    double rateFactor = 1; ///< of the learning rate: halved by each of them
};

/// A position and what the learner needs to go on from there bit for bit.
struct LearnerState {
    TrainingPosition position;
    Json scalars;
    std::map<std::string, torch::Tensor> tensors; ///< "live/...", "optimiser/...", on the CPU when read
};

/// Everything needed to continue a run bit for bit (checkpoints/*.h5).
struct TrainingState {
    Json configuration; ///< resolved
    std::string modelSha256;
    std::map<std::string, std::string> dataSha256; ///< file -> hash
    LearnerState now;
    /// The beginning of the epoch, where `now` lies within one: what a roll-back goes back to.
    std::optional<LearnerState> epochStart;
};

/// One HDF5 file, replaced in one step.
void writeTrainingState(const std::filesystem::path& path, const TrainingState& state);
/// Error if it is no checkpoint or damaged.
TrainingState readTrainingState(const std::filesystem::path& path);

/// Error (naming what differs) unless `now`, the state of a freshly prepared run, may go on from `saved`:
/// same model and data by hash, same configuration but for file names, device and how often checkpoints are
/// written.
void checkResumable(const TrainingState& saved, const TrainingState& now);

} // namespace lodestone
