#include "data/frame_identity.h"

#include <fmt/format.h>
#include <map>

namespace lodestone::gui {

namespace {

/// FNV-1a, 64 bit: two different frames of a data set meet with a chance of one in 10^11 among ten thousand.
struct Hash {
    std::uint64_t value = 14695981039346656037ULL;

    template<class T>
    void add(const T* numbers, std::size_t count)
    {
        const auto* bytes = reinterpret_cast<const unsigned char*>(numbers);
        for (std::size_t i = 0; i < count * sizeof(T); ++i)
            value = (value ^ bytes[i]) * 1099511628211ULL;
    }
};

} // namespace

std::vector<std::string> frameIdentities(const Dataset& data)
{
    std::vector<std::string> identities;
    identities.reserve(data.frames.size());
    std::map<std::uint64_t, std::size_t> seen;
    for (const Frame& frame : data.frames) {
        const Structure& s = frame.structure;
        Hash hash;
        hash.add(s.pbc.data(), s.pbc.size());
        for (const Vec3& row : s.cell)
            hash.add(row.data(), row.size());
        hash.add(s.species.data(), s.species.size());
        for (const Vec3& position : s.positions)
            hash.add(position.data(), position.size());
        identities.push_back(fmt::format("{:016x}#{}", hash.value, seen[hash.value]++));
    }
    return identities;
}

} // namespace lodestone::gui
