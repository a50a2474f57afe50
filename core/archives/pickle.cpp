#include "archives/pickle.h"

#include "archives/pickle_data.h"
#include "base/error.h"

#include <bit>

namespace lodestone {

const char* nameOfKind(PickleKind kind)
{
    switch (kind) {
    case PickleKind::None:
        return "None";
    case PickleKind::Boolean:
        return "a truth value";
    case PickleKind::Integer:
        return "an integer";
    case PickleKind::Real:
        return "a real number";
    case PickleKind::Text:
        return "a text";
    case PickleKind::Bytes:
        return "bytes";
    case PickleKind::Tuple:
        return "a tuple";
    case PickleKind::List:
        return "a list";
    case PickleKind::Set:
        return "a set";
    case PickleKind::Dictionary:
        return "a dictionary";
    case PickleKind::Global:
        return "the name of a class or function";
    case PickleKind::Object:
        return "an object";
    case PickleKind::Storage:
        return "a storage";
    case PickleKind::Tensor:
        return "a tensor";
    }
    fail<InternalError>("There is no kind {} of values in pickles.", static_cast<int>(kind));
}

namespace {

[[noreturn]] void failKind(const Pickle::Data& data, const PickleNode& node, std::string_view expected)
{
    fail("{}: at byte {} of the pickle there is {}; {} was expected.", data.origin, node.offset(),
         describe(node), expected);
}

const PickleEntry& need(const Pickle::Data& data, std::size_t index, const PickleNode& node, PickleKind kind)
{
    const PickleEntry& entry = data.nodes[index];
    if (entry.kind != kind)
        failKind(data, node, nameOfKind(kind));
    return entry;
}

/// Text of the file in a message: short, and without what would disturb a terminal.
std::string shown(std::string_view text)
{
    std::string clean;
    for (const char c : text.substr(0, 60))
        clean += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text.size() > 60 ? clean + "..." : clean;
}

} // namespace

PickleNode Pickle::root() const
{
    return PickleNode(m_data, m_data->root);
}

std::size_t Pickle::bytesRead() const
{
    return m_data->bytesRead;
}

std::vector<StorageReference> Pickle::storages() const
{
    std::vector<StorageReference> references;
    for (const PickleStorage& storage : m_data->storages)
        references.push_back(storage.reference);
    return references;
}

PickleKind PickleNode::kind() const
{
    return m_data->nodes[m_index].kind;
}

std::size_t PickleNode::offset() const
{
    return m_data->nodes[m_index].at;
}

const std::string& PickleNode::origin() const
{
    return m_data->origin;
}

bool PickleNode::boolean() const
{
    return need(*m_data, m_index, *this, PickleKind::Boolean).flag;
}

std::int64_t PickleNode::integer() const
{
    const PickleEntry& entry = m_data->nodes[m_index];
    if (entry.kind == PickleKind::Boolean)
        return entry.flag ? 1 : 0;
    return std::bit_cast<std::int64_t>(need(*m_data, m_index, *this, PickleKind::Integer).first);
}

double PickleNode::real() const
{
    if (is(PickleKind::Integer))
        return static_cast<double>(integer());
    return std::bit_cast<double>(need(*m_data, m_index, *this, PickleKind::Real).first);
}

std::string_view PickleNode::text() const
{
    return m_data->text(need(*m_data, m_index, *this, PickleKind::Text));
}

std::string_view PickleNode::bytes() const
{
    const PickleEntry& entry = m_data->nodes[m_index];
    return m_data->text(entry.kind == PickleKind::Text ? entry
                                                       : need(*m_data, m_index, *this, PickleKind::Bytes));
}

std::size_t PickleNode::size() const
{
    const PickleEntry& entry = m_data->nodes[m_index];
    switch (entry.kind) {
    case PickleKind::Tuple:
        return static_cast<std::size_t>(entry.count);
    case PickleKind::List:
    case PickleKind::Set:
        return m_data->containerOf(entry).size();
    case PickleKind::Dictionary:
        return m_data->containerOf(entry).size() / 2;
    case PickleKind::Object: {
        const PickleObject& object = m_data->objects[static_cast<std::size_t>(entry.first)];
        return m_data->containers[object.container].size() / (object.entries ? 2 : 1);
    }
    default:
        failKind(*m_data, *this, "a value with items");
    }
}

PickleNode PickleNode::at(std::size_t i) const
{
    if (i >= size())
        fail("{}: at byte {} of the pickle there is {}; an item number {} was expected in it.",
             m_data->origin, offset(), describe(*this), i + 1);
    const PickleEntry& entry = m_data->nodes[m_index];
    if (entry.kind == PickleKind::Tuple)
        return PickleNode(m_data, m_data->items[static_cast<std::size_t>(entry.first) + i]);
    if (entry.kind == PickleKind::Object) {
        const PickleObject& object = m_data->objects[static_cast<std::size_t>(entry.first)];
        return PickleNode(m_data, m_data->containers[object.container][object.entries ? 2 * i + 1 : i]);
    }
    const bool dictionary = entry.kind == PickleKind::Dictionary;
    return PickleNode(m_data, m_data->containerOf(entry)[dictionary ? 2 * i + 1 : i]);
}

bool PickleNode::hasKeys() const
{
    const PickleEntry& entry = m_data->nodes[m_index];
    return entry.kind == PickleKind::Dictionary ||
           (entry.kind == PickleKind::Object &&
            m_data->objects[static_cast<std::size_t>(entry.first)].entries);
}

PickleNode PickleNode::keyAt(std::size_t i) const
{
    if (!hasKeys())
        failKind(*m_data, *this, nameOfKind(PickleKind::Dictionary));
    if (i >= size())
        fail("{}: at byte {} of the pickle there is {}; a key number {} was expected in it.", m_data->origin,
             offset(), describe(*this), i + 1);
    const PickleEntry& entry = m_data->nodes[m_index];
    const std::size_t container = entry.kind == PickleKind::Dictionary
                                      ? static_cast<std::size_t>(entry.first)
                                      : m_data->objects[static_cast<std::size_t>(entry.first)].container;
    return PickleNode(m_data, m_data->containers[container][2 * i]);
}

std::optional<PickleNode> PickleNode::find(std::string_view key) const
{
    if (!hasKeys())
        failKind(*m_data, *this, nameOfKind(PickleKind::Dictionary));
    for (std::size_t i = size(); i-- > 0;) {
        const PickleNode candidate = keyAt(i);
        if (candidate.is(PickleKind::Text) && candidate.text() == key)
            return at(i);
    }
    return std::nullopt;
}

std::string_view PickleNode::className() const
{
    const PickleEntry& entry = m_data->nodes[m_index];
    if (entry.kind == PickleKind::Object) {
        const PickleObject& object = m_data->objects[static_cast<std::size_t>(entry.first)];
        return std::string_view(m_data->made)
            .substr(static_cast<std::size_t>(object.name), static_cast<std::size_t>(object.nameLength));
    }
    return m_data->text(need(*m_data, m_index, *this, PickleKind::Global));
}

PickleNode PickleNode::arguments() const
{
    const PickleEntry& entry = need(*m_data, m_index, *this, PickleKind::Object);
    return PickleNode(m_data, m_data->objects[static_cast<std::size_t>(entry.first)].arguments);
}

std::optional<PickleNode> PickleNode::state() const
{
    const PickleEntry& entry = need(*m_data, m_index, *this, PickleKind::Object);
    const std::uint32_t state = m_data->objects[static_cast<std::size_t>(entry.first)].state;
    if (state == noNode)
        return std::nullopt;
    return PickleNode(m_data, state);
}

std::optional<PickleNode> PickleNode::attribute(std::string_view name) const
{
    const auto known = state();
    if (!known)
        return std::nullopt;
    if (known->is(PickleKind::Dictionary))
        return known->find(name);
    // An object with slots: a tuple of its __dict__ (or None) and its slots.
    if (known->is(PickleKind::Tuple) && known->size() == 2)
        for (const std::size_t part : {std::size_t{1}, std::size_t{0}})
            if (known->at(part).is(PickleKind::Dictionary))
                if (const auto found = known->at(part).find(name))
                    return found;
    return std::nullopt;
}

const StorageReference& PickleNode::storage() const
{
    const PickleEntry& entry = need(*m_data, m_index, *this, PickleKind::Storage);
    return m_data->storages[static_cast<std::size_t>(entry.first)].reference;
}

const TensorReference& PickleNode::tensor() const
{
    const PickleEntry& entry = need(*m_data, m_index, *this, PickleKind::Tensor);
    return m_data->tensors[static_cast<std::size_t>(entry.first)];
}

std::size_t PickleNode::id() const
{
    return m_index;
}

std::string describe(const PickleNode& node)
{
    const auto counted = [](std::size_t count, const char* one, const char* many) {
        return fmt::format("{} {}", count, count == 1 ? one : many);
    };
    switch (node.kind()) {
    case PickleKind::None:
        return "None";
    case PickleKind::Boolean:
        return node.boolean() ? "True" : "False";
    case PickleKind::Integer:
        return fmt::format("the integer {}", node.integer());
    case PickleKind::Real:
        return fmt::format("the number {}", node.real());
    case PickleKind::Text:
        return fmt::format("the text '{}'", shown(node.text()));
    case PickleKind::Bytes:
        return counted(node.bytes().size(), "byte", "bytes");
    case PickleKind::Tuple:
    case PickleKind::List:
    case PickleKind::Set:
        return fmt::format("{} with {}", nameOfKind(node.kind()), counted(node.size(), "item", "items"));
    case PickleKind::Dictionary:
        return fmt::format("a dictionary with {}", counted(node.size(), "entry", "entries"));
    case PickleKind::Global:
        return fmt::format("the name {}", shown(node.className()));
    case PickleKind::Object:
        return fmt::format("the object {}", shown(node.className()));
    case PickleKind::Storage:
        return fmt::format("a storage of {}",
                           counted(static_cast<std::size_t>(node.storage().count), "number", "numbers"));
    case PickleKind::Tensor:
        return fmt::format("a tensor of shape ({})", fmt::join(node.tensor().shape, ", "));
    }
    fail<InternalError>("There is no kind {} of values in pickles.", static_cast<int>(node.kind()));
}

} // namespace lodestone
