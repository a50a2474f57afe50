#include "checkpoints/torch/e3nn_modules.h"

#include <cmath>

namespace lodestone {
namespace {

constexpr std::size_t maxBlocks = 512;
constexpr std::int64_t maxMultiplicity = 1000000;
constexpr std::int64_t maxDegree = 12;

/// The fields of a tuple, or of an object of a class derived from it (made with the fields, or with one tuple
/// of them).
std::optional<PickleNode> fieldsOf(const PickleNode& node)
{
    if (node.is(PickleKind::Tuple) || node.is(PickleKind::List))
        return node;
    if (!node.is(PickleKind::Object))
        return {};
    const PickleNode arguments = node.arguments();
    if (arguments.size() == 1 &&
        (arguments.at(0).is(PickleKind::Tuple) || arguments.at(0).is(PickleKind::List)))
        return arguments.at(0);
    return arguments;
}

std::optional<std::int64_t> integerOf(const PickleNode& node, std::int64_t from, std::int64_t to)
{
    if (!node.is(PickleKind::Integer))
        return {};
    const std::int64_t value = node.integer();
    return value >= from && value <= to ? std::optional(value) : std::nullopt;
}

std::optional<IrrepBlock> blockOf(const PickleNode& node)
{
    const std::optional<PickleNode> fields = fieldsOf(node);
    if (!fields || fields->size() != 2)
        return {};
    const std::optional<PickleNode> irrep = fieldsOf(fields->at(1));
    if (!irrep || irrep->size() != 2)
        return {};
    const auto multiplicity = integerOf(fields->at(0), 0, maxMultiplicity);
    const auto degree = integerOf(irrep->at(0), 0, maxDegree);
    const auto parity = integerOf(irrep->at(1), -1, 1);
    if (!multiplicity || !degree || !parity || *parity == 0)
        return {};
    return IrrepBlock{*multiplicity, {static_cast<int>(*degree), static_cast<int>(*parity)}};
}

/// The entries of "instructions", each with the given number of fields.
std::vector<PickleNode> instructionsOf(const PickledModule& module, std::size_t fields)
{
    std::vector<PickleNode> instructions;
    for (const PickleNode& node : module.items("instructions")) {
        const std::optional<PickleNode> found = fieldsOf(node);
        if (!found || found->size() != fields)
            module.failHere(
                fmt::format("has an instruction that is {}, expected {} fields", describe(node), fields));
        instructions.push_back(*found);
    }
    return instructions;
}

int blockIndex(const PickledModule& module, const PickleNode& node, const Irreps& irreps)
{
    const auto index = integerOf(node, 0, static_cast<std::int64_t>(irreps.size()) - 1);
    if (!index)
        module.failHere(
            fmt::format("has an instruction for a block that {} does not have", toString(irreps)));
    return static_cast<int>(*index);
}

double factorOf(const PickledModule& module, const PickleNode& node)
{
    const std::optional<double> factor = realOf(node);
    if (!factor || !std::isfinite(*factor))
        module.failHere(fmt::format("has an instruction whose path weight is {}", describe(node)));
    return *factor;
}

std::vector<std::int64_t> shapeOf(const PickledModule& module, const PickleNode& node)
{
    const std::optional<PickleNode> fields = fieldsOf(node);
    std::vector<std::int64_t> shape;
    for (std::size_t i = 0; fields && i < fields->size() && i < 4; ++i)
        shape.push_back(integerOf(fields->at(i), 0, maxMultiplicity).value_or(-1));
    if (shape.empty())
        module.failHere(fmt::format("has an instruction whose shape is {}", describe(node)));
    return shape;
}

void needClass(const PickledModule& module, std::string_view name)
{
    const std::string found = module.className();
    if (found.starts_with("cuequivariance") || found.starts_with("openequivariance"))
        fail<NotComputed>(
            "{} is {}, a module of an accelerated back-end (convert the file with mace_cueq_to_e3nn, which "
            "comes with MACE)",
            module.path(), found);
    if (!found.starts_with("e3nn.") || module.shortName() != name)
        fail<NotComputed>("{} is {}, where a module {} of e3nn is expected", module.path(),
                          found.empty() ? describe(module.node()) : found, name);
}

} // namespace

Irreps irrepsOf(const PickledModule& module, std::string_view attribute)
{
    const PickleNode node = module.needed(attribute);
    if (node.is(PickleKind::Text)) {
        try {
            return parseIrreps(node.text());
        } catch (const Error& error) {
            module.failHere(fmt::format("has {} that cannot be read: {}", attribute, error.what()));
        }
    }
    const std::optional<PickleNode> fields = fieldsOf(node);
    if (!fields || fields->size() > maxBlocks)
        module.failHere(fmt::format("has {} that is {}, expected irreps", attribute, describe(node)));
    Irreps irreps;
    for (std::size_t i = 0; i < fields->size(); ++i) {
        const std::optional<IrrepBlock> block = blockOf(fields->at(i));
        if (!block)
            module.failHere(
                fmt::format("has {} whose part {} is not a multiplicity and an irrep (l up to {})", attribute,
                            i + 1, maxDegree));
        irreps.push_back(*block);
    }
    return irreps;
}

LinearShape linearShape(const PickledModule& module)
{
    needClass(module, "Linear");
    LinearShape shape;
    shape.in = irrepsOf(module, "irreps_in");
    shape.out = irrepsOf(module, "irreps_out");
    for (const PickleNode& fields : instructionsOf(module, 4)) {
        const int out = blockIndex(module, fields.at(1), shape.out);
        if (integerOf(fields.at(0), -1, -1)) {
            shape.biases.push_back(out);
            continue;
        }
        const int in = blockIndex(module, fields.at(0), shape.in);
        const std::vector<std::int64_t> wanted = {shape.in[static_cast<std::size_t>(in)].multiplicity,
                                                  shape.out[static_cast<std::size_t>(out)].multiplicity};
        if (shapeOf(module, fields.at(2)) != wanted)
            module.failHere("has an instruction whose shape is not that of its blocks");
        shape.paths.push_back({in, out, factorOf(module, fields.at(3))});
    }
    return shape;
}

TensorProductShape tensorProductShape(const PickledModule& module)
{
    TensorProductShape shape;
    shape.in1 = irrepsOf(module, "irreps_in1");
    shape.in2 = irrepsOf(module, "irreps_in2");
    shape.out = irrepsOf(module, "irreps_out");
    for (const PickleNode& fields : instructionsOf(module, 7)) {
        TensorProductPath path;
        path.in1 = blockIndex(module, fields.at(0), shape.in1);
        path.in2 = blockIndex(module, fields.at(1), shape.in2);
        path.out = blockIndex(module, fields.at(2), shape.out);
        if (!fields.at(3).is(PickleKind::Text) || !fields.at(4).is(PickleKind::Boolean))
            module.failHere("has an instruction without a mode");
        path.mode = fields.at(3).text();
        path.weighted = fields.at(4).boolean();
        path.factor = factorOf(module, fields.at(5));
        path.shape = shapeOf(module, fields.at(6));
        shape.paths.push_back(std::move(path));
    }
    return shape;
}

ElementLinearShape elementLinearShape(const PickledModule& module)
{
    needClass(module, "FullyConnectedTensorProduct");
    const TensorProductShape product = tensorProductShape(module);
    if (product.in2.size() != 1 || !(product.in2.front().irrep == Irrep{0, 1}))
        fail<NotComputed>("{} couples to {} instead of the elements", module.path(), toString(product.in2));
    ElementLinearShape shape{product.in1, product.out, product.in2.front().multiplicity, {}};
    for (const TensorProductPath& path : product.paths) {
        const IrrepBlock& in = shape.in[static_cast<std::size_t>(path.in1)];
        const IrrepBlock& out = shape.out[static_cast<std::size_t>(path.out)];
        const std::vector<std::int64_t> wanted = {in.multiplicity, shape.elements, out.multiplicity};
        if (path.mode != "uvw" || !path.weighted || path.shape != wanted)
            module.failHere("has an instruction that is not a full matrix for each element");
        // The coupling tensor with l = 0 is the unit matrix over sqrt(2l + 1).
        shape.paths.push_back({path.in1, path.out, path.factor / std::sqrt(2.0 * out.irrep.l + 1)});
    }
    return shape;
}

std::vector<double> storedCoupling(const PickledModule& module, int l1, int l2, int l3)
{
    const std::optional<PickleNode> codes = module.attribute("__codegen__");
    if (!codes || !codes->is(PickleKind::Dictionary))
        return {};
    const std::optional<PickleNode> code = codes->find("_compiled_main_left_right");
    if (!code)
        return {};
    // Newer versions store the kind of code beside it.
    std::optional<PickleNode> bytes = code;
    if (const std::optional<PickleNode> fields = fieldsOf(*code))
        bytes = fields->size() == 2 ? std::optional(fields->at(1)) : std::nullopt;
    if (!bytes || !bytes->is(PickleKind::Bytes) || !TorchArchive::recognises(bytes->bytes()))
        return {};
    const TorchArchive inner = TorchArchive::parse(
        std::string(bytes->bytes()), module.archive().origin() + ": " + module.pathOf("__codegen__"));
    const PickledModule compiled(inner, inner.root());
    const std::string name = fmt::format("_w3j_{}_{}_{}", l1, l2, l3);
    if (!compiled.tensor(name))
        return {};
    if (compiled.tensor(name)->shape != std::vector<std::int64_t>{2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1})
        module.failHere(fmt::format("holds a {} of another shape", name));
    return compiled.reals(name);
}

Activation activationOf(const PickledModule& parent, std::string_view name)
{

    if (!parent.has(name))
        return {};
    const PickledModule module = parent.child(name);
    needClass(module, "normalize2mom");
    const PickleNode f = module.needed("f");
    const bool named = f.is(PickleKind::Global);
    const std::string_view whole = named ? f.className() : std::string_view();
    const std::string_view function = whole.substr(whole.rfind('.') + 1);
    Activation activation;
    if (function == "silu")
        activation.kind = ActivationKind::Silu;
    else if (function == "sigmoid")
        activation.kind = ActivationKind::Sigmoid;
    else if (function == "tanh")
        activation.kind = ActivationKind::Tanh;
    else if (function == "abs")
        activation.kind = ActivationKind::Abs;
    else
        fail<NotComputed>("{} is the activation {}", module.pathOf("f"), describe(f));
    activation.factor = module.flag("_is_id", false) ? 1 : module.real("cst");
    return activation;
}

} // namespace lodestone
