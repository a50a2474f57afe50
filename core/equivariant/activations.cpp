#include "equivariant/activations.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {

double activationNorm(const std::function<torch::Tensor(const torch::Tensor&)>& f, std::int64_t nodes)
{
    const torch::NoGradGuard noGradient;
    const torch::Tensor quantiles = torch::linspace(-1, 1, nodes + 2, torch::kFloat64).slice(0, 1, nodes + 1);
    const torch::Tensor z = quantiles.erfinv() * std::sqrt(2.0);
    return std::sqrt(f(z).square().mean().item<double>());
}

torch::Tensor ScaledActivation::operator()(const torch::Tensor& x) const
{
    torch::Tensor y = x;
    switch (function) {
    case Function::Identity:
        break;
    case Function::Silu:
        y = torch::silu(x);
        break;
    case Function::Sigmoid:
        y = torch::sigmoid(x);
        break;
    case Function::Tanh:
        y = torch::tanh(x);
        break;
    case Function::Abs:
        y = torch::abs(x);
        break;
    }
    return factor == 1 ? y : y * factor;
}

} // namespace lodestone
