#include "equivariant/radial_network.h"

#include "equivariant/matrix_product.h"

#include <torch/torch.h>

namespace lodestone {

torch::Tensor envelope(const RadialEnvelope& envelope, const torch::Tensor& distance)
{
    torch::Tensor value;
    if (envelope.kind == RadialEnvelope::Kind::Xplor) {
        value = xplorEnvelope(envelope, distance);
        value = torch::where(distance < envelope.onset, torch::ones_like(value), value);
    } else {
        const torch::Tensor x = distance * (1 / envelope.cutoff);
        value = polynomialEnvelope(envelope.p, x, x.pow(envelope.p));
    }
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
        x = matrixProduct(i > 0 ? activate(activation, x) : x, matrices[i]);
    return x;
}

} // namespace lodestone
