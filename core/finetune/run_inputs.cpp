#include "finetune/run_inputs.h"
#include "finetune/run_log.h"

namespace lodestone {

RunInputs loadRunInputs(const RunConfig& config, const Watch& watch, int localProcess)
{
    RunInputs inputs;
    inputs.how.device = resolveDevice(config.device, localProcess);
    inputs.how.dtype = resolveDtype(config.dtype);
    inputs.how.radialTables = config.radialTables;
    inputs.quantities = quantitiesOf(config.targets);
    if (const auto problem = headProblem(config))
        throw Error(*problem + ".");
    inputs.model = openModel(config.model, {config.head});
    requireComputable(inputs.model.description());
    watch.report(0);
    inputs.data = loadRunData(config, inputs.model.description(), inputs.how.dtype, {watch.stop, {}});
    inputs.how.work.pairs = elementPairs(inputs.data);
    return inputs;
}

std::vector<Frame> makeReplay(const RunConfig& config, const Evaluator& evaluator, const ParameterTable& base,
                              const std::map<int, double>& shift, RunInputs& inputs)
{
    const Quantities& wanted = inputs.quantities;
    std::vector<Frame> replay = replayFrames(
        evaluator, base, {.energy = wanted.energy, .forces = wanted.forces, .stress = wanted.stress},
        *config.replay, std::move(inputs.data.replay));
    for (Frame& frame : replay) {
        frame.weight = config.replay->weight;
        // The corrections are taken off every label; the base model's own energies know nothing of them.
        if (frame.energy)
            *frame.energy += shiftOf(frame.structure, shift);
    }
    return replay;
}

void mixInReplay(const std::vector<Frame>& replay, RunInputs& inputs)
{
    std::vector<const Frame*> frames;
    for (const Frame& frame : replay)
        frames.push_back(&frame);
    RunSplit& training = inputs.data.training;
    training.graphs->append(frames);
    training.replayed = frames.size();
    training.index.resize(training.size(), -1);
}

int layersToFreeze(const RunInputs& inputs, const std::vector<bool>& selected)
{
    return inputs.quantities.forces || inputs.quantities.stress
               ? 0
               : frozenLayers(inputs.model.description(), selected);
}

void keepFrozenLayers(RunInputs& inputs, const ParameterTable& parameters, int layers)
{
    for (RunSplit* split : {&inputs.data.training, &inputs.data.validation})
        split->frozen = FrozenStates::make(
            {inputs.model.model.get(), parameters, inputs.how.device, inputs.how.dtype, layers},
            *split->graphs, frozenStateBytes);
}

} // namespace lodestone
