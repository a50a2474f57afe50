#include "base/files.h"
#include "base/schema.h"
#include "finetune/run_result.h"
#include "finetune/training_run.h"

#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr std::size_t mostTrainingPredictions = 200; // frames of the training split in predictions.h5

} // namespace

Evaluator TrainingRun::evaluator()
{
    return {m_inputs.model.model.get(), m_inputs.how.device, m_inputs.how.dtype, m_budget.get(),
            m_config.maxFrames,         [this] { poll(); }};
}

const SplitPrediction& TrainingRun::baseOf(const RunSplit& split)
{
    const auto [it, isNew] = m_base.try_emplace(split.name);
    if (isNew) {
        it->second = predict(split, nullptr);
        addBaselines(*split.graphs, m_inputs.model.description().elements, m_inputs.quantities,
                     m_config.magneticHead, m_momentMeans, it->second);
    }
    return it->second;
}

SplitPrediction TrainingRun::tunedOn(const RunSplit& split, const LearnerPoint& point)
{
    return predict(split, &point);
}

SplitPrediction TrainingRun::predict(const RunSplit& split, const LearnerPoint* point)
{
    const ParameterTable table = point ? m_learner->table(*point) : m_learner->deltas().base();
    const MagneticHead* const head = point && !point->head.empty() ? &point->head : nullptr;
    const auto own = [&](const std::vector<std::size_t>& which) {
        return predictFrames(evaluator(), table, head, *split.graphs, which, m_inputs.quantities,
                             m_position.shift, point ? split.frozen.get() : nullptr);
    };
    const bool shared = &split == &m_inputs.data.validation || &split == &m_inputs.data.test;
    return m_leader && shared ? m_leader->predict(split.name, *split.graphs, *m_learner, point, own)
                              : own(plainOrder(split.size()));
}

TrainingRun::Judgement TrainingRun::judge(const std::vector<const RunSplit*>& splits,
                                          const LearnerPoint& point)
{
    Judgement judgement;
    judgement.splits = Json::object();
    for (const RunSplit* split : splits) {
        if (split->size() == 0)
            continue;
        const Metrics base = metricsOf(*split->graphs, baseOf(*split), m_inputs.quantities);
        const SplitPrediction prediction = tunedOn(*split, point);
        judgement.splits[split->name] = {
            {"base", toJson(base)},
            {"tuned", toJson(metricsOf(*split->graphs, prediction, m_inputs.quantities))}};
        if (split == &m_inputs.data.validation)
            judgement.loss = splitLoss(m_config.loss, m_config.targets, *split->graphs, prediction);
    }
    return judgement;
}

void TrainingRun::writeEvaluation(const Judgement& judgement, bool best)
{
    m_log.write("evaluation", {{"step", m_position.step},
                               {"epoch", m_position.epoch},
                               {"seconds", m_clock.seconds()},
                               {"best", best},
                               {"loss", judgement.loss ? Json(*judgement.loss) : Json()},
                               {"splits", judgement.splits}});
}

SparsityRecord TrainingRun::writeSparsity(const LearnerPoint& point)
{
    SparsityRecord record = m_learner->deltas().record(point.delta);
    Json layers = Json::array();
    for (const LayerLCell& cell : byLayerAndL(m_inputs.model.description(), record))
        layers.push_back(
            {{"layer", cell.layer}, {"l", cell.l}, {"eligible", cell.eligible}, {"changed", cell.changed}});
    m_log.write("sparsity", {{"step", m_position.step},
                             {"epoch", m_position.epoch},
                             {"record", toJson(record)},
                             {"layers", layers}});
    return record;
}

TrainingState TrainingRun::state() const
{
    TrainingState state;
    state.configuration = toJson(m_config);
    state.modelSha256 = m_inputs.model.description().sha256;
    state.dataSha256 = m_inputs.data.sha256;
    state.now.position = m_position;
    state.now.position.seconds = m_clock.seconds();
    // The checkpoint event that follows the file belongs to what stays.
    state.now.position.nextSequence = m_log.events().nextSequence() + 1;
    if (m_position.stepInEpoch > 0)
        state.epochStart = m_epochStart;
    if (m_learner) {
        state.now.scalars = m_learner->scalars();
        state.now.tensors = m_learner->tensors();
    }
    return state;
}

void TrainingRun::writeCheckpoint(bool best)
{
    m_log.events().sync(); // a resumed run goes on after them
    writeTrainingState(best ? m_paths.bestCheckpoint() : m_paths.lastCheckpoint(), state());
    noteCheckpoint(best);
    if (!best)
        m_lastCheckpoint = m_clock.seconds();
}

void TrainingRun::noteCheckpoint(bool best)
{
    m_log.write("checkpoint", {{"step", m_position.step},
                               {"file", best ? "checkpoints/best.h5" : "checkpoints/last.h5"},
                               {"best", best}});
}

void TrainingRun::writeDeltaFile(const LearnerPoint& point)
{
    Json provenance = m_provenance;
    provenance["configuration"] = toJson(m_config);
    provenance["step"] = m_position.step;
    provenance["epoch"] = m_position.epoch;
    writeDelta(m_paths.delta(),
               deltaFileOf(*m_learner, point, m_inputs.model, m_position.shift, std::move(provenance)));
}

void TrainingRun::writeResult()
{
    reportProgress(0, "results");
    if (!std::filesystem::exists(m_paths.bestCheckpoint()))
        fail("No epoch gave a finite validation loss, so there is no result: lower optimiser.learning_rate "
             "(now {}).",
             m_config.optimiser.learningRate);
    const TrainingState best = readTrainingState(m_paths.bestCheckpoint());
    m_learner->restore(best.now.tensors, best.now.scalars);
    const LearnerPoint point = m_learner->evaluationPoint();
    const RunSplit shown = thinned(m_inputs.data.training, mostTrainingPredictions,
                                   m_inputs.model.description(), m_inputs.how.dtype);

    Judgement judgement;
    judgement.splits = Json::object();
    std::vector<SplitComparison> comparisons;
    for (const RunSplit* split :
         {&shown, &std::as_const(m_inputs.data.validation), &std::as_const(m_inputs.data.test)}) {
        if (split->size() == 0)
            continue;
        SplitComparison comparison{split, baseOf(*split), tunedOn(*split, point)};
        if (split != &shown)
            judgement.splits[split->name] = {
                {"base", toJson(metricsOf(*split->graphs, comparison.base, m_inputs.quantities))},
                {"tuned", toJson(metricsOf(*split->graphs, comparison.tuned, m_inputs.quantities))}};
        if (split == &m_inputs.data.validation)
            judgement.loss = splitLoss(m_config.loss, m_config.targets, *split->graphs, comparison.tuned);
        comparisons.push_back(std::move(comparison));
    }
    writePredictions(m_paths.predictions(), comparisons);
    // The last evaluation and sparsity in the event stream describe what is in result/.
    const TrainingPosition end = m_position;
    m_position.step = best.now.position.step;
    m_position.epoch = best.now.position.epoch;
    writeEvaluation(judgement, true);
    const SparsityRecord record = writeSparsity(point);
    writeDeltaFile(point);
    writeFileAtomically(m_paths.metrics(),
                        Json{{"schema", schema::metrics},
                             {"splits", judgement.splits},
                             {"step", m_position.step},
                             {"epoch", m_position.epoch},
                             {"seconds", m_clock.seconds()},
                             {"eligible", record.eligible},
                             {"changed", record.changed},
                             {"parameters", record.parameters},
                             {"changed_of_eligible", record.changedOfEligible()},
                             {"changed_of_model", record.changedOfModel()},
                             {"head_parameters", m_learner->headCount()},
                             {"trained", m_learner->trainedCount()},
                             {"validation_loss", judgement.loss ? Json(*judgement.loss) : Json()},
                             {"forgetting", forgetting(point)},
                             {"method", toJson(m_config)["method"]}}
                                .dump(2) +
                            "\n");
    m_position = end;
}

} // namespace lodestone
