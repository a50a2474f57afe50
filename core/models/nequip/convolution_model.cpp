#include "models/nequip/convolution_model.h"

#include "base/error.h"
#include "equivariant/matrix_product.h"
#include "models/nequip/zbl_repulsion.h"

#include <algorithm>
#include <map>
#include <torch/torch.h>

namespace lodestone {
namespace {

using Features =
    std::vector<torch::Tensor>; ///< one per block: [atoms, 2l + 1, multiplicity]; undefined: zero

/// The matrix [rows, columns] with its factor.
torch::Tensor valueOf(const StoredMatrix& matrix, const ParameterTable& parameters, std::int64_t rows)
{
    torch::Tensor value = parameters.at(matrix.tensor);
    if (matrix.offset != 0 || value.numel() != rows * matrix.columns)
        value = value.reshape({-1}).narrow(0, matrix.offset, rows * matrix.columns);
    value = value.reshape({rows, matrix.columns});
    return matrix.factor == 1 ? value : value * matrix.factor;
}
torch::Tensor valueOf(const StoredMatrix& matrix, const ParameterTable& parameters)
{
    return valueOf(matrix, parameters, matrix.rows);
}

/// Constants of the network in the dtype and on the device of `like`.
torch::Tensor onDevice(const std::vector<double>& values, const torch::Tensor& like)
{
    return torch::tensor(values, torch::kFloat64).to(like.options());
}

void add(torch::Tensor& sum, const torch::Tensor& part)
{
    if (part.defined())
        sum = sum.defined() ? sum + part : part;
}

/// (element index, atoms of it [n] int64) of every element that occurs.
std::vector<std::pair<std::int64_t, torch::Tensor>> groupedByElement(const torch::Tensor& species)
{
    const torch::Tensor host = species.to(torch::kCPU).contiguous();
    std::map<std::int64_t, std::vector<std::int64_t>> atoms;
    for (std::int64_t i = 0; i < host.numel(); ++i)
        atoms[host.data_ptr<std::int64_t>()[i]].push_back(i);
    std::vector<std::pair<std::int64_t, torch::Tensor>> groups;
    for (const auto& [element, indices] : atoms)
        groups.emplace_back(element, torch::tensor(indices, torch::kInt64).to(species.device()));
    return groups;
}

} // namespace

struct ConvolutionModel::Pass {
    const ParameterTable& parameters;
    const GraphBatch& batch;
    const LayerObserver& observer;
    std::shared_ptr<const EdgeIndex> edges;
    torch::Tensor distance;                 ///< [edges]
    std::optional<EdgeCouplings> couplings; ///< set, like what follows, if there is a layer to compute
    torch::Tensor basis;                    ///< [edges, basis functions]
    const RadialTables* tables = nullptr;
    TablePositions positions; ///< of the edges in the tables
    /// Atoms of each element that occurs; filled where a map has weights per element.
    std::vector<std::pair<std::int64_t, torch::Tensor>> atomsOfElement;

    void observe(const std::string& name, const Features& features, const Irreps& irreps) const
    {
        if (!observer)
            return;
        std::vector<torch::Tensor> rows;
        for (std::size_t i = 0; i < features.size(); ++i)
            rows.push_back(toE3nnLayout(features[i].defined() ? features[i] : zero(irreps[i])));
        observer(name, torch::cat(rows, 1));
    }

    torch::Tensor zero(const IrrepBlock& block) const
    {
        return torch::zeros({batch.atoms, block.irrep.size(), block.multiplicity}, batch.positions.options());
    }
};

ConvolutionModel::ConvolutionModel(ConvolutionNetwork network, ModelDescription description)
    : m_network(std::move(network)),
      m_description(std::move(description)),
      m_harmonics(m_network.harmonics)
{
    check(m_network);
    planEdges();
    for (const ConvolutionLayer& layer : m_network.layers)
        for (const LinearPath& path : layer.selfConnection.paths)
            m_perElement = m_perElement || path.perElement;
}

void ConvolutionModel::planEdges()
{
    CouplingRows couplings;
    std::vector<EdgePlan> plans;
    for (const ConvolutionLayer& layer : m_network.layers) {
        EdgePlan plan;
        std::vector<std::int64_t> inputs, sums;
        for (const IrrepBlock& block : layer.input) {
            inputs.push_back(plan.in);
            plan.in += block.size();
        }
        for (const IrrepBlock& block : layer.sums) {
            sums.push_back(plan.out);
            plan.out += block.size();
        }
        plan.weights = layer.radial.back().columns;
        for (const ConvolutionPath& path : layer.paths) {
            const auto input = static_cast<std::size_t>(path.input),
                       output = static_cast<std::size_t>(path.output);
            const IrrepBlock &in = layer.input[input], &out = layer.sums[output];
            plan.paths.push_back({in.irrep.size(), out.irrep.size(), in.multiplicity,
                                  couplings.place(in.irrep.l, path.l2, out.irrep.l, path.factor), path.column,
                                  inputs[input], sums[output], out.multiplicity, path.channel,
                                  path.l2 * path.l2, 2 * path.l2 + 1});
        }
        plans.push_back(std::move(plan));
    }
    for (EdgePlan& plan : plans) {
        plan.couplings = couplings.width();
        m_plans.push_back(std::make_shared<const EdgePlan>(std::move(plan)));
    }
    m_couplings = couplings.basis(m_network.harmonics);
}

/// Of the basis functions, in 1/Angstrom.
torch::Tensor ConvolutionModel::frequencies(const ParameterTable& parameters) const
{
    return parameters.at(m_network.frequencies).reshape({-1}) * m_network.frequencyFactor;
}

/// basis: [edges, basis functions] -> [edges, channels of all paths].
torch::Tensor ConvolutionModel::radialWeights(const ParameterTable& parameters, const ConvolutionLayer& layer,
                                              const torch::Tensor& basis) const
{
    std::vector<torch::Tensor> matrices;
    for (const StoredMatrix& matrix : layer.radial)
        matrices.push_back(valueOf(matrix, parameters));
    return radialNetwork(matrices, m_network.radialActivation, basis);
}

std::shared_ptr<const Prepared> ConvolutionModel::prepare(const ParameterTable& parameters,
                                                          const std::vector<bool>& trained,
                                                          const Workload& work) const
{
    const torch::Tensor& stored = parameters.at(m_network.frequencies);
    if (!stored.is_cpu() || !m_network.pairCutoffs.empty())
        return {};
    const auto exact = std::make_shared<const ParameterTable>(parameters.to(torch::kCPU, torch::kFloat64));
    std::vector<RadialTables::Layer> layers;
    for (std::size_t i = 0; i < m_network.layers.size(); ++i) {
        RadialTables::Layer layer;
        layer.plan = m_plans[i].get();
        std::vector<std::string> names = {m_network.frequencies};
        for (const StoredMatrix& matrix : m_network.layers[i].radial)
            names.push_back(matrix.tensor);
        for (std::size_t t = 0; t < m_description.tensors.size(); ++t)
            if (std::find(names.begin(), names.end(), m_description.tensors[t].name) != names.end())
                layer.trained |= trained[t];
        layer.from = std::move(names);
        layer.functions = {[this, exact, &network = m_network.layers[i]](const torch::Tensor& r) {
            return radialWeights(*exact, network, besselBasis(m_network.basis, frequencies(*exact), r));
        }};
        layers.push_back(std::move(layer));
    }
    return RadialTables::make(layers, m_network.cutoff, stored.scalar_type(), work.atoms);
}

/// The embedding: rows of matrices instead of products with one-hot vectors.
Features ConvolutionModel::embedded(const Pass& pass) const
{
    Features features(m_network.embedding.output.size());
    for (const LinearPath& path : m_network.embedding.paths)
        add(features[static_cast<std::size_t>(path.output)],
            valueOf(path.matrix, pass.parameters).index_select(0, pass.batch.species).unsqueeze(1));
    for (const LinearRow& row : m_network.embedding.rows)
        add(features[static_cast<std::size_t>(row.output)],
            valueOf(row.matrix, pass.parameters).expand({pass.batch.atoms, row.matrix.columns}).unsqueeze(1));
    return features;
}

/// The matrix of every element: [channels in, elements, channels out].
torch::Tensor ConvolutionModel::matricesOfElements(const Pass& pass, const LinearPath& path) const
{
    const StoredMatrix& attributes = m_network.attributes;
    const auto elements = static_cast<std::int64_t>(m_network.elements.size());
    const std::int64_t count = attributes.tensor.empty() ? elements : attributes.columns;
    const torch::Tensor all = valueOf(path.matrix, pass.parameters, path.matrix.rows * count)
                                  .view({path.matrix.rows, count, path.matrix.columns});
    return attributes.tensor.empty() ? all : valueOf(attributes, pass.parameters).matmul(all);
}

Features ConvolutionModel::mapped(const Pass& pass, const LinearMap& map, const Features& features) const
{
    Features result(map.output.size());
    std::vector<torch::Tensor> inputs, shared; // of all matrices that are the same for all elements
    for (const LinearPath& path : map.paths)
        if (const torch::Tensor& feature = features[static_cast<std::size_t>(path.input)];
            feature.defined() && !path.perElement) {
            inputs.push_back(feature);
            shared.push_back(valueOf(path.matrix, pass.parameters));
        }
    const std::vector<torch::Tensor> products = matrixProducts(inputs, shared);
    auto next = products.begin();
    for (const LinearPath& path : map.paths) {
        const torch::Tensor& feature = features[static_cast<std::size_t>(path.input)];
        torch::Tensor& sum = result[static_cast<std::size_t>(path.output)];
        if (!feature.defined())
            continue;
        if (!path.perElement) {
            add(sum, *next++);
            continue;
        }
        const torch::Tensor matrices = matricesOfElements(pass, path);
        torch::Tensor part =
            torch::zeros({feature.size(0), feature.size(1), path.matrix.columns}, feature.options());
        for (const auto& [element, atoms] : pass.atomsOfElement)
            part = part.index_add(0, atoms,
                                  matrixProduct(feature.index_select(0, atoms), matrices.select(1, element)));
        add(sum, part);
    }
    for (const LinearRow& row : map.rows)
        add(result[static_cast<std::size_t>(row.output)],
            valueOf(row.matrix, pass.parameters).expand({pass.batch.atoms, row.matrix.columns}).unsqueeze(1));
    return result;
}

/// Sums over neighbours, one tensor per block of sums.
Features ConvolutionModel::messages(const Pass& pass, std::size_t number, const Features& features) const
{
    const ConvolutionLayer& layer = m_network.layers[number];
    std::vector<torch::Tensor> rows;
    for (std::size_t i = 0; i < features.size(); ++i)
        rows.push_back((features[i].defined() ? features[i] : pass.zero(layer.input[i])).flatten(1));
    const torch::Tensor values = torch::cat(rows, 1);
    const auto table = pass.tables ? pass.tables->tables[number] : nullptr;
    torch::Tensor flat = table
                             ? edgeConvolution(m_plans[number], pass.edges, *pass.couplings,
                                               TabulatedWeights{table, pass.distance, pass.positions}, values)
                             : edgeConvolution(m_plans[number], pass.edges, *pass.couplings,
                                               radialWeights(pass.parameters, layer, pass.basis), values);
    if (!layer.denominator.empty())
        flat = flat / pass.parameters.at(layer.denominator).reshape({-1}).narrow(0, 0, 1);
    std::vector<std::int64_t> widths;
    for (const IrrepBlock& block : layer.sums)
        widths.push_back(block.size());
    Features sums = flat.split_with_sizes(widths, 1);
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] = sums[i].reshape({pass.batch.atoms, layer.sums[i].irrep.size(), layer.sums[i].multiplicity});
    return sums;
}

Features ConvolutionModel::update(const Pass& pass, std::size_t number, const Features& features) const
{
    const ConvolutionLayer& layer = m_network.layers[number];
    const auto observe = [&](const char* part, const Features& values, const Irreps& irreps) {
        pass.observe(fmt::format("layer_{}{}", number, part), values, irreps);
    };
    const Features selfConnection = mapped(pass, layer.selfConnection, features);
    if (!layer.selfConnection.paths.empty())
        observe("/self_connection", selfConnection, layer.selfConnection.output);
    Features mixed = mapped(pass, layer.first, features);
    if (!layer.elementFactors.empty()) {
        const torch::Tensor factors = onDevice(layer.elementFactors, pass.batch.positions)
                                          .index_select(0, pass.batch.species)
                                          .view({-1, 1, 1});
        for (torch::Tensor& value : mixed)
            value = value.defined() ? value * factors : value;
    }
    observe("/self_interaction_1", mixed, layer.input);
    const Features sums = messages(pass, number, mixed);
    observe("/convolution", sums, layer.sums);
    Features values = mapped(pass, layer.second, sums);
    observe("/self_interaction_2", values, layer.second.output);
    for (std::size_t i = 0; i < selfConnection.size(); ++i)
        add(values[i], selfConnection[i]);

    const auto take = [&](const GateChannels& channels) {
        const torch::Tensor& value = values[static_cast<std::size_t>(channels.block)];
        return value.defined()
                   ? activate(channels.activation, value.narrow(2, channels.first, channels.count))
                   : torch::Tensor();
    };
    Features gated;
    for (std::size_t i = 0; i < layer.gate.size(); ++i) {
        torch::Tensor value = take(layer.gate[i].values);
        if (layer.gate[i].gates.count > 0) {
            const torch::Tensor gates = take(layer.gate[i].gates);
            value = value.defined() && gates.defined() ? value * gates : torch::Tensor();
        } else if (!value.defined()) {
            value = activate(layer.gate[i].values.activation, pass.zero(layer.output[i]));
        }
        if (layer.residual)
            add(value, features[i]);
        gated.push_back(value);
    }
    observe("", gated, layer.output);
    return gated;
}

/// One number an atom, [atoms] or [1]; undefined if there is no such term.
torch::Tensor ConvolutionModel::energyTerm(const Pass& pass, const EnergyTerm& term) const
{
    if (term.tensor.empty())
        return {};
    const torch::Tensor all = pass.parameters.at(term.tensor).reshape({-1});
    if (!term.perElement)
        return all.narrow(0, term.offset, 1);
    return all.narrow(0, term.offset, static_cast<std::int64_t>(m_network.elements.size()))
        .index_select(0, pass.batch.species);
}

/// Distances as the radial functions see them: [edges].
torch::Tensor ConvolutionModel::stretched(const GraphBatch& batch, const torch::Tensor& distance) const
{
    if (m_network.pairCutoffs.empty())
        return distance;
    const auto elements = static_cast<std::int64_t>(m_network.elements.size());
    const torch::Tensor pairs = batch.species.index_select(0, batch.centre) * elements +
                                batch.species.index_select(0, batch.neighbour);
    return distance * (m_network.cutoff / onDevice(m_network.pairCutoffs, distance)).index_select(0, pairs);
}

/// Energies [atoms] in eV from the readout's numbers.
torch::Tensor ConvolutionModel::energies(const Pass& pass, torch::Tensor energy,
                                         const torch::Tensor& distance,
                                         const torch::Tensor& stretchedDistance) const
{
    if (const torch::Tensor scale = energyTerm(pass, m_network.scale); scale.defined())
        energy = energy * scale;
    if (const torch::Tensor shift = energyTerm(pass, m_network.shift); shift.defined())
        energy = energy + shift;
    if (m_network.repulsion)
        energy =
            energy + sumOnAtoms(zblEnergies(*m_network.repulsion, pass.batch, distance, stretchedDistance),
                                pass.batch.centre, pass.batch.atoms);
    if (const torch::Tensor overall = energyTerm(pass, m_network.overall); overall.defined())
        energy = energy * overall;
    if (const torch::Tensor constant = energyTerm(pass, m_network.constant); constant.defined())
        energy = energy + constant / pass.batch.atomCount.index_select(0, pass.batch.graph);
    return energy;
}

/// What the layers share.
void ConvolutionModel::preparePass(Pass& pass, const torch::Tensor& edgeVectors,
                                   const torch::Tensor& seen) const
{
    const GraphBatch& batch = pass.batch;
    const torch::Tensor harmonics = torch::cat(
        m_harmonics(m_network.unitHarmonics ? edgeVectors / pass.distance.unsqueeze(1) : edgeVectors), 1);
    pass.edges = makeEdgeIndex(batch.centre, batch.neighbour, batch.atoms);
    pass.couplings.emplace(harmonics, m_couplings.to(edgeVectors.options()));
    pass.basis = besselBasis(m_network.basis, frequencies(pass.parameters), seen);
    pass.tables = RadialTables::of(pass.parameters);
    if (pass.tables)
        pass.positions = pass.tables->grid.positions(pass.distance);
    if (m_perElement)
        pass.atomsOfElement = groupedByElement(batch.species);
}

NodeOutput ConvolutionModel::forward(const ParameterTable& parameters, const GraphBatch& batch,
                                     const torch::Tensor& edgeVectors, const LayerObserver& observer,
                                     const LayerPass& layers) const
{
    const torch::Tensor distance = edgeVectors.square().sum(1).sqrt();
    const torch::Tensor seen = stretched(batch, distance);
    Pass pass{parameters, batch, observer, nullptr, distance, {}, {}, nullptr, {}, {}};
    Features features;
    if (layers.first() < m_network.layers.size())
        preparePass(pass, edgeVectors, seen);
    if (layers.from) {
        features = layers.from->atoms;
    } else {
        features = embedded(pass);
        pass.observe("embedding", features, m_network.embedding.output);
    }
    for (std::size_t i = layers.first(); i < m_network.layers.size(); ++i) {
        features = update(pass, i, features);
        if (layers.record) {
            Features whole = features;
            for (std::size_t b = 0; b < whole.size(); ++b)
                if (!whole[b].defined())
                    whole[b] = pass.zero(m_network.layers[i].output[b]);
            layers.note(i + 1, whole);
        }
    }

    NodeOutput output;
    const Irreps& last = m_network.layers.back().output;
    std::vector<torch::Tensor> invariants;
    for (std::size_t i = 0; i < features.size(); ++i)
        if (last[i].irrep == Irrep{0, 1})
            invariants.push_back(features[i].squeeze(1));
    output.invariants = torch::cat(invariants, 1);
    for (std::size_t i = 0; i < m_network.readout.size(); ++i) {
        const ReadoutStep& step = m_network.readout[i];
        features = mapped(pass, step.map, features);
        for (torch::Tensor& feature : features)
            feature = activate(step.activation, feature);
        pass.observe(fmt::format("readout/{}", i), features, step.map.output);
    }
    output.energy = energies(pass, features.front().squeeze(2).squeeze(1), pass.distance, seen);
    if (observer)
        observer("energy", output.energy.unsqueeze(1));
    return output;
}

} // namespace lodestone
