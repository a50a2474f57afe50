#include "equivariant/activations.h"

#include "base/error.h"

#include <cmath>
#include <numbers>
#include <torch/torch.h>

namespace lodestone {
namespace {

torch::Tensor plain(ActivationKind kind, const torch::Tensor& x)
{
    switch (kind) {
    case ActivationKind::None:
        return x;
    case ActivationKind::Silu:
        return torch::silu(x);
    case ActivationKind::Tanh:
        return torch::tanh(x);
    case ActivationKind::Sigmoid:
        return torch::sigmoid(x);
    case ActivationKind::Relu:
        return torch::relu(x);
    case ActivationKind::Elu:
        return torch::elu(x);
    case ActivationKind::Abs:
        return torch::abs(x);
    case ActivationKind::ShiftedSoftplus:
        return torch::nn::functional::softplus(x) - std::numbers::ln2;
    case ActivationKind::Softplus:
        return torch::nn::functional::softplus(x);
    case ActivationKind::Mish:
        return torch::mish(x);
    case ActivationKind::Gelu:
        return torch::gelu(x);
    }
    fail<InternalError>("There is no activation number {}.", static_cast<int>(kind));
}

} // namespace

torch::Tensor activate(const Activation& activation, const torch::Tensor& x)
{
    if (activation.kind == ActivationKind::None)
        return x;
    const torch::Tensor y = plain(activation.kind, x);
    return activation.factor == 1 ? y : y * activation.factor;
}

} // namespace lodestone
