#include "finetune/optimisers.h"

#include <algorithm>
#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double beta1 = 0.9;
constexpr double beta2 = 0.999;
constexpr double epsilon = 1e-8;
constexpr const char* checkpoint = "The checkpoint's optimiser"; // in sentences

double warmUp(std::int64_t step, int warmupSteps)
{
    return warmupSteps > 0 ? std::min(1.0, static_cast<double>(step + 1) / warmupSteps) : 1.0;
}

/// decay * value, only where the mask allows.
torch::Tensor decayTerm(const TrainedParameter& parameter)
{
    const auto term = parameter.value * parameter.decay;
    return parameter.decayMask.defined() ? term * parameter.decayMask : term;
}

const torch::Tensor& stored(const std::map<std::string, torch::Tensor>& tensors, const std::string& name,
                            const torch::Tensor& like)
{
    const auto it = tensors.find(name);
    if (it == tensors.end() || it->second.sizes() != like.sizes())
        fail("The checkpoint has no fitting optimiser state \"{}\"; it belongs to another configuration.",
             name);
    return it->second;
}

/// Keys of the per-tensor state in a checkpoint: "z:delta".
std::string key(const char* kind, const std::string& name)
{
    return std::string(kind) + ":" + name;
}

class ScheduleFreeAdamW : public Optimiser {
public:
    ScheduleFreeAdamW(const OptimiserConfig& config, const std::vector<TrainedParameter>& parameters)
        : m_config(config)
    {
        for (const auto& parameter : parameters) {
            if (parameter.shrinkage != 0)
                fail<InternalError>("Schedule-free averages of \"{}\" would not be sparse.", parameter.name);
            m_names.push_back(parameter.name);
            m_z.push_back(parameter.value.detach().clone());
            m_v.push_back(torch::zeros_like(m_z.back()));
        }
    }

    double rateFactor() const override { return schedule() * warmUp(m_step, m_config.warmupSteps); }

    void step(const std::vector<TrainedParameter>& parameters) override
    {
        const torch::NoGradGuard guard;
        // Learning rates differ by constant factors only, so that the averaging weights are the same for all.
        const double factor = rateFactor();
        m_largestFactor = std::max(m_largestFactor, factor);
        m_weightSum += m_largestFactor * m_largestFactor;
        const double c = m_largestFactor * m_largestFactor / m_weightSum;
        const double correction = 1 - std::pow(beta2, static_cast<double>(m_step + 1));
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const auto& gradient = parameters[i].value.grad();
            if (!gradient.defined())
                continue;
            torch::Tensor y = parameters[i].value;
            const double rate = parameters[i].learningRate * factor;
            m_v[i].mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
            auto d = gradient / (m_v[i] / correction).sqrt_().add_(epsilon);
            if (parameters[i].decay != 0)
                d.add_(decayTerm(parameters[i]));
            y.lerp_(m_z[i], c);
            y.add_(d, rate * (beta1 * (1 - c) - 1));
            m_z[i].sub_(d, rate);
        }
        ++m_step;
    }

    std::vector<torch::Tensor> evaluationPoint(const std::vector<TrainedParameter>& parameters) const override
    {
        const torch::NoGradGuard guard;
        std::vector<torch::Tensor> point;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            point.push_back(parameters[i].value.lerp(m_z[i], 1 - 1 / beta1).detach());
        return point;
    }

    std::map<std::string, torch::Tensor> tensors() const override
    {
        std::map<std::string, torch::Tensor> result;
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            result[key("z", m_names[i])] = m_z[i];
            result[key("v", m_names[i])] = m_v[i];
        }
        return result;
    }
    Json scalars() const override
    {
        return {{"step", m_step}, {"largest_factor", m_largestFactor}, {"weight_sum", m_weightSum}};
    }
    void restore(const std::map<std::string, torch::Tensor>& tensors, const Json& scalars) override
    {
        const torch::NoGradGuard guard;
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            m_z[i].copy_(stored(tensors, key("z", m_names[i]), m_z[i]));
            m_v[i].copy_(stored(tensors, key("v", m_names[i]), m_v[i]));
        }
        m_step = jsonMember<std::int64_t>(scalars, "step", checkpoint);
        m_largestFactor = jsonMember<double>(scalars, "largest_factor", checkpoint);
        m_weightSum = jsonMember<double>(scalars, "weight_sum", checkpoint);
    }

private:
    OptimiserConfig m_config;
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_z, m_v;
    std::int64_t m_step = 0;
    double m_largestFactor = 0;
    double m_weightSum = 0;
};

class AdamW : public Optimiser {
public:
    AdamW(const OptimiserConfig& config, const std::vector<TrainedParameter>& parameters) : m_config(config)
    {
        for (const auto& parameter : parameters) {
            if (parameter.shrinkage != 0 && config.ema > 0)
                fail<InternalError>("A moving average of \"{}\" would not be sparse.", parameter.name);
            m_names.push_back(parameter.name);
            const auto value = parameter.value.detach();
            m_m.push_back(torch::zeros_like(value));
            m_v.push_back(torch::zeros_like(value));
            if (config.ema > 0)
                m_average.push_back(value.clone());
        }
    }

    double rateFactor() const override { return schedule() * warmUp(m_step, m_config.warmupSteps); }

    void step(const std::vector<TrainedParameter>& parameters) override
    {
        const torch::NoGradGuard guard;
        const double factor = rateFactor();
        ++m_step;
        const auto n = static_cast<double>(m_step);
        const double correction1 = 1 - std::pow(beta1, n);
        const double correction2 = 1 - std::pow(beta2, n);
        // A young average would remember the start for too long.
        const double memory = std::min(m_config.ema, (1 + n) / (10 + n));
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const auto& gradient = parameters[i].value.grad();
            torch::Tensor value = parameters[i].value;
            if (gradient.defined()) {
                const double rate = parameters[i].learningRate * factor;
                if (parameters[i].decay != 0)
                    value.sub_(decayTerm(parameters[i]), rate);
                m_m[i].mul_(beta1).add_(gradient, 1 - beta1);
                m_v[i].mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
                value.addcdiv_(m_m[i], (m_v[i] / correction2).sqrt_().add_(epsilon), -rate / correction1);
                if (parameters[i].shrinkage != 0)
                    value.copy_(torch::softshrink(value, rate * parameters[i].shrinkage));
            }
            if (!m_average.empty())
                m_average[i].lerp_(value, 1 - memory);
        }
    }

    std::vector<torch::Tensor> evaluationPoint(const std::vector<TrainedParameter>& parameters) const override
    {
        std::vector<torch::Tensor> point;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            point.push_back((m_average.empty() ? parameters[i].value : m_average[i]).detach().clone());
        return point;
    }

    std::map<std::string, torch::Tensor> tensors() const override
    {
        std::map<std::string, torch::Tensor> result;
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            result[key("m", m_names[i])] = m_m[i];
            result[key("v", m_names[i])] = m_v[i];
            if (!m_average.empty())
                result[key("average", m_names[i])] = m_average[i];
        }
        return result;
    }
    Json scalars() const override { return {{"step", m_step}}; }
    void restore(const std::map<std::string, torch::Tensor>& tensors, const Json& scalars) override
    {
        const torch::NoGradGuard guard;
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            m_m[i].copy_(stored(tensors, key("m", m_names[i]), m_m[i]));
            m_v[i].copy_(stored(tensors, key("v", m_names[i]), m_v[i]));
            if (!m_average.empty())
                m_average[i].copy_(stored(tensors, key("average", m_names[i]), m_average[i]));
        }
        m_step = jsonMember<std::int64_t>(scalars, "step", checkpoint);
    }

private:
    OptimiserConfig m_config;
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_m, m_v, m_average;
    std::int64_t m_step = 0;
};

} // namespace

std::unique_ptr<Optimiser> makeOptimiser(const OptimiserConfig& config,
                                         const std::vector<TrainedParameter>& parameters)
{
    if (config.kind == "schedule-free-adamw")
        return std::make_unique<ScheduleFreeAdamW>(config, parameters);
    if (config.kind == "adamw")
        return std::make_unique<AdamW>(config, parameters);
    fail("optimiser.kind \"{}\" does not exist: use schedule-free-adamw or adamw.", config.kind);
}

double cosineFactor(double progress, double last)
{
    constexpr double pi = 3.14159265358979323846;
    return last + (1 - last) * 0.5 * (1 + std::cos(pi * std::clamp(progress, 0.0, 1.0)));
}

double clipGradients(const std::vector<TrainedParameter>& parameters, double limit)
{
    const torch::NoGradGuard guard;
    std::vector<torch::Tensor> squares;
    for (const auto& parameter : parameters)
        if (parameter.value.grad().defined())
            squares.push_back(parameter.value.grad().pow(2).sum());
    if (squares.empty())
        return 0;
    const double norm = torch::stack(squares).sum().sqrt().item<double>();
    if (limit > 0 && norm > limit)
        for (const auto& parameter : parameters)
            if (parameter.value.grad().defined())
                parameter.value.mutable_grad().mul_(limit / norm);
    return norm;
}

} // namespace lodestone
