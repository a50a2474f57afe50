#include "engine/operations.h"

#include "finetune/learner.h"
#include "finetune/run_result.h"
#include "finetune/training_state.h"
#include "run/run_directory.h"
#include "weights/model_numbers.h"

namespace lodestone {
namespace {

/// W - W0 at the averaged point of a checkpoint.
DeltaFile deltaOfCheckpoint(const std::filesystem::path& file)
{
    const TrainingState state = readTrainingState(file);
    const RunConfig config = runConfigFromJson(state.configuration);
    const LoadedModel model = openModel(config.model, {config.head});
    if (model.description().sha256 != state.modelSha256)
        fail("{} is no longer the model that the run started from (its SHA-256 differs).", config.model);
    Learner learner(config, model, selectedTensors(config, model.description()),
                    headFromState(config.magneticHead, state.now.tensors),
                    {torch::kCPU, config.dtype == "float64" ? torch::kFloat64 : torch::kFloat32, false});
    learner.restore(state.now.tensors, state.now.scalars);
    return deltaFileOf(learner, learner.evaluationPoint(), model, state.now.position.shift,
                       {{"configuration", state.configuration}, {"step", state.now.position.step}});
}

} // namespace

DeltaFile deltaOfRun(const std::filesystem::path& run)
{
    const RunPaths paths{run};
    if (!std::filesystem::exists(paths.configuration()))
        fail("{} is no run directory: it has no run.json.", run.string());
    if (std::filesystem::exists(paths.delta()))
        return readDelta(paths.delta());
    if (std::filesystem::exists(paths.lastCheckpoint()))
        return deltaOfCheckpoint(paths.lastCheckpoint());
    fail("The run {} has neither a result nor a checkpoint yet.", run.string());
}

} // namespace lodestone
