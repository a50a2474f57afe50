#include "checkpoints/torch/script_tensor.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

constexpr int maxSteps = 400;       ///< of copies of copies
constexpr int maxScalarDepth = 100; ///< of numbers made of numbers
constexpr std::size_t maxFactors = 8;
constexpr std::int64_t maxCount = std::int64_t{1} << 50; ///< of numbers; larger ones do not occur

std::optional<double> arithmetic(const std::string& name, std::size_t arguments, double a, double b)
{
    if (arguments == 1) {
        if (name == "torch.neg")
            return -a;
        if (name == "torch.sqrt")
            return std::sqrt(a);
        return {};
    }
    if (name == "torch.mul")
        return a * b;
    if (name == "torch.div")
        return a / b;
    if (name == "torch.pow")
        return std::pow(a, b);
    if (name == "torch.add")
        return a + b;
    if (name == "torch.sub")
        return a - b;
    return {};
}

/// a b, at most maxCount.
std::int64_t times(std::int64_t a, std::int64_t b)
{
    return b != 0 && a > maxCount / b ? maxCount : a * b;
}

} // namespace

ScriptTensorReader::ScriptTensorReader(const ScriptProgram& program, ShapeOf shapeOfConstant)
    : m_program(program),
      m_shapeOfConstant(std::move(shapeOfConstant)),
      m_sizes{-1}
{
}

void ScriptTensorReader::addRow(int node, std::int64_t source, std::int64_t width)
{
    m_rows[node] = {source, width};
    m_known.clear();
}

void ScriptTensorReader::failAt(int node, const std::string& what) const
{
    fail<ScriptError>("line {}: {} ({})", m_program.node(node).line, what, m_program.describe(node));
}

int ScriptTensorReader::newLabel(std::int64_t size)
{
    m_sizes.push_back(size);
    return static_cast<int>(m_sizes.size()) - 1;
}

std::int64_t ScriptTensorReader::extent(const Axis& axis) const
{
    std::int64_t product = 1;
    for (const int label : axis)
        product = times(product, size(label));
    return product;
}

// Numbers and shapes.

std::optional<double> ScriptTensorReader::scalar(int node) const
{
    const ScriptNode& n = m_program.node(node);
    if (n.kind == ScriptNode::Kind::Number)
        return n.number;
    if (n.kind != ScriptNode::Kind::Call || n.arguments.empty() || n.arguments.size() > 2)
        return {};
    // Arguments stand before what is made of them, so that there are no cycles; each node is looked at once.
    if (const auto found = m_scalars.find(node); found != m_scalars.end())
        return found->second;
    std::optional<double>& result = m_scalars[node];
    if (++m_scalarDepth <= maxScalarDepth) {
        const std::optional<double> a = scalar(n.arguments[0]);
        const std::optional<double> b =
            n.arguments.size() == 2 ? scalar(n.arguments[1]) : std::optional<double>(0);
        if (a && b)
            result = arithmetic(n.name, n.arguments.size(), *a, *b);
    }
    --m_scalarDepth;
    return result;
}

std::int64_t ScriptTensorReader::integer(int node) const
{
    const std::optional<double> value = scalar(node);
    if (!value || std::floor(*value) != *value)
        failAt(node, "an integer was expected");
    return static_cast<std::int64_t>(std::clamp(*value, -1e15, 1e15));
}

std::vector<std::int64_t> ScriptTensorReader::integers(int node) const
{
    const ScriptNode& n = m_program.node(node);
    if (n.kind != ScriptNode::Kind::List)
        failAt(node, "a list of integers was expected");
    std::vector<std::int64_t> values;
    for (const int argument : n.arguments)
        values.push_back(integer(argument));
    return values;
}

ScriptTensorReader::Shape ScriptTensorReader::shape(int node) const
{
    const ScriptNode& n = m_program.node(node);
    Shape lengths;
    int list = node;
    if (n.isCall("torch.add") && n.arguments.size() == 2) {
        lengths.emplace_back(); // the leading axes of some rows: the batch
        list = n.arguments[1];
    }
    if (m_program.node(list).kind != ScriptNode::Kind::List)
        failAt(node, "a shape was expected");
    for (const int argument : m_program.node(list).arguments) {
        const std::optional<double> value = scalar(argument);
        lengths.push_back(value && *value >= 0 && *value < 1e12
                              ? std::optional<std::int64_t>(static_cast<std::int64_t>(*value))
                              : std::nullopt);
    }
    return lengths;
}

std::int64_t ScriptTensorReader::lastOfShape(int node) const
{
    const Shape lengths = shape(node);
    if (lengths.empty() || !lengths.back())
        failAt(node, "the last length of a shape is not known");
    return *lengths.back();
}

std::size_t ScriptTensorReader::axisIndex(int node, std::int64_t axis, std::size_t count) const
{
    const std::int64_t at = axis < 0 ? axis + static_cast<std::int64_t>(count) : axis;
    if (at < 0 || at >= static_cast<std::int64_t>(count))
        failAt(node, "an axis does not exist");
    return static_cast<std::size_t>(at);
}

// Products.

void ScriptTensorReader::rename(ScriptProduct& product, int from, int to)
{
    for (ScriptFactor& factor : product.factors)
        std::replace(factor.labels.begin(), factor.labels.end(), from, to);
    for (Axis& axis : product.axes)
        std::replace(axis.begin(), axis.end(), from, to);
}

void ScriptTensorReader::split(ScriptProduct& product, int label, std::int64_t outer, std::int64_t inner)
{
    const int first = newLabel(outer), second = newLabel(inner);
    const auto replace = [&](std::vector<int>& labels) {
        for (std::size_t i = 0; i < labels.size(); ++i)
            if (labels[i] == label) {
                labels[i] = first;
                labels.insert(labels.begin() + static_cast<std::ptrdiff_t>(i) + 1, second);
                ++i;
            }
    };
    for (ScriptFactor& factor : product.factors)
        replace(factor.labels);
    for (Axis& axis : product.axes)
        replace(axis);
}

ScriptProduct ScriptTensorReader::joined(const ScriptProduct& first, const ScriptProduct& second)
{
    std::map<int, int> renewed = {{batchLabel, batchLabel}};
    const auto fresh = [&](int label) {
        const auto found = renewed.find(label);
        return found != renewed.end() ? found->second
                                      : renewed.emplace(label, newLabel(size(label))).first->second;
    };
    ScriptProduct product = first;
    if (first.factors.size() + second.factors.size() > maxFactors)
        fail<ScriptError>("a product has more than {} factors", maxFactors);
    product.scalar *= second.scalar;
    for (ScriptFactor factor : second.factors) {
        for (int& label : factor.labels)
            label = fresh(label);
        product.factors.push_back(std::move(factor));
    }
    for (Axis axis : second.axes) {
        for (int& label : axis)
            label = fresh(label);
        product.axes.push_back(std::move(axis));
    }
    return product;
}

void ScriptTensorReader::identify(int node, ScriptProduct& product, std::size_t first, std::size_t second)
{
    for (std::size_t i = 0; i < product.axes[first].size() || i < product.axes[second].size(); ++i) {
        if (i >= product.axes[first].size() || i >= product.axes[second].size())
            failAt(node, "two axes of different lengths run together");
        const int a = product.axes[first][i], b = product.axes[second][i];
        if (a == b)
            continue;
        const std::int64_t na = size(a), nb = size(b);
        if (a == batchLabel || b == batchLabel)
            failAt(node, "the batch runs together with something else");
        if (na > nb && na % nb == 0)
            split(product, a, nb, na / nb);
        else if (nb > na && nb % na == 0)
            split(product, b, na, nb / na);
        else if (na != nb)
            failAt(node, "two axes of different lengths run together");
        rename(product, product.axes[second][i], product.axes[first][i]);
    }
}

void ScriptTensorReader::narrow(int node, ScriptProduct& product, std::size_t axis, std::int64_t first,
                                std::int64_t count)
{
    const std::int64_t length = extent(product.axes[axis]);
    if (first == 0 && count == length)
        return;
    if (product.axes[axis].size() != 1 || first < 0 || count < 0 || first > length || count > length - first)
        failAt(node, "columns are taken from what is no plain row");
    const int label = product.axes[axis].front();
    int uses = 0;
    for (ScriptFactor& factor : product.factors) {
        const auto found = std::find(factor.labels.begin(), factor.labels.end(), label);
        if (found == factor.labels.end())
            continue;
        if (found != factor.labels.begin())
            failAt(node, "columns are taken from an inner axis");
        factor.offset += times(first, extent(Axis(found + 1, factor.labels.end())));
        ++uses;
    }
    if (uses != 1)
        failAt(node, "columns are taken from a product");
    if (count != 1) {
        rename(product, label, newLabel(count));
        return;
    }
    for (ScriptFactor& factor : product.factors)
        std::erase(factor.labels, label);
    for (Axis& part : product.axes)
        std::erase(part, label);
}

void ScriptTensorReader::reshape(int node, ScriptProduct& product, const Shape& shape)
{
    const bool batched = !product.axes.empty() && product.axes.front() == Axis{batchLabel};
    Axis labels;
    for (std::size_t i = batched ? 1 : 0; i < product.axes.size(); ++i)
        labels.insert(labels.end(), product.axes[i].begin(), product.axes[i].end());
    if (shape.empty() || (batched && shape.front()))
        failAt(node, "a reshape mixes the batch with something else");
    const std::int64_t total = extent(labels);
    std::vector<std::int64_t> lengths;
    std::int64_t known = 1;
    for (std::size_t i = batched ? 1 : 0; i < shape.size(); ++i)
        known = times(known, shape[i].value_or(1));
    for (std::size_t i = batched ? 1 : 0; i < shape.size(); ++i)
        lengths.push_back(shape[i] ? *shape[i] : (known > 0 ? total / known : 0));
    std::vector<Axis> axes;
    if (batched)
        axes.push_back({batchLabel});
    std::size_t next = 0;
    for (const std::int64_t length : lengths) {
        Axis axis;
        std::int64_t filled = 1;
        while (filled < length) {
            if (next == labels.size())
                failAt(node, "a reshape does not keep the count");
            const std::int64_t wanted = length / filled, had = size(labels[next]);
            if (had > wanted && had % wanted == 0) {
                product.axes = {labels};
                split(product, labels[next], wanted, had / wanted);
                labels = product.axes.front();
            }
            filled = times(filled, size(labels[next]));
            axis.push_back(labels[next++]);
        }
        if (filled != length)
            failAt(node, "a reshape cuts across an axis");
        axes.push_back(std::move(axis));
    }
    if (next != labels.size())
        failAt(node, "a reshape does not keep the count");
    product.axes = std::move(axes);
}

ScriptTensorReader::Columns ScriptTensorReader::columns(int node, std::int64_t first,
                                                        std::int64_t count) const
{
    for (int step = 0; step < maxSteps; ++step) {
        if (const auto row = m_rows.find(node); row != m_rows.end()) {
            if (first < 0 || count < 0 || first > row->second.second || count > row->second.second - first)
                failAt(node, "columns are taken that do not exist");
            return {row->second.first, first, count};
        }
        const ScriptNode& n = m_program.node(node);
        if (n.kind == ScriptNode::Kind::Paste) {
            const auto start = static_cast<std::int64_t>(n.number);
            if (first >= start && first + count <= start + n.index) {
                first -= start;
                node = n.arguments[1];
            } else if (first + count <= start || first >= start + n.index) {
                node = n.arguments[0];
            } else {
                failAt(node, "columns are taken across parts of a row");
            }
        } else if (n.isCall("torch.narrow") && n.arguments.size() == 4 && integer(n.arguments[1]) == -1) {
            if (first + count > integer(n.arguments[3]))
                failAt(node, "columns are taken that do not exist");
            first += integer(n.arguments[2]);
            node = n.arguments[0];
        } else {
            failAt(node, "the origin of some columns is not understood");
        }
    }
    failAt(node, "copies are nested too deeply");
}

} // namespace lodestone
