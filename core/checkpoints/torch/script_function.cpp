#include "checkpoints/torch/script_function.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lodestone {
namespace {

using Values = ScriptFunction::Values;

constexpr int maxDepth = 400;
constexpr std::size_t maxValues = 4096;

double norm(const Values& x)
{
    double sum = 0;
    for (const double v : x)
        sum += v * v;
    return std::sqrt(sum);
}

const std::map<std::string, double (*)(double), std::less<>>& unary()
{
    static const std::map<std::string, double (*)(double), std::less<>> functions = {
        {"torch.neg", [](double x) { return -x; }},
        {"torch.sin", [](double x) { return std::sin(x); }},
        {"torch.cos", [](double x) { return std::cos(x); }},
        {"torch.exp", [](double x) { return std::exp(x); }},
        {"torch.sqrt", [](double x) { return std::sqrt(x); }},
        {"torch.square", [](double x) { return x * x; }},
        {"torch.reciprocal", [](double x) { return 1 / x; }},
        {"torch.ones_like", [](double) { return 1.0; }},
        {"torch.zeros_like", [](double) { return 0.0; }}};
    return functions;
}

const std::map<std::string, double (*)(double, double), std::less<>>& binary()
{
    static const std::map<std::string, double (*)(double, double), std::less<>> functions = {
        {"torch.add", [](double x, double y) { return x + y; }},
        {"torch.sub", [](double x, double y) { return x - y; }},
        {"torch.rsub", [](double x, double y) { return y - x; }},
        {"torch.mul", [](double x, double y) { return x * y; }},
        {"torch.mul_", [](double x, double y) { return x * y; }},
        {"torch.div", [](double x, double y) { return x / y; }},
        {"torch.pow", [](double x, double y) { return std::pow(x, y); }},
        {"torch.clamp_min", [](double x, double y) { return std::max(x, y); }},
        {"torch.lt", [](double x, double y) { return x < y ? 1.0 : 0.0; }},
        {"torch.le", [](double x, double y) { return x <= y ? 1.0 : 0.0; }},
        {"torch.gt", [](double x, double y) { return x > y ? 1.0 : 0.0; }}};
    return functions;
}

/// What only rearranges axes: one edge's numbers stay as they are.
bool keepsValues(const std::string& name)
{
    static const std::set<std::string> names = {"torch.unsqueeze", "torch.squeeze", "torch.expand_as",
                                                "torch.expand",    "torch.to",      "torch.contiguous",
                                                "torch.view",      "torch.reshape"};
    return names.contains(name);
}

} // namespace

ScriptFunction::ScriptFunction(const ScriptProgram& program,
                               std::function<Values(std::int64_t)> valuesOfConstant)
    : m_program(program),
      m_valuesOfConstant(std::move(valuesOfConstant))
{
}

Values ScriptFunction::operator()(int node, const std::map<int, Values>& given) const
{
    std::map<int, Values> known = given;
    return value(node, known, 0);
}

Values ScriptFunction::value(int index, std::map<int, Values>& known, int depth) const
{
    if (const auto found = known.find(index); found != known.end())
        return found->second;
    const ScriptNode& n = m_program.node(index);
    const auto notUnderstood = [&](const std::string& what) {
        fail<ScriptError>("line {}: {} ({})", n.line, what, m_program.describe(index));
    };
    if (depth > maxDepth)
        notUnderstood("operations are nested too deeply");
    const auto argument = [&](std::size_t which) {
        m_program.argument(index, which); // checks that there is one
        return value(n.arguments[which], known, depth + 1);
    };
    const auto listed = [&](int list) {
        Values all;
        for (const int item : m_program.node(list).arguments) {
            const Values part = value(item, known, depth + 1);
            all.insert(all.end(), part.begin(), part.end());
            if (all.size() > maxValues)
                notUnderstood("a row is too long");
        }
        return all;
    };
    Values result;
    if (n.kind == ScriptNode::Kind::Number) {
        result = {n.number};
    } else if (n.kind == ScriptNode::Kind::Constant) {
        result = m_valuesOfConstant(n.index);
    } else if (n.kind != ScriptNode::Kind::Call || n.arguments.empty()) {
        notUnderstood("what stands here is not understood");
    } else if (keepsValues(n.name)) {
        result = argument(0);
    } else if (const auto one = unary().find(n.name); one != unary().end()) {
        result = argument(0);
        std::transform(result.begin(), result.end(), result.begin(), one->second);
    } else if (const auto two = binary().find(n.name); two != binary().end()) {
        const Values a = argument(0), b = argument(1);
        if (a.size() != b.size() && a.size() != 1 && b.size() != 1)
            notUnderstood("two rows of different lengths are combined");
        result.resize(std::max(a.size(), b.size()));
        for (std::size_t i = 0; i < result.size(); ++i)
            result[i] = two->second(a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
    } else if (n.name == "torch.where") {
        const Values condition = argument(0), a = argument(1), b = argument(2);
        result.resize(std::max({condition.size(), a.size(), b.size()}));
        for (std::size_t i = 0; i < result.size(); ++i) {
            const Values& chosen = condition[condition.size() == 1 ? 0 : i] != 0 ? a : b;
            result[i] = chosen[chosen.size() == 1 ? 0 : i];
        }
    } else if (n.name == "torch.linalg_norm" || n.name == "torch.norm") {
        result = {norm(argument(0))};
    } else if (n.name == "torch.select") {
        const Values row = argument(0), which = argument(2);
        if (which.size() != 1 || which[0] < 0 || which[0] >= static_cast<double>(row.size()))
            notUnderstood("a component does not exist");
        result = {row[static_cast<std::size_t>(which[0])]};
    } else if (n.name == "torch.stack" || n.name == "torch.cat") {
        result = listed(n.arguments[0]);
    } else if (n.name == "torch.ones") {
        const Values shape = listed(n.arguments[0]);
        if (shape.size() != 1 || shape[0] < 1 || shape[0] > static_cast<double>(maxValues))
            notUnderstood("a row of ones is not understood");
        result.assign(static_cast<std::size_t>(shape[0]), 1.0);
    } else {
        notUnderstood(fmt::format("the operation {} is not known here", n.name));
    }
    if (result.empty())
        notUnderstood("a value is empty");
    return known.emplace(index, std::move(result)).first->second;
}

std::vector<int> ancestors(const ScriptProgram& program, int node)
{
    std::set<int> seen;
    std::vector<int> open = {node};
    while (!open.empty()) {
        const int next = open.back();
        open.pop_back();
        if (seen.insert(next).second)
            for (const int argument : program.node(next).arguments)
                open.push_back(argument);
    }
    return {seen.begin(), seen.end()};
}

} // namespace lodestone
