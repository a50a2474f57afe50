#include "models/mace/mace.h"

#include "architectures/mace/mace_layout.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

template<class Operation, class Shape>
std::optional<Operation> maybe(const std::optional<Shape>& shape)
{
    return shape ? std::optional<Operation>(*shape) : std::nullopt;
}

/// Undefined where a layer has no weights.
torch::Tensor weightOf(const ParameterTable& parameters, const std::string& name)
{
    return parameters.has(name) ? parameters.at(name) : torch::Tensor();
}

Features sum(const Features& a, const Features& b)
{
    Features result;
    for (std::size_t i = 0; i < a.size(); ++i)
        result.push_back(a[i] + b[i]);
    return result;
}

Features gated(const MaceGate& gate, const Features& x)
{
    Features result = {activate(gate.scalarActivation, x.front().slice(2, 0, gate.scalars))};
    const torch::Tensor gates =
        activate(gate.gateActivation, x.front().slice(2, gate.scalars, gate.scalars + gate.gates));
    std::int64_t first = 0;
    for (std::size_t i = 1; i < x.size(); ++i) {
        result.push_back(x[i] * gates.slice(2, first, first + x[i].size(2)));
        first += x[i].size(2);
    }
    return result;
}

} // namespace

MaceModel::MaceModel(MaceConfig config, ModelDescription description)
    : m_config(std::move(config)),
      m_description(std::move(description)),
      m_harmonics(m_config.lMax),
      m_embedding(m_config.embedding)
{
    for (std::size_t i = 0; i < m_config.interactions.size(); ++i) {
        const MaceInteraction& layer = m_config.interactions[i];
        const MaceProduct& product = m_config.products[i];
        m_layers.push_back({FlatLinear(layer.linearUp), FlatLinear(layer.linear), FlatLinear(product.linear),
                            maybe<FlatLinear>(layer.sourceEmbedding),
                            maybe<FlatLinear>(layer.targetEmbedding), maybe<FlatLinear>(layer.linearDown),
                            maybe<FlatLinear>(layer.linearResidual), maybe<FlatLinear>(layer.linearSecond),
                            maybe<FlatLinear>(layer.linearSkip), maybe<ElementLinear>(layer.elementSkip),
                            SymmetricContraction(product.contractions), nullptr,
                            merged(layer.convolution.out)});
    }
    for (const MaceReadout& readout : m_config.readouts)
        m_readouts.push_back({FlatLinear(readout.linear), maybe<FlatLinear>(readout.middle),
                              maybe<FlatLinear>(readout.second)});
    planConvolutions();
}

void MaceModel::planConvolutions()
{
    CouplingRows couplings;
    std::vector<EdgePlan> plans;
    for (const MaceInteraction& layer : m_config.interactions) {
        const MaceConvolution& shape = layer.convolution;
        EdgePlan plan;
        std::vector<std::int64_t> inputs;
        for (const IrrepBlock& block : shape.in) {
            inputs.push_back(plan.in);
            plan.in += block.size();
        }
        std::vector<EdgePath> byOutput(shape.out.size());
        for (const MaceConvolution::Path& path : shape.paths) {
            const IrrepBlock& in = shape.in[static_cast<std::size_t>(path.in)];
            const Irrep& out = shape.out[static_cast<std::size_t>(path.out)].irrep;
            EdgePath& edge = byOutput[static_cast<std::size_t>(path.out)];
            edge.sizeIn = in.irrep.size();
            edge.sizeOut = out.size();
            edge.channels = in.multiplicity;
            edge.coupling =
                couplings.place(in.irrep.l, path.l2, out.l, path.factor / std::sqrt(2.0 * out.l + 1));
            edge.harmonic = path.l2 * path.l2;
            edge.harmonics = 2 * path.l2 + 1;
            edge.weight = plan.weights;
            edge.in = inputs[static_cast<std::size_t>(path.in)];
            plan.weights += in.multiplicity;
        }
        // Outputs of one irrep that follow each other form one block.
        std::size_t first = 0;
        for (const IrrepBlock& block : merged(shape.out)) {
            std::int64_t column = 0;
            for (; column < block.multiplicity; ++first) {
                byOutput[first].block = plan.out;
                byOutput[first].blockChannels = block.multiplicity;
                byOutput[first].column = column;
                column += byOutput[first].channels;
            }
            plan.out += block.size();
        }
        plan.paths = std::move(byOutput);
        plans.push_back(std::move(plan));
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
        plans[i].couplings = couplings.width();
        m_layers[i].plan = std::make_shared<const EdgePlan>(std::move(plans[i]));
    }
    m_couplings = couplings.basis(m_config.lMax);
}

MaceModel::Edges MaceModel::edgesOf(const ParameterTable& parameters, const GraphBatch& batch,
                                    const torch::Tensor& edgeVectors, const torch::Tensor& distance) const
{
    // The harmonics are those of the vector from the neighbour to the centre.
    const torch::Tensor harmonics = torch::cat(m_harmonics(edgeVectors / -distance.unsqueeze(1)), 1);
    Edges edges{nullptr, {}, {}, distance, {harmonics, m_couplings.to(harmonics.options())}, {}, {}, {}};
    if (const RadialTables* tables = RadialTables::of(parameters))
        if (auto found = tables->positions(distance, batch.species, batch.centre, batch.neighbour)) {
            edges.tables = tables;
            edges.positions = std::move(*found);
        }
    edges.index = makeEdgeIndex(batch.centre, batch.neighbour, batch.atoms);
    edges.centreSpecies = batch.species.index_select(0, batch.centre);
    edges.neighbourSpecies = batch.species.index_select(0, batch.neighbour);
    edges.radial = radialFeatures(m_config.radial, distance, edges.centreSpecies, edges.neighbourSpecies);
    return edges;
}

/// The scalars that the networks of a layer take on each edge: [edges, inputs].
torch::Tensor MaceModel::networkInputs(const ParameterTable& parameters, std::size_t number,
                                       const GraphBatch& batch, const Edges& edges,
                                       const Features& features) const
{
    const Layer& layer = m_layers[number];
    const auto onEdges = [&](const torch::Tensor& source, const torch::Tensor& target) {
        return torch::cat({edges.radial.functions, source.squeeze(1).index_select(0, batch.neighbour),
                           target.squeeze(1).index_select(0, batch.centre)},
                          1);
    };
    const auto weight = [&](const char* module) { return weightOf(parameters, layerTensor(number, module)); };
    if (layer.source && layer.target)
        return onEdges(layer.source->ofElements(batch.species, weight("source_embedding")).front(),
                       layer.target->ofElements(batch.species, weight("target_embedding")).front());
    if (layer.down) {
        const torch::Tensor down = (*layer.down)(features, weight("linear_down")).front();
        return onEdges(down, down);
    }
    return edges.radial.functions;
}

/// Weighted sums over neighbours, merged irreps. inputs: of the network that weights them, unless there is a
/// table.
Features MaceModel::convolved(const ParameterTable& parameters, std::size_t number, const GraphBatch& batch,
                              const Edges& edges, const Features& features, const torch::Tensor& inputs) const
{
    const Layer& layer = m_layers[number];
    std::vector<torch::Tensor> rows;
    for (const torch::Tensor& feature : features)
        rows.push_back(feature.flatten(1));
    const torch::Tensor values = torch::cat(rows, 1);
    torch::Tensor flat;
    if (const auto table = edges.tables ? edges.tables->tables[number] : nullptr) {
        flat = edgeConvolution(layer.plan, edges.index, edges.couplings,
                               TabulatedWeights{table, edges.distance, edges.positions}, values);
    } else {
        torch::Tensor weights =
            evaluate(m_config.interactions[number].weights, parameters, number, "conv_tp_weights", inputs);
        if (!m_config.radial.applyCutoff)
            weights = weights * edges.radial.cutoff;
        flat = edgeConvolution(layer.plan, edges.index, edges.couplings, weights, values);
    }
    Features sums;
    std::int64_t column = 0;
    for (const IrrepBlock& block : layer.sums) {
        sums.push_back(flat.slice(1, column, column + block.size())
                           .reshape({batch.atoms, block.irrep.size(), block.multiplicity}));
        column += block.size();
    }
    return sums;
}

/// What a layer makes of the neighbours: the input of its product.
Features MaceModel::message(const ParameterTable& parameters, std::size_t number, const GraphBatch& batch,
                            const Edges& edges, const ElementGroups& groups, const Features& features,
                            const LayerObserver& observer) const
{
    const MaceInteraction& config = m_config.interactions[number];
    const Layer& layer = m_layers[number];
    const auto weight = [&](const char* module) { return weightOf(parameters, layerTensor(number, module)); };
    const Features up = layer.linearUp(features, weight("linear_up"));
    if (observer)
        observer(layerTensor(number, "linear_up", ""), toE3nnRows(up));

    const torch::Tensor inputs = networkInputs(parameters, number, batch, edges, features);
    torch::Tensor density; // [atoms, 1, 1]
    if (config.density) {
        torch::Tensor onEdges =
            torch::tanh(evaluate(*config.density, parameters, number, "density_fn", inputs).square());
        if (!m_config.radial.applyCutoff)
            onEdges = onEdges * edges.radial.cutoff;
        density = sumOnAtoms(onEdges, batch.centre, batch.atoms).unsqueeze(2);
    }

    Features result = layer.linear(convolved(parameters, number, batch, edges, up, inputs),
                                   weight(config.gate ? "linear_1" : "linear"));
    torch::Tensor inverse;
    if (config.gate)
        inverse = (parameters.at(layerTensor(number, "alpha", "")) +
                   parameters.at(layerTensor(number, "beta", "")) * density)
                      .reciprocal();
    else if (config.density)
        inverse = (density + 1).reciprocal();
    for (torch::Tensor& feature : result)
        feature = inverse.defined() ? feature * inverse : feature * (1 / config.averageNeighbours);
    if (config.gate) {
        result = gated(*config.gate, sum(result, (*layer.residual)(up, weight("linear_res"))));
        result = (*layer.second)(result, weight("linear_2"));
    }
    if (config.skipOfMessage)
        result = (*layer.elementSkip)(result, weight("skip_tp"), groups);
    if (observer)
        observer(layerTensor(number, "interaction", ""), toE3nnRows(result));
    return result;
}

/// What is added to a layer's product; empty if there is nothing.
Features MaceModel::skip(const ParameterTable& parameters, std::size_t number, const ElementGroups& groups,
                         const Features& features) const
{
    const MaceInteraction& config = m_config.interactions[number];
    const Layer& layer = m_layers[number];
    if (layer.elementSkip && !config.skipOfMessage)
        return (*layer.elementSkip)(features, weightOf(parameters, layerTensor(number, "skip_tp")), groups);
    if (layer.linearSkip)
        return (*layer.linearSkip)(
            features,
            weightOf(parameters, layerTensor(number, config.linearDown ? "skip_linear" : "skip_tp")));
    return {};
}

/// Symmetric contraction, linear layer, skip: the features of the layer.
Features MaceModel::product(const ParameterTable& parameters, std::size_t number, const ElementGroups& groups,
                            const Features& message, const Features& skip,
                            const LayerObserver& observer) const
{
    const MaceProduct& config = m_config.products[number];
    std::vector<std::vector<torch::Tensor>> weights;
    for (const ContractionShape& shape : config.contractions) {
        const auto highest = static_cast<int>(shape.u.size());
        weights.emplace_back();
        for (int order = 1; order <= highest; ++order)
            weights.back().push_back(parameters.at(contractionTensor(number, shape.out, order, highest)));
    }
    const Features contracted = m_layers[number].contraction(torch::cat(message, 1), weights, groups);
    Features result = m_layers[number].productLinear(
        contracted, weightOf(parameters, layerTensor(number, "product_linear")));
    if (config.useSkip && !skip.empty())
        result = sum(result, skip);
    if (observer) {
        observer(layerTensor(number, "contraction", ""), toE3nnRows(contracted));
        observer(layerTensor(number, "product", ""), toE3nnRows(result));
    }
    return result;
}

/// Energies of all heads: [atoms, heads]. The hidden channels of other heads are zero.
torch::Tensor MaceModel::readOut(const ParameterTable& parameters, std::size_t number,
                                 const Features& features) const
{
    const MaceReadout& config = m_config.readouts[number];
    const Readout& readout = m_readouts[number];
    const auto apply = [&](const FlatLinear& linear, const char* module, const Features& x) {
        return linear(x, weightOf(parameters, readoutTensor(number, module)),
                      weightOf(parameters, readoutTensor(number, module, "bias")));
    };
    const auto activated = [&](const Features& x) {
        const torch::Tensor y = activate(config.activation, x.front());
        if (config.heads == 1)
            return Features{y};
        const std::int64_t channels = y.size(2) / config.heads;
        torch::Tensor mask = torch::zeros({y.size(2)}, y.options());
        mask.slice(0, m_config.head * channels, (m_config.head + 1) * channels).fill_(1);
        return Features{y * mask};
    };
    if (!readout.second)
        return apply(readout.linear, "linear", features).front().squeeze(1);
    Features hidden = activated(apply(readout.linear, "linear_1", features));
    if (readout.middle)
        hidden = activated(apply(*readout.middle, "linear_mid", hidden));
    return apply(*readout.second, "linear_2", hidden).front().squeeze(1);
}

/// Energies of the pair repulsion, [atoms]; zeros without one.
torch::Tensor MaceModel::repulsionOf(const GraphBatch& batch, const torch::Tensor& distance,
                                     const LayerObserver& observer) const
{
    if (!m_config.repulsion)
        return torch::zeros({batch.atoms}, batch.positions.options());
    const torch::Tensor site = sumOnAtoms(pairRepulsion(*m_config.repulsion, m_config.elements, distance,
                                                        batch.species.index_select(0, batch.centre),
                                                        batch.species.index_select(0, batch.neighbour)),
                                          batch.centre, batch.atoms);
    if (observer)
        observer("pair_repulsion", site.unsqueeze(1));
    return site;
}

/// The features after a layer.
Features MaceModel::layerOf(const ParameterTable& parameters, std::size_t number, const GraphBatch& batch,
                            const Edges& edges, const Groupings& groups, const Features& features,
                            const LayerObserver& observer) const
{
    const Features skipped = skip(parameters, number, groups.byElement, features);
    if (observer && !skipped.empty())
        observer(layerTensor(number, "skip", ""), toE3nnRows(skipped));
    const Features messages = message(parameters, number, batch, edges, groups.byElement, features, observer);
    return product(parameters, number,
                   m_config.products[number].agnostic ? groups.together : groups.byElement, messages, skipped,
                   observer);
}

NodeOutput MaceModel::forward(const ParameterTable& parameters, const GraphBatch& batch,
                              const torch::Tensor& edgeVectors, const LayerObserver& observer,
                              const LayerPass& pass) const
{
    const torch::Tensor distance = edgeVectors.square().sum(1).sqrt();
    std::optional<Edges> edges;
    if (pass.first() < m_layers.size())
        edges.emplace(edgesOf(parameters, batch, edgeVectors, distance));
    const Groupings groups = {groupByElement(batch.species), oneGroup(batch.species)};
    // A LayerState holds the repulsion, then the features after each of its layers: readouts look at all.
    std::vector<torch::Tensor> state =
        pass.from ? pass.from->atoms : std::vector<torch::Tensor>{repulsionOf(batch, distance, observer)};
    torch::Tensor site = state.front();
    std::size_t taken = 1;
    Features features;
    if (!pass.from) {
        features = m_embedding.ofElements(batch.species, parameters.at("embedding/weight"));
        if (observer)
            observer("node_embedding", toE3nnRows(features));
    }
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        if (i < pass.first()) {
            const std::size_t blocks = merged(m_config.products[i].linear.out).size();
            features.assign(state.begin() + static_cast<std::ptrdiff_t>(taken),
                            state.begin() + static_cast<std::ptrdiff_t>(taken + blocks));
            taken += blocks;
        } else {
            features = layerOf(parameters, i, batch, *edges, groups, features, observer);
            if (pass.record)
                state.insert(state.end(), features.begin(), features.end());
        }
        pass.note(i + 1, state);
        for (std::size_t r = 0; r < m_readouts.size(); ++r) {
            if (m_config.readouts[r].layer != i)
                continue;
            const torch::Tensor energies = readOut(parameters, r, features);
            if (observer)
                observer(fmt::format("readout_{}", r), energies);
            site = site + energies.select(1, m_config.head);
        }
    }
    const auto ofHead = [&](const std::vector<double>& values) {
        return values[values.size() > 1 ? static_cast<std::size_t>(m_config.head) : 0];
    };
    NodeOutput output;
    output.invariants = features.front().squeeze(1);
    const torch::Tensor interaction = site * ofHead(m_config.scale) + ofHead(m_config.shift);
    if (observer)
        observer("interaction_energy", interaction.unsqueeze(1));
    output.energy =
        interaction +
        referenceRow(m_description, parameters.at("reference_energies")).index_select(0, batch.species);
    return output;
}

} // namespace lodestone
