#include "base/files.h"
#include "finetune/training_run.h"

#include <torch/torch.h>

namespace lodestone {

void TrainingRun::prepare(bool resume)
{
    if (m_leader)
        m_leader->begin(toJson(m_config), m_inputs, [this] { loadInputs(); });
    else
        loadInputs();
    m_momentMeans = meanMoments(*m_inputs.data.training.graphs, m_inputs.model.description().elements);
    m_provenance =
        provenanceOf(m_inputs.model.description().sha256, m_inputs.data.sha256, m_inputs.how.device);

    const std::vector<bool> selected = selectedTensors(m_config, m_inputs.model.description());
    std::optional<TrainingState> saved;
    if (resume) {
        saved = readTrainingState(m_paths.lastCheckpoint());
        checkResumable(*saved, state());
        m_position = saved->now.position;
        m_epochStart = saved->epochStart;
    }
    makeBudget();
    MagneticHead head = saved ? headFromState(m_config.magneticHead, saved->now.tensors) : startHead();
    const int frozen = m_position.edgesAtOnce // a run that has run out of memory before goes on without
                           ? 0
                           : layersToFreeze(m_inputs, selected);
    if (m_leader)
        m_leader->start(head, m_position.shift, frozen, [this]() -> const std::vector<Frame>& {
            addReplay();
            return m_replay;
        });
    else
        addReplay(); // needs the corrections of the reference energies that startHead() finds
    m_learner = std::make_unique<Learner>(m_config, m_inputs.model, selected, std::move(head), m_inputs.how,
                                          elementsOf(m_inputs.data.training, true));
    if (saved) {
        m_learner->restore(saved->now.tensors, saved->now.scalars);
        // The checkpoint's own event, the last that stays, is written anew: the engine may have ended before
        // it was, or could not write it and then said in its place that the run failed.
        m_log.events().rewind(m_position.nextSequence - 1);
        noteCheckpoint(false);
    }
    m_batches = std::make_unique<StepBatches>(m_config, m_inputs.data.training, m_inputs.how,
                                              m_leader ? m_leader->ranks().size() : 1);
    planSteps();
    keepFrozenLayers(frozen);
    m_clock = RunClock(m_position.seconds);
    m_lastCheckpoint = m_clock.seconds();
    m_startStep = m_position.step;
}

void TrainingRun::loadInputs()
{
    m_inputs = loadRunInputs(m_config, {m_stop.now, [this](double) { reportProgress(0, "reading data"); }});
}

MagneticHead TrainingRun::startHead()
{
    const bool withHead = m_config.magneticHead != "none";
    if (!m_inputs.quantities.energy && !withHead)
        return {};
    reportProgress(0, "reference energies");
    const TrainingSurvey survey =
        surveyOf(surveySums(), *m_inputs.data.training.graphs, m_inputs.model.description().elements);
    MagneticHead head;
    if (withHead)
        head = initialHead(m_config.magneticHead, survey.head, m_inputs.model.description().cutoff,
                           m_config.seed + 1, m_inputs.how.device, m_inputs.how.dtype);
    if (m_inputs.quantities.energy) {
        ReferenceShift references =
            referenceShift(m_config, m_inputs.model, *m_inputs.data.training.graphs, survey.energy);
        m_position.shift = references.shift;
        m_inputs.data.messages.insert(m_inputs.data.messages.end(), references.messages.begin(),
                                      references.messages.end());
    }
    return head;
}

SurveySums TrainingRun::surveySums()
{
    const FrameGraphs& graphs = *m_inputs.data.training.graphs;
    const ParameterTable table = preparedTable(m_inputs.model, m_inputs.how);
    const auto own = [&](const std::vector<std::size_t>& which) {
        return surveyFrames(evaluator(), table, graphs, which);
    };
    return m_leader ? m_leader->survey(graphs, own) : own(plainOrder(graphs.size()));
}

void TrainingRun::planSteps()
{
    m_steps = 0;
    for (int epoch = 0; epoch < m_config.epochs; ++epoch) {
        const auto count = static_cast<std::int64_t>(m_batches->ofEpoch(epoch).size());
        m_steps += count;
        if (epoch == 0)
            m_firstEpochSteps = count;
    }
}

void TrainingRun::makeBudget()
{
    const std::size_t edges = m_position.edgesAtOnce.value_or(m_config.maxEdges);
    m_budget = std::make_unique<EdgeBudget>(edges, [this](const std::string& sentence) {
        m_position.edgesAtOnce = m_budget->edges();
        for (RunSplit* split : {&m_inputs.data.training, &m_inputs.data.validation})
            if (split->frozen)
                split->frozen->giveUp();
        m_log.message("warning", sentence);
    });
}

void TrainingRun::keepFrozenLayers(int layers)
{
    if (layers == 0)
        return;
    reportProgress(0, "frozen layers");
    lodestone::keepFrozenLayers(m_inputs, m_learner->table(m_learner->evaluationPoint()), layers);
    m_inputs.data.messages.push_back(
        {"info",
         m_inputs.data.training.frozen
             ? fmt::format("Nothing is trained in the first {} of {} layers and no forces are asked for: "
                           "what these layers give is computed once and kept.",
                           layers, m_inputs.model.description().layers)
             : fmt::format("Nothing is trained in the first {} of {} layers, but what they give would "
                           "need more than {} GiB for all frames: it is computed anew in every epoch.",
                           layers, m_inputs.model.description().layers, frozenStateBytes >> 30)});
}

Json TrainingRun::resolvedConfiguration() const
{
    Json config = toJson(m_config);
    config["provenance"] = m_provenance;
    config["provenance"]["keys"] = toJson(m_inputs.data.keys);
    return config;
}

void TrainingRun::announce(bool resume)
{
    if (!resume)
        writeFileAtomically(m_paths.configuration(), resolvedConfiguration().dump(2) + "\n");
    m_log.write("started", {{"config", resolvedConfiguration()},
                            {"eligible", m_learner->deltas().eligible()},
                            {"parameters", m_inputs.model.description().parameters},
                            {"head_parameters", m_learner->headCount()},
                            {"trained", m_learner->trainedCount()},
                            {"device", m_inputs.how.device.str()},
                            {"dtype", m_config.dtype},
                            {"frames",
                             {{"train", m_inputs.data.training.size() - m_inputs.data.training.replayed},
                              {"replay", m_inputs.data.training.replayed},
                              {"validation", m_inputs.data.validation.size()},
                              {"test", m_inputs.data.test.size()}}},
                            {"steps_per_epoch", m_firstEpochSteps},
                            {"steps", m_steps},
                            {"step", m_position.step},
                            {"processes", m_leader ? m_leader->ranks().size() : 1},
                            {"resumed", resume}});
    if (!resume)
        m_log.messages(m_inputs.data.messages);
    if (m_inputs.data.validation.size() == 0 && !resume)
        m_log.message("warning", "There are no validation frames: the last epoch counts as the best.");
    if (!resume && m_config.method.kind == "sparse" && m_config.method.targetFraction)
        warnOfTarget();
}

void TrainingRun::warnOfTarget()
{
    const auto eligible = double(m_learner->deltas().eligible());
    const double reachable = eligible / double(m_inputs.model.description().parameters);
    if (reachable < *m_config.method.targetFraction)
        m_log.message(
            "warning",
            fmt::format("method.target_fraction {:g} cannot be reached: the selected blocks are {:.3g} of "
                        "the model, so all of their weights may change.",
                        *m_config.method.targetFraction, reachable));
    if (m_config.method.perPathThreshold)
        m_log.message("warning",
                      "method.per_path_threshold does nothing beside method.target_fraction, which sets "
                      "one threshold for all weights.");
}

} // namespace lodestone
