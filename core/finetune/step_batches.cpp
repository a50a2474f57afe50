#include "finetune/step_batches.h"

namespace lodestone {

StepBatches::StepBatches(const RunConfig& config, const RunSplit& training, const Computation& how,
                         int processes)
    : m_config(config),
      m_training(training),
      m_how(how),
      m_quantities(quantitiesOf(config.targets)),
      m_processes(processes)
{
}

StepBatches::Groups StepBatches::ofEpoch(int epoch) const
{
    return packByEdges(epochOrder(m_training.size(), m_config.seed, epoch), sized(), m_config.maxEdges,
                       m_config.maxFrames);
}

StepBatches::Groups StepBatches::shares(const std::vector<std::size_t>& batch) const
{
    return m_processes == 1 ? Groups{batch} : sharesByEdges(batch, sized(), m_processes);
}

FedBatch StepBatches::make(const Groups& parts, const std::map<int, double>& shift) const
{
    const FrameGraphs& graphs = *m_training.graphs;
    FedBatch made;
    made.frames = parts;
    for (const auto& part : made.frames)
        made.parts.push_back({graphs.batch(part).to(m_how.device, m_how.dtype),
                              graphs.labels(part, m_quantities, shift).to(m_how.device)});
    return made;
}

void StepBatches::addFrozen(FedBatch& batch) const
{
    if (m_training.frozen)
        for (std::size_t i = 0; i < batch.parts.size(); ++i)
            batch.parts[i].from = m_training.frozen->of(batch.frames[i]);
}

} // namespace lodestone
