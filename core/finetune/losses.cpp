#include "finetune/losses.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// weight * sum(w l) / sum, undefined if nothing is labelled. w runs over the first axis of l.
torch::Tensor maskedMean(double weight, const torch::Tensor& losses, const torch::Tensor& mask, double sum)
{
    if (sum <= 0)
        return {};
    const auto perRow = losses.dim() > 1 ? losses.flatten(1).mean(1) : losses;
    return (perRow * mask).sum() * (weight / sum);
}

} // namespace

BatchLabels BatchLabels::to(torch::Device device) const
{
    const auto moved = [device](const torch::Tensor& tensor) {
        return tensor.defined() ? tensor.to(device) : tensor;
    };
    return {moved(energy),
            moved(energyWeight),
            moved(forces),
            moved(forceWeight),
            moved(stress),
            moved(stressWeight),
            moved(moments),
            moved(momentWeight),
            moved(momentVectors),
            moved(magneticForces),
            moved(magneticForceWeight),
            moved(axes)};
}

LabelSums& LabelSums::operator+=(const LabelSums& other)
{
    energy += other.energy;
    forces += other.forces;
    stress += other.stress;
    moments += other.moments;
    magneticForces += other.magneticForces;
    return *this;
}

LabelSums labelSums(const BatchLabels& labels)
{
    const auto sum = [](const torch::Tensor& weight) {
        return weight.defined() ? weight.sum().item<double>() : 0.0;
    };
    return {sum(labels.energyWeight), sum(labels.forceWeight), sum(labels.stressWeight),
            sum(labels.momentWeight), sum(labels.magneticForceWeight)};
}

Quantities quantitiesOf(const TargetWeights& targets)
{
    return {targets.energy > 0,  targets.forces > 0,         targets.stress > 0,
            targets.moments > 0, targets.magneticForces > 0, targets.perpendicular};
}

Json LossValue::toJson() const
{
    Json json;
    const auto put = [&json](const char* name, const torch::Tensor& value) {
        if (value.defined())
            json[name] = value.detach().item<double>();
    };
    put("total", total);
    put("energy", energy);
    put("forces", forces);
    put("stress", stress);
    put("moments", moments);
    put("magnetic_forces", magneticForces);
    return json;
}

LossValue& LossValue::operator+=(const LossValue& part)
{
    const auto add = [](torch::Tensor& sum, const torch::Tensor& term) {
        if (term.defined())
            sum = sum.defined() ? sum + term.detach() : term.detach();
    };
    add(total, part.total);
    add(energy, part.energy);
    add(forces, part.forces);
    add(stress, part.stress);
    add(moments, part.moments);
    add(magneticForces, part.magneticForces);
    return *this;
}

double pointLoss(const LossConfig& config, double difference)
{
    const double x = std::abs(difference);
    if (config.kind == "mae")
        return x;
    if (config.kind == "mse")
        return x * x;
    return x < config.delta ? 0.5 * x * x : config.delta * (x - 0.5 * config.delta);
}

torch::Tensor pointLoss(const LossConfig& config, const torch::Tensor& difference)
{
    if (config.kind == "mae")
        return difference.abs();
    if (config.kind == "mse")
        return difference.square();
    if (config.kind != "huber")
        fail("loss.kind \"{}\" does not exist: use huber, mae or mse.", config.kind);
    return torch::huber_loss(difference, torch::zeros_like(difference), at::Reduction::None, config.delta);
}

LossValue batchLoss(const LossConfig& config, const TargetWeights& targets, const Prediction& prediction,
                    const HeadOutput& head, const torch::Tensor& atomCount, const BatchLabels& labels,
                    const LabelSums& sums)
{
    LossValue loss;
    if (targets.energy > 0 && labels.energy.defined()) {
        auto difference = prediction.energy - labels.energy;
        if (config.energyPerAtom)
            difference = difference / atomCount;
        loss.energy =
            maskedMean(targets.energy, pointLoss(config, difference), labels.energyWeight, sums.energy);
    }
    if (targets.forces > 0 && labels.forces.defined())
        loss.forces = maskedMean(targets.forces, pointLoss(config, prediction.forces - labels.forces),
                                 labels.forceWeight, sums.forces);
    if (targets.stress > 0 && labels.stress.defined())
        loss.stress = maskedMean(targets.stress, pointLoss(config, prediction.stress - labels.stress),
                                 labels.stressWeight, sums.stress);
    if (targets.moments > 0 && labels.moments.defined())
        loss.moments =
            maskedMean(targets.moments,
                       pointLoss(config, head.moments.defined() ? head.moments - labels.momentVectors
                                                                : head.magnitudes - labels.moments),
                       labels.momentWeight, sums.moments);
    if (targets.magneticForces > 0 && labels.magneticForces.defined()) {
        torch::Tensor difference = head.magneticForces - labels.magneticForces;
        if (labels.axes.defined())
            difference = perpendicularTo(labels.axes, difference);
        loss.magneticForces = maskedMean(targets.magneticForces, pointLoss(config, difference),
                                         labels.magneticForceWeight, sums.magneticForces);
    }
    for (const auto* part : {&loss.energy, &loss.forces, &loss.stress, &loss.moments, &loss.magneticForces})
        if (part->defined())
            loss.total = loss.total.defined() ? loss.total + *part : *part;
    return loss;
}

} // namespace lodestone
