#include "checkpoints/torch/pickled_module.h"

#include "checkpoints/stored_numbers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lodestone {
namespace {

constexpr std::size_t maxItems = 4096;

template<class T>
std::optional<double> littleEndian(std::string_view bytes)
{
    if (bytes.size() != sizeof(T))
        return {};
    T value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return static_cast<double>(value);
}

bool allFinite(const std::vector<double>& numbers)
{
    return std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); });
}

} // namespace

std::optional<double> realOf(const PickleNode& node)
{
    if (node.is(PickleKind::Real) || node.is(PickleKind::Integer))
        return node.real();
    // numpy.core.multiarray.scalar(dtype('f8', ...), bytes)
    if (!node.is(PickleKind::Object) || !node.className().ends_with("multiarray.scalar"))
        return {};
    const PickleNode arguments = node.arguments();
    if (arguments.size() != 2 || !arguments.at(0).is(PickleKind::Object) ||
        !arguments.at(1).is(PickleKind::Bytes))
        return {};
    const PickleNode type = arguments.at(0).arguments();
    if (type.size() == 0 || !type.at(0).is(PickleKind::Text))
        return {};
    const std::string_view bytes = arguments.at(1).bytes();
    const std::string_view code = type.at(0).text();
    if (code == "f8")
        return littleEndian<double>(bytes);
    if (code == "f4")
        return littleEndian<float>(bytes);
    if (code == "i8")
        return littleEndian<std::int64_t>(bytes);
    return {};
}

PickledModule::PickledModule(const TorchArchive& archive, PickleNode node, std::string path)
    : m_archive(&archive),
      m_node(std::move(node)),
      m_path(std::move(path))
{
}

std::string PickledModule::pathOf(std::string_view leaf) const
{
    return m_path.empty() ? std::string(leaf) : fmt::format("{}.{}", m_path, leaf);
}

std::string PickledModule::className() const
{
    const bool named = m_node.is(PickleKind::Object) || m_node.is(PickleKind::Global);
    return named ? std::string(m_node.className()) : std::string();
}

std::string PickledModule::shortName() const
{
    const std::string name = className();
    return name.substr(name.rfind('.') + 1);
}

void PickledModule::failHere(const std::string& sentence) const
{
    fail("{}: {} {}.", m_archive->origin(), m_path.empty() ? "the model" : m_path, sentence);
}

bool PickledModule::has(std::string_view name) const
{
    if (!m_node.is(PickleKind::Object))
        return false;
    const std::optional<PickleNode> found = moduleChild(m_node, name);
    return found && !found->is(PickleKind::None);
}

PickledModule PickledModule::child(std::string_view name) const
{
    if (!has(name))
        failHere(fmt::format("({}) has no module {}", describe(m_node), name));
    return {*m_archive, *moduleChild(m_node, name), pathOf(name)};
}

std::vector<PickledModule> PickledModule::list(std::string_view name) const
{
    const PickledModule parent = child(name);
    std::vector<PickledModule> children;
    while (parent.has(std::to_string(children.size()))) {
        if (children.size() == maxItems)
            parent.failHere(fmt::format("has more than {} modules", maxItems));
        children.push_back(parent.child(std::to_string(children.size())));
    }
    return children;
}

std::optional<PickleNode> PickledModule::attribute(std::string_view name) const
{
    if (!m_node.is(PickleKind::Object))
        return {};
    std::optional<PickleNode> found = m_node.attribute(name);
    if (found && found->is(PickleKind::None))
        return {};
    return found;
}

PickleNode PickledModule::needed(std::string_view name) const
{
    const std::optional<PickleNode> found = attribute(name);
    if (!found)
        failHere(fmt::format("({}) has no attribute {}", describe(m_node), name));
    return *found;
}

bool PickledModule::flag(std::string_view name, bool fallback) const
{
    if (const std::optional<PickleNode> found = attribute(name)) {
        if (found->is(PickleKind::Boolean))
            return found->boolean();
        if (!found->is(PickleKind::Tensor))
            failHere(fmt::format("has an attribute {} that is {}, expected true or false", name,
                                 describe(*found)));
    }
    return tensor(name) ? real(name) != 0 : fallback;
}

std::string PickledModule::text(std::string_view name) const
{
    const PickleNode node = needed(name);
    if (!node.is(PickleKind::Text))
        failHere(fmt::format("has an attribute {} that is {}, expected text", name, describe(node)));
    return std::string(node.text());
}

std::vector<PickleNode> PickledModule::items(std::string_view name) const
{
    const PickleNode node = needed(name);
    if (!node.is(PickleKind::List) && !node.is(PickleKind::Tuple))
        failHere(fmt::format("has an attribute {} that is {}, expected a list", name, describe(node)));
    if (node.size() > maxItems)
        failHere(
            fmt::format("has an attribute {} with {} entries, more than {}", name, node.size(), maxItems));
    std::vector<PickleNode> result;
    for (std::size_t i = 0; i < node.size(); ++i)
        result.push_back(node.at(i));
    return result;
}

std::optional<TensorReference> PickledModule::tensor(std::string_view name) const
{
    if (!m_node.is(PickleKind::Object))
        return {};
    const std::optional<PickleNode> found = moduleTensor(m_node, name);
    if (!found || !found->is(PickleKind::Tensor))
        return {};
    return found->tensor();
}

std::vector<double> PickledModule::reals(std::string_view name) const
{
    const std::optional<TensorReference> reference = tensor(name);
    if (!reference)
        failHere(fmt::format("({}) has no tensor {}", describe(m_node), name));
    std::vector<double> numbers = loadNumbers(*m_archive, *reference);
    if (!allFinite(numbers))
        failHere(fmt::format("has a tensor {} with values that are not finite", name));
    return numbers;
}

CouplingTensor PickledModule::couplings(std::string_view name, std::size_t axes) const
{
    const std::optional<TensorReference> reference = tensor(name);
    if (!reference)
        failHere(fmt::format("({}) has no tensor {}", describe(m_node), name));
    const std::vector<std::int64_t>& shape = reference->shape;
    std::int64_t count =
        1; // none of its numbers may stand for several, so that memory stays near that of the file
    for (const std::int64_t extent : shape)
        if (__builtin_mul_overflow(count, extent, &count))
            count = 0;
    if (shape.size() != axes || count < 1 || count > reference->storage.count)
        failHere(fmt::format("has a {} of shape ({})", name, fmt::join(shape, ", ")));
    std::string buffer;
    const std::string_view stored = m_archive->numbers(*reference, buffer);
    const ScalarKind kind = reference->storage.scalar;
    const std::size_t bytes = static_cast<std::size_t>(shape.back()) * sizeOf(kind);
    CouplingTensor tensor{shape, {}, {}};
    for (std::size_t at = 0; at < stored.size(); at += bytes)
        tensor.add(static_cast<std::int64_t>(at / bytes), realsOf(stored.substr(at, bytes), kind).data());
    if (!allFinite(tensor.values))
        failHere(fmt::format("has a tensor {} with values that are not finite", name));
    return tensor;
}

double PickledModule::real(std::string_view name) const
{
    if (tensor(name)) {
        const std::vector<double> numbers = reals(name);
        if (numbers.size() != 1)
            failHere(fmt::format("has a tensor {} with {} values, expected one", name, numbers.size()));
        return numbers.front();
    }
    const PickleNode node = needed(name);
    const std::optional<double> value = realOf(node);
    if (!value || !std::isfinite(*value))
        failHere(
            fmt::format("has an attribute {} that is {}, expected a finite number", name, describe(node)));
    return *value;
}

std::int64_t PickledModule::integer(std::string_view name) const
{
    const double value = real(name);
    if (value != std::floor(value) || std::abs(value) > 1e9)
        failHere(fmt::format("has {} = {}, expected a whole number", name, value));
    return static_cast<std::int64_t>(value);
}

} // namespace lodestone
