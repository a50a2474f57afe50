#include "archives/hdf5_chunks.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace lodestone {
namespace {

constexpr unsigned deflateFilter = 1;
constexpr unsigned shuffleFilter = 2;
constexpr unsigned fletcherFilter = 3;

constexpr std::uint64_t largestChunk = std::uint64_t{64} << 20; ///< bytes
constexpr std::uint64_t mostPadding = 8; ///< chunks unpack to at most so many times the array ...
constexpr std::uint64_t freePadding = std::uint64_t{16} << 20; ///< ... and these bytes
constexpr std::size_t checksumBytes = 4;
constexpr std::uint64_t densest = 1100; ///< deflate packs at most about 1032 to 1

/// At most `most` bytes; nothing if it is no stream of zlib, or a longer one.
std::optional<std::string> inflated(std::string_view packed, std::size_t most)
{
    std::string bytes(most, '\0');
    uLongf size = bytes.size();
    if (uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                   reinterpret_cast<const Bytef*>(packed.data()), packed.size()) != Z_OK)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

/// Bytes that went through the filter "shuffle", in their own order again.
std::string unshuffled(const std::string& bytes, std::size_t elementBytes)
{
    // The first bytes of all elements come first, then the second ones; what is over stays at the end.
    std::string result = bytes;
    const std::size_t count = bytes.size() / elementBytes;
    for (std::size_t part = 0; part < elementBytes; ++part)
        for (std::size_t i = 0; i < count; ++i)
            result[i * elementBytes + part] = bytes[part * count + i];
    return result;
}

/// Fletcher's checksum as HDF5 takes it.
std::uint32_t fletcher32(std::string_view bytes)
{
    const auto at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
    const auto folded = [](std::uint32_t sum) { return (sum & 0xffff) + (sum >> 16); };
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        low = folded(low + (at(i) << 8) + (i + 1 < bytes.size() ? at(i + 1) : 0));
        high = folded(high + low);
    }
    return (high << 16) | low;
}

} // namespace

Hdf5Chunks::Hdf5Chunks(const Hdf5Bytes& file, const Hdf5Header& array, std::string place, const Watch& watch)
    : m_file(file),
      m_place(std::move(place)),
      m_shape(*array.shape),
      m_extents(array.layout.chunk),
      m_filters(array.filters),
      m_elementBytes(array.type->size)
{
    if (m_shape.empty() || m_extents.size() != m_shape.size())
        fail("{} has {} axes, but chunks of {}.", m_place, m_shape.size(), m_extents.size());
    for (const unsigned filter : m_filters)
        if (filter != deflateFilter && filter != shuffleFilter && filter != fletcherFilter)
            fail(
                "{} is stored with a filter (number {}) that is not read; expected gzip, shuffle, fletcher32 "
                "or none.",
                m_place, filter);
    std::uint64_t bytes = m_elementBytes;
    std::uint64_t arrayBytes = m_elementBytes;
    std::uint64_t count = 1;
    for (std::size_t axis = 0; axis < m_shape.size(); ++axis) {
        const std::uint64_t extent = m_extents[axis];
        if (extent == 0 || bytes > largestChunk / extent)
            fail("{} is stored in chunks of more than {} bytes; store it in smaller ones.", m_place,
                 largestChunk);
        bytes *= extent;
        arrayBytes *= m_shape[axis];
        count *= (m_shape[axis] + extent - 1) / extent; // at most the number of elements
    }
    m_chunkBytes = static_cast<std::size_t>(bytes);
    if (count > (mostPadding * arrayBytes + freePadding) / bytes)
        fail("{} is stored in chunks that are far larger than itself.", m_place);
    if (array.layout.address != nowhere)
        readNode(array.layout.address, std::nullopt, watch);
    if (m_chunks.size() < count)
        fail("{} announces {} chunks of numbers, but {} were written.", m_place, count, m_chunks.size());
    // So the array is at most so many times as large as the file.
    std::uint64_t stored = 0;
    for (const Chunk& chunk : m_chunks) {
        stored += chunk.bytes;
        if (m_chunkBytes / densest > chunk.bytes)
            fail("{} announces chunks of {} bytes, but the file does not hold them.", m_place, m_chunkBytes);
    }
    if (stored > m_file.size())
        fail("{} has chunks in the same place of the file.", m_place);
}

void Hdf5Chunks::readNode(std::uint64_t address, std::optional<unsigned> expectedLevel, const Watch& watch)
{
    const std::size_t width = m_file.addressWidth();
    Hdf5Fields head(m_file, address, 8 + 2 * width);
    head.signature("TREE");
    if (head.byte() != 1)
        head.fail("an index of an array is none of chunks");
    const unsigned level = head.byte();
    if (expectedLevel && level != *expectedLevel)
        head.fail("a node of an index is of level {}; expected {}", level, *expectedLevel);
    const std::uint64_t count = head.number(2);
    const std::uint64_t key = 8 + 8 * (m_shape.size() + 1);
    Hdf5Fields entries(m_file, address + head.at() + 2 * width, count * (key + width));
    for (std::uint64_t i = 0; i < count; ++i) {
        watch.report(0.0);
        Chunk chunk;
        chunk.bytes = static_cast<std::uint32_t>(entries.number(4));
        chunk.unfiltered = static_cast<std::uint32_t>(entries.number(4));
        bool inside = true;
        for (std::size_t axis = 0; axis < m_shape.size(); ++axis) {
            chunk.at.push_back(entries.number(8));
            inside = inside && chunk.at[axis] < m_shape[axis];
        }
        entries.skip(8); // the place in an element
        chunk.address = entries.address();
        if (level > 0) {
            readNode(chunk.address, level - 1, watch);
            continue;
        }
        for (std::size_t axis = 0; axis < m_shape.size(); ++axis)
            if (chunk.at[axis] % m_extents[axis] != 0)
                entries.fail("a chunk does not begin where one should");
        // Ordered, so that no chunk is there twice.
        if (!m_chunks.empty() && m_chunks.back().at >= chunk.at)
            entries.fail("the chunks of an array are not in their order");
        // What cannot be packed grows, but little.
        if (chunk.bytes > m_chunkBytes + m_chunkBytes / 8 + 1024)
            entries.fail("a chunk is packed into more bytes than it has");
        m_file.require(chunk.address, chunk.bytes);
        if (inside) // an array that was made smaller may leave some behind
            m_chunks.push_back(std::move(chunk));
    }
}

std::string Hdf5Chunks::unpacked(const Chunk& chunk) const
{
    std::string bytes(chunk.bytes, '\0');
    m_file.read(chunk.address, bytes.data(), bytes.size());
    for (std::size_t k = m_filters.size(); k-- > 0;) {
        if (k < 32 && (chunk.unfiltered >> k & 1))
            continue;
        switch (m_filters[k]) {
        case deflateFilter:
            // A checksum that was taken before is packed too.
            if (auto plain = inflated(bytes, m_chunkBytes + checksumBytes))
                bytes = std::move(*plain);
            else
                fail("{} does not unpack: a chunk of it is damaged.", m_place);
            break;
        case shuffleFilter:
            bytes = unshuffled(bytes, m_elementBytes);
            break;
        default: {
            if (bytes.size() < checksumBytes)
                fail("{} does not unpack: a chunk of it is damaged.", m_place);
            const std::size_t size = bytes.size() - checksumBytes;
            const std::uint64_t stored = Hdf5Fields(m_file, chunk.address, bytes.substr(size)).number(4);
            bytes.resize(size);
            if (stored != fletcher32(bytes))
                fail("{} is damaged: a chunk of it does not have its checksum.", m_place);
        }
        }
    }
    if (bytes.size() != m_chunkBytes)
        fail("{} is damaged: a chunk of it has {} bytes; expected {}.", m_place, bytes.size(), m_chunkBytes);
    return bytes;
}

void Hdf5Chunks::read(std::uint64_t first, std::uint64_t count, char* into, const Watch& watch) const
{
    const auto behind = [this](const Chunk& chunk, std::uint64_t row) {
        return chunk.at[0] + m_extents[0] <= row;
    };
    auto chunk = std::lower_bound(m_chunks.begin(), m_chunks.end(), first, behind);
    for (; chunk != m_chunks.end() && chunk->at[0] < first + count; ++chunk) {
        watch.report(0.0);
        copy(*chunk, unpacked(*chunk), first, count, into);
    }
}

/// The part of a chunk that lies in the rows and in the array, run by run along the last axis.
void Hdf5Chunks::copy(const Chunk& chunk, const std::string& from, std::uint64_t first, std::uint64_t count,
                      char* into) const
{
    const std::size_t axes = m_shape.size();
    std::vector<std::uint64_t> begin(axes);
    std::vector<std::uint64_t> end(axes);
    for (std::size_t axis = 0; axis < axes; ++axis) {
        begin[axis] = chunk.at[axis];
        end[axis] = std::min(chunk.at[axis] + m_extents[axis], m_shape[axis]);
    }
    begin[0] = std::max(begin[0], first);
    end[0] = std::min(end[0], first + count);
    const std::size_t run = static_cast<std::size_t>(end[axes - 1] - begin[axes - 1]) * m_elementBytes;
    std::vector<std::uint64_t> index = begin;
    while (true) {
        std::uint64_t source = 0;
        std::uint64_t target = 0;
        for (std::size_t axis = 0; axis < axes; ++axis) {
            source = source * m_extents[axis] + index[axis] - chunk.at[axis];
            target = target * m_shape[axis] + index[axis] - (axis == 0 ? first : 0);
        }
        std::memcpy(into + target * m_elementBytes, from.data() + source * m_elementBytes, run);
        std::size_t axis = axes - 1; // the next run
        while (axis > 0 && ++index[axis - 1] == end[axis - 1]) {
            index[axis - 1] = begin[axis - 1];
            --axis;
        }
        if (axis == 0)
            return;
    }
}

} // namespace lodestone
