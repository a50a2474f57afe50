#include "archives/hdf5_heap.h"

#include <algorithm>
#include <bit>

namespace lodestone {

Hdf5Heap::Hdf5Heap(const Hdf5Bytes& file, std::uint64_t address) : m_file(file)
{
    const std::size_t lengths = file.lengthWidth();
    Hdf5Fields head(file, address, 22 + 12 * lengths + 3 * file.addressWidth());
    head.signature("FRHP");
    head.skip(1); // version
    m_idBytes = head.number(2);
    const std::uint64_t filters = head.number(2);
    head.skip(1); // flags
    const std::uint64_t largestObject = head.number(4);
    head.skip(2 * lengths + 2 * file.addressWidth()); // huge objects, free space
    head.skip(8 * lengths);                           // statistics
    m_width = head.number(2);
    m_firstBytes = head.length();
    m_largestBytes = head.length();
    const std::uint64_t bits = head.number(2);
    head.skip(2); // rows at the beginning
    m_root = head.address();
    m_rows = head.number(2);
    if (filters != 0)
        head.fail("a heap of links is compressed, which is not read");
    if (!std::has_single_bit(m_width) || !std::has_single_bit(m_firstBytes) ||
        !std::has_single_bit(m_largestBytes) || m_firstBytes > m_largestBytes || m_width > 1024 ||
        m_largestBytes > std::uint64_t{1} << 32 || bits == 0 || bits > 64 || m_rows > 64)
        head.fail("a heap has rows of {} blocks of {} to {} bytes", m_width, m_firstBytes, m_largestBytes);
    m_offsetBytes = static_cast<std::size_t>(bits + 7) / 8;
    // As many as an offset in a block needs, or the largest object's length, whichever is less.
    m_lengthBytes = static_cast<std::size_t>(
        std::min(std::bit_width(m_largestBytes - 1) + 7, std::bit_width(largestObject) + 7) / 8);
    if (1 + m_offsetBytes + m_lengthBytes > m_idBytes)
        head.fail("ids of a heap have {} bytes, too few for its size", m_idBytes);
}

Hdf5Fields Hdf5Heap::object(std::string_view id) const
{
    Hdf5Fields fields(m_file, 0, std::string(id));
    if (fields.byte() != 0) // version 0, a plain object
        m_file.failAt(m_root, "an object of a heap is stored apart, which is not read");
    const std::uint64_t offset = fields.number(m_offsetBytes);
    const std::uint64_t length = fields.number(m_lengthBytes);
    return {m_file, addressOf(offset, length), length};
}

/// Offsets count through the blocks row by row, heads of blocks included.
std::uint64_t Hdf5Heap::addressOf(std::uint64_t offset, std::uint64_t length) const
{
    std::uint64_t block = m_root;
    std::uint64_t rows = m_rows;
    std::uint64_t bytes = m_firstBytes;
    while (rows > 0) {
        // Row 0 and row 1 have blocks of the first size.
        std::uint64_t row = 0;
        std::uint64_t begin = 0;
        bytes = m_firstBytes;
        while (offset - begin >= m_width * bytes) {
            begin += m_width * bytes;
            bytes = row == 0 ? bytes : 2 * bytes;
            if (++row >= rows)
                m_file.failAt(block, "an object of a heap does not lie in it");
        }
        const std::uint64_t column = (offset - begin) / bytes;
        const std::uint64_t head = 5 + m_file.addressWidth() + m_offsetBytes;
        Hdf5Fields(m_file, block, std::uint64_t{4}).signature("FHIB");
        const std::uint64_t child = (row * m_width + column) * m_file.addressWidth();
        block = Hdf5Fields(m_file, block + head + child, m_file.addressWidth()).address();
        offset -= begin + column * bytes;
        // Rows in a block of rows: those that fill it.
        rows = bytes > m_largestBytes ? std::bit_width(bytes / (m_firstBytes * m_width)) : 0;
    }
    if (block == nowhere || offset >= bytes || length > bytes - offset)
        m_file.failAt(0, "an object of a heap does not lie in a block of it");
    return block + offset;
}

} // namespace lodestone
