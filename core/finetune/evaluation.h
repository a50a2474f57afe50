#pragma once
#include "finetune/batches.h"
#include "finetune/frozen_states.h"
#include "finetune/head_prediction.h"
#include "run/metrics.h"

#include <functional>

namespace lodestone {

/// Numbers for all frames of a split, in order; empty where not asked for.
struct SplitPrediction {
    std::vector<double> energy;              ///< [frames] eV, corrections of the reference energies included
    std::vector<double> forces;              ///< [3 * atoms]
    std::vector<double> stress;              ///< [9 * frames]
    std::vector<double> moments;             ///< [atoms] |m|
    std::vector<double> momentVectors = {};  ///< [3 * atoms], of heads that give them
    std::vector<double> magneticForces = {}; ///< [3 * atoms] -dE/dm
};

/// What computes, and how much of it at once.
struct Evaluator {
    const Model* model = nullptr;
    torch::Device device = torch::kCPU;
    torch::Dtype dtype = torch::kFloat32;
    EdgeBudget* budget = nullptr; ///< of the edges computed at once; must be there
    int maxFrames = 0;
    std::function<void()> poll; ///< called before every batch; may throw Stopped
};

/// parameters and head on the evaluator's device. head null: neither moments nor magnetic forces. frozen: of
/// these graphs, where some layers need not be computed.
SplitPrediction predictSplit(const Evaluator& evaluator, const ParameterTable& parameters,
                             const MagneticHead* head, const FrameGraphs& graphs,
                             const Quantities& quantities, const std::map<int, double>& shift,
                             FrozenStates* frozen = nullptr);

/// The same for some of the frames, in the order given.
SplitPrediction predictFrames(const Evaluator& evaluator, const ParameterTable& parameters,
                              const MagneticHead* head, const FrameGraphs& graphs,
                              const std::vector<std::size_t>& which, const Quantities& quantities,
                              const std::map<int, double>& shift, FrozenStates* frozen = nullptr);
/// Puts the numbers of further frames behind those of `all`.
void append(SplitPrediction& all, const SplitPrediction& more);

/// What a look at the training frames with the unchanged model gives.
struct TrainingSurvey {
    std::vector<double> energy; ///< [frames] eV
    HeadStart head;             ///< statistics of the invariants, mean |m| per element
};
/// What some of the frames contribute to it.
struct SurveySums {
    std::vector<double> energy;  ///< [frames] eV
    std::vector<double> sum;     ///< [n] of the invariants
    std::vector<double> squares; ///< [n]
    double atoms = 0;
};
SurveySums surveyFrames(const Evaluator& evaluator, const ParameterTable& parameters,
                        const FrameGraphs& graphs, const std::vector<std::size_t>& which);
void append(SurveySums& all, const SurveySums& more);
/// Of all frames of `graphs`; elements: of the model.
TrainingSurvey surveyOf(const SurveySums& sums, const FrameGraphs& graphs, const std::vector<int>& elements);

/// Mean |m| of the labelled atoms per element, [elements]; NaN where there is none.
std::vector<double> meanMoments(const FrameGraphs& graphs, const std::vector<int>& elements);
/// The baseline of moments: the mean of its element for every atom (0 where the element has none), [atoms].
std::vector<double> baselineMoments(const FrameGraphs& graphs, const std::vector<int>& elements,
                                    const std::vector<double>& means);

/// The same along the given moments, [3 * atoms].
std::vector<double> baselineVectors(const FrameGraphs& graphs, const std::vector<double>& baseline);

/// What stands for the heads in a prediction of the unchanged model: the elements' mean |m| (`means`, as
/// meanMoments()), for the head "vector" along the given directions; no magnetic forces.
void addBaselines(const FrameGraphs& graphs, const std::vector<int>& elements, const Quantities& quantities,
                  const std::string& head, const std::vector<double>& means, SplitPrediction& prediction);

/// Errors over the labelled entries of the quantities asked for.
Metrics metricsOf(const FrameGraphs& graphs, const SplitPrediction& prediction, const Quantities& quantities);
/// The training loss over a whole split (means over its labelled entries): what "best" is judged by.
double splitLoss(const LossConfig& loss, const TargetWeights& targets, const FrameGraphs& graphs,
                 const SplitPrediction& prediction);

} // namespace lodestone
