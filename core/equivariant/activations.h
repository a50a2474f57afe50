#pragma once
#include "algebra/activation.h"

#include <functional>
#include <torch/types.h>

namespace lodestone {

/// sqrt(E[f(z)^2]) for a standard normal z, by the mean over `nodes` equally probable values of z. This is
/// the rule by which e3nn-jax normalises activations (1,000,001 nodes); models trained with it need the same
/// nodes, since the rule differs from the exact integral by 2e-5. Evaluated in double.
double activationNorm(const std::function<torch::Tensor(const torch::Tensor&)>& f,
                      std::int64_t nodes = 1000001);

torch::Tensor activate(const Activation& activation, const torch::Tensor& x);

} // namespace lodestone
