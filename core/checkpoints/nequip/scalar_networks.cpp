// Activations and the networks of scalars that NequIP builds with them.
#include "architectures/nequip/convolution_layout.h"
#include "base/error.h"
#include "checkpoints/nequip/e3nn_parts.h"
#include "checkpoints/torch/archive_contents.h"
#include "checkpoints/torch/not_computed.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

constexpr std::size_t mostLayers = 64;
constexpr std::size_t longestCode = 65536;

struct NamedActivation {
    std::string_view name; ///< of a function or of a module of PyTorch
    ActivationKind kind;
};
constexpr NamedActivation functions[] = {
    {"silu", ActivationKind::Silu},
    {"tanh", ActivationKind::Tanh},
    {"abs", ActivationKind::Abs},
    {"sigmoid", ActivationKind::Sigmoid},
    {"ShiftedSoftPlus", ActivationKind::ShiftedSoftplus},
    {"shifted_softplus", ActivationKind::ShiftedSoftplus},
};
constexpr NamedActivation modules[] = {
    {"SiLU", ActivationKind::Silu},       {"Tanh", ActivationKind::Tanh},
    {"Sigmoid", ActivationKind::Sigmoid}, {"Softplus", ActivationKind::Softplus},
    {"Mish", ActivationKind::Mish},       {"GELU", ActivationKind::Gelu},
    {"Identity", ActivationKind::None},   {"ShiftedSoftplus", ActivationKind::ShiftedSoftplus},
};

/// A pickled function: its name, or getattr(class, name).
std::string functionName(const PickleNode& function)
{
    if (function.is(PickleKind::Object) && function.arguments().size() == 2)
        return std::string(function.arguments().at(1).text());
    const std::string name(function.className());
    return name.substr(name.rfind('.') + 1);
}

Activation pickledActivation(const ModuleView& normalised)
{
    const std::string name = functionName(normalised.attributeAt("f"));
    for (const NamedActivation& known : functions)
        if (known.name == name)
            return {known.kind, normalised.booleanOr("_is_id", false) ? 1 : normalised.real("cst")};
    normalised.notComputed(fmt::format("the activation function '{}' is not known", name.substr(0, 60)));
}

/// The constant CONSTANTS.cN that stands in a line of TorchScript.
double constantIn(const ModuleView& module, const std::string& code)
{
    const std::string mark = "CONSTANTS.c";
    const std::size_t at = code.find(mark);
    std::size_t end = at == std::string::npos ? at : at + mark.size();
    std::size_t number = 0;
    while (end < code.size() && code[end] >= '0' && code[end] <= '9' && number < 1000000)
        number = number * 10 + static_cast<std::size_t>(code[end++] - '0');
    const std::vector<PickleNode> constants = module.archive().constants();
    if (at == std::string::npos || end == at + mark.size() || number >= constants.size())
        module.notComputed("the factor of the activation function is not among the constants of the file");
    if (constants[number].is(PickleKind::Tensor)) {
        const std::vector<double> values = loadNumbers(module.archive(), constants[number].tensor());
        if (values.size() == 1)
            return values.front();
    }
    return constants[number].real();
}

/// TorchScript keeps neither function nor factor as settings: they stand in the code of the module's class,
/// as "torch.mul(torch.silu(x), CONSTANTS.c0)".
Activation scriptedActivation(const ModuleView& normalised)
{
    const std::string record = "code/" + normalised.codeFile();
    if (!normalised.archive().hasRecord(record))
        normalised.notComputed("its code, in which its activation function stands, is not in the file");
    const std::string code = normalised.archive().record(record, longestCode);
    Activation activation;
    int found = 0;
    for (const NamedActivation& known : functions) {
        const bool own = known.kind == ActivationKind::ShiftedSoftplus;
        if (code.find(own ? std::string(known.name) : fmt::format("torch.{}(", known.name)) !=
            std::string::npos) {
            activation.kind = known.kind;
            ++found;
        }
    }
    if (found != 1)
        normalised.notComputed("its activation function is not known");
    if (code.find("torch.mul(") != std::string::npos)
        activation.factor = constantIn(normalised, code);
    return activation;
}

bool same(const Activation& a, const Activation& b)
{
    return a.kind == b.kind && a.factor == b.factor;
}

StoredMatrix matrixOf(const ModuleView& layer, const TensorRole& role, std::size_t number, double factor,
                      TensorCollection& tensors, std::string_view tensor = "weight")
{
    const TensorReference place = layer.tensorAt(tensor);
    if (place.shape.size() != 2 || place.shape[0] < 1 || place.shape[1] < 1)
        layer.notComputed(
            fmt::format("its weights have the shape ({}), expected a matrix", fmt::join(place.shape, ", ")));
    ParameterInfo info =
        tensorInfo(role.layer, role.module, std::to_string(number), role.kind, layer.stored(tensor), {});
    const std::string name = tensors.add(std::move(info), place);
    return {name, 0, place.shape[0], place.shape[1], factor};
}

/// Matrices must follow one another.
void needChain(const ModuleView& net, const std::vector<StoredMatrix>& matrices)
{
    if (matrices.empty())
        net.notComputed("it has no matrices");
    for (std::size_t i = 1; i < matrices.size(); ++i)
        if (matrices[i].rows != matrices[i - 1].columns)
            net.notComputed(fmt::format("a matrix with {} rows follows one with {} columns", matrices[i].rows,
                                        matrices[i - 1].columns));
}

/// A product of matrices without activations, kept as separate factors in the file.
ReadRadial readDeepLinear(const ModuleView& net, const TensorRole& role, TensorCollection& tensors)
{
    ReadRadial result;
    const ModuleView weights = net.at("weights");
    for (std::size_t i = 0; i < mostLayers && weights.tensor(std::to_string(i)); ++i)
        result.matrices.push_back(
            matrixOf(weights, role, i, i == 0 ? net.real("alpha") : 1, tensors, std::to_string(i)));
    return result;
}

} // namespace

Activation readActivation(const ModuleView& normalised)
{
    if (!normalised.is("normalize2mom"))
        normalised.notComputed("expected an activation function of e3nn");
    return normalised.attribute("f") ? pickledActivation(normalised) : scriptedActivation(normalised);
}

ReadRadial readFullyConnected(const ModuleView& net, int layer, TensorCollection& tensors)
{
    if (!net.is("FullyConnectedNet"))
        net.notComputed("expected a fully connected network of e3nn");
    ReadRadial result;
    std::vector<Activation> activations;
    for (std::size_t i = 0; i < mostLayers; ++i) {
        const std::optional<ModuleView> part = net.child(fmt::format("layer{}", i));
        if (!part)
            break;
        double factor = 1 / std::sqrt(part->real("h_in") * part->real("var_in"));
        const std::optional<ModuleView> act = part->child("act");
        if (act)
            activations.push_back(readActivation(*act));
        else
            factor *= std::sqrt(part->real("var_out"));
        if (act && part->real("var_out") != 1)
            part->notComputed("the variance behind its activation is not one");
        result.matrices.push_back(matrixOf(*part, {layer, "radial", "", "radial"}, i, factor, tensors));
    }
    needChain(net, result.matrices);
    if (activations.size() + 1 != result.matrices.size())
        net.notComputed("expected an activation after every layer but the last");
    if (!activations.empty())
        result.activation = activations.front();
    for (const Activation& activation : activations)
        if (!same(activation, result.activation))
            net.notComputed("its layers have different activations");
    return result;
}

ReadRadial readScalarMlp(const ModuleView& mlp, const TensorRole& role, TensorCollection& tensors)
{
    if (!mlp.is("ScalarMLPFunction"))
        mlp.notComputed("expected a network of scalars of NequIP");
    const ModuleView layers = mlp.at("mlp");
    ReadRadial result;
    if (layers.is("DeepLinearMLP")) {
        result = readDeepLinear(layers, role, tensors);
        needChain(mlp, result.matrices);
        return result;
    }
    bool afterMatrix = false;
    std::vector<Activation> activations;
    for (const std::string& name : layers.children()) {
        const ModuleView part = layers.at(name);
        if (part.is("ScalarLinearLayer")) {
            if (part.tensor("bias"))
                part.notComputed("it has biases, which are not known here");
            if (!part.tensor("weight"))
                part.notComputed("its weights are parametrised (weight or spectral norm)");
            if (afterMatrix)
                activations.push_back({});
            result.matrices.push_back(
                matrixOf(part, role, result.matrices.size(), part.real("alpha"), tensors));
            afterMatrix = true;
            continue;
        }
        const auto known = std::find_if(std::begin(modules), std::end(modules),
                                        [&](const NamedActivation& module) { return part.is(module.name); });
        if (known == std::end(modules) || !afterMatrix)
            part.notComputed("its activation function is not known");
        activations.push_back({known->kind, 1});
        afterMatrix = false;
    }
    needChain(mlp, result.matrices);
    if (!afterMatrix || activations.size() + 1 != result.matrices.size())
        mlp.notComputed("expected an activation between each two matrices");
    if (!activations.empty())
        result.activation = activations.front();
    for (const Activation& activation : activations)
        if (!same(activation, result.activation))
            mlp.notComputed("its layers have different activations");
    return result;
}

} // namespace lodestone
