#include "finetune/base_frames.h"
#include "finetune/training_run.h"

namespace lodestone {
void TrainingRun::addReplay()
{
    if (!m_config.replay)
        return;
    const ReplayConfig& replay = *m_config.replay;
    reportProgress(0, "replay frames");
    m_replay = makeReplay(m_config, evaluator(), preparedTable(m_inputs.model, m_inputs.how),
                          m_position.shift, m_inputs);
    mixInReplay(m_replay, m_inputs);
    const std::size_t made = m_replay.size();
    if (replay.files.empty() && made < replay.frames)
        m_inputs.data.messages.push_back(
            {"warning", fmt::format("Only {} of {} replay frames could be made: the base "
                                    "model knows few crystals of these elements.",
                                    made, replay.frames)});
    m_inputs.data.messages.push_back(
        {"info",
         fmt::format("{} frames labelled by the base model are mixed into the training frames.", made)});
}

Json TrainingRun::forgetting(const LearnerPoint& point)
{
    if (m_config.forgettingFrames == 0)
        return nullptr;
    reportProgress(0, "forgetting");
    const auto metrics =
        measureForgetting(evaluator(), m_learner->deltas().base(), m_learner->table(point),
                          elementsOf(m_inputs.data.training, false), m_config.forgettingFrames);
    if (!metrics)
        m_log.message("warning",
                      "Forgetting is not measured: the base model knows no crystal that has a lowest "
                      "energy at some volume and forces below 20 eV/\u00c5.");
    return metrics ? toJson(*metrics) : Json();
}

} // namespace lodestone
