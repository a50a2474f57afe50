#include "checkpoints/sevennet/deployed_network.h"

#include "architectures/nequip/convolution_layout.h"
#include "architectures/nequip/sevennet.h"
#include "base/error.h"
#include "base/text.h"
#include "checkpoints/torch/couplings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace lodestone {
namespace {

/// A block of a row with its parity once it is known (0 before).
struct Block {
    DeployedBlock columns;
    int parity = 0;
};
using Blocks = std::vector<Block>;

int place(const Blocks& blocks, const DeployedBlock& wanted)
{
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const DeployedBlock& block = blocks[i].columns;
        if (block.first == wanted.first && block.multiplicity == wanted.multiplicity && block.l == wanted.l)
            return static_cast<int>(i);
    }
    fail<ScriptError>("a linear map takes columns {} to {}, which are no block of the features", wanted.first,
                      wanted.first + wanted.size());
}

Blocks outputsOf(std::initializer_list<const DeployedLinear*> maps)
{
    std::map<std::int64_t, DeployedBlock> found;
    for (const DeployedLinear* map : maps)
        for (const DeployedPath& path : map->paths)
            found.emplace(path.output.first, path.output);
    Blocks blocks;
    for (const auto& [first, block] : found)
        blocks.push_back({block, 0});
    return blocks;
}

/// Blocks of the sums: what the linear map after them takes; messages that it leaves out are blocks of their
/// own.
Blocks sumsOf(const DeployedLayer& layer)
{
    std::map<std::int64_t, DeployedBlock> found;
    for (const DeployedPath& path : layer.second.paths)
        if (!path.modality)
            found.emplace(path.input.first, path.input);
    for (const DeployedMessage& message : layer.messages) {
        const bool taken = std::any_of(found.begin(), found.end(), [&](const auto& entry) {
            return message.output.first >= entry.second.first &&
                   message.output.first < entry.second.first + entry.second.size();
        });
        if (!taken)
            found.emplace(message.output.first, message.output);
    }
    Blocks blocks;
    for (const auto& [first, block] : found)
        blocks.push_back({block, 0});
    return blocks;
}

/// The block of the sums that a message lies in.
int sumBlock(const Blocks& sums, const DeployedMessage& message)
{
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const DeployedBlock& block = sums[i].columns;
        if (message.output.first >= block.first &&
            message.output.first + message.output.size() <= block.first + block.size() &&
            block.l == message.output.l)
            return static_cast<int>(i);
    }
    fail<ScriptError>("messages in columns {} to {} lie in no block of the sums", message.output.first,
                      message.output.first + message.output.size());
}

/// The block before the gate that some columns lie in; `l` of its irrep.
int gateBlock(const Blocks& blocks, const DeployedBlock& wanted)
{
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const DeployedBlock& block = blocks[i].columns;
        if (wanted.first >= block.first && wanted.first + wanted.size() <= block.first + block.size() &&
            block.l == wanted.l)
            return static_cast<int>(i);
    }
    fail<ScriptError>("a gate takes columns {} to {}, which nothing fills", wanted.first,
                      wanted.first + wanted.size());
}

Irreps irrepsOf(const Blocks& blocks)
{
    Irreps irreps;
    for (const Block& block : blocks)
        irreps.push_back({block.columns.multiplicity, {block.columns.l, block.parity}});
    return irreps;
}

/// Blocks of all rows of a layer.
struct Rows {
    Blocks input, sums, before, output;
};

/// Assigns a parity; false where the block has the other one already.
bool assign(Block& block, int parity)
{
    if (block.parity == 0)
        block.parity = parity;
    return block.parity == parity;
}

/// Gives every block a parity that all paths keep. False if there is none.
bool assignParities(const DeployedModel& model, std::vector<Rows>& rows)
{
    for (Block& block : rows.front().input)
        block.parity = 1;
    bool fits = true;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const DeployedLayer& layer = model.layers[i];
        Rows& row = rows[i];
        if (i > 0)
            row.input = rows[i - 1].output;
        for (const DeployedMessage& message : layer.messages) {
            const int in = row.input[static_cast<std::size_t>(place(row.input, message.input))].parity;
            fits = fits && assign(row.sums[static_cast<std::size_t>(sumBlock(row.sums, message))],
                                  in * (message.l2 % 2 == 0 ? 1 : -1));
        }
        for (const auto& [map, from] :
             {std::pair(&layer.second, &row.sums), {&layer.selfConnection, &row.input}})
            for (const DeployedPath& path : map->paths)
                fits =
                    fits && assign(row.before[static_cast<std::size_t>(place(row.before, path.output))],
                                   path.modality
                                       ? 1
                                       : (*from)[static_cast<std::size_t>(place(*from, path.input))].parity);
        for (std::size_t k = 0; k < layer.gate.size(); ++k)
            row.output[k].parity =
                row.before[static_cast<std::size_t>(gateBlock(row.before, layer.gate[k].values))].parity;
        // The linear map before the messages mixes blocks of the same irrep only.
        for (const DeployedPath& path : layer.first.paths)
            fits = fits && (path.modality ||
                            row.input[static_cast<std::size_t>(place(row.input, path.input))].parity ==
                                row.input[static_cast<std::size_t>(place(row.input, path.output))].parity);
    }
    return fits;
}

class NetworkBuilder {
public:
    NetworkBuilder(const DeployedModel& model, const DeployedConstants& constants)
        : m_model(model),
          m_constants(constants)
    {
    }

    ConvolutionNetwork build(const std::vector<int>& elements, double cutoff)
    {
        const std::vector<Rows> rows = allRows();
        m_network.family = "sevennet";
        m_network.cutoff = cutoff;
        m_network.elements = elements;
        m_network.harmonics = m_model.harmonics;
        m_network.unitHarmonics = m_model.unitHarmonics;
        m_network.basis = m_model.basis;
        m_network.radialActivation = m_model.layers.front().radialActivation;
        m_network.headIndex = static_cast<int>(m_model.modality);
        m_network.frequencies =
            tensor(m_model.frequencies, tensorInfo(-1, "radial_basis", "frequencies", "radial", "", {})).name;
        m_network.embedding = map(m_model.embedding, {{{0, m_model.elements, 0}, 1}}, rows.front().input, -1,
                                  "embedding", "weight", "linear");
        for (std::size_t i = 0; i < m_model.layers.size(); ++i)
            m_network.layers.push_back(layer(static_cast<int>(i), rows[i]));
        Blocks features = rows.back().output;
        for (std::size_t i = 0; i < m_model.readout.size(); ++i) {
            const Blocks next = {{m_model.readout[i].paths.at(0).output, 1}};
            m_network.readout.push_back({map(m_model.readout[i], features, next, -1, "readout",
                                             i + 1 < m_model.readout.size() ? "hidden" : "energy", "readout"),
                                         {}});
            features = next;
        }
        m_network.shift = energyTerm(m_model.shift, "reference_energies");
        m_network.scale = energyTerm(m_model.scale, "scale");
        for (const auto& [constant, info] : m_tensors)
            m_network.tensors.push_back(finished(constant, info));
        m_network.architecture = architectureLine(m_network);
        return std::move(m_network);
    }

private:
    std::vector<Rows> allRows() const
    {
        std::vector<Rows> rows;
        Blocks features = outputsOf({&m_model.embedding});
        for (const DeployedLayer& layer : m_model.layers) {
            Rows row;
            row.input = features;
            row.sums = sumsOf(layer);
            row.before = outputsOf({&layer.second, &layer.selfConnection});
            std::int64_t first = 0;
            for (const DeployedGate& gate : layer.gate) {
                row.output.push_back({{first, gate.values.multiplicity, gate.values.l}, 0});
                first += gate.values.size();
            }
            features = row.output;
            rows.push_back(std::move(row));
        }
        std::vector<Rows> natural = rows;
        if (assignParities(m_model, natural))
            return natural;
        for (Rows& row : rows)
            for (Blocks* blocks : {&row.input, &row.sums, &row.before, &row.output})
                for (Block& block : *blocks)
                    block.parity = 1;
        return rows;
    }

    /// The description of a constant, made with `info` where it is met first.
    ParameterInfo& tensor(std::int64_t constant, ParameterInfo info)
    {
        const auto found = m_tensors.find(constant);
        if (found != m_tensors.end())
            return found->second;
        while (!m_names.insert(info.name).second)
            info.name += "'";
        const std::vector<std::int64_t> shape = m_constants.shape(constant);
        ParameterInfo sized =
            tensorInfo(info.layer, info.module, "", info.kind, fmt::format("CONSTANTS.c{}", constant), shape);
        sized.name = info.name;
        sized.block = info.block;
        sized.irrepsIn = info.irrepsIn;
        sized.irrepsOut = info.irrepsOut;
        sized.trainable = info.trainable;
        return m_tensors.emplace(constant, std::move(sized)).first->second;
    }

    LinearMap map(const DeployedLinear& linear, const Blocks& input, const Blocks& output, int layer,
                  const std::string& module, const std::string& leaf, const std::string& kind)
    {
        LinearMap map;
        map.input = irrepsOf(input);
        map.output = irrepsOf(output);
        std::set<std::int64_t> constants;
        for (const DeployedPath& path : linear.paths)
            constants.insert(path.constant);
        for (const DeployedPath& path : linear.paths) {
            const int to = place(output, path.output);
            const IrrepBlock& out = map.output[static_cast<std::size_t>(to)];
            ParameterInfo info = tensorInfo(
                layer, module,
                constants.size() == 1 ? leaf : toString(out.irrep) + (path.modality ? "_modality" : ""), kind,
                "", {});
            IrrepBlock in{path.input.multiplicity, {0, 1}};
            if (!path.modality)
                in = map.input[static_cast<std::size_t>(place(input, path.input))];
            info.irrepsIn = constants.size() == 1 ? toString(map.input) : toString(in);
            info.irrepsOut = constants.size() == 1 ? toString(map.output) : toString(out);
            ParameterInfo& described = tensor(path.constant, std::move(info));
            if (path.modality) {
                map.rows.push_back({to,
                                    {described.name, path.offset + m_model.modality * out.multiplicity, 1,
                                     out.multiplicity, path.factor}});
            } else {
                map.paths.push_back(
                    {place(input, path.input),
                     to,
                     {described.name, path.offset, in.multiplicity, out.multiplicity, path.factor},
                     path.perElement});
            }
            ParameterPath numbers = pathInfo(in, out, path.offset);
            if (path.perElement)
                numbers.count *= m_model.elements;
            if (path.perElement || (module == "embedding" && !path.modality))
                numbers.elementStride = out.multiplicity;
            described.paths.push_back(numbers);
        }
        return map;
    }

    ConvolutionLayer layer(int number, const Rows& rows)
    {
        const DeployedLayer& text = m_model.layers[static_cast<std::size_t>(number)];
        ConvolutionLayer layer;
        layer.input = irrepsOf(rows.input);
        layer.sums = irrepsOf(rows.sums);
        layer.output = irrepsOf(rows.output);
        const bool perElement =
            !text.selfConnection.paths.empty() && text.selfConnection.paths.front().perElement;
        layer.selfConnection =
            map(text.selfConnection, rows.input, rows.before, number, "self_connection_intro", "weight",
                perElement ? "tensor-product" : "linear");
        layer.first =
            map(text.first, rows.input, rows.input, number, "self_interaction_1", "weight", "linear");
        layer.second =
            map(text.second, rows.sums, rows.before, number, "self_interaction_2", "weight", "linear");
        for (std::size_t i = 0; i < text.radial.size(); ++i) {
            const std::vector<std::int64_t> shape = m_constants.shape(text.radial[i]);
            const std::string name =
                tensor(text.radial[i], tensorInfo(number, "radial", std::to_string(i), "radial", "", {}))
                    .name;
            layer.radial.push_back({name, 0, shape[0], shape[1], text.radialFactors[i]});
        }
        for (const DeployedMessage& message : text.messages)
            layer.paths.push_back(path(message, rows));
        const bool shared =
            std::all_of(m_model.layers.begin(), m_model.layers.end(), [&](const DeployedLayer& other) {
                return other.denominator == m_model.layers.front().denominator;
            });
        ParameterInfo denominator =
            tensorInfo(shared ? -1 : number, "convolution", "denominator", "scale", "", {});
        denominator.trainable = false;
        layer.denominator = tensor(text.denominator, std::move(denominator)).name;
        for (const DeployedGate& gate : text.gate) {
            GateOutput output;
            output.values = channels(rows.before, gate.values, gate.activation);
            if (gate.gates.count > 0)
                output.gates =
                    channels(rows.before, {gate.gates.first, gate.gates.count, 0}, gate.gates.activation);
            layer.gate.push_back(output);
        }
        const Activation& activation = text.radialActivation;
        if (activation.kind != m_network.radialActivation.kind ||
            activation.factor != m_network.radialActivation.factor)
            fail<ScriptError>("the radial networks of the layers have different activations");
        return layer;
    }

    static GateChannels channels(const Blocks& before, const DeployedBlock& columns,
                                 const Activation& activation)
    {
        GateChannels channels;
        channels.block = gateBlock(before, columns);
        const DeployedBlock& block = before[static_cast<std::size_t>(channels.block)].columns;
        channels.first = (columns.first - block.first) / (2 * block.l + 1);
        channels.count = columns.multiplicity;
        channels.activation = activation;
        return channels;
    }

    /// Factor of a stored coupling tensor, whose axes the text may name in another order than (l1, l2, l3).
    double storedFactor(const DeployedMessage& message) const
    {
        const std::vector<double> stored = m_constants.values(message.constant);
        const std::vector<std::int64_t> shape = m_constants.shape(message.constant);
        std::array<std::int64_t, 3> sizes{}, strides{};
        std::int64_t stride = 1;
        for (std::size_t axis = 3; axis-- > 0;) {
            const auto degree = static_cast<std::size_t>(message.constantAxes[axis]);
            sizes[degree] = shape[axis];
            strides[degree] = stride;
            stride *= shape[axis];
        }
        std::vector<double> ordered;
        for (std::int64_t i = 0; i < sizes[0]; ++i)
            for (std::int64_t j = 0; j < sizes[1]; ++j)
                for (std::int64_t k = 0; k < sizes[2]; ++k)
                    ordered.push_back(stored.at(
                        static_cast<std::size_t>(i * strides[0] + j * strides[1] + k * strides[2])));
        return couplingFactor(ordered, {sizes.begin(), sizes.end()}, message.input.l, message.l2,
                              message.output.l, fmt::format("CONSTANTS.c{}", message.constant));
    }

    ConvolutionPath path(const DeployedMessage& message, const Rows& rows) const
    {
        ConvolutionPath path;
        path.input = place(rows.input, message.input);
        path.l2 = message.l2;
        path.output = sumBlock(rows.sums, message);
        const DeployedBlock& block = rows.sums[static_cast<std::size_t>(path.output)].columns;
        path.channel = (message.output.first - block.first) / (2 * block.l + 1);
        path.column = message.column;
        const int l1 = message.input.l, l3 = message.output.l;
        double factor = message.scalar;
        if (message.constant < 0) {
            factor *= l3 == 0 ? std::sqrt(2.0 * l1 + 1) : 1;
        } else {
            factor *= storedFactor(message) / std::sqrt(2.0 * l3 + 1);
        }
        // The file's couplings are rounded to its precision; the exact ones were meant.
        path.factor = std::abs(std::abs(factor) - 1) < 1e-5 ? std::copysign(1.0, factor) : factor;
        return path;
    }

    EnergyTerm energyTerm(const DeployedEnergyTerm& text, const std::string& module)
    {
        const bool reference = module == "reference_energies" && text.perElement;
        ParameterInfo info = tensorInfo(-1, module, "", reference ? "reference" : "scale", "", {});
        info.trainable = false;
        ParameterInfo& described = tensor(text.constant, std::move(info));
        const std::int64_t expected =
            (text.perElement ? m_model.elements : 1) * (text.perModality ? m_model.modalities : 1);
        if (described.count != expected || (text.perElement && described.shape.back() != m_model.elements))
            fail<ScriptError>("CONSTANTS.c{} holds {} values, {} were expected", text.constant,
                              described.count, expected);
        EnergyTerm term;
        term.tensor = described.name;
        term.perElement = text.perElement;
        term.offset = text.perModality ? m_model.modality * m_model.elements : 0;
        if (text.perElement)
            described.elementAxis = static_cast<int>(described.shape.size()) - 1;
        return term;
    }

    /// Checks that the paths cover the tensor; a matrix whose rows are elements gets its axis.
    ParameterInfo finished(std::int64_t constant, ParameterInfo info) const
    {
        std::sort(info.paths.begin(), info.paths.end(),
                  [](const ParameterPath& a, const ParameterPath& b) { return a.offset < b.offset; });
        std::int64_t next = 0;
        for (const ParameterPath& path : info.paths) {
            if (path.offset != next)
                fail<ScriptError>("the parts of CONSTANTS.c{} leave gaps or overlap", constant);
            next = path.offset + path.count;
        }
        if (!info.paths.empty() && next != info.count)
            fail<ScriptError>("the parts of CONSTANTS.c{} do not cover it", constant);
        if (info.module == "embedding" && info.shape.size() == 2 && info.shape[0] == m_model.elements)
            info.elementAxis = 0;
        return info;
    }

    const DeployedModel& m_model;
    const DeployedConstants& m_constants;
    ConvolutionNetwork m_network;
    std::map<std::int64_t, ParameterInfo> m_tensors; ///< by constant
    std::set<std::string> m_names;
};

} // namespace

ConvolutionNetwork deployedNetwork(const DeployedModel& model, const std::vector<int>& elements,
                                   double cutoff, const DeployedConstants& constants)
{
    ConvolutionNetwork network = NetworkBuilder(model, constants).build(elements, cutoff);
    try {
        check(network);
    } catch (const InternalError& error) {
        fail<ScriptError>("its parts do not fit: {}", error.what());
    }
    return network;
}

std::vector<std::int64_t> constantsOf(const ConvolutionNetwork& network)
{
    std::vector<std::int64_t> constants;
    for (const ParameterInfo& info : network.tensors) {
        const std::optional<long long> index = parseInteger(std::string_view(info.stored).substr(11));
        if (!index)
            fail<InternalError>("'{}' is no constant.", info.stored);
        constants.push_back(*index);
    }
    return constants;
}

} // namespace lodestone
