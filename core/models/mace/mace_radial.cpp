#include "models/mace/mace_radial.h"

#include "architectures/mace/mace_layout.h"
#include "equivariant/matrix_product.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

torch::Tensor constants(const std::vector<double>& values, const torch::Tensor& like)
{
    return torch::tensor(values, torch::kFloat64).to(like.options());
}

torch::Tensor transformed(const MaceRadial& radial, const torch::Tensor& r, const torch::Tensor& bond)
{
    switch (radial.transform) {
    case MaceRadial::Transform::None:
        break;
    case MaceRadial::Transform::Agnesi: {
        const torch::Tensor x = r / (bond * 0.5);
        return (1 + radial.a * x.pow(radial.q) / (1 + x.pow(radial.q - radial.b))).reciprocal();
    }
    case MaceRadial::Transform::SoftTanh: {
        const torch::Tensor low = bond * 0.75;
        const torch::Tensor width = bond * (4.0 / 3.0) - low;
        const torch::Tensor step = 0.5 * (1 + torch::tanh((r - (low + width * 0.5)) * radial.a / width));
        return low + (r - low) * step;
    }
    case MaceRadial::Transform::SoftExponent: {
        const torch::Tensor x = r / (bond * 0.25);
        return r + 0.5 * torch::tanh(-x - radial.a * x.pow(radial.b)) + 0.5;
    }
    }
    return r;
}

/// r: [edges, 1].
torch::Tensor basisOf(const MaceRadial& radial, const torch::Tensor& r)
{
    switch (radial.basis) {
    case MaceRadial::Basis::Bessel:
        return (r * constants(radial.centres, r)).sin() * (radial.factor / r);
    case MaceRadial::Basis::Gaussian:
        return ((r - constants(radial.centres, r)).square() * radial.factor).exp();
    case MaceRadial::Basis::Chebyshev:
        break;
    }
    std::vector<torch::Tensor> polynomials = {torch::ones_like(r), r};
    while (static_cast<std::int64_t>(polynomials.size()) <= radial.size)
        polynomials.push_back(2 * r * polynomials.back() - polynomials[polynomials.size() - 2]);
    return torch::cat(
        std::vector<torch::Tensor>(polynomials.begin() + 1, polynomials.begin() + 1 + radial.size), 1);
}

/// Term by term: the third derivatives of LibTorch 1.13's layer_norm, which tables of radial functions go
/// through, are wrong. x: [edges, channels].
torch::Tensor layerNorm(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                        double epsilon)
{
    const torch::Tensor centred = x - x.mean(1, true);
    return centred * (centred.square().mean(1, true) + epsilon).rsqrt() * weight + bias;
}

} // namespace

torch::Tensor polynomialCutoff(const torch::Tensor& x, int p)
{
    const double q = p;
    const torch::Tensor value =
        1 - x.pow(p) * ((q + 1) * (q + 2) / 2 - x * (q * (q + 2) - x * (q * (q + 1) / 2)));
    return torch::where(x < 1, value, torch::zeros_like(value));
}

RadialFeatures radialFeatures(const MaceRadial& radial, const torch::Tensor& distance,
                              const torch::Tensor& centre, const torch::Tensor& neighbour)
{
    const torch::Tensor r = distance.unsqueeze(1);
    RadialFeatures result;
    result.cutoff = polynomialCutoff(r / radial.cutoff, radial.p);
    torch::Tensor bond; // sum of covalent radii
    if (radial.transform != MaceRadial::Transform::None) {
        const torch::Tensor radii = constants(radial.radii, r);
        bond = (radii.index_select(0, neighbour) + radii.index_select(0, centre)).unsqueeze(1);
    }
    result.functions = basisOf(radial, transformed(radial, r, bond));
    if (radial.applyCutoff)
        result.functions = result.functions * result.cutoff;
    return result;
}

torch::Tensor pairRepulsion(const MaceRepulsion& repulsion, const std::vector<int>& atomicNumbers,
                            const torch::Tensor& r, const torch::Tensor& centre,
                            const torch::Tensor& neighbour)
{
    // The constants of upstream: Bohr radius 0.529 Angstrom, e^2 / (4 pi epsilon_0) = 14.3996 eV Angstrom.
    constexpr double decays[] = {3.2, 0.9423, 0.4028, 0.2016};
    std::vector<double> numbers, powers;
    for (const int z : atomicNumbers) {
        numbers.push_back(z);
        powers.push_back(std::pow(z, repulsion.exponent));
    }
    const auto ofEnds = [&](const std::vector<double>& values) {
        const torch::Tensor all = constants(values, r);
        return std::pair(all.index_select(0, neighbour), all.index_select(0, centre));
    };
    const auto [z1, z2] = ofEnds(numbers);
    const auto [power1, power2] = ofEnds(powers);
    const auto [radius1, radius2] = ofEnds(repulsion.radii);
    const torch::Tensor x = r * (power1 + power2) * (1 / (repulsion.prefactor * 0.529));
    torch::Tensor screening;
    for (std::size_t i = 0; i < 4; ++i) {
        const torch::Tensor part = repulsion.amplitudes[i] * (x * -decays[i]).exp();
        screening = i == 0 ? part : screening + part;
    }
    return 0.5 * 14.3996 * z1 * z2 / r * screening * polynomialCutoff(r / (radius1 + radius2), repulsion.p);
}

torch::Tensor evaluate(const RadialNetwork& network, const ParameterTable& parameters, std::size_t layer,
                       const std::string& module, const torch::Tensor& input)
{
    torch::Tensor x = input;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const RadialNetwork::Layer& part = network.layers[i];
        const auto parameter = [&](const std::string& leaf) {
            return parameters.at(radialTensor(layer, module, network, i, leaf));
        };
        if (network.kind == RadialNetwork::Kind::E3nn) {
            x = activate(part.activation, matrixProduct(x, parameter("weight") * part.factor));
            continue;
        }
        x = matrixProduct(x, parameter("weight").t()) + parameter("bias");
        if (i + 1 < network.layers.size())
            x = layerNorm(x, parameter("norm/weight"), parameter("norm/bias"), part.epsilon);
        x = activate(part.activation, x);
    }
    return x;
}

} // namespace lodestone
