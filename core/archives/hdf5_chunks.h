#pragma once
#include "archives/hdf5_header.h"
#include "base/progress.h"

namespace lodestone {

/// The pieces of an array that is stored in chunks, all of them there and of the same extents.
class Hdf5Chunks {
public:
    /// `place` names the array in sentences. Error if the chunks do not cover it or are stored in a way that
    /// is not read. `file` must outlive the object.
    Hdf5Chunks(const Hdf5Bytes& file, const Hdf5Header& array, std::string place, const Watch& watch);
    /// Puts rows first to first + count - 1 into `into`, element after element.
    void read(std::uint64_t first, std::uint64_t count, char* into, const Watch& watch) const;

private:
    struct Chunk {
        std::uint64_t address = nowhere;
        std::uint32_t bytes = 0;       ///< as stored
        std::uint32_t unfiltered = 0;  ///< bit k: filter k was left out
        std::vector<std::uint64_t> at; ///< of its first element
    };
    void readNode(std::uint64_t address, std::optional<unsigned> expectedLevel, const Watch& watch);
    std::string unpacked(const Chunk& chunk) const;
    void copy(const Chunk& chunk, const std::string& from, std::uint64_t first, std::uint64_t count,
              char* into) const;

    const Hdf5Bytes& m_file;
    std::string m_place;
    std::vector<std::uint64_t> m_shape;
    std::vector<std::uint64_t> m_extents;
    std::vector<unsigned> m_filters;
    std::size_t m_elementBytes = 0;
    std::size_t m_chunkBytes = 0;
    std::vector<Chunk> m_chunks;
};

} // namespace lodestone
