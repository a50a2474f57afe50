// The operations that ScriptTensorReader knows.
#include "checkpoints/torch/script_tensor.h"

#include <algorithm>

namespace lodestone {
namespace {

constexpr int maxDepth = 400;           ///< of nested operations
constexpr std::size_t maxProducts = 64; ///< in one sum

} // namespace

const ScriptTensor& ScriptTensorReader::read(int node)
{
    if (const auto found = m_known.find(node); found != m_known.end())
        return found->second;
    if (++m_depth > maxDepth)
        failAt(node, "operations are nested too deeply");
    ScriptTensor tensor = make(node);
    --m_depth;
    if (tensor.products.size() > maxProducts)
        failAt(node, "a sum has too many parts");
    return m_known.emplace(node, std::move(tensor)).first->second;
}

ScriptTensor ScriptTensorReader::make(int node)
{
    const ScriptNode& n = m_program.node(node);
    if (const auto row = m_rows.find(node); row != m_rows.end()) {
        const auto [source, width] = row->second;
        const Axis axis = width == 1 ? Axis{} : Axis{newLabel(width)};
        return {{{1, {{ScriptFactor::Kind::Row, source, 0, axis}}, {{batchLabel}, axis}}}, 0};
    }
    if (n.kind == ScriptNode::Kind::Constant) {
        ScriptProduct product;
        ScriptFactor factor{ScriptFactor::Kind::Constant, n.index, 0, {}};
        for (const std::int64_t length : m_shapeOfConstant(n.index)) {
            Axis axis;
            if (length != 1)
                axis.push_back(newLabel(length));
            factor.labels.insert(factor.labels.end(), axis.begin(), axis.end());
            product.axes.push_back(std::move(axis));
        }
        product.factors.push_back(std::move(factor));
        return {{std::move(product)}, 0};
    }
    if (n.kind == ScriptNode::Kind::Call)
        return call(node);
    failAt(node, "what stands here is not understood");
}

ScriptTensor ScriptTensorReader::each(int node, const std::function<void(ScriptProduct&)>& change)
{
    ScriptTensor tensor = read(node);
    for (ScriptProduct& product : tensor.products)
        change(product);
    return tensor;
}

ScriptTensor ScriptTensorReader::scaled(int node, int value, int scalarNode, bool divide)
{
    const std::optional<double> factor = scalar(scalarNode);
    if (!factor)
        failAt(node, "a number was expected");
    return each(value, [&](ScriptProduct& product) { product.scalar *= divide ? 1 / *factor : *factor; });
}

ScriptTensor ScriptTensorReader::call(int node)
{
    const ScriptNode& n = m_program.node(node);
    const std::vector<int>& a = n.arguments;
    const auto is = [&](std::string_view name, std::size_t least) {
        return n.name == name && a.size() >= least;
    };
    if (is("torch.reshape", 2) || is("torch.view", 2))
        return each(a[0], [&](ScriptProduct& product) { reshape(node, product, shape(a[1])); });
    if (is("torch.expand", 2) || is("torch.broadcast_to", 2) || is("torch.expand_as", 2) ||
        is("torch.to", 1) || is("torch.contiguous", 1))
        return read(a[0]); // rows are expanded along the batch alone
    if (is("torch.narrow", 4))
        return each(a[0], [&](ScriptProduct& product) {
            narrow(node, product, axisIndex(node, integer(a[1]), product.axes.size()), integer(a[2]),
                   integer(a[3]));
        });
    if (is("torch.slice", 4))
        return each(a[0], [&](ScriptProduct& product) {
            const std::size_t axis = axisIndex(node, integer(a[1]), product.axes.size());
            const std::int64_t first = integer(a[2]), last = integer(a[3]);
            if (product.axes[axis] == Axis{batchLabel}) {
                if (first != 0 || last < std::int64_t{1} << 40)
                    failAt(node, "a part of the batch is taken");
                return;
            }
            narrow(node, product, axis, first, std::min(last, extent(product.axes[axis])) - first);
        });
    if (is("torch.permute", 2))
        return each(a[0], [&](ScriptProduct& product) {
            const std::vector<std::int64_t> order = integers(a[1]);
            std::vector<Axis> axes;
            for (const std::int64_t axis : order)
                axes.push_back(product.axes[axisIndex(node, axis, product.axes.size())]);
            if (order.size() != product.axes.size())
                failAt(node, "a permutation has another number of axes");
            product.axes = std::move(axes);
        });
    if (is("torch.unsqueeze", 2))
        return each(a[0], [&](ScriptProduct& product) {
            const std::size_t at = axisIndex(node, integer(a[1]), product.axes.size() + 1);
            product.axes.insert(product.axes.begin() + static_cast<std::ptrdiff_t>(at), Axis{});
        });
    if (is("torch.mul", 2)) {
        if (scalar(a[1]))
            return scaled(node, a[0], a[1], false);
        if (scalar(a[0]))
            return scaled(node, a[1], a[0], false);
        return elementwise(node, a[0], a[1]);
    }
    if (is("torch.div", 2))
        return scaled(node, a[0], a[1], true);
    if (is("torch.add", 2))
        return sum(node);
    if (is("torch.einsum", 2))
        return einsum(node);
    if (is("torch.tensordot", 4))
        return tensordot(node, a[0], a[1], integers(a[2]), integers(a[3]));
    if (is("torch.matmul", 2))
        return tensordot(node, a[0], a[1], {-1}, {0});
    if (is("torch.new_zeros", 2))
        return {{}, lastOfShape(a[1])};
    failAt(node, fmt::format("the operation {} is not known here", n.name));
}

ScriptTensor ScriptTensorReader::sum(int node)
{
    const std::vector<int>& a = m_program.node(node).arguments;
    ScriptTensor tensor = read(a[0]);
    const ScriptTensor& more = read(a[1]);
    if (tensor.products.empty() || more.products.empty() ||
        tensor.products[0].axes.size() != more.products[0].axes.size())
        failAt(node, "the parts of a sum differ in shape");
    tensor.products.insert(tensor.products.end(), more.products.begin(), more.products.end());
    for (const ScriptProduct& product : tensor.products)
        for (std::size_t i = 0; i < product.axes.size(); ++i)
            if (extent(product.axes[i]) != extent(tensor.products[0].axes[i]))
                failAt(node, "the parts of a sum differ in shape");
    return tensor;
}

ScriptTensor ScriptTensorReader::elementwise(int node, int left, int right)
{
    ScriptTensor result;
    for (const ScriptProduct& first : read(left).products)
        for (const ScriptProduct& second : read(right).products) {
            ScriptProduct product = joined(first, second);
            const std::size_t count = first.axes.size();
            if (second.axes.size() != count)
                failAt(node, "the factors of a product differ in shape");
            for (std::size_t i = 0; i < count; ++i) {
                if (product.axes[i].empty())
                    std::swap(product.axes[i], product.axes[count + i]);
                else if (!product.axes[count + i].empty())
                    identify(node, product, i, count + i);
            }
            product.axes.resize(count);
            result.products.push_back(std::move(product));
        }
    return result;
}

ScriptTensor ScriptTensorReader::tensordot(int node, int left, int right,
                                           const std::vector<std::int64_t>& leftAxes,
                                           const std::vector<std::int64_t>& rightAxes)
{
    if (leftAxes.size() != rightAxes.size())
        failAt(node, "a contraction names different numbers of axes");
    ScriptTensor result;
    for (const ScriptProduct& first : read(left).products)
        for (const ScriptProduct& second : read(right).products) {
            ScriptProduct product = joined(first, second);
            const std::size_t count = first.axes.size();
            std::vector<bool> gone(product.axes.size(), false);
            for (std::size_t i = 0; i < leftAxes.size(); ++i) {
                const std::size_t a = axisIndex(node, leftAxes[i], count);
                const std::size_t b = count + axisIndex(node, rightAxes[i], second.axes.size());
                identify(node, product, a, b);
                gone[a] = gone[b] = true;
            }
            std::vector<Axis> axes;
            for (std::size_t i = 0; i < gone.size(); ++i)
                if (!gone[i])
                    axes.push_back(product.axes[i]);
            product.axes = std::move(axes);
            result.products.push_back(std::move(product));
        }
    return result;
}

ScriptTensor ScriptTensorReader::einsum(int node)
{
    const ScriptNode& equation = m_program.argument(node, 0);
    const ScriptNode& operands = m_program.argument(node, 1);
    const std::size_t arrow = equation.name.find("->");
    if (equation.kind != ScriptNode::Kind::Text || arrow == std::string::npos ||
        operands.kind != ScriptNode::Kind::List || operands.arguments.empty())
        failAt(node, "an einsum is not understood");
    const std::string inputs = equation.name.substr(0, arrow), outputs = equation.name.substr(arrow + 2);
    ScriptTensor result = read(operands.arguments[0]);
    for (std::size_t i = 1; i < operands.arguments.size(); ++i) {
        const ScriptTensor& more = read(operands.arguments[i]);
        ScriptTensor both;
        for (const ScriptProduct& first : result.products)
            for (const ScriptProduct& second : more.products)
                both.products.push_back(joined(first, second));
        if (both.products.size() > maxProducts)
            failAt(node, "a sum has too many parts");
        result = std::move(both);
    }
    std::string letters = inputs;
    letters.erase(std::remove(letters.begin(), letters.end(), ','), letters.end());
    for (ScriptProduct& product : result.products) {
        if (letters.size() != product.axes.size())
            failAt(node, "an einsum has another number of axes");
        for (std::size_t i = 0; i < letters.size(); ++i)
            for (std::size_t j = i + 1; j < letters.size(); ++j)
                if (letters[i] == letters[j]) {
                    identify(node, product, i, j);
                    break;
                }
        std::vector<Axis> axes;
        for (const char letter : outputs) {
            const std::size_t at = letters.find(letter);
            if (at == std::string::npos)
                failAt(node, "an einsum names an axis that no operand has");
            axes.push_back(product.axes[at]);
        }
        for (std::size_t i = 0; i < letters.size(); ++i)
            if (outputs.find(letters[i]) == std::string::npos && product.axes[i] == Axis{batchLabel})
                failAt(node, "an einsum sums over the batch");
        product.axes = std::move(axes);
    }
    return result;
}

} // namespace lodestone
