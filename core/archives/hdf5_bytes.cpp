#include "archives/hdf5_bytes.h"
#include "base/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>

namespace lodestone {
namespace {

// Every header is read once or twice, every name once more in a list.
constexpr std::uint64_t timesTheFile = 64;
constexpr std::uint64_t metadataFloor = std::uint64_t{16}
                                        << 20; // small files hold blocks that are read often

} // namespace

Hdf5Bytes::Hdf5Bytes(const std::filesystem::path& path)
    : m_origin(path.string()),
      m_file(openForReading(path))
{
    struct stat info = {};
    if (::fstat(m_file.get(), &info) != 0)
        lodestone::fail("{}: cannot be opened: {}.", m_origin, std::strerror(errno));
    m_size = static_cast<std::uint64_t>(info.st_size);
}

Hdf5Bytes::Hdf5Bytes(std::string bytes, std::string origin)
    : m_origin(std::move(origin)),
      m_memory(std::move(bytes)),
      m_size(m_memory.size())
{
}

void Hdf5Bytes::setBase(std::uint64_t base)
{
    require(base, 0);
    m_base = base;
    m_size -= base;
    m_blocks = {};
}

void Hdf5Bytes::setWidths(std::size_t address, std::size_t length)
{
    for (const std::size_t width : {address, length})
        if (width != 2 && width != 4 && width != 8)
            failAt(0, "addresses or lengths have {} bytes; expected 2, 4 or 8", width);
    m_addressWidth = address;
    m_lengthWidth = length;
}

void Hdf5Bytes::require(std::uint64_t address, std::uint64_t count) const
{
    if (address > m_size || count > m_size - address)
        failAt(std::min(address, m_size), "{} bytes are announced that do not lie in the file of {} bytes",
               count, m_base + m_size);
}

const Hdf5Bytes::Block& Hdf5Bytes::block(std::uint64_t index) const
{
    Block& block = m_blocks[index % m_blocks.size()];
    if (block.index != index) {
        const std::uint64_t begin = index * blockBytes;
        block.index = nowhere;
        block.bytes.resize(static_cast<std::size_t>(std::min(blockBytes, m_size - begin)));
        read(begin, block.bytes.data(), block.bytes.size());
        block.index = index;
    }
    return block;
}

std::string Hdf5Bytes::metadata(std::uint64_t address, std::uint64_t count) const
{
    require(address, count);
    m_metadata += count;
    if (m_metadata > metadataFloor && m_metadata / timesTheFile > m_size)
        failAt(address, "headers and indices refer to one another without end");
    std::string bytes(static_cast<std::size_t>(count), '\0');
    if (m_file.get() < 0 || count > blockBytes) {
        read(address, bytes.data(), bytes.size());
        return bytes;
    }
    for (std::size_t done = 0; done < bytes.size();) {
        const std::uint64_t at = address + done;
        const Block& from = block(at / blockBytes);
        const auto offset = static_cast<std::size_t>(at % blockBytes);
        const std::size_t part = std::min(bytes.size() - done, from.bytes.size() - offset);
        std::memcpy(bytes.data() + done, from.bytes.data() + offset, part);
        done += part;
    }
    return bytes;
}

void Hdf5Bytes::read(std::uint64_t address, char* into, std::size_t count) const
{
    require(address, count);
    if (m_file.get() < 0)
        m_memory.copy(into, count, static_cast<std::size_t>(m_base + address));
    else if (readAt(m_file.get(), m_base + address, into, count, m_origin) != count)
        failAt(address, "the file ends, which it did not when it was opened");
}

std::uint64_t Hdf5Fields::number(std::size_t width)
{
    const std::string_view text = bytes(width);
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;)
        value = (value << 8) | static_cast<unsigned char>(text[i]);
    return value;
}

std::uint64_t Hdf5Fields::address()
{
    const std::size_t width = m_file->addressWidth();
    const std::uint64_t value = number(width);
    const std::uint64_t unset = nowhere >> (64 - 8 * width);
    return value == unset ? nowhere : value;
}

std::string_view Hdf5Fields::bytes(std::uint64_t count)
{
    if (count > left())
        fail("a header ends before all of it is there");
    const std::string_view text = std::string_view(m_bytes).substr(m_at, static_cast<std::size_t>(count));
    m_at += text.size();
    return text;
}

void Hdf5Fields::signature(std::string_view expected)
{
    if (bytes(expected.size()) != expected) {
        m_at -= expected.size();
        fail("'{}' is missing", expected);
    }
}

} // namespace lodestone
