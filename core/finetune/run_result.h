#pragma once
#include "finetune/evaluation.h"
#include "finetune/learner.h"
#include "finetune/run_data.h"
#include "weights/delta_file.h"

namespace lodestone {

/// The portable delta of a point: W - W0 entry by entry, the head in full, the corrections of the reference
/// energies.
DeltaFile deltaFileOf(const Learner& learner, const LearnerPoint& point, const LoadedModel& model,
                      const std::map<int, double>& shift, Json provenance);

/// What result/predictions.h5 holds of one split (docs/events-and-protocol.md).
struct SplitComparison {
    const RunSplit* split = nullptr;
    SplitPrediction base; ///< moments: the means of the elements
    SplitPrediction tuned;
};
void writePredictions(const std::filesystem::path& path, const std::vector<SplitComparison>& splits);

/// A copy of a split with at most `limit` frames of its files, evenly thinned.
RunSplit thinned(const RunSplit& split, std::size_t limit, const ModelDescription& model, torch::Dtype dtype);

} // namespace lodestone
