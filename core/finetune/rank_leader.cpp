#include "finetune/rank_leader.h"
#include "finetune/rank_packing.h"

#include <spdlog/spdlog.h>
#include <torch/torch.h>

namespace lodestone {

RankLeader::~RankLeader()
{
    if (m_ranks.broken())
        return;
    m_ranks.setPoll({}); // nothing is to keep the end from arriving
    try {
        order("end");
    } catch (const std::exception& e) {
        spdlog::warn("{}", e.what());
    }
}

void RankLeader::order(const char* kind, Json fields)
{
    fields["order"] = kind;
    std::string line = fields.dump();
    m_ranks.broadcast(line);
}

void RankLeader::begin(const Json& configuration, const RunInputs& inputs, const std::function<void()>& load)
{
    order("begin", {{"configuration", configuration}});
    Trouble trouble;
    trouble.watch(load);
    trouble.agreeOn(m_ranks);
    const std::vector<std::string> all = m_ranks.gather(fingerprintOf(inputs));
    for (std::size_t rank = 1; rank < all.size(); ++rank)
        if (all[rank] != all.front())
            fail("Process {} of {} (on {}) has read another model or other data than process 0 (on {}): all "
                 "need the "
                 "same files under the same names.",
                 rank, m_ranks.size(), m_ranks.host(int(rank)), m_ranks.host(0));
    order("exchange");
    m_tensors = std::make_unique<RankTensors>(m_ranks, inputs.how.device);
}

SurveySums RankLeader::survey(const FrameGraphs& graphs,
                              const std::function<SurveySums(const std::vector<std::size_t>&)>& own)
{
    order("survey");
    return surveyTogether(m_ranks, graphs, own);
}

void RankLeader::start(const MagneticHead& head, const std::map<int, double>& shift, int frozenLayers,
                       const std::function<const std::vector<Frame>&()>& replay)
{
    std::string replayed = packedFrames(replay());
    Json corrections = Json::array(), tensors = Json::array();
    for (const auto& [element, correction] : shift)
        corrections.push_back({element, correction});
    std::vector<torch::Tensor> numbers;
    for (const auto& [name, tensor] : head.numbers) {
        tensors.push_back({name, tensor.sizes().vec()});
        numbers.push_back(m_tensors->ready(tensor.to(torch::kFloat64)));
    }
    order("start", {{"shift", corrections}, {"head", tensors}, {"frozen_layers", frozenLayers}});
    for (torch::Tensor& tensor : numbers)
        m_tensors->broadcast(tensor);
    m_ranks.broadcast(replayed);
    Trouble().agreeOn(m_ranks);
}

Learner::Step RankLeader::step(const Learner& learner, const StepPlace& place,
                               const std::function<const std::vector<StepBatch>&()>& parts)
{
    torch::Tensor live = m_tensors->ready(learner.live());
    order("step", {{"epoch", place.epoch},
                   {"step_in_epoch", place.stepInEpoch},
                   {"number", place.number},
                   {"edges", place.edges},
                   {"keep", learner.kept()}});
    m_tensors->broadcast(live);
    return stepTogether(*m_tensors, learner, parts, place.number);
}

SplitPrediction
RankLeader::predict(const std::string& split, const FrameGraphs& graphs, const Learner& learner,
                    const LearnerPoint* point,
                    const std::function<SplitPrediction(const std::vector<std::size_t>&)>& own)
{
    torch::Tensor numbers = point ? m_tensors->ready(learner.numbersOf(*point)) : torch::Tensor();
    order("predict",
          {{"split", split}, {"tuned", point != nullptr}, {"keep", point ? point->delta.keep : 0}});
    if (point)
        m_tensors->broadcast(numbers);
    return predictTogether(m_ranks, graphs, own);
}

std::string fingerprintOf(const RunInputs& inputs)
{
    std::string all = inputs.model.description().sha256;
    for (const auto& [file, hash] : inputs.data.sha256)
        all += " " + hash;
    return all;
}

} // namespace lodestone
