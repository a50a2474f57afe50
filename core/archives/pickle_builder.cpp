#include "archives/pickle_builder.h"

#include <algorithm>
#include <bit>

namespace lodestone {
namespace {

// Names made from memoised parts and sets made from memoised lists could grow faster than the pickle: both
// are charged against its size. Honest pickles stay below a quarter of this.
constexpr std::size_t madePerByte = 8;
constexpr std::size_t madeAlways = 4096;

} // namespace

PickleIndex PickleBuilder::add(PickleKind kind, std::uint64_t first, std::uint64_t count, bool flag)
{
    m_data.nodes.push_back({kind, flag, m_at, first, count});
    return static_cast<PickleIndex>(m_data.nodes.size() - 1);
}

PickleIndex PickleBuilder::boolean(bool value)
{
    return add(PickleKind::Boolean, 0, 0, value);
}

PickleIndex PickleBuilder::integer(std::int64_t value)
{
    return add(PickleKind::Integer, std::bit_cast<std::uint64_t>(value));
}

PickleIndex PickleBuilder::real(double value)
{
    return add(PickleKind::Real, std::bit_cast<std::uint64_t>(value));
}

PickleIndex PickleBuilder::slice(PickleKind kind, std::string_view part)
{
    return add(kind, static_cast<std::uint64_t>(part.data() - m_data.bytes.data()), part.size());
}

PickleIndex PickleBuilder::copy(PickleKind kind, std::string_view text)
{
    const Name name = makeName(text);
    return add(kind, name.first, name.count, true);
}

PickleIndex PickleBuilder::tuple(std::span<const PickleIndex> items)
{
    const std::size_t first = m_data.items.size();
    m_data.items.insert(m_data.items.end(), items.begin(), items.end());
    return add(PickleKind::Tuple, first, items.size());
}

PickleIndex PickleBuilder::global(std::string_view module, std::string_view name)
{
    const Name first = makeName(module);
    makeName(".");
    makeName(name);
    return add(PickleKind::Global, first.first, m_data.made.size() - first.first);
}

PickleIndex PickleBuilder::bigInteger(PickleIndex digits)
{
    if (m_integerName.count == 0)
        m_integerName = makeName("int");
    return object(m_integerName, tuple({&digits, 1}));
}

PickleBuilder::Name PickleBuilder::makeName(std::string_view text)
{
    if (m_data.made.size() + text.size() > madePerByte * m_data.bytes.size() + madeAlways)
        failHere("the names and texts that it asks for are many times larger than the pickle itself");
    const Name name{m_data.made.size(), text.size()};
    m_data.made += text;
    return name;
}

PickleIndex PickleBuilder::object(const Name& name, PickleIndex arguments)
{
    PickleObject object;
    object.name = name.first;
    object.nameLength = name.count;
    object.arguments = arguments;
    m_data.objects.push_back(object);
    return add(PickleKind::Object, m_data.objects.size() - 1);
}

std::vector<PickleIndex>& PickleBuilder::containerOf(PickleIndex target)
{
    PickleEntry& owner = m_data.nodes[target];
    const auto make = [this] {
        m_data.containers.emplace_back();
        return static_cast<std::uint32_t>(m_data.containers.size() - 1);
    };
    if (owner.kind == PickleKind::Object) {
        PickleObject& object = m_data.objects[static_cast<std::size_t>(owner.first)];
        if (object.container == 0)
            object.container = make();
        return m_data.containers[object.container];
    }
    if (owner.first == 0)
        owner.first = make();
    return m_data.containers[static_cast<std::size_t>(owner.first)];
}

std::string PickleBuilder::describe(PickleIndex index) const
{
    const PickleEntry& node = m_data.nodes[index];
    return fmt::format("{} (made at byte {})", nameOfKind(node.kind), node.at);
}

std::int64_t PickleBuilder::integerOf(PickleIndex index, const char* what) const
{
    const PickleEntry& node = m_data.nodes[index];
    if (node.kind != PickleKind::Integer)
        failHere("{} is {}, expected a whole number", what, describe(index));
    return std::bit_cast<std::int64_t>(node.first);
}

std::span<const PickleIndex> PickleBuilder::itemsOf(PickleIndex index) const
{
    const PickleEntry& node = m_data.nodes[index];
    if (node.kind == PickleKind::Tuple)
        return {m_data.items.data() + node.first, static_cast<std::size_t>(node.count)};
    if (node.kind == PickleKind::List || node.kind == PickleKind::Set)
        return m_data.containerOf(node);
    return {};
}

bool PickleBuilder::isSequence(PickleIndex index) const
{
    const PickleKind kind = m_data.nodes[index].kind;
    return kind == PickleKind::Tuple || kind == PickleKind::List || kind == PickleKind::Set;
}

bool PickleBuilder::isEmpty(PickleIndex index) const
{
    const PickleEntry& node = m_data.nodes[index];
    return node.kind == PickleKind::None ||
           (node.kind == PickleKind::Dictionary && m_data.containerOf(node).empty());
}

bool PickleBuilder::isText(PickleIndex index, std::string_view text) const
{
    const PickleKind kind = m_data.nodes[index].kind;
    return (kind == PickleKind::Text || kind == PickleKind::Bytes) && textOf(index) == text;
}

void PickleBuilder::chargeCopies(std::size_t items)
{
    m_copies += items;
    if (m_copies > m_data.bytes.size())
        failHere("the sets and dictionaries that it asks for are larger than the pickle itself");
}

void PickleBuilder::append(PickleIndex target, std::span<const PickleIndex> items)
{
    const PickleKind kind = m_data.nodes[target].kind;
    if (kind != PickleKind::List && kind != PickleKind::Set && kind != PickleKind::Object)
        failHere("an item is to be added to {}, expected a list", describe(target));
    if (items.empty())
        return;
    std::vector<PickleIndex>& container = containerOf(target);
    if (kind == PickleKind::Object &&
        m_data.objects[static_cast<std::size_t>(m_data.nodes[target].first)].entries)
        failHere("an item is to be added to an object that is a dictionary");
    container.insert(container.end(), items.begin(), items.end());
}

void PickleBuilder::setItems(PickleIndex target, std::span<const PickleIndex> entries)
{
    const PickleKind kind = m_data.nodes[target].kind;
    if (kind != PickleKind::Dictionary && kind != PickleKind::Object)
        failHere("an entry is to be added to {}, expected a dictionary", describe(target));
    if (entries.size() % 2 != 0)
        failHere("a dictionary is given a key without a value");
    if (entries.empty())
        return;
    std::vector<PickleIndex>& container = containerOf(target);
    if (kind == PickleKind::Object) {
        bool& asEntries = m_data.objects[static_cast<std::size_t>(m_data.nodes[target].first)].entries;
        if (!asEntries && !container.empty())
            failHere("an entry is to be added to an object that is a list");
        asEntries = true;
    }
    container.insert(container.end(), entries.begin(), entries.end());
}

void PickleBuilder::build(PickleIndex target, PickleIndex state)
{
    switch (m_data.nodes[target].kind) {
    case PickleKind::Object:
        m_data.objects[static_cast<std::size_t>(m_data.nodes[target].first)].state = state;
        return;
    case PickleKind::Dictionary: // the _metadata of state dictionaries
    case PickleKind::Set:
    case PickleKind::Tensor:
    case PickleKind::Storage:
        return;
    default:
        failHere("{} is given attributes, expected an object", describe(target));
    }
}

PickleIndex PickleBuilder::newObject(PickleIndex type, PickleIndex arguments, PickleIndex keywords)
{
    const PickleIndex made = call(type, arguments);
    if (keywords != noNode && m_data.nodes[keywords].kind != PickleKind::Dictionary)
        failHere("the keyword arguments of an object are {}, expected a dictionary", describe(keywords));
    if (keywords != noNode && m_data.nodes[made].kind == PickleKind::Object &&
        !m_data.containerOf(m_data.nodes[keywords]).empty())
        build(made, keywords);
    return made;
}

} // namespace lodestone
