#include "finetune/training_run.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {

void TrainingRun::keepEpochStart()
{
    if (m_position.stepInEpoch > 0 && m_epochStart)
        return; // resumed within an epoch: its beginning came with the checkpoint
    m_epochStart = LearnerState{m_position, m_learner->scalars(), m_learner->tensors()};
    for (auto& [name, tensor] : m_epochStart->tensors)
        tensor = tensor.clone();
}

void TrainingRun::watchLoss(double loss)
{
    if (explodes(m_position.losses, loss, smallestExplosion(m_config.targets)))
        fail<Diverged>("The loss exploded at step {}: {:.3g} after {:.3g} in the first {} steps",
                       m_position.step + 1, loss, m_position.losses.startSum / m_position.losses.startCount,
                       m_position.losses.startCount);
}

void TrainingRun::watchValidation(std::optional<double> loss)
{
    if (!m_learner->isFinite())
        fail<Diverged>("A weight was no finite number any more after epoch {}", m_position.epoch + 1);
    if (!loss || !explodesOnValidation(m_position.losses, *loss, smallestExplosion(m_config.targets)))
        return;
    if (!std::isfinite(*loss))
        fail<Diverged>("The validation loss was no number after epoch {}", m_position.epoch + 1);
    fail<Diverged>("The validation loss exploded in epoch {}: {:.3g} after {:.3g} at the start",
                   m_position.epoch + 1, *loss, *m_position.losses.startValidation);
}

void TrainingRun::rollBack(const std::string& trouble)
{
    const OptimiserConfig& optimiser = m_config.optimiser;
    const double rate = optimiser.learningRate * m_position.rateFactor;
    const bool again = m_position.rollBacks < optimiser.rollBacks;
    const std::int64_t from = m_position.step;
    TrainingPosition& start = m_epochStart->position;
    start.rollBacks = m_position.rollBacks + again;
    start.rateFactor = m_position.rateFactor / (again ? 2 : 1);
    start.edgesAtOnce = m_position.edgesAtOnce; // memory has not grown
    m_learner->restore(m_epochStart->tensors, m_epochStart->scalars);
    m_position = start;
    m_startStep = std::min(m_startStep, m_position.step);
    if (!again) {
        writeCheckpoint(false); // the last one may be of the way into the trouble
        fail("{}{}: lower optimiser.learning_rate (now {}). The last checkpoint stands.", trouble,
             m_position.rollBacks > 0
                 ? fmt::format(", also with the learning rate {:.3g} after going back {} times", rate,
                               m_position.rollBacks)
                 : "",
             optimiser.learningRate);
    }
    m_log.write("rolled_back", {{"step", m_position.step},
                                {"epoch", m_position.epoch},
                                {"from", from},
                                {"reason", trouble},
                                {"learning_rate", rate / 2},
                                {"count", m_position.rollBacks},
                                {"allowed", optimiser.rollBacks}});
    m_log.message(
        "warning",
        fmt::format("{}. The run goes on from step {} with half the learning rate, {:.3g} ({} of {} times).",
                    trouble, m_position.step, rate / 2, m_position.rollBacks, optimiser.rollBacks));
    writeCheckpoint(false);
}

} // namespace lodestone
