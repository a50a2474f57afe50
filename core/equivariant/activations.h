#pragma once
#include <functional>
#include <torch/types.h>

namespace lodestone {

/// sqrt(E[f(z)^2]) for a standard normal z, by the mean over `nodes` equally probable values of z. This is
/// the rule by which e3nn-jax normalises activations (1,000,001 nodes); models trained with it need the same
/// nodes, since the rule differs from the exact integral by 2e-5. Evaluated in double.
double activationNorm(const std::function<torch::Tensor(const torch::Tensor&)>& f,
                      std::int64_t nodes = 1000001);

enum class ActivationKind { None, Silu, Tanh, Sigmoid, Relu, Elu, Abs, ShiftedSoftplus };

/// factor * f(x); None: the identity, the factor is not used.
struct Activation {
    ActivationKind kind = ActivationKind::None;
    double factor = 1;
};
torch::Tensor activate(const Activation& activation, const torch::Tensor& x);

/// The activation scaled to unit second moment by the rule of e3nn for PyTorch
/// (math/_normalize_activation.py): the mean over 1,000,000 normal numbers that PyTorch draws from seed 0, in
/// double; a factor within 1e-4 of one counts as one. The sampled mean is 1e-3 off the exact one, so models
/// need this very rule.
Activation normalisedActivation(ActivationKind kind);

} // namespace lodestone
