#include "equivariant/radial_network.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

torch::Tensor polynomial(double p, const torch::Tensor& x)
{
    return 1 - x.pow(p) * ((p + 1) * (p + 2) / 2 - x * (p * (p + 2) - x * (p * (p + 1) / 2)));
}

/// r: distance; smooth from one at the onset to zero at the cutoff.
torch::Tensor xplor(const RadialEnvelope& envelope, const torch::Tensor& r)
{
    const double outer = envelope.cutoff * envelope.cutoff, inner = envelope.onset * envelope.onset;
    const torch::Tensor square = r.square();
    const torch::Tensor smooth =
        (outer - square).square() * (square * 2 + (outer - 3 * inner)) * (1 / std::pow(outer - inner, 3));
    return torch::where(r < envelope.onset, torch::ones_like(r), smooth);
}

} // namespace

torch::Tensor envelope(const RadialEnvelope& envelope, const torch::Tensor& distance)
{
    const torch::Tensor value = envelope.kind == RadialEnvelope::Kind::Xplor
                                    ? xplor(envelope, distance)
                                    : polynomial(envelope.p, distance * (1 / envelope.cutoff));
    return torch::where(distance < envelope.cutoff, value, torch::zeros_like(value));
}

torch::Tensor besselBasis(const BesselBasis& basis, const torch::Tensor& frequencies,
                          const torch::Tensor& distance)
{
    const torch::Tensor radius = distance.unsqueeze(1);
    return (radius * frequencies).sin() * (envelope(basis.envelope, radius) * basis.prefactor / radius);
}

torch::Tensor radialNetwork(const std::vector<torch::Tensor>& matrices, const Activation& activation,
                            const torch::Tensor& basis)
{
    torch::Tensor x = basis;
    for (std::size_t i = 0; i < matrices.size(); ++i)
        x = (i > 0 ? activate(activation, x) : x).matmul(matrices[i]);
    return x;
}

} // namespace lodestone
