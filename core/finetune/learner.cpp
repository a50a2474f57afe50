#include "finetune/learner.h"
#include "finetune/divergence.h"
#include "finetune/head_networks.h"
#include "finetune/head_prediction.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <torch/torch.h>

namespace lodestone {
namespace {

const std::string headPrefix = "live/head_";
const std::string optimiserPrefix = "optimiser/";

DeltaOptions deltaOptions(const MethodConfig& method, const ModelDescription& model,
                          const std::vector<int>& trained)
{
    DeltaOptions options;
    if (method.kind == "low-rank")
        options.kind = DeltaKind::LowRank;
    else if (method.kind != "sparse")
        options.kind = DeltaKind::Dense;
    else
        options.kind = method.targetFraction ? DeltaKind::Target : DeltaKind::Learnt;
    options.perPath = method.perPathThreshold;
    options.sigma = method.sigma;
    options.initialThreshold = method.initialThreshold;
    options.rank = method.rank;
    options.alpha = method.alpha;
    if (!trained.empty())
        for (const int element : model.elements)
            options.absent.push_back(std::find(trained.begin(), trained.end(), element) == trained.end());
    return options;
}

/// Undefined tensors count as zero.
void addTo(torch::Tensor& sum, const torch::Tensor& term)
{
    if (term.defined())
        sum = sum.defined() ? sum + term : term;
}

/// Diverged if a loss or gradient is not finite.
void check(const char* what, double value, std::int64_t stepNumber)
{
    if (!std::isfinite(value))
        fail<Diverged>("The {} became {} at step {}", what, std::isnan(value) ? "NaN" : "infinite",
                       stepNumber);
}

} // namespace

std::vector<bool> selectedTensors(const RunConfig& config, const ModelDescription& model)
{
    const std::string& kind = config.method.kind;
    if (kind == "full") {
        std::vector<bool> selected;
        for (const ParameterInfo& info : model.tensors)
            selected.push_back(info.trainable);
        return selected;
    }
    if (kind == "readout")
        return resolveSelection(model, {"readout", {}, {}});
    static const std::set<std::string> onSelectedBlocks = {"sparse", "l1", "low-rank", "dense"};
    if (!onSelectedBlocks.contains(kind))
        fail("method.kind \"{}\" is not available: use sparse, l1, low-rank, dense, full or readout.", kind);
    return resolveSelection(model, config.blocks);
}

Learner::Learner(const RunConfig& config, const LoadedModel& model, const std::vector<bool>& selected,
                 MagneticHead head, const Computation& how, const std::vector<int>& elements)
    : m_config(config),
      m_model(model.model),
      m_deltas(model.description(), selected, preparedTable(model, how, selected),
               deltaOptions(config.method, model.description(), elements), config.seed),
      m_head(std::move(head)),
      m_parameterCount(model.description().parameters),
      m_keep(m_deltas.eligible())
{
    for (auto& [name, tensor] : m_head.numbers)
        tensor = tensor.to(how.device, how.dtype).clone();
    m_parameters = makeParameters(config);
    m_optimiser = makeOptimiser(config.optimiser, m_parameters);
}

std::vector<TrainedParameter> Learner::makeParameters(const RunConfig& config) const
{
    const double rate = config.optimiser.learningRate;
    const bool sparse = config.method.kind == "sparse";
    std::vector<TrainedParameter> parameters;
    parameters.push_back({"delta",
                          m_deltas.values(),
                          rate,
                          sparse ? config.method.deltaDecay : config.optimiser.weightDecay,
                          {},
                          config.method.kind == "l1" ? config.method.lambda : 0});
    if (m_deltas.logits().defined()) {
        const double decay = config.method.thresholdDecay.value_or(config.method.preset == "H" ? 0.3 : 0.01);
        parameters.push_back(
            {"threshold", m_deltas.logits(), config.method.thresholdLearningRate.value_or(rate), decay, {}});
    }
    if (!m_head.empty())
        for (const auto& name : trainedHeadNames(m_head.kind)) {
            const auto& leaf = headTensor(m_head.numbers, name);
            leaf.requires_grad_(true);
            parameters.push_back({"head_" + name,
                                  leaf,
                                  config.headLearningRate.value_or(rate),
                                  config.optimiser.weightDecay,
                                  {}});
        }
    return parameters;
}

LossValue Learner::lossOf(const StepBatch& part, const LabelSums& sums, const DeltaPoint& live) const
{
    const Quantities quantities = quantitiesOf(m_config.targets);
    const HeadPrediction prediction =
        predictWithHead(*m_model, m_deltas.table(m_deltas.delta(live)), part.graphs,
                        {.forces = quantities.forces,
                         .stress = quantities.stress,
                         .differentiable = true,
                         .layers = {part.from.layers > 0 ? &part.from : nullptr, nullptr}},
                        m_head.empty() ? nullptr : &m_head);
    return batchLoss(m_config.loss, m_config.targets, prediction.model, prediction.head,
                     part.graphs.atomCount, part.labels, sums);
}

Learner::Step Learner::differentiate(const std::vector<StepBatch>& parts, double progress,
                                     std::int64_t stepNumber)
{
    setProgress(progress);
    return differentiateShare(parts, labelSums(parts), stepNumber);
}

void Learner::setProgress(double progress)
{
    if (m_deltas.options().kind == DeltaKind::Target)
        m_keep =
            scheduledKeep(m_deltas.eligible(), m_parameterCount, *m_config.method.targetFraction, progress);
}

Learner::Step Learner::differentiateShare(const std::vector<StepBatch>& parts, const LabelSums& sums,
                                          std::int64_t stepNumber) const
{
    const DeltaPoint live = m_deltas.live(m_keep);
    Step result;
    result.learningRate = m_config.optimiser.learningRate * m_optimiser->rateFactor();
    std::vector<const StepBatch*> labelled;
    for (const StepBatch& part : parts)
        if (labelSums(part.labels).any())
            labelled.push_back(&part);
    std::vector<torch::Tensor> leaves;
    for (const auto& parameter : m_parameters)
        leaves.push_back(parameter.value);
    result.gradients.resize(leaves.size());
    for (const StepBatch* part : labelled) {
        const LossValue loss = lossOf(*part, sums, live);
        check("loss", loss.total.detach().item<double>(), stepNumber);
        result.loss += loss;
        if (!loss.total.requires_grad())
            continue; // forces on isolated atoms: no parameter acts on them
        const auto own = torch::autograd::grad({loss.total}, leaves, {}, false, false, true);
        for (std::size_t i = 0; i < leaves.size(); ++i)
            addTo(result.gradients[i], own[i]);
    }
    return result;
}

void Learner::apply(Step& step, std::int64_t stepNumber)
{
    if (!step.loss.total.defined())
        return;
    for (std::size_t i = 0; i < m_parameters.size(); ++i)
        m_parameters[i].value.mutable_grad() = step.gradients[i];
    step.gradientNorm = clipGradients(m_parameters, m_config.optimiser.clip);
    check("gradient", step.gradientNorm, stepNumber);
    if (m_config.method.kind == "sparse" && m_config.method.deltaDecay != 0)
        m_parameters.front().decayMask = m_deltas.unpruned(m_deltas.live(m_keep));
    m_optimiser->step(m_parameters);
}

void Learner::setSchedule(double factor)
{
    m_optimiser->setSchedule(factor);
}

bool Learner::isFinite() const
{
    return std::all_of(m_parameters.begin(), m_parameters.end(), [](const TrainedParameter& parameter) {
        return torch::isfinite(parameter.value.detach()).all().item<bool>();
    });
}

std::int64_t Learner::trainedCount() const
{
    std::int64_t count = 0;
    for (const TrainedParameter& parameter : m_parameters)
        count += parameter.value.numel();
    return count;
}

LearnerPoint Learner::evaluationPoint() const
{
    return pointOf(m_optimiser->evaluationPoint(m_parameters), m_keep);
}

LearnerPoint Learner::pointOf(const std::vector<torch::Tensor>& values, std::int64_t keep) const
{
    LearnerPoint point;
    point.head = m_head; // the constants; trained tensors are replaced below
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string& name = m_parameters[i].name;
        if (name == "delta")
            point.delta.values = values[i];
        else if (name == "threshold")
            point.delta.logits = values[i];
        else
            point.head.numbers[name.substr(5)] = values[i];
    }
    point.delta.keep = keep;
    return point;
}

torch::Tensor Learner::live() const
{
    std::vector<torch::Tensor> pieces;
    for (const TrainedParameter& parameter : m_parameters)
        pieces.push_back(parameter.value.detach().flatten());
    return torch::cat(pieces);
}

torch::Tensor Learner::numbersOf(const LearnerPoint& point) const
{
    std::vector<torch::Tensor> pieces;
    for (const TrainedParameter& parameter : m_parameters)
        pieces.push_back((parameter.name == "delta" ? point.delta.values
                          : parameter.name == "threshold"
                              ? point.delta.logits
                              : headTensor(point.head.numbers, parameter.name.substr(5)))
                             .detach()
                             .flatten());
    return torch::cat(pieces);
}

std::vector<torch::Tensor> Learner::shaped(const torch::Tensor& numbers) const
{
    if (numbers.numel() != trainedCount())
        throw InternalError("The processes of a run train different numbers of parameters.");
    std::vector<torch::Tensor> pieces;
    std::int64_t offset = 0;
    for (const TrainedParameter& parameter : m_parameters) {
        const std::int64_t count = parameter.value.numel();
        pieces.push_back(numbers.narrow(0, offset, count).view(parameter.value.sizes()));
        offset += count;
    }
    return pieces;
}

void Learner::setLive(const torch::Tensor& numbers, std::int64_t keep)
{
    const torch::NoGradGuard guard;
    const std::vector<torch::Tensor> pieces = shaped(numbers);
    for (std::size_t i = 0; i < pieces.size(); ++i)
        m_parameters[i].value.copy_(pieces[i]);
    m_keep = keep;
}

LearnerPoint Learner::pointOf(const torch::Tensor& numbers, std::int64_t keep) const
{
    return pointOf(shaped(numbers), keep);
}

torch::Tensor Learner::gradientsOf(const Step& step) const
{
    std::vector<torch::Tensor> pieces;
    for (std::size_t i = 0; i < m_parameters.size(); ++i)
        pieces.push_back(step.gradients[i].defined()
                             ? step.gradients[i].flatten()
                             : torch::zeros_like(m_parameters[i].value.detach()).flatten());
    return torch::cat(pieces);
}

std::vector<torch::Tensor> Learner::gradientsFrom(const torch::Tensor& numbers,
                                                  const std::vector<bool>& present) const
{
    std::vector<torch::Tensor> gradients = shaped(numbers);
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (!present[i])
            gradients[i] = torch::Tensor();
    return gradients;
}

ParameterTable Learner::table(const LearnerPoint& point) const
{
    const torch::NoGradGuard guard;
    return m_deltas.table(m_deltas.delta(point.delta));
}

bool Learner::targetReached() const
{
    return m_deltas.options().kind != DeltaKind::Target ||
           m_keep == scheduledKeep(m_deltas.eligible(), m_parameterCount, *m_config.method.targetFraction, 1);
}

std::map<std::string, torch::Tensor> Learner::tensors() const
{
    std::map<std::string, torch::Tensor> result;
    for (const auto& parameter : m_parameters)
        result["live/" + parameter.name] = parameter.value.detach();
    for (const auto& [name, tensor] : m_head.numbers)
        result[headPrefix + name] = tensor.detach();
    for (const auto& [name, tensor] : m_optimiser->tensors())
        result[optimiserPrefix + name] = tensor;
    return result;
}

Json Learner::scalars() const
{
    return {{"optimiser", m_optimiser->scalars()}, {"keep", m_keep}};
}

void Learner::restore(const std::map<std::string, torch::Tensor>& tensors, const Json& scalars)
{
    const torch::NoGradGuard guard;
    for (auto& parameter : m_parameters) {
        const auto it = tensors.find("live/" + parameter.name);
        if (it == tensors.end() || it->second.sizes() != parameter.value.sizes())
            fail("The checkpoint has no fitting tensor \"{}\"; it belongs to another configuration.",
                 parameter.name);
        parameter.value.copy_(it->second);
    }
    for (auto& [name, tensor] : m_head.numbers)
        if (const auto it = tensors.find(headPrefix + name); it != tensors.end()) {
            if (it->second.sizes() != tensor.sizes())
                fail("The checkpoint's tensor \"{}\" of the magnetic head does not fit.", name);
            tensor.copy_(it->second);
        }
    std::map<std::string, torch::Tensor> own;
    for (const auto& [name, tensor] : tensors)
        if (name.rfind(optimiserPrefix, 0) == 0)
            own[name.substr(optimiserPrefix.size())] = tensor;
    m_optimiser->restore(own, jsonMember<Json>(scalars, "optimiser", "The checkpoint"));
    m_keep = jsonMember<std::int64_t>(scalars, "keep", "The checkpoint");
}

MagneticHead headFromState(const std::string& kind, const std::map<std::string, torch::Tensor>& tensors)
{
    MagneticHead head{kind, {}};
    for (const auto& [name, tensor] : tensors)
        if (name.rfind(headPrefix, 0) == 0)
            head.numbers[name.substr(headPrefix.size())] = tensor;
    return head;
}

} // namespace lodestone
