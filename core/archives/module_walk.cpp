// Walks through pickled values: tensors with their paths, parts of torch.nn.Modules.
#include "archives/torch_archive.h"
#include "base/error.h"

#include <unordered_set>

namespace lodestone {
namespace {

// Python's own recursion limit keeps honest pickles far below this.
constexpr std::size_t deepest = 512;
// Paths of honest files take some tens of bytes a tensor.
constexpr std::size_t largestPaths = std::size_t{64} << 20;

// Longer keys are no names of parameters; entries with such keys are numbered.
constexpr std::size_t longestName = 256;

bool isModulePart(const PickleNode& key, const PickleNode& value)
{
    return key.is(PickleKind::Text) && value.is(PickleKind::Dictionary) &&
           (key.text() == "_parameters" || key.text() == "_buffers" || key.text() == "_modules");
}

std::string nameOfKey(const PickleNode& key, std::size_t number)
{
    if (key.is(PickleKind::Text) && key.text().size() <= longestName)
        return std::string(key.text());
    if (key.is(PickleKind::Integer))
        return std::to_string(key.integer());
    return std::to_string(number);
}

/// Goes through a graph of values in the order of the pickle, without recursion, each value once.
class TensorWalk {
public:
    std::vector<NamedTensor> from(const PickleNode& root)
    {
        enter(root, "", true, false);
        while (!m_open.empty()) {
            if (m_open.back().next == m_open.back().end) {
                m_path.resize(m_open.back().pathBefore);
                m_open.pop_back();
                continue;
            }
            step();
        }
        return std::move(m_found);
    }

private:
    /// A value whose parts are being visited.
    struct Level {
        PickleNode node;
        std::size_t next;
        std::size_t end;
        std::size_t pathBefore; ///< length of the path without this value's name
        bool attributes;        ///< a dictionary of an object's attributes
    };

    void enter(const PickleNode& node, const std::string& name, bool nameless, bool attributes)
    {
        const bool tensor = node.is(PickleKind::Tensor);
        const std::size_t parts = partsOf(node);
        if ((!tensor && parts == 0) || !m_seen.insert(node.id()).second)
            return;
        const std::size_t before = m_path.size();
        if (!nameless)
            m_path += (m_path.empty() ? "" : ".") + name;
        if (tensor) {
            m_bytes += m_path.size();
            if (m_bytes > largestPaths)
                fail("{}: the names of the tensors are longer than {} bytes together.", node.origin(),
                     largestPaths);
            m_found.push_back({m_path, node.tensor()});
            m_path.resize(before);
            return;
        }
        if (m_open.size() == deepest)
            fail("{}: at byte {} of the pickle, values are nested more than {} deep (at '{}...').",
                 node.origin(), node.offset(), deepest, m_path.substr(0, 60));
        m_open.push_back({node, 0, parts, before, attributes});
    }

    /// Objects: their state, their arguments, then their items.
    static std::size_t partsOf(const PickleNode& node)
    {
        switch (node.kind()) {
        case PickleKind::Tuple:
        case PickleKind::List:
        case PickleKind::Set:
        case PickleKind::Dictionary:
            return node.size();
        case PickleKind::Object:
            return 2 + node.size();
        default:
            return 0;
        }
    }

    void step()
    {
        const PickleNode node = m_open.back().node;
        const std::size_t i = m_open.back().next++;
        if (node.is(PickleKind::Object)) {
            if (i == 0) {
                if (const auto state = node.state())
                    enter(*state, "", true, true);
            } else if (i == 1) {
                enter(node.arguments(), "", true, false);
            } else {
                enterItem(node, i - 2, false);
            }
            return;
        }
        enterItem(node, i, m_open.back().attributes);
    }

    void enterItem(const PickleNode& node, std::size_t i, bool attributes)
    {
        const PickleNode value = node.at(i);
        if (!node.hasKeys()) {
            // The tuple of an object with slots: its two dictionaries of attributes.
            const bool slots = attributes && value.is(PickleKind::Dictionary);
            enter(value, std::to_string(i), slots, slots);
            return;
        }
        const PickleNode key = node.keyAt(i);
        enter(value, nameOfKey(key, i), attributes && isModulePart(key, value), false);
    }

    std::vector<Level> m_open;
    std::string m_path;
    std::unordered_set<std::size_t> m_seen;
    std::vector<NamedTensor> m_found;
    std::size_t m_bytes = 0;
};

std::optional<PickleNode> partOf(const PickleNode& module, std::string_view part, std::string_view name)
{
    if (!module.is(PickleKind::Object))
        return std::nullopt;
    const auto all = module.attribute(part);
    if (!all || !all->is(PickleKind::Dictionary))
        return std::nullopt;
    return all->find(name);
}

} // namespace

std::vector<NamedTensor> tensorsIn(const PickleNode& root)
{
    return TensorWalk().from(root);
}

std::optional<PickleNode> moduleChild(const PickleNode& module, std::string_view name)
{
    return partOf(module, "_modules", name);
}

std::optional<PickleNode> moduleTensor(const PickleNode& module, std::string_view name)
{
    for (const char* part : {"_parameters", "_buffers"})
        if (const auto found = partOf(module, part, name); found && found->is(PickleKind::Tensor))
            return found;
    if (!module.is(PickleKind::Object))
        return std::nullopt;
    const auto found = module.attribute(name);
    return found && found->is(PickleKind::Tensor) ? found : std::nullopt;
}

} // namespace lodestone
