#include "checkpoints/sevennet/deployed_edges.h"

#include "algebra/harmonics.h"
#include "checkpoints/torch/script_function.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace lodestone {
namespace {

/// A vector at which functions are compared, and its length.
struct TestVector {
    std::array<double, 3> vector;
    double length;
    std::array<double, 3> unit() const
    {
        return {vector[0] / length, vector[1] / length, vector[2] / length};
    }
};

/// Vectors in all directions, lengths from 0.15 to 0.999 of the cutoff.
std::vector<TestVector> testVectors(double cutoff)
{
    std::vector<TestVector> vectors;
    for (int i = 0; i < 24; ++i) {
        const double length = cutoff * (0.15 + 0.849 * i / 23), z = -0.93 + 0.08 * i, turn = 2.4 * i + 0.3;
        const double flat = std::sqrt(1 - z * z);
        vectors.push_back(
            {{length * flat * std::cos(turn), length * flat * std::sin(turn), length * z}, length});
    }
    return vectors;
}

/// Values of a function at all the vectors.
using Rows = std::vector<std::vector<double>>;

template<typename Function>
Rows rowsOf(const std::vector<TestVector>& vectors, const Function& function)
{
    Rows rows;
    for (const TestVector& vector : vectors)
        rows.push_back(function(vector));
    return rows;
}

bool close(const Rows& a, const Rows& b)
{
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].size() != b[i].size())
            return false;
        for (std::size_t j = 0; j < a[i].size(); ++j) {
            if (!std::isfinite(a[i][j]))
                return false;
            difference = std::max(difference, std::abs(a[i][j] - b[i][j]));
            size = std::max(size, std::abs(b[i][j]));
        }
    }
    return difference <= 1e-9 * (1 + size);
}

/// The envelopes that the numbers in the text suggest.
std::vector<RadialEnvelope> suggestedEnvelopes(const ScriptProgram& program, int embedding, double cutoff)
{
    std::vector<RadialEnvelope> envelopes;
    for (const int index : ancestors(program, embedding)) {
        const ScriptNode& node = program.node(index);
        if (node.arguments.size() != 2)
            continue;
        const ScriptNode& second = program.node(node.arguments[1]);
        if (second.kind != ScriptNode::Kind::Number)
            continue;
        RadialEnvelope envelope;
        envelope.cutoff = cutoff;
        if (node.isCall("torch.lt") && second.number >= 0 && second.number < cutoff) {
            envelope.kind = RadialEnvelope::Kind::Xplor;
            envelope.onset = second.number;
            envelopes.push_back(envelope);
        } else if (node.isCall("torch.pow") && second.number > 0 && second.number < 1000) {
            envelope.p = second.number;
            envelopes.push_back(envelope);
        }
    }
    return envelopes;
}

const std::map<std::string, ActivationKind, std::less<>>& activations()
{
    static const std::map<std::string, ActivationKind, std::less<>> kinds = {
        {"torch.silu", ActivationKind::Silu},       {"torch.tanh", ActivationKind::Tanh},
        {"torch.relu", ActivationKind::Relu},       {"torch.abs", ActivationKind::Abs},
        {"torch.sigmoid", ActivationKind::Sigmoid}, {"torch.elu", ActivationKind::Elu}};
    return kinds;
}

} // namespace

int selectedEnd(const ScriptProgram& program, int index)
{
    const ScriptNode* node = &program.node(index);
    while (node->kind == ScriptNode::Kind::List && node->arguments.size() == 1) // as torch.index takes it
        node = &program.node(node->arguments[0]);
    if (!node->isCall("torch.select") || node->arguments.size() != 3)
        return -1;
    const ScriptNode &from = program.node(node->arguments[0]), &end = program.node(node->arguments[2]);
    if (from.name != "data[edge_index]" || (end.number != 0 && end.number != 1))
        return -1;
    return static_cast<int>(end.number);
}

namespace {

constexpr int maxFactors = 8; ///< of an activation

std::optional<std::pair<Activation, int>>
activationAt(const ScriptProgram& program, const DeployedConstants& constants, int index, int depth)
{
    if (depth > maxFactors)
        return {};
    const ScriptNode& node = program.node(index);
    if (node.kind != ScriptNode::Kind::Call || node.arguments.empty())
        return {};
    if (const auto kind = activations().find(node.name);
        kind != activations().end() && node.arguments.size() == 1)
        return std::pair(Activation{kind->second, 1}, node.arguments[0]);
    const auto numberOf = [&](int argument) -> std::optional<double> {
        const ScriptNode& number = program.node(argument);
        if (number.kind == ScriptNode::Kind::Number)
            return number.number;
        if (number.kind == ScriptNode::Kind::Constant && constants.shape(number.index).empty())
            return constants.values(number.index).front();
        return {};
    };
    if (node.isCall("torch.sub") && node.arguments.size() >= 2) {
        const ScriptNode& inner = program.node(node.arguments[0]);
        const std::optional<double> shift = numberOf(node.arguments[1]);
        if (inner.isCall("torch.softplus") && shift && std::abs(*shift - std::log(2.0)) < 1e-9)
            return std::pair(Activation{ActivationKind::ShiftedSoftplus, 1}, inner.arguments.at(0));
    }
    if (!node.isCall("torch.mul") || node.arguments.size() != 2)
        return {};
    const std::optional<double> factor = numberOf(node.arguments[1]);
    std::optional<std::pair<Activation, int>> inner =
        activationAt(program, constants, node.arguments[0], depth + 1);
    if (!factor || !inner)
        return {};
    inner->first.factor *= *factor;
    return inner;
}

} // namespace

std::optional<std::pair<Activation, int>> readActivation(const ScriptProgram& program,
                                                         const DeployedConstants& constants, int node)
{
    return activationAt(program, constants, node, 0);
}

void readEdgeFunctions(const ScriptProgram& program, const DeployedConstants& constants, int vector,
                       int embedding, int attributes, double cutoff, DeployedModel& model)
{
    const ScriptFunction function(program, constants.values);
    const std::vector<TestVector> vectors = testVectors(cutoff);
    const auto evaluated = [&](int node) {
        return rowsOf(vectors, [&](const TestVector& v) {
            return function(node, {{vector, {v.vector.begin(), v.vector.end()}}});
        });
    };
    const Rows harmonics = evaluated(attributes);
    const auto count = static_cast<int>(harmonics.front().size());
    model.harmonics = static_cast<int>(std::lround(std::sqrt(count))) - 1;
    if (model.harmonics > 6 || (model.harmonics + 1) * (model.harmonics + 1) != count)
        fail<ScriptError>("line {}: an edge has {} harmonics", program.node(attributes).line, count);
    model.unitHarmonics = close(harmonics, rowsOf(vectors, [&](const TestVector& v) {
                                    return sphericalHarmonicsAt(model.harmonics, v.unit());
                                }));
    if (!model.unitHarmonics && !close(harmonics, rowsOf(vectors, [&](const TestVector& v) {
                                           return sphericalHarmonicsAt(model.harmonics, v.vector);
                                       })))
        fail<ScriptError>("line {}: the edge harmonics are not those of e3nn", program.node(attributes).line);

    std::set<std::int64_t> used;
    for (const int node : ancestors(program, embedding))
        if (program.node(node).kind == ScriptNode::Kind::Constant)
            used.insert(program.node(node).index);
    if (used.size() != 1 || constants.shape(*used.begin()).size() != 1)
        fail<ScriptError>("line {}: the radial basis has no list of frequencies",
                          program.node(embedding).line);
    model.frequencies = *used.begin();
    const std::vector<double> frequencies = constants.values(model.frequencies);
    const Rows found = evaluated(embedding);
    for (const RadialEnvelope& envelope : suggestedEnvelopes(program, embedding, cutoff)) {
        model.basis = {envelope, 2 / cutoff};
        if (close(found, rowsOf(vectors, [&](const TestVector& v) {
                      return besselBasis(model.basis, frequencies, v.length);
                  })))
            return;
    }
    fail<ScriptError>(
        "line {}: the radial basis is no Bessel basis with an XPLOR or polynomial cutoff function",
        program.node(embedding).line);
}

} // namespace lodestone
