#include "architectures/nequip/convolution_network.h"

#include "base/error.h"

#include <algorithm>
#include <set>

namespace lodestone {
namespace {

/// Checks places against tensors and channels against blocks.
class Checker {
public:
    explicit Checker(const ConvolutionNetwork& network) : m_network(network) {}

    void tensor(const std::string& name, std::int64_t offset, std::int64_t count) const
    {
        const auto info = std::find_if(m_network.tensors.begin(), m_network.tensors.end(),
                                       [&](const ParameterInfo& tensor) { return tensor.name == name; });
        if (info == m_network.tensors.end())
            fail<InternalError>("The network uses the tensor '{}', which it does not list.", name);
        if (offset < 0 || count < 1 || offset + count > info->count)
            fail<InternalError>("The network uses numbers {} to {} of the tensor '{}', which has {}.", offset,
                                offset + count, name, info->count);
    }

    void matrix(const StoredMatrix& matrix, std::int64_t rows, std::int64_t columns,
                std::int64_t copies = 1) const
    {
        if (matrix.rows != rows || matrix.columns != columns)
            fail<InternalError>("A matrix in the tensor '{}' is {} x {}, its blocks ask for {} x {}.",
                                matrix.tensor, matrix.rows, matrix.columns, rows, columns);
        tensor(matrix.tensor, matrix.offset, rows * columns * copies);
    }

    void map(const LinearMap& map) const
    {
        for (const LinearPath& path : map.paths) {
            const IrrepBlock &in = block(map.input, path.input), &out = block(map.output, path.output);
            if (!(in.irrep == out.irrep))
                fail<InternalError>("A linear map leads from {} to {}.", toString(in), toString(out));
            matrix(path.matrix, in.multiplicity, out.multiplicity, path.perElement ? attributes() : 1);
        }
        for (const LinearRow& row : map.rows) {
            const IrrepBlock& out = block(map.output, row.output);
            if (out.irrep.l != 0)
                fail<InternalError>("A constant is added to {}.", toString(out));
            matrix(row.matrix, 1, out.multiplicity);
        }
    }

    void layer(const ConvolutionLayer& layer, const Irreps& input) const
    {
        same(layer.input, input);
        same(layer.first.input, input);
        same(layer.first.output, input);
        map(layer.first);
        if (!layer.selfConnection.paths.empty()) {
            same(layer.selfConnection.input, input);
            same(layer.selfConnection.output, layer.second.output);
        }
        map(layer.selfConnection);
        same(layer.second.input, layer.sums);
        map(layer.second);
        if (layer.radial.empty())
            fail<InternalError>("A layer of the network has no radial matrices.");
        for (const StoredMatrix& radial : layer.radial)
            matrix(radial, radial.rows, radial.columns);
        for (const ConvolutionPath& path : layer.paths)
            convolutionPath(layer, path);
        if (!layer.denominator.empty())
            tensor(layer.denominator, 0, 1);
        if (!layer.elementFactors.empty() && layer.elementFactors.size() != m_network.elements.size())
            fail<InternalError>("A layer of the network has {} factors for {} elements.",
                                layer.elementFactors.size(), m_network.elements.size());
        if (layer.residual)
            same(layer.output, layer.input);
        if (layer.gate.size() != layer.output.size())
            fail<InternalError>("A gate of the network does not make the layer's output.");
        for (std::size_t i = 0; i < layer.gate.size(); ++i)
            gate(layer, layer.gate[i], layer.output[i]);
    }

    std::int64_t attributes() const
    {
        return m_network.attributes.tensor.empty() ? static_cast<std::int64_t>(m_network.elements.size())
                                                   : m_network.attributes.columns;
    }

    void same(const Irreps& a, const Irreps& b) const
    {
        if (a != b)
            fail<InternalError>("Parts of the network do not fit: {} and {}.", toString(a), toString(b));
    }

private:
    static const IrrepBlock& block(const Irreps& irreps, int index)
    {
        if (index < 0 || static_cast<std::size_t>(index) >= irreps.size())
            fail<InternalError>("The network uses block {} of {}.", index, toString(irreps));
        return irreps[static_cast<std::size_t>(index)];
    }

    void convolutionPath(const ConvolutionLayer& layer, const ConvolutionPath& path) const
    {
        const IrrepBlock &in = block(layer.input, path.input), &out = block(layer.sums, path.output);
        if (path.l2 < 0 || path.l2 > m_network.harmonics || out.irrep.l < std::abs(in.irrep.l - path.l2) ||
            out.irrep.l > in.irrep.l + path.l2)
            fail<InternalError>("A path of the network couples {} with degree {} to {}.", toString(in),
                                path.l2, toString(out));
        if (path.channel < 0 || path.channel + in.multiplicity > out.multiplicity || path.column < 0 ||
            path.column + in.multiplicity > layer.radial.back().columns)
            fail<InternalError>("A path of the network does not fit into its rows.");
    }

    void gate(const ConvolutionLayer& layer, const GateOutput& gate, const IrrepBlock& made) const
    {
        const IrrepBlock& values = channels(layer, gate.values);
        Irrep irrep = activated(values.irrep, gate.values.activation);
        if (gate.gates.count > 0) {
            const IrrepBlock& gates = channels(layer, gate.gates);
            if (gates.irrep.l != 0 || gate.gates.count != gate.values.count)
                fail<InternalError>("A gate of the network does not fit what it opens.");
            irrep.parity *= activated(gates.irrep, gate.gates.activation).parity;
        }
        if (!(irrep == made.irrep) || gate.values.count != made.multiplicity)
            fail<InternalError>("A gate of the network makes {}, expected {}.", toString(values),
                                toString(made));
    }

    /// Even functions make even scalars of odd ones.
    static Irrep activated(Irrep irrep, const Activation& activation)
    {
        if (activation.kind == ActivationKind::Abs)
            irrep.parity = 1;
        return irrep;
    }

    static const IrrepBlock& channels(const ConvolutionLayer& layer, const GateChannels& channels)
    {
        const IrrepBlock& from = block(layer.second.output, channels.block);
        if (channels.first < 0 || channels.count < 1 || channels.first + channels.count > from.multiplicity)
            fail<InternalError>("A gate of the network takes channels that {} does not have.",
                                toString(from));
        return from;
    }

    const ConvolutionNetwork& m_network;
};

} // namespace

ModelDescription describe(const ConvolutionNetwork& network)
{
    ModelDescription description;
    description.family = network.family;
    description.architecture = network.architecture;
    description.cutoff = network.cutoff;
    description.elements = network.elements;
    description.layers = static_cast<int>(network.layers.size());
    description.lMax = network.harmonics;
    Irreps widest;
    for (const ConvolutionLayer& layer : network.layers)
        if (sizeOf(layer.output) > sizeOf(widest))
            widest = layer.output;
    description.irrepsHidden = toString(widest);
    description.heads = network.heads;
    description.headIndex = network.headIndex;
    description.tensors = network.tensors;
    for (const ParameterInfo& info : description.tensors) {
        description.storedNumbers += info.count;
        if (info.kind == "reference")
            description.referenceEnergies += info.count;
    }
    description.parameters = description.storedNumbers - description.referenceEnergies;
    return description;
}

void check(const ConvolutionNetwork& network)
{
    const Checker checker(network);
    std::set<std::string> names;
    for (const ParameterInfo& info : network.tensors)
        if (!names.insert(info.name).second)
            fail<InternalError>("The network lists the tensor '{}' twice.", info.name);
    checker.tensor(network.frequencies, 0, 1);
    checker.map(network.embedding);
    Irreps features = network.embedding.output;
    for (const ConvolutionLayer& layer : network.layers) {
        checker.layer(layer, features);
        features = layer.output;
    }
    for (const ReadoutStep& step : network.readout) {
        checker.same(step.map.input, features);
        checker.map(step.map);
        features = step.map.output;
    }
    checker.same(features, {{1, {0, 1}}});
    const std::size_t elements = network.elements.size();
    if (!network.attributes.tensor.empty())
        checker.matrix(network.attributes, static_cast<std::int64_t>(elements), network.attributes.columns);
    if (!network.pairCutoffs.empty() && network.pairCutoffs.size() != elements * elements)
        fail<InternalError>("The network has {} cutoffs for pairs of {} elements.",
                            network.pairCutoffs.size(), elements);
    if (network.repulsion && network.repulsion->charges.size() != elements)
        fail<InternalError>("The network has {} charges for {} elements.", network.repulsion->charges.size(),
                            elements);
    for (const EnergyTerm* term : {&network.scale, &network.shift, &network.overall, &network.constant})
        if (!term->tensor.empty())
            checker.tensor(term->tensor, term->offset,
                           term->perElement ? static_cast<std::int64_t>(network.elements.size()) : 1);
}

} // namespace lodestone
