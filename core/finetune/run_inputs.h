#pragma once
#include "finetune/base_frames.h"
#include "finetune/run_data.h"
#include "weights/model_numbers.h"

namespace lodestone {

/// What a process of a run loads before it computes: the same in each of them but for the device.
struct RunInputs {
    Computation how;
    LoadedModel model;
    RunData data;
    Quantities quantities;
};

/// Error for what the configuration asks for and model, data or machine do not have. localProcess: which of
/// the processes on this machine; it chooses among several GPUs where the configuration does not name one.
RunInputs loadRunInputs(const RunConfig& config, const Watch& watch, int localProcess = 0);

/// The frames of config.replay, labelled by the base model, with their weight. shift: corrections of the
/// reference energies.
std::vector<Frame> makeReplay(const RunConfig& config, const Evaluator& evaluator, const ParameterTable& base,
                              const std::map<int, double>& shift, RunInputs& inputs);
/// Puts them behind the training frames; `replay` must outlive those.
void mixInReplay(const std::vector<Frame>& replay, RunInputs& inputs);

/// How many of the first layers need to be computed only once a run; 0: none.
int layersToFreeze(const RunInputs& inputs, const std::vector<bool>& selected);
/// Makes room for what they give, if there is enough (RunSplit::frozen).
void keepFrozenLayers(RunInputs& inputs, const ParameterTable& parameters, int layers);
/// Memory for it, a split.
inline constexpr std::size_t frozenStateBytes = std::size_t{2} << 30;

} // namespace lodestone
