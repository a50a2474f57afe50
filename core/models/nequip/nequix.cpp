#include "models/nequip/nequix.h"

#include "algebra/activation.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Name of a parameter: "layer_0/linear_1/0e".
std::string nameOf(std::size_t layer, const char* module, const std::string& leaf)
{
    return fmt::format("layer_{}/{}/{}", layer, module, leaf);
}

/// Rows of a matrix for one-hot inputs: x W / sqrt(elements) without the product. [atoms, 1, channels].
torch::Tensor elementRows(const torch::Tensor& weight, const torch::Tensor& species)
{
    return weight.index_select(0, species).unsqueeze(1) *
           (1 / std::sqrt(static_cast<double>(weight.size(0))));
}

} // namespace

NequixModel::NequixModel(NequixConfig config, ModelDescription description)
    : m_config(std::move(config)),
      m_description(std::move(description)),
      m_layers(nequixLayers(m_config)),
      m_harmonics(m_config.lMax)
{
    CouplingRows couplings;
    std::vector<EdgePlan> plans;
    for (const NequixLayer& layer : m_layers) {
        EdgePlan plan;
        std::vector<std::int64_t> inputs;
        for (const IrrepBlock& block : layer.input) {
            inputs.push_back(plan.in);
            plan.in += block.size();
        }
        plan.weights = layer.radialChannels;
        for (const NequixOutput& output : layer.outputs) {
            for (const NequixPath& path : output.paths) {
                const IrrepBlock& in = layer.input[static_cast<std::size_t>(path.input)];
                plan.paths.push_back({in.irrep.size(), output.block.irrep.size(), in.multiplicity,
                                      couplings.place(in.irrep.l, path.l2, output.block.irrep.l), path.radial,
                                      inputs[static_cast<std::size_t>(path.input)], plan.out,
                                      output.pathChannels, path.row, path.l2 * path.l2, 2 * path.l2 + 1});
            }
            plan.out += output.pathChannels * output.block.irrep.size();
        }
        plans.push_back(std::move(plan));
        GateShape gates{{}, layer.scalars, 1 / siluNormOfJax, m_config.layerNorm};
        for (const NequixOutput& output : layer.outputs)
            gates.blocks.push_back({output.block.irrep.size(), output.block.multiplicity});
        m_gates.push_back(std::make_shared<const GateShape>(std::move(gates)));
    }
    for (EdgePlan& plan : plans) {
        plan.couplings = couplings.width();
        m_plans.push_back(std::make_shared<const EdgePlan>(std::move(plan)));
    }
    m_couplings = couplings.basis(m_config.lMax);
}

RadialBasis NequixModel::radialBasis() const
{
    return {m_config.cutoff, m_config.radialBasis, m_config.polynomialP};
}

std::vector<torch::Tensor> NequixModel::radialMatrices(const ParameterTable& parameters,
                                                       std::size_t layer) const
{
    std::vector<torch::Tensor> matrices;
    for (int i = 0; i <= m_config.radialMlpLayers; ++i)
        matrices.push_back(parameters.at(nameOf(layer, "radial", std::to_string(i))));
    return matrices;
}

/// What the edges of a batch give to every layer.
struct NequixModel::EdgeGeometry {
    std::shared_ptr<const EdgeIndex> edges;
    torch::Tensor distance;
    EdgeCouplings couplings;
    const RadialTables* tables = nullptr;
    TablePositions positions; ///< in the tables
};

std::shared_ptr<const Prepared> NequixModel::prepare(const ParameterTable& parameters,
                                                     const std::vector<bool>& trained,
                                                     const Workload& work) const
{
    std::vector<RadialTables::Layer> layers;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        RadialTables::Layer layer;
        layer.plan = m_plans[i].get();
        takeParameters(layer, m_description, trained, {fmt::format("layer_{}/radial", i)});
        std::vector<torch::Tensor> matrices;
        for (const torch::Tensor& matrix : radialMatrices(parameters, i))
            matrices.push_back(matrix.detach().to(torch::kFloat64));
        layer.functions = {[basis = radialBasis(), matrices](const torch::Tensor& r) {
            return radialWeightsByTensors(basis, matrices, r);
        }};
        layers.push_back(std::move(layer));
    }
    const torch::Tensor& any = parameters.at("reference_energies");
    return any.is_cpu() ? RadialTables::make(layers, m_config.cutoff, any.scalar_type(), work.atoms)
                        : nullptr;
}

/// linear_1. An empty `input` stands for one-hot species.
NequixModel::Features NequixModel::mixed(const ParameterTable& parameters, std::size_t layer,
                                         const GraphBatch& batch, const Features& input) const
{
    if (input.empty())
        return {elementRows(parameters.at(nameOf(layer, "linear_1", "0e")), batch.species)};
    std::vector<torch::Tensor> weights;
    for (const IrrepBlock& block : m_layers[layer].input)
        weights.push_back(parameters.at(nameOf(layer, "linear_1", toString(block.irrep))));
    return equivariantLinear(input, weights);
}

/// Sums over neighbours, one tensor per output irrep: [atoms, 2l + 1, pathChannels] (undefined where no path
/// leads).
NequixModel::Features NequixModel::messages(std::size_t number, const ParameterTable& parameters,
                                            const EdgeGeometry& geometry, const Features& input) const
{
    std::vector<torch::Tensor> rows;
    for (const torch::Tensor& feature : input)
        rows.push_back(feature.flatten(1));
    const torch::Tensor features = torch::cat(rows, 1);
    const auto table = geometry.tables ? geometry.tables->tables[number] : nullptr;
    const torch::Tensor flat =
        table ? edgeConvolution(m_plans[number], geometry.edges, geometry.couplings,
                                TabulatedWeights{table, geometry.distance, geometry.positions}, features)
              : edgeConvolution(
                    m_plans[number], geometry.edges, geometry.couplings,
                    radialWeights(radialBasis(), radialMatrices(parameters, number), geometry.distance),
                    features);
    std::vector<std::int64_t> widths;
    for (const NequixOutput& output : m_layers[number].outputs)
        widths.push_back(output.pathChannels * output.block.irrep.size());
    const std::vector<torch::Tensor> blocks = flat.split_with_sizes(widths, 1);
    Features sums;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const NequixOutput& output = m_layers[number].outputs[i];
        sums.push_back(
            output.pathChannels == 0
                ? torch::Tensor()
                : blocks[i].reshape({geometry.edges->atoms, output.block.irrep.size(), output.pathChannels}));
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
    std::vector<torch::Tensor> inputs, weights; // of all products of the layer
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
        const NequixOutput& output = layer.outputs[i];
        const std::string leaf = toString(output.block.irrep);
        if (sums[i].defined()) {
            inputs.push_back(sums[i]);
            weights.push_back(parameters.at(nameOf(number, "linear_2", leaf)) * scale);
        }
        if (output.skip >= 0 && !input.empty()) {
            inputs.push_back(input[static_cast<std::size_t>(output.skip)]);
            weights.push_back(parameters.at(nameOf(number, "skip", leaf)));
        }
    }
    const std::vector<torch::Tensor> products = equivariantLinear(inputs, weights);
    auto next = products.begin();
    Features features;
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
        const NequixOutput& output = layer.outputs[i];
        torch::Tensor feature;
        if (sums[i].defined())
            feature = *next++;
        if (output.skip >= 0) {
            const torch::Tensor skip =
                input.empty()
                    ? elementRows(parameters.at(nameOf(number, "skip", toString(output.block.irrep))),
                                  batch.species)
                    : *next++;
            feature = feature.defined() ? feature + skip : skip;
        }
        if (!feature.defined())
            feature = torch::zeros({batch.atoms, output.block.irrep.size(), output.block.multiplicity},
                                   batch.positions.options());
        features.push_back(feature);
    }
    return features;
}

/// Divides by the root mean square over all irreps (one number an atom), times a learned weight per channel,
/// and multiplies what is no scalar with its gates.
NequixModel::Features NequixModel::gate(const ParameterTable& parameters, std::size_t number,
                                        const Features& features) const
{
    std::vector<torch::Tensor> weights;
    if (m_config.layerNorm)
        for (const NequixOutput& output : m_layers[number].outputs)
            weights.push_back(parameters.at(nameOf(number, "norm", toString(output.block.irrep))));
    return gatedNorm(m_gates[number], features, weights);
}

NequixModel::EdgeGeometry NequixModel::geometryOf(const ParameterTable& parameters, const GraphBatch& batch,
                                                  const torch::Tensor& edgeVectors) const
{
    const torch::Tensor distance = edgeVectors.square().sum(1).sqrt();
    EdgeGeometry geometry = {makeEdgeIndex(batch.centre, batch.neighbour, batch.atoms),
                             distance,
                             {torch::cat(m_harmonics(edgeVectors / distance.unsqueeze(1)), 1),
                              m_couplings.to(edgeVectors.options())},
                             RadialTables::of(parameters),
                             {}};
    if (geometry.tables)
        geometry.positions = geometry.tables->grid.positions(geometry.distance);
    return geometry;
}

NodeOutput NequixModel::forward(const ParameterTable& parameters, const GraphBatch& batch,
                                const torch::Tensor& edgeVectors, const LayerObserver& observer,
                                const LayerPass& pass) const
{
    std::optional<EdgeGeometry> geometry;
    if (pass.first() < m_layers.size())
        geometry = geometryOf(parameters, batch, edgeVectors);
    Features features; // empty: one-hot species
    if (pass.from)
        features = pass.from->atoms;
    for (std::size_t i = pass.first(); i < m_layers.size(); ++i) {
        const Features sums = messages(i, parameters, *geometry, mixed(parameters, i, batch, features));
        features = update(parameters, i, batch, features, sums);
        features = gate(parameters, i, features);
        pass.note(i + 1, features);
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
