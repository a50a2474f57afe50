#pragma once
// Makes the nodes of a pickle: what the opcodes and the few known constructors mean.
#include "archives/pickle_data.h"
#include "base/error.h"

#include <span>
#include <unordered_map>

namespace lodestone {

using PickleIndex = std::uint32_t;

class PickleBuilder {
public:
    PickleBuilder(Pickle::Data& data, const PickleContext& context) : m_data(data), m_context(context) {}

    void setPosition(std::size_t at) { m_at = static_cast<std::uint32_t>(at); } ///< of the current opcode
    /// Throws Error with the position of the current opcode.
    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> what, Args&&... args) const
    {
        fail("{}: at byte {} of the pickle, {}.", m_data.origin, m_at,
             fmt::format(what, std::forward<Args>(args)...));
    }

    PickleIndex none() { return add(PickleKind::None); }
    PickleIndex boolean(bool value);
    PickleIndex integer(std::int64_t value);
    PickleIndex real(double value);
    /// Text or Bytes that lie in the pickle.
    PickleIndex slice(PickleKind kind, std::string_view part);
    /// Text or Bytes that had to be decoded.
    PickleIndex copy(PickleKind kind, std::string_view text);
    PickleIndex tuple(std::span<const PickleIndex> items);
    PickleIndex container(PickleKind kind) { return add(kind); } ///< an empty List, Set or Dictionary
    PickleIndex global(std::string_view module, std::string_view name);
    /// `digits`: its value, as Bytes or Text; see PickleNode::integer.
    PickleIndex bigInteger(PickleIndex digits);

    void append(PickleIndex target, std::span<const PickleIndex> items);     ///< to List, Set, Object
    void setItems(PickleIndex target, std::span<const PickleIndex> entries); ///< to Dictionary, Object
    void build(PickleIndex target, PickleIndex state);
    /// What calling `callable` with a Tuple would give.
    PickleIndex call(PickleIndex callable, PickleIndex arguments);
    /// What `type.__new__` would give; keywords: a Dictionary or noNode.
    PickleIndex newObject(PickleIndex type, PickleIndex arguments, PickleIndex keywords = noNode);
    PickleIndex persistent(PickleIndex id);

    const PickleEntry& entry(PickleIndex index) const { return m_data.nodes[index]; }
    std::string_view textOf(PickleIndex index) const { return m_data.text(m_data.nodes[index]); }

private:
    struct Call;
    struct Name {
        std::uint64_t first = 0;
        std::uint64_t count = 0;
    };

    PickleIndex add(PickleKind kind, std::uint64_t first = 0, std::uint64_t count = 0, bool flag = false);
    Name makeName(std::string_view text);
    PickleIndex object(const Name& name, PickleIndex arguments);
    std::vector<PickleIndex>& containerOf(PickleIndex target);
    std::string describe(PickleIndex index) const;
    std::int64_t integerOf(PickleIndex index, const char* what) const;
    std::span<const PickleIndex> itemsOf(PickleIndex index) const;
    bool isSequence(PickleIndex index) const; ///< Tuple, List or Set
    bool isEmpty(PickleIndex index) const;    ///< None or a Dictionary without entries
    bool isText(PickleIndex index, std::string_view text) const;
    void chargeCopies(std::size_t items);

    // The known constructors; noNode where the arguments are not of the usual form.
    PickleIndex known(const Call& call);
    PickleIndex dictionary(const Call& call);
    PickleIndex set(const Call& call);
    PickleIndex bytes(const Call& call);
    PickleIndex encoded(PickleIndex text, PickleIndex codec);
    PickleIndex tensor(const Call& call, std::optional<ScalarKind> scalar);
    PickleIndex parameter(const Call& call);
    PickleIndex storage(std::span<const PickleIndex> id);
    std::vector<std::int64_t> extents(PickleIndex index, const char* what) const;

    Pickle::Data& m_data;
    const PickleContext& m_context;
    std::uint32_t m_at = 0;
    std::size_t m_copies = 0;
    Name m_integerName;
    Name m_persistentName;
    std::unordered_map<PickleIndex, PickleIndex> m_encoded; ///< text decoded before, and its bytes
};

} // namespace lodestone
