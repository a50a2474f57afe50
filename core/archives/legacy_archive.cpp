#include "archives/legacy_archive.h"

#include "base/error.h"

#include <algorithm>

namespace lodestone {
namespace {

// LONG1 of 10 bytes: 0x1950a86a20f9469cfc6c; before it the head of a pickle of protocol 2 to 5, behind it
// STOP.
constexpr std::string_view magic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
constexpr std::size_t longestHead = 11;
constexpr std::int64_t layoutVersion = 1001;
constexpr std::size_t largestPickle = std::size_t{128} << 20;

class LegacyReader {
public:
    LegacyReader(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& origin)
        : m_bytes(bytes),
          m_owner(std::move(owner)),
          m_origin(origin)
    {
    }

    LegacyArchive read()
    {
        next("magic number");
        const Pickle version = next("version");
        if (!version.root().is(PickleKind::Integer) || version.root().integer() != layoutVersion)
            fail("{}: the file has the layout version of another PyTorch ({}); 1001 was expected.", m_origin,
                 describe(version.root()));
        const PickleNode system = next("system").root();
        if (const auto little = system.find("little_endian"); little && !little->boolean())
            fail("{}: the numbers of the file are not little-endian; save it anew on a usual machine.",
                 m_origin);
        LegacyArchive archive;
        archive.main = next("data");
        readStorages(archive, next("storage keys").root());
        return archive;
    }

private:
    Pickle next(const char* what)
    {
        const Pickle pickle =
            Pickle::parse(m_bytes.substr(m_next, largestPickle),
                          fmt::format("{} ({}, from byte {})", m_origin, what, m_next), {m_owner, "", ""});
        m_next += pickle.bytesRead();
        return pickle;
    }

    /// Each storage is a count of 8 bytes and its numbers, in the order of the list of keys.
    void readStorages(LegacyArchive& archive, const PickleNode& keys)
    {
        std::map<std::string, StorageReference> known;
        for (StorageReference& storage : archive.main->storages()) {
            const auto [found, added] = known.emplace(storage.key, storage);
            if (!added && found->second.scalar != storage.scalar)
                fail("{}: the storage '{}' is described as {} and as {}.", m_origin, storage.key,
                     nameOf(found->second.scalar), nameOf(storage.scalar));
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::string key(keys.at(i).text());
            const auto found = known.find(key);
            if (found == known.end())
                fail("{}: at byte {}, a storage '{}' follows that nothing in the file describes.", m_origin,
                     m_next, key.substr(0, 60));
            if (m_bytes.size() - m_next < 8)
                fail("{}: at byte {}, the file ends before the storage '{}'.", m_origin, m_next, key);
            std::uint64_t count = 0;
            for (std::size_t byte = 8; byte-- > 0;)
                count = (count << 8) | static_cast<unsigned char>(m_bytes[m_next + byte]);
            m_next += 8;
            const std::size_t size = sizeOf(found->second.scalar);
            if (count > (m_bytes.size() - m_next) / size)
                fail("{}: at byte {}, the storage '{}' should have {} numbers of type {}, but {} bytes are "
                     "left.",
                     m_origin, m_next, key, count, nameOf(found->second.scalar), m_bytes.size() - m_next);
            const LegacyStorage storage{m_next, static_cast<std::size_t>(count) * size};
            if (!archive.storages.emplace(key, storage).second)
                fail("{}: at byte {}, the storage '{}' is there twice.", m_origin, m_next, key);
            m_next += storage.bytes;
        }
    }

    std::string_view m_bytes;
    std::shared_ptr<const void> m_owner;
    const std::string& m_origin;
    std::size_t m_next = 0;
};

} // namespace

bool looksLikeLegacy(std::string_view bytes)
{
    return bytes.substr(0, 1) == "\x80" &&
           bytes.substr(0, longestHead + magic.size()).find(magic) != std::string_view::npos;
}

LegacyArchive readLegacy(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& origin)
{
    return LegacyReader(bytes, std::move(owner), origin).read();
}

} // namespace lodestone
