#include "equivariant/radial.h"

#include "equivariant/matrix_product.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <torch/torch.h>

namespace lodestone {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

torch::Tensor polynomialCutoff(const torch::Tensor& x, double p)
{
    const torch::Tensor power = x.pow(p);
    const torch::Tensor value =
        1 - power * ((p + 1) * (p + 2) / 2 - x * (p * (p + 2) - x * (p * (p + 1) / 2)));
    return torch::where(x < 1, value, torch::zeros_like(value));
}

torch::Tensor cutoffSlope(const torch::Tensor& x, double p)
{
    const torch::Tensor value = x.pow(p - 1) * (1 - x).square() * (-p * (p + 1) * (p + 2) / 2);
    return torch::where(x < 1, value, torch::zeros_like(value));
}

torch::Tensor wavesOf(const RadialBasis& basis, const torch::Tensor& r)
{
    return torch::arange(1, basis.size + 1, r.options()) * (std::numbers::pi / basis.cutoff);
}

struct Network : torch::CustomClassHolder {
    RadialBasis basis;
    std::vector<torch::Tensor> matrices; ///< none of them asks for a gradient
};
using NetworkPtr = c10::intrusive_ptr<Network>;

NetworkPtr networkOf(AutogradContext* context)
{
    return c10::static_intrusive_pointer_cast<Network>(context->saved_data["network"].toCapsule());
}

/// (r, g, dw/dr) -> sum over columns of g dw/dr. The curvature of w is computed only where somebody asks for
/// it, that is for second derivatives in positions, not for gradients of forces in parameters.
class RadialSlope : public torch::autograd::Function<RadialSlope> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& r, const torch::Tensor& g,
                                 const torch::Tensor& slope, const NetworkPtr& network)
    {
        context->save_for_backward({r, g, slope});
        context->saved_data["network"] = c10::IValue::make_capsule(network);
        return (g * slope).sum(1);
    }

    static variable_list backward(AutogradContext* context, const variable_list& outer)
    {
        const variable_list saved = context->get_saved_variables();
        const torch::Tensor &r = saved[0], &g = saved[1], &slope = saved[2], &h = outer[0];
        const NetworkPtr network = networkOf(context);
        torch::Tensor toR, toG;
        if (at::GradMode::is_enabled()) {
            // Third derivatives: everything again by differentiable operations. The views keep this from
            // following how r, g and h hang together outside.
            const torch::Tensor ownR = r.view_as(r), ownG = g.view_as(g);
            const torch::Tensor weights = radialWeightsByTensors(network->basis, network->matrices, ownR);
            const torch::Tensor first = torch::autograd::grad({weights}, {ownR}, {ownG}, true, true)[0];
            const variable_list second = torch::autograd::grad({first}, {ownR, ownG}, {h}, true, true, true);
            return {second[0], second[1], {}, {}};
        }
        if (context->needs_input_grad(1))
            toG = h.unsqueeze(1) * slope;
        if (context->needs_input_grad(0)) {
            const at::AutoGradMode gradients(true);
            const torch::Tensor at = r.detach().requires_grad_();
            const torch::Tensor weights = radialWeightsByTensors(network->basis, network->matrices, at);
            const torch::Tensor first =
                torch::autograd::grad({(weights * g.detach()).sum()}, {at}, {}, true, true)[0];
            toR = torch::autograd::grad({(first * h.detach()).sum()}, {at})[0];
        }
        return {toR, toG, {}, {}};
    }
};

class FixedRadial : public torch::autograd::Function<FixedRadial> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& r, const NetworkPtr& network)
    {
        torch::Tensor x = radialBasis(network->basis, r);
        torch::Tensor dx = radialBasisSlope(network->basis, r);
        for (std::size_t i = 0; i < network->matrices.size(); ++i) {
            if (i > 0) {
                const torch::Tensor s = torch::sigmoid(x);
                dx = dx * (s * (1 + x * (1 - s)));
                x = x * s;
            }
            x = matrixProduct(x, network->matrices[i]);
            dx = matrixProduct(dx, network->matrices[i]);
        }
        context->save_for_backward({r});
        context->saved_data["slope"] = dx;
        context->saved_data["network"] = c10::IValue::make_capsule(network);
        return x;
    }

    static variable_list backward(AutogradContext* context, const variable_list& slopes)
    {
        const torch::Tensor slope = context->saved_data["slope"].toTensor();
        return {RadialSlope::apply(context->get_saved_variables()[0], slopes[0], slope, networkOf(context)),
                {}};
    }
};

} // namespace

torch::Tensor radialBasis(const RadialBasis& basis, const torch::Tensor& distance)
{
    const torch::Tensor r = distance.unsqueeze(1);
    return (r * wavesOf(basis, distance)).sin() *
           (polynomialCutoff(r / basis.cutoff, basis.p) * (2 / basis.cutoff) / r);
}

torch::Tensor radialBasisSlope(const RadialBasis& basis, const torch::Tensor& distance)
{
    const torch::Tensor r = distance.unsqueeze(1);
    const torch::Tensor x = r / basis.cutoff;
    const torch::Tensor waves = wavesOf(basis, distance);
    const torch::Tensor cutoff = polynomialCutoff(x, basis.p);
    const torch::Tensor sine = (r * waves).sin();
    return ((r * waves).cos() * waves * cutoff +
            sine * (cutoffSlope(x, basis.p) / basis.cutoff - cutoff / r)) *
           ((2 / basis.cutoff) / r);
}

torch::Tensor radialWeightsByTensors(const RadialBasis& basis, const std::vector<torch::Tensor>& matrices,
                                     const torch::Tensor& distance)
{
    torch::Tensor x = radialBasis(basis, distance);
    for (std::size_t i = 0; i < matrices.size(); ++i)
        x = matrixProduct(i > 0 ? torch::silu(x) : x, matrices[i]);
    return x;
}

torch::Tensor radialWeights(const RadialBasis& basis, const std::vector<torch::Tensor>& matrices,
                            const torch::Tensor& distance)
{
    const bool trained = std::any_of(matrices.begin(), matrices.end(),
                                     [](const torch::Tensor& matrix) { return matrix.requires_grad(); });
    if (trained || !distance.requires_grad() || !at::GradMode::is_enabled())
        return radialWeightsByTensors(basis, matrices, distance);
    const NetworkPtr network = c10::make_intrusive<Network>();
    network->basis = basis;
    network->matrices = matrices;
    return FixedRadial::apply(distance, network);
}

} // namespace lodestone
