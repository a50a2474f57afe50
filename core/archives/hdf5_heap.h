#pragma once
#include "archives/hdf5_bytes.h"

namespace lodestone {

/// A fractal heap (chapter III.G of the specification): objects of any size behind short ids, in blocks that
/// double in size. Read are its plain ("managed") objects, which links of groups are.
class Hdf5Heap {
public:
    Hdf5Heap(const Hdf5Bytes& file, std::uint64_t address);
    std::uint64_t idBytes() const { return m_idBytes; }
    Hdf5Fields object(std::string_view id) const;

private:
    std::uint64_t addressOf(std::uint64_t offset, std::uint64_t length) const;

    const Hdf5Bytes& m_file;
    std::uint64_t m_idBytes = 0;
    std::size_t m_offsetBytes = 0;
    std::size_t m_lengthBytes = 0;
    std::uint64_t m_width = 0;        ///< blocks in a row
    std::uint64_t m_firstBytes = 0;   ///< of the blocks in the first two rows; then each row doubles
    std::uint64_t m_largestBytes = 0; ///< of blocks that hold objects; larger ones hold rows of blocks
    std::uint64_t m_root = nowhere;
    std::uint64_t m_rows = 0; ///< of the root; 0: it is a block of objects itself
};

} // namespace lodestone
