#pragma once
// The room's own view of a parsed pickle: an arena of nodes that refer to one another by index. Indices make
// cycles and depth harmless, and the whole goes away in one step.
#include "archives/pickle.h"

namespace lodestone {

inline constexpr std::uint32_t noNode = 0xffffffff;

/// What a node holds, by kind. 24 bytes; a pickle makes about one node a byte at most.
struct PickleEntry {
    PickleKind kind = PickleKind::None;
    bool flag =
        false; ///< Boolean: its value. Text, Bytes: they lie in Pickle::Data::made, not in the pickle.
    std::uint32_t at = 0;
    /// Integer, Real: the value's bits. Text, Bytes, Global: offset. Tuple: first of its items. List, Set,
    /// Dictionary: its container (0: none yet). Object, Storage, Tensor: index into their tables.
    std::uint64_t first = 0;
    std::uint64_t count = 0; ///< Text, Bytes, Global: length. Tuple: items.
};

const char* nameOfKind(PickleKind kind); ///< "a list"

struct PickleObject {
    std::uint64_t name = 0; ///< of its class, in Pickle::Data::made
    std::uint64_t nameLength = 0;
    std::uint32_t arguments = noNode; ///< a Tuple
    std::uint32_t state = noNode;
    std::uint32_t container = 0;
    bool entries = false; ///< the container holds keys and values, otherwise items
};

struct PickleStorage {
    StorageReference reference;
    std::int64_t offset = 0; ///< old files: this storage is a part of the referenced one
};

struct Pickle::Data {
    std::string_view bytes;
    std::string origin;
    std::shared_ptr<const void> owner;
    std::vector<PickleEntry> nodes;
    std::vector<std::uint32_t> items; ///< of tuples
    /// Of lists and sets: items. Of dictionaries: keys and values in turn. The first is empty and shared.
    std::vector<std::vector<std::uint32_t>> containers{1};
    std::vector<PickleObject> objects;
    std::vector<PickleStorage> storages;
    std::vector<TensorReference> tensors;
    std::string made; ///< text that does not lie in the pickle as it is: names of classes, decoded text
    std::uint32_t root = noNode;
    std::size_t bytesRead = 0;

    std::string_view text(const PickleEntry& entry) const
    {
        const std::string_view from =
            entry.flag || entry.kind == PickleKind::Global ? std::string_view(made) : bytes;
        return from.substr(static_cast<std::size_t>(entry.first), static_cast<std::size_t>(entry.count));
    }
    const std::vector<std::uint32_t>& containerOf(const PickleEntry& entry) const
    {
        return containers[static_cast<std::size_t>(entry.first)];
    }
};

} // namespace lodestone
