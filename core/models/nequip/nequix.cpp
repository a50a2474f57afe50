#include "models/nequip/nequix.h"

#include "equivariant/activations.h"

#include <cmath>
#include <numbers>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Name of a parameter: "layer_0/linear_1/0e".
std::string nameOf(std::size_t layer, const char* module, const std::string& leaf)
{
    return fmt::format("layer_{}/{}/{}", layer, module, leaf);
}

double siluNorm()
{
    static const double norm = activationNorm([](const torch::Tensor& x) { return torch::silu(x); });
    return norm;
}

/// Rows of a matrix for one-hot inputs: x W / sqrt(elements) without the product. [atoms, 1, channels].
torch::Tensor elementRows(const torch::Tensor& weight, const torch::Tensor& species)
{
    return weight.index_select(0, species).unsqueeze(1) *
           (1 / std::sqrt(static_cast<double>(weight.size(0))));
}

/// Polynomial cutoff (Gasteiger et al., arXiv:2003.03123, eq. 8) of x = r / cutoff; 0 beyond.
torch::Tensor polynomialCutoff(const torch::Tensor& x, double p)
{
    const torch::Tensor power = x.pow(p);
    const torch::Tensor value =
        1 - (p + 1) * (p + 2) / 2 * power + p * (p + 2) * power * x - p * (p + 1) / 2 * power * x * x;
    return torch::where(x < 1, value, torch::zeros_like(value));
}

} // namespace

NequixModel::NequixModel(NequixConfig config, ModelDescription description)
    : m_config(std::move(config)),
      m_description(std::move(description)),
      m_layers(nequixLayers(m_config)),
      m_harmonics(m_config.lMax),
      m_siluNorm(siluNorm())
{
    for (const NequixLayer& layer : m_layers)
        for (const NequixOutput& output : layer.outputs)
            for (const NequixPath& path : output.paths) {
                const int l1 = layer.input[static_cast<std::size_t>(path.input)].irrep.l;
                const PathKey key{l1, path.l2, output.block.irrep.l};
                if (!m_paths.count(key))
                    m_paths.emplace(key, CouplingPath(key[0], key[1], key[2]));
            }
}

/// Bessel functions (2 / r_c) sin(n pi r / r_c) / r times the cutoff polynomial: [edges, radialBasis].
torch::Tensor NequixModel::radialBasis(const torch::Tensor& distance) const
{
    const torch::Tensor r = distance.unsqueeze(1);
    const torch::Tensor n = torch::arange(1, m_config.radialBasis + 1, distance.options());
    const torch::Tensor x = r / m_config.cutoff;
    return (x * (n * std::numbers::pi)).sin() *
           (polynomialCutoff(x, m_config.polynomialP) * (2 / m_config.cutoff) / r);
}

torch::Tensor NequixModel::radialWeights(const ParameterTable& parameters, std::size_t layer,
                                         const torch::Tensor& basis) const
{
    torch::Tensor x = basis;
    for (int i = 0; i <= m_config.radialMlpLayers; ++i) {
        x = x.matmul(parameters.at(nameOf(layer, "radial", std::to_string(i))));
        if (i < m_config.radialMlpLayers)
            x = torch::silu(x);
    }
    return x;
}

NequixModel::Couplings NequixModel::couplingsOnEdges(const torch::Tensor& unit) const
{
    const std::vector<torch::Tensor> harmonics = m_harmonics(unit);
    Couplings couplings;
    for (const auto& [key, path] : m_paths)
        couplings.emplace(key, path.onEdges(harmonics[static_cast<std::size_t>(key[1])]));
    return couplings;
}

/// Sums over neighbours, one tensor per output irrep: [atoms, 2l + 1, pathChannels] (empty where there is no
/// path).
NequixModel::Features NequixModel::messages(const NequixLayer& layer, const GraphBatch& batch,
                                            const Features& input, const Couplings& couplings,
                                            const torch::Tensor& weights) const
{
    Features onEdges;
    for (const torch::Tensor& feature : input)
        onEdges.push_back(feature.index_select(0, batch.neighbour));
    Features sums;
    for (const NequixOutput& output : layer.outputs) {
        std::vector<torch::Tensor> parts;
        for (const NequixPath& path : output.paths) {
            const IrrepBlock& in = layer.input[static_cast<std::size_t>(path.input)];
            const torch::Tensor& coupling = couplings.at({in.irrep.l, path.l2, output.block.irrep.l});
            const torch::Tensor weight = weights.slice(1, path.radial, path.radial + in.multiplicity);
            const torch::Tensor product =
                weightedProduct(coupling, onEdges[static_cast<std::size_t>(path.input)], weight);
            parts.push_back(sumOnAtoms(product, batch.centre, batch.atoms));
        }
        sums.push_back(parts.empty() ? torch::Tensor() : torch::cat(parts, 2));
    }
    return sums;
}

/// linear_2 of the sums + skip of the layer's input. An empty `input` stands for one-hot species.
NequixModel::Features NequixModel::update(const ParameterTable& parameters, std::size_t number,
                                          const GraphBatch& batch, const Features& input,
                                          const Features& sums) const
{
    const NequixLayer& layer = m_layers[number];
    const double scale = 1 / std::sqrt(m_config.averageNeighbours);
    Features features;
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
        const NequixOutput& output = layer.outputs[i];
        const std::string leaf = toString(output.block.irrep);
        torch::Tensor feature;
        if (sums[i].defined())
            feature = equivariantLinear(sums[i], parameters.at(nameOf(number, "linear_2", leaf)) * scale);
        if (output.skip >= 0) {
            const torch::Tensor& weight = parameters.at(nameOf(number, "skip", leaf));
            const torch::Tensor skip =
                input.empty() ? elementRows(weight, batch.species)
                              : equivariantLinear(input[static_cast<std::size_t>(output.skip)], weight);
            feature = feature.defined() ? feature + skip : skip;
        }
        if (!feature.defined())
            feature = torch::zeros({batch.atoms, output.block.irrep.size(), output.block.multiplicity},
                                   batch.positions.options());
        features.push_back(feature);
    }
    return features;
}

/// Divides by the root mean square over all irreps (one number an atom), times a learned weight per channel.
void NequixModel::normalise(const ParameterTable& parameters, std::size_t number, Features& features) const
{
    torch::Tensor square;
    for (const torch::Tensor& feature : features) {
        // Sum over channels; mean over the 2l + 1 components, each weighted by 1 / ((2l + 1) blocks).
        const double weight =
            1.0 / (static_cast<double>(feature.size(1) * feature.size(1)) * features.size());
        const torch::Tensor part = feature.square().sum({1, 2}, true) * weight;
        square = square.defined() ? square + part : part;
    }
    const torch::Tensor inverse = (square + 1e-12).rsqrt();
    for (std::size_t i = 0; i < features.size(); ++i) {
        const std::string leaf = toString(m_layers[number].outputs[i].block.irrep);
        features[i] = features[i] * parameters.at(nameOf(number, "norm", leaf)) * inverse;
    }
}

NequixModel::Features NequixModel::gate(const NequixLayer& layer, const Features& features) const
{
    const torch::Tensor activated = torch::silu(features.front()) * (1 / m_siluNorm);
    Features gated = {activated.slice(2, 0, layer.scalars)};
    std::int64_t next = layer.scalars;
    for (std::size_t i = 1; i < features.size(); ++i) {
        const std::int64_t channels = features[i].size(2);
        gated.push_back(features[i] * activated.slice(2, next, next + channels));
        next += channels;
    }
    return gated;
}

NodeOutput NequixModel::forward(const ParameterTable& parameters, const GraphBatch& batch,
                                const torch::Tensor& edgeVectors, const LayerObserver& observer) const
{
    const torch::Tensor distance = edgeVectors.square().sum(1).sqrt();
    const torch::Tensor basis = radialBasis(distance);
    const Couplings couplings = couplingsOnEdges(edgeVectors / distance.unsqueeze(1));
    Features features; // empty: one-hot species
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const NequixLayer& layer = m_layers[i];
        Features mixed;
        if (i == 0)
            mixed.push_back(elementRows(parameters.at(nameOf(0, "linear_1", "0e")), batch.species));
        else
            for (std::size_t k = 0; k < features.size(); ++k)
                mixed.push_back(equivariantLinear(
                    features[k], parameters.at(nameOf(i, "linear_1", toString(layer.input[k].irrep)))));
        const Features sums = messages(layer, batch, mixed, couplings, radialWeights(parameters, i, basis));
        features = update(parameters, i, batch, features, sums);
        if (m_config.layerNorm)
            normalise(parameters, i, features);
        features = gate(layer, features);
        if (observer) {
            std::vector<torch::Tensor> rows;
            for (const torch::Tensor& feature : features)
                rows.push_back(toE3nnLayout(feature));
            observer(fmt::format("layer_{}", i), torch::cat(rows, 1));
        }
    }
    NodeOutput output;
    output.invariants = features.front().squeeze(1);
    const torch::Tensor site = equivariantLinear(output.invariants, parameters.at("readout/0e")).squeeze(1);
    if (observer)
        observer("readout", site.unsqueeze(1));
    output.energy = site * m_config.scale + m_config.shift +
                    parameters.at("reference_energies").index_select(0, batch.species);
    return output;
}

} // namespace lodestone
