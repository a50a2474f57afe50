#include "finetune/rank_worker.h"
#include "finetune/rank_leader.h"
#include "finetune/rank_packing.h"
#include "finetune/run_inputs.h"
#include "finetune/run_log.h"
#include "finetune/step_batches.h"

#include <atomic>
#include <torch/torch.h>

namespace lodestone {
namespace {

class RankWorker {
public:
    RankWorker(Ranks& ranks, const Launch& launch) : m_ranks(ranks), m_launch(launch) {}

    /// False: the run is over.
    bool obey(const Json& order);

private:
    void begin(const Json& order);
    void survey();
    void start(const Json& order);
    void step(const Json& order);
    void predict(const Json& order);

    void lowerEdges(std::size_t edges); ///< memory has run out somewhere
    torch::Tensor receive(at::IntArrayRef shape, torch::Dtype dtype);
    Evaluator evaluator();
    const std::vector<StepBatch>& partsOf(int epoch, std::size_t step);

    Ranks& m_ranks;
    Launch m_launch;
    std::unique_ptr<RankTensors> m_tensors;
    RunConfig m_config;
    RunInputs m_inputs;
    std::vector<Frame> m_replay;
    std::map<int, double> m_shift;
    std::atomic<std::size_t> m_edges = 0; ///< at once, in steps; the feeder reads it
    std::unique_ptr<EdgeBudget> m_budget; ///< of predictions
    std::unique_ptr<Learner> m_learner;
    std::unique_ptr<StepBatches> m_batches;

    // The epoch that batches are made of, ahead of the steps.
    int m_epoch = -1;
    std::vector<std::vector<std::size_t>> m_steps;
    std::size_t m_next = 0; ///< the step that the feeder gives next
    FedBatch m_fed;         ///< of the step before
    std::unique_ptr<BatchFeeder> m_feeder;
};

bool RankWorker::obey(const Json& order)
{
    const auto kind = jsonMember<std::string>(order, "order", "The leader's order");
    if (kind == "end")
        return false;
    if (kind == "begin")
        begin(order);
    else if (kind == "exchange")
        m_tensors = std::make_unique<RankTensors>(m_ranks, m_inputs.how.device);
    else if (kind == "survey")
        survey();
    else if (kind == "start")
        start(order);
    else if (kind == "step")
        step(order);
    else if (kind == "predict")
        predict(order);
    else
        fail<InternalError>("The leader of the run orders \"{}\", which this engine does not know.", kind);
    return true;
}

void RankWorker::begin(const Json& order)
{
    Trouble trouble;
    trouble.watch([&] {
        m_config = runConfigFromJson(order.at("configuration"));
        m_inputs = loadRunInputs(m_config, {}, m_launch.localRank);
        m_edges = m_config.maxEdges;
        m_budget = std::make_unique<EdgeBudget>(m_edges);
    });
    if (trouble.agreeOn(m_ranks))
        m_ranks.gather(fingerprintOf(m_inputs));
}

void RankWorker::lowerEdges(std::size_t edges)
{
    if (edges >= m_edges)
        return;
    m_edges = edges;
    m_budget = std::make_unique<EdgeBudget>(edges);
    for (RunSplit* split : {&m_inputs.data.training, &m_inputs.data.validation})
        if (split->frozen)
            split->frozen->giveUp();
}

Evaluator RankWorker::evaluator()
{
    return {m_inputs.model.model.get(), m_inputs.how.device,
            m_inputs.how.dtype,         m_budget.get(),
            m_config.maxFrames,         {}};
}

void RankWorker::survey()
{
    const FrameGraphs& graphs = *m_inputs.data.training.graphs;
    surveyTogether(m_ranks, graphs, [&](const std::vector<std::size_t>& which) {
        return surveyFrames(evaluator(), preparedTable(m_inputs.model, m_inputs.how), graphs, which);
    });
}

torch::Tensor RankWorker::receive(at::IntArrayRef shape, torch::Dtype dtype)
{
    torch::Tensor numbers = m_tensors->room(shape, dtype);
    m_tensors->broadcast(numbers);
    return numbers;
}

void RankWorker::start(const Json& order)
{
    MagneticHead head{m_config.magneticHead, {}};
    for (const Json& tensor : order.at("head"))
        head.numbers[tensor.at(0).get<std::string>()] =
            receive(tensor.at(1).get<std::vector<std::int64_t>>(), torch::kFloat64).cpu();
    for (const Json& correction : order.at("shift"))
        m_shift[correction.at(0).get<int>()] = correction.at(1).get<double>();
    std::string replayed;
    m_ranks.broadcast(replayed);
    Trouble trouble;
    trouble.watch([&] {
        m_replay = framesFrom(replayed);
        m_inputs.data.replay.clear(); // the leader has labelled them
        if (!m_replay.empty())
            mixInReplay(m_replay, m_inputs);
        const RunSplit& training = m_inputs.data.training;
        m_learner = std::make_unique<Learner>(m_config, m_inputs.model,
                                              selectedTensors(m_config, m_inputs.model.description()),
                                              std::move(head), m_inputs.how, elementsOf(training, true));
        if (const int layers = order.at("frozen_layers").get<int>(); layers > 0)
            keepFrozenLayers(m_inputs, m_learner->table(m_learner->evaluationPoint()), layers);
        m_batches = std::make_unique<StepBatches>(m_config, training, m_inputs.how, m_ranks.size());
    });
    trouble.agreeOn(m_ranks);
}

void RankWorker::step(const Json& order)
{
    const torch::Tensor live = receive({m_learner->trainedCount()}, m_inputs.how.dtype);
    m_learner->setLive(live.to(m_inputs.how.device), order.at("keep").get<std::int64_t>());
    lowerEdges(order.at("edges").get<std::size_t>());
    stepTogether(
        *m_tensors, *m_learner,
        [&]() -> const std::vector<StepBatch>& {
            return partsOf(order.at("epoch").get<int>(), order.at("step_in_epoch").get<std::size_t>());
        },
        order.at("number").get<std::int64_t>());
}

const std::vector<StepBatch>& RankWorker::partsOf(int epoch, std::size_t step)
{
    const auto own = std::size_t(m_ranks.rank());
    const auto parts = [this, own](std::size_t i) {
        return packByEdges(m_batches->shares(m_steps[i])[own], m_batches->sized(), m_edges, 0);
    };
    const bool again = epoch == m_epoch && step + 1 == m_next; // in smaller parts
    if (!again && (epoch != m_epoch || step != m_next || !m_feeder)) {
        m_feeder.reset(); // it reads m_steps
        m_epoch = epoch;
        m_steps = m_batches->ofEpoch(epoch);
        m_feeder = std::make_unique<BatchFeeder>(step, m_steps.size(), [this, parts](std::size_t i) {
            try {
                return m_batches->make(parts(i), m_shift);
            } catch (const std::exception& e) {
                if (!saysOutOfMemory(e))
                    throw;
                return FedBatch(); // beside a step there is no room: made when it is over
            }
        });
    }
    if (!again) {
        m_next = step + 1;
        m_fed = {};
        m_fed = m_feeder->take();
    }
    if (const auto now = parts(step); m_fed.frames != now || m_fed.parts.size() != now.size()) {
        m_fed = {};
        m_fed = m_batches->make(now, m_shift);
    }
    m_batches->addFrozen(m_fed);
    return m_fed.parts;
}

void RankWorker::predict(const Json& order)
{
    const bool tuned = order.at("tuned").get<bool>();
    LearnerPoint point;
    if (tuned) {
        const torch::Tensor numbers = receive({m_learner->trainedCount()}, m_inputs.how.dtype);
        point = m_learner->pointOf(numbers.to(m_inputs.how.device), order.at("keep").get<std::int64_t>());
    }
    const RunSplit& split =
        order.at("split") == m_inputs.data.test.name ? m_inputs.data.test : m_inputs.data.validation;
    predictTogether(m_ranks, *split.graphs, [&](const std::vector<std::size_t>& which) {
        return tuned ? predictFrames(evaluator(), m_learner->table(point),
                                     point.head.empty() ? nullptr : &point.head, *split.graphs, which,
                                     m_inputs.quantities, m_shift, split.frozen.get())
                     : predictFrames(evaluator(), m_learner->deltas().base(), nullptr, *split.graphs, which,
                                     m_inputs.quantities, m_shift);
    });
}

} // namespace

void workForLeader(Ranks& ranks, const Launch& launch)
{
    RankWorker worker(ranks, launch);
    std::string line;
    try {
        do
            ranks.broadcast(line);
        while (worker.obey(parseJson(line, "The leader's order")));
    } catch (...) {
        ranks.abandon(); // leaving it would wait for the leader, and the leader for this process
        throw;
    }
}

} // namespace lodestone
