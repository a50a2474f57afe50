#include "finetune/base_frames.h"
#include "finetune/training_run.h"

namespace lodestone {
void TrainingRun::addReplay()
{
    if (!m_config.replay)
        return;
    const ReplayConfig& replay = *m_config.replay;
    reportProgress(0, "replay frames");
    m_replay = replayFrames(
        evaluator(), preparedTable(m_model, m_how),
        {.energy = m_quantities.energy, .forces = m_quantities.forces, .stress = m_quantities.stress}, replay,
        std::move(m_data.replay));
    std::vector<const Frame*> frames;
    for (Frame& frame : m_replay) {
        frame.weight = replay.weight;
        // The corrections are taken off every label; the base model's own energies know nothing of them.
        if (frame.energy)
            *frame.energy += shiftOf(frame.structure, m_position.shift);
        frames.push_back(&frame);
    }
    m_data.training.graphs->append(frames);
    m_data.training.replayed = frames.size();
    m_data.training.index.resize(m_data.training.size(), -1);
    if (replay.files.empty() && frames.size() < replay.frames)
        m_data.messages.push_back(
            {"warning", fmt::format("Only {} of {} replay frames could be made: the base "
                                    "model knows few crystals of these elements.",
                                    frames.size(), replay.frames)});
    m_data.messages.push_back(
        {"info", fmt::format("{} frames labelled by the base model are mixed into the training frames.",
                             frames.size())});
}

Json TrainingRun::forgetting(const LearnerPoint& point)
{
    if (m_config.forgettingFrames == 0)
        return nullptr;
    reportProgress(0, "forgetting");
    const auto metrics = measureForgetting(evaluator(), m_learner->deltas().base(), m_learner->table(point),
                                           elementsOf(m_data.training, false), m_config.forgettingFrames);
    if (!metrics)
        m_log.message("warning",
                      "Forgetting is not measured: the base model knows no crystal that has a lowest "
                      "energy at some volume and forces below 20 eV/\u00c5.");
    return metrics ? toJson(*metrics) : Json();
}

} // namespace lodestone
