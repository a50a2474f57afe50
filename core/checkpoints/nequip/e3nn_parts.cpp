#include "checkpoints/nequip/e3nn_parts.h"

#include "architectures/nequip/convolution_layout.h"
#include "base/error.h"
#include "checkpoints/torch/archive_contents.h"
#include "checkpoints/torch/couplings.h"
#include "checkpoints/torch/not_computed.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

constexpr Irrep evenScalar{0, 1};
constexpr std::size_t mostInstructions = 4096;

std::vector<PickleNode> instructionsOf(const ModuleView& module, std::size_t fields)
{
    const PickleNode all = module.attributeAt("instructions");
    if (all.size() > mostInstructions)
        module.notComputed(fmt::format("it has {} instructions, more than {}", all.size(), mostInstructions));
    std::vector<PickleNode> instructions;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const PickleNode instruction = fieldsOf(all.at(i));
        if (instruction.size() != fields)
            module.notComputed(
                fmt::format("an instruction has {} fields, expected {}", instruction.size(), fields));
        instructions.push_back(instruction);
    }
    return instructions;
}

/// The block of `irreps` that an instruction names.
int blockIn(const ModuleView& module, const PickleNode& index, const Irreps& irreps)
{
    const std::int64_t i = index.integer();
    if (i < 0 || static_cast<std::size_t>(i) >= irreps.size())
        module.notComputed(fmt::format("an instruction names block {} of {}", i, toString(irreps)));
    return static_cast<int>(i);
}

void needIrreps(const ModuleView& module, const char* which, const Irreps& expected)
{
    const Irreps found = module.irreps(which);
    if (found != expected)
        module.notComputed(
            fmt::format("{} are {}, but {} come in", which, toString(found), toString(expected)));
}

/// The flat weight of a module; `used` numbers of it are spoken for.
TensorReference flatWeight(const ModuleView& module, std::int64_t used)
{
    const TensorReference weight = module.tensorAt("weight");
    if (weight.shape != std::vector<std::int64_t>{used} || used == 0)
        module.notComputed(fmt::format("its weights have the shape ({}), its instructions ask for {} numbers",
                                       fmt::join(weight.shape, ", "), used));
    return weight;
}

ParameterInfo infoFor(const TensorRole& role, const ModuleView& module, std::string_view tensor)
{
    return tensorInfo(role.layer, role.module, role.leaf, role.kind, module.stored(tensor), {});
}

} // namespace

std::string TensorCollection::add(ParameterInfo info, const TensorReference& place)
{
    const ScalarKind scalar = place.storage.scalar;
    if (scalar != ScalarKind::Float64 && scalar != ScalarKind::Float32 && scalar != ScalarKind::Float16 &&
        scalar != ScalarKind::BFloat16)
        fail<NotComputed>("The tensor {} holds {} numbers, expected real ones.", info.stored, nameOf(scalar));
    info.shape = place.shape;
    info.count = 1;
    for (const std::int64_t extent : info.shape)
        if (__builtin_mul_overflow(info.count, extent, &info.count))
            fail<NotComputed>("The tensor {} is larger than any file.", info.stored);
    std::string name = info.name;
    tensors.push_back(std::move(info));
    places.push_back(place);
    return name;
}

LinearMap readLinear(const ModuleView& linear, const Irreps& input, const TensorRole& role, double factor,
                     bool inputIsElements, TensorCollection& tensors)
{
    if (!linear.is("Linear"))
        linear.notComputed("expected a linear map of e3nn");
    needIrreps(linear, "irreps_in", input);
    if (linear.attribute("bias_numel") && linear.integer("bias_numel") != 0)
        linear.notComputed("it has biases, which are not known here");
    LinearMap map;
    map.input = input;
    map.output = linear.irreps("irreps_out");
    ParameterInfo info = infoFor(role, linear, "weight");
    info.irrepsIn = toString(map.input);
    info.irrepsOut = toString(map.output);
    std::int64_t offset = 0;
    for (const PickleNode& instruction : instructionsOf(linear, 4)) { // in, out, shape, factor
        const int i = blockIn(linear, instruction.at(0), map.input),
                  o = blockIn(linear, instruction.at(1), map.output);
        const IrrepBlock &in = map.input[static_cast<std::size_t>(i)],
                         &out = map.output[static_cast<std::size_t>(o)];
        if (!(in.irrep == out.irrep))
            linear.notComputed(
                fmt::format("an instruction leads from {} to {}", toString(in), toString(out)));
        map.paths.push_back(
            {i,
             o,
             {info.name, offset, in.multiplicity, out.multiplicity, instruction.at(3).real() * factor}});
        ParameterPath path = pathInfo(in, out, offset);
        if (inputIsElements)
            path.elementStride = out.multiplicity;
        info.paths.push_back(path);
        offset += path.count;
    }
    tensors.add(std::move(info), flatWeight(linear, offset));
    return map;
}

LinearMap readSelfConnection(const ModuleView& product, const Irreps& input, const Irreps& output,
                             std::int64_t attributes, bool elementAttributes, const TensorRole& role,
                             TensorCollection& tensors)
{
    if (!product.is("FullyConnectedTensorProduct"))
        product.notComputed("expected a fully connected tensor product of e3nn");
    needIrreps(product, "irreps_in1", input);
    needIrreps(product, "irreps_in2", {{attributes, evenScalar}});
    needIrreps(product, "irreps_out", output);
    LinearMap map;
    map.input = input;
    map.output = output;
    ParameterInfo info = infoFor(role, product, "weight");
    info.irrepsIn = toString(input);
    info.irrepsOut = toString(output);
    std::int64_t offset = 0;
    for (const PickleNode& instruction :
         instructionsOf(product, 7)) { // in, attributes, out, mode, weights?, factor, ..
        const int i = blockIn(product, instruction.at(0), input),
                  o = blockIn(product, instruction.at(2), output);
        const IrrepBlock &in = input[static_cast<std::size_t>(i)], &out = output[static_cast<std::size_t>(o)];
        if (!(in.irrep == out.irrep) || instruction.at(3).text() != "uvw" || !instruction.at(4).boolean())
            product.notComputed(fmt::format("an instruction leads from {} to {} in the mode {}", toString(in),
                                            toString(out), instruction.at(3).text().substr(0, 20)));
        // e3nn's factor is for the 3j tensor (l, 0, l), which is the identity over sqrt(2l + 1).
        const double factor = instruction.at(5).real() / std::sqrt(static_cast<double>(in.irrep.size()));
        map.paths.push_back({i, o, {info.name, offset, in.multiplicity, out.multiplicity, factor}, true});
        ParameterPath path = pathInfo(in, out, offset);
        path.count *= attributes;
        path.elementStride = elementAttributes ? out.multiplicity : 0;
        info.paths.push_back(path);
        offset += path.count;
    }
    if (map.paths.empty())
        product.notComputed("it has no weights");
    tensors.add(std::move(info), flatWeight(product, offset));
    return map;
}

namespace {

/// Sign and size of the coupling tensor that the file holds, against our own. Files of TorchScript hold those
/// in which no degree is zero; pickled models are of e3nn 0.5 or newer, whose signs are ours.
double couplingOf(const ModuleView& product, int l1, int l2, int l3)
{
    const std::optional<ModuleView> kernel = product.child("_compiled_main_left_right");
    const std::string name = fmt::format("_w3j_{}_{}_{}", l1, l2, l3);
    if (!kernel || l1 == 0 || l2 == 0 || l3 == 0)
        return 1;
    const std::optional<TensorReference> stored = kernel->tensor(name);
    if (!stored)
        product.notComputed(fmt::format("the coupling tensor {} is not in the file", name));
    const double factor = couplingFactor(loadNumbers(product.archive(), *stored), stored->shape, l1, l2, l3,
                                         kernel->stored(name));
    // Of float32 tensors only the sign is meant, not the rounding.
    return std::abs(std::abs(factor) - 1) < 1e-6 ? std::copysign(1.0, factor) : factor;
}

} // namespace

std::vector<ConvolutionPath> readConvolution(const ModuleView& product, const Irreps& input,
                                             const std::vector<int>& harmonics, const Irreps& sums)
{
    needIrreps(product, "irreps_in1", input);
    const Irreps edges = product.irreps("irreps_in2"), messages = product.irreps("irreps_out");
    if (edges.size() != harmonics.size() || simplified(messages) != sums)
        product.notComputed("its irreps do not fit those around it");
    // Where each block of messages stands in the joined blocks.
    std::vector<std::pair<int, std::int64_t>> places;
    int block = 0;
    std::int64_t channel = 0;
    for (const IrrepBlock& message : messages) {
        if (channel == sums[static_cast<std::size_t>(block)].multiplicity) {
            ++block;
            channel = 0;
        }
        places.emplace_back(block, channel);
        channel += message.multiplicity;
    }
    std::vector<ConvolutionPath> paths;
    std::int64_t column = 0;
    for (const PickleNode& instruction :
         instructionsOf(product, 7)) { // in, edge, out, mode, weights?, factor, ...
        const int i = blockIn(product, instruction.at(0), input),
                  e = blockIn(product, instruction.at(1), edges),
                  o = blockIn(product, instruction.at(2), messages);
        const IrrepBlock &in = input[static_cast<std::size_t>(i)], &edge = edges[static_cast<std::size_t>(e)],
                         &out = messages[static_cast<std::size_t>(o)];
        const int l2 = harmonics[static_cast<std::size_t>(e)];
        if (edge.multiplicity != 1 || edge.irrep.l != l2 || in.multiplicity != out.multiplicity ||
            instruction.at(3).text() != "uvu" || !instruction.at(4).boolean() ||
            out.irrep.l < std::abs(in.irrep.l - l2) || out.irrep.l > in.irrep.l + l2)
            product.notComputed(fmt::format("an instruction leads from {} and {} to {} in the mode {}",
                                            toString(in), toString(edge), toString(out),
                                            instruction.at(3).text().substr(0, 20)));
        const auto& [sum, first] = places[static_cast<std::size_t>(o)];
        // Our couplings carry sqrt(2 l3 + 1), which e3nn has in its factor.
        const double factor = instruction.at(5).real() / std::sqrt(static_cast<double>(out.irrep.size()));
        paths.push_back(
            {i, l2, sum, first, column, factor * couplingOf(product, in.irrep.l, l2, out.irrep.l)});
        column += in.multiplicity;
    }
    return paths;
}

ReadGate readGate(const ModuleView& gate, const Irreps& input)
{
    if (!gate.is("Gate"))
        gate.notComputed("only gates are computed as equivariant non-linearities");
    const ModuleView sort = gate.at("sc");
    const Irreps sorted = sort.at("cut").irreps("irreps_in");
    const PickleNode groups = sort.attributeAt("irreps_outs");
    if (groups.size() != 3 || simplified(sorted) != input)
        gate.notComputed(fmt::format("its irreps do not fit the {} that come in", toString(input)));
    // The blocks of scalars, gates and gated values, one after another, were sorted stably: those of one
    // irrep stand in `sorted` in the order in which they stand here. Each gets its channels of the joined
    // input.
    std::vector<bool> taken(sorted.size(), false);
    std::vector<GateChannels> channels; // one a channel block
    std::vector<Irreps> parts;
    std::vector<std::size_t> begin;
    for (std::size_t g = 0; g < 3; ++g) {
        parts.push_back(irrepsOf(groups.at(g)));
        begin.push_back(channels.size());
        for (const IrrepBlock& block : parts.back()) {
            std::size_t at = 0;
            int joined = 0;
            std::int64_t first = 0;
            for (; at < sorted.size() && (taken[at] || !(sorted[at].irrep == block.irrep)); ++at) {
                first += sorted[at].multiplicity;
                if (at + 1 < sorted.size() && !(sorted[at + 1].irrep == sorted[at].irrep)) {
                    ++joined;
                    first = 0;
                }
            }
            if (at == sorted.size() || !(sorted[at] == block))
                gate.notComputed(fmt::format("its input has no place for {}", toString(block)));
            taken[at] = true;
            channels.push_back({joined, first, block.multiplicity, {}});
        }
    }
    ReadGate result;
    const ModuleView scalarActs = gate.at("act_scalars").at("acts");
    for (std::size_t i = 0; i < parts[0].size(); ++i) {
        GateChannels values = channels[i];
        values.activation = readActivation(scalarActs.at(std::to_string(i)));
        Irrep irrep = parts[0][i].irrep;
        if (values.activation.kind == ActivationKind::Abs)
            irrep.parity = 1;
        result.outputs.push_back({values, {}});
        result.output.push_back({values.count, irrep});
    }
    std::int64_t opened = 0;
    for (std::size_t i = 0; i < parts[2].size(); ++i) {
        // Gates are channels of one irrep, in the order of what they open.
        if (parts[1].size() != 1)
            gate.notComputed(fmt::format("its gates are {}, expected one block", toString(parts[1])));
        GateChannels opening = channels[begin[1]];
        opening.first += opened;
        opening.count = parts[2][i].multiplicity;
        opened += opening.count;
        opening.activation = readActivation(gate.at("act_gates").at("acts").at(std::to_string(i)));
        Irrep irrep = parts[2][i].irrep;
        if (parts[1][0].irrep.parity < 0 && opening.activation.kind != ActivationKind::Abs)
            irrep.parity = -irrep.parity;
        result.outputs.push_back({channels[begin[2] + i], opening});
        result.output.push_back({opening.count, irrep});
    }
    if (opened != (parts[1].empty() ? 0 : parts[1][0].multiplicity) ||
        gate.irreps("_irreps_out") != result.output)
        gate.notComputed("its output is not what its parts make");
    return result;
}

} // namespace lodestone
