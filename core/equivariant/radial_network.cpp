#include "equivariant/radial_network.h"

#include "equivariant/matrix_product.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// x, power = x^p: numbers or tensors.
template<typename Number>
Number polynomial(double p, const Number& x, const Number& power)
{
    return 1 - power * ((p + 1) * (p + 2) / 2 - x * (p * (p + 2) - x * (p * (p + 1) / 2)));
}

/// r: distance, number or tensor; smooth from one at the onset to zero at the cutoff.
template<typename Number>
Number xplor(const RadialEnvelope& envelope, const Number& r)
{
    const double outer = envelope.cutoff * envelope.cutoff, inner = envelope.onset * envelope.onset;
    const Number square = r * r, rest = outer - square;
    return rest * rest * (square * 2 + (outer - 3 * inner)) * (1 / std::pow(outer - inner, 3));
}

} // namespace

torch::Tensor envelope(const RadialEnvelope& envelope, const torch::Tensor& distance)
{
    torch::Tensor value;
    if (envelope.kind == RadialEnvelope::Kind::Xplor) {
        value = xplor(envelope, distance);
        value = torch::where(distance < envelope.onset, torch::ones_like(value), value);
    } else {
        const torch::Tensor x = distance * (1 / envelope.cutoff);
        value = polynomial(envelope.p, x, x.pow(envelope.p));
    }
    return torch::where(distance < envelope.cutoff, value, torch::zeros_like(value));
}

double envelope(const RadialEnvelope& envelope, double distance)
{
    if (distance >= envelope.cutoff)
        return 0;
    if (envelope.kind == RadialEnvelope::Kind::Xplor)
        return distance < envelope.onset ? 1 : xplor(envelope, distance);
    const double x = distance * (1 / envelope.cutoff);
    return polynomial(envelope.p, x, std::pow(x, envelope.p));
}

torch::Tensor besselBasis(const BesselBasis& basis, const torch::Tensor& frequencies,
                          const torch::Tensor& distance)
{
    const torch::Tensor radius = distance.unsqueeze(1);
    return (radius * frequencies).sin() * (envelope(basis.envelope, radius) * basis.prefactor / radius);
}

std::vector<double> besselBasis(const BesselBasis& basis, const std::vector<double>& frequencies,
                                double distance)
{
    const double scale = envelope(basis.envelope, distance) * basis.prefactor / distance;
    std::vector<double> values;
    values.reserve(frequencies.size());
    for (const double frequency : frequencies)
        values.push_back(std::sin(distance * frequency) * scale);
    return values;
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
