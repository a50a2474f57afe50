#pragma once
#include "base/progress.h"
#include "engine/predictor.h"

#include <vector>

namespace lodestone {

/// One batch, evaluated as a prediction (energy and forces) or as a training step (also differentiated once
/// more in the chosen parameters, as a loss on forces needs).
struct StepBench {
    const Predictor* predictor = nullptr;
    GraphBatch batch;           ///< on the predictor's device
    std::vector<bool> selected; ///< one a tensor; empty: prediction only
    /// Seconds of one step, everything on the device finished.
    double run() const;
};
StepBench makeStepBench(const Predictor& predictor, const std::vector<const Frame*>& frames,
                        std::vector<bool> selected);

struct TrainingCost {
    double secondsPerEpoch = 0;
    double memory = 0; ///< bytes, expected peak of a run with batches of `maxEdges`
};
/// Measured on a few frames of the data and scaled by the number of edges.
TrainingCost measureTrainingCost(const Predictor& predictor, const std::vector<const Frame*>& frames,
                                 std::size_t edges, std::size_t maxEdges, const Watch& watch);

} // namespace lodestone
