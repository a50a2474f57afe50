#pragma once
#include "base/json.h"
#include "run/config.h"

#include <map>
#include <memory>
#include <string>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// One trainable tensor with its own learning rate and decoupled decay towards zero.
struct TrainedParameter {
    std::string name;
    torch::Tensor value; ///< leaf; its .grad() is the gradient
    double learningRate = 1e-3;
    double decay = 0;
    torch::Tensor decayMask; ///< same shape; decay acts where it is 1. Undefined: everywhere
    /// L1 norm's weight, "adamw" without an average only: a proximal step after each step takes learning rate
    /// x shrinkage off every magnitude, to exact zeros.
    double shrinkage = 0;
};

/// First-order optimiser over a fixed list of tensors. The live point (where gradients are taken) is in the
/// tensors themselves; the evaluation point is what is validated, counted and saved.
class Optimiser {
public:
    virtual ~Optimiser() = default;
    /// One step with the gradients at hand (a tensor without one keeps its place); `parameters` may differ
    /// from those of the constructor only in decayMask.
    virtual void step(const std::vector<TrainedParameter>& parameters) = 0;
    /// Copies, in the order of the parameters, never part of a graph.
    virtual std::vector<torch::Tensor>
    evaluationPoint(const std::vector<TrainedParameter>& parameters) const = 0;
    /// What the next step multiplies every learning rate with: warm-up x schedule, 0..1.
    virtual double rateFactor() const = 0;
    /// The schedule's factor for the steps to come; kept by the caller, not in the state.
    void setSchedule(double factor) { m_schedule = factor; }

    /// Everything needed to go on bit for bit, the live tensors themselves left out.
    virtual std::map<std::string, torch::Tensor> tensors() const = 0;
    virtual Json scalars() const = 0;
    virtual void restore(const std::map<std::string, torch::Tensor>& tensors, const Json& scalars) = 0;

protected:
    double schedule() const { return m_schedule; }

private:
    double m_schedule = 1;
};

/// The factor of a cosine schedule at `progress` (0..1 of all steps): from 1 down to `last`.
double cosineFactor(double progress, double last);

/// "schedule-free-adamw": Defazio et al. 2024 (arXiv 2405.15682), beta1 0.9, beta2 0.999; or "adamw":
/// Loshchilov and Hutter 2019, with an exponential average of the weights as evaluation point if config.ema >
/// 0. Both warm up linearly over config.warmupSteps.
std::unique_ptr<Optimiser> makeOptimiser(const OptimiserConfig& config,
                                         const std::vector<TrainedParameter>& parameters);

/// Scales all gradients together so that their joint Euclidean norm is at most `limit` (0: not at all) and
/// returns the norm before.
double clipGradients(const std::vector<TrainedParameter>& parameters, double limit);

} // namespace lodestone
