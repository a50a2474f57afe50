// The bytes of entries: unpacking, checking, replacing.
#include "archives/zip_file.h"
#include "base/error.h"

#include <algorithm>
#include <zlib.h>

namespace lodestone {
namespace {

// zlib counts in unsigned int; larger runs go in pieces.
constexpr std::size_t pieceBytes = std::size_t{1} << 30;

std::uint32_t checksum(std::string_view bytes)
{
    uLong crc = crc32(0, nullptr, 0);
    for (std::size_t at = 0; at < bytes.size(); at += pieceBytes) {
        const std::string_view piece = bytes.substr(at, pieceBytes);
        crc = crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    }
    return static_cast<std::uint32_t>(crc);
}

/// A stream of zlib that is closed whatever happens.
struct Inflation {
    z_stream stream{};
    Inflation() { ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
    ~Inflation()
    {
        if (ready)
            inflateEnd(&stream);
    }
    Inflation(const Inflation&) = delete;
    Inflation& operator=(const Inflation&) = delete;
    bool ready = false;
};

/// Exactly `size` bytes out of all of `packed`; nothing if it is anything else.
bool unpack(std::string_view packed, std::size_t size, std::string& into)
{
    Inflation inflation;
    if (!inflation.ready)
        throw std::bad_alloc();
    // One byte more than expected shows a stream that does not end.
    into.resize(size + 1);
    z_stream& stream = inflation.stream;
    std::string input; // zlib's interface is not const; small pieces are copied
    std::size_t read = 0;
    std::size_t written = 0;
    int state = Z_OK;
    while (state == Z_OK) {
        if (stream.avail_in == 0 && read < packed.size()) {
            input = packed.substr(read, std::size_t{64} << 10);
            read += input.size();
            stream.next_in = reinterpret_cast<Bytef*>(input.data());
            stream.avail_in = static_cast<uInt>(input.size());
        }
        const std::size_t room = std::min(into.size() - written, pieceBytes);
        stream.next_out = reinterpret_cast<Bytef*>(into.data() + written);
        stream.avail_out = static_cast<uInt>(room);
        state = inflate(&stream, Z_NO_FLUSH);
        written += room - stream.avail_out;
    }
    into.resize(std::min(written, size));
    return state == Z_STREAM_END && written == size && read == packed.size() && stream.avail_in == 0;
}

void putWord(std::string& file, std::size_t at, std::uint32_t value)
{
    for (std::size_t i = 0; i < 4; ++i)
        file[at + i] = static_cast<char>(value >> (8 * i));
}

} // namespace

std::string_view ZipFile::view(const ZipEntry& entry) const
{
    if (entry.deflated)
        fail("{}: at byte {}, the entry '{}' is compressed; it was expected to be stored as it is.", m_origin,
             entry.dataOffset, entry.name);
    return m_bytes.substr(entry.dataOffset, entry.storedBytes);
}

std::string ZipFile::read(const ZipEntry& entry, std::size_t limit) const
{
    if (entry.bytes > limit)
        fail("{}: the entry '{}' holds {} bytes; at most {} are read.", m_origin, entry.name, entry.bytes,
             limit);
    std::string bytes;
    const std::string_view stored = m_bytes.substr(entry.dataOffset, entry.storedBytes);
    if (!entry.deflated)
        bytes = stored;
    else if (!unpack(stored, entry.bytes, bytes))
        fail("{}: at byte {}, the compressed entry '{}' does not unpack to the {} bytes that the directory "
             "says.",
             m_origin, entry.dataOffset, entry.name, entry.bytes);
    checkSum(entry, bytes);
    return bytes;
}

bool ZipFile::checksumBefore(const ZipEntry& entry) const
{
    const std::string_view field = m_bytes.substr(entry.localHeader + 14, 4);
    return entry.crc != 0 && field != std::string_view("\0\0\0\0", 4);
}

void ZipFile::verify(const ZipEntry& entry) const
{
    checkSum(entry, view(entry));
}

void ZipFile::checkSum(const ZipEntry& entry, std::string_view bytes) const
{
    if (checksum(bytes) != entry.crc)
        fail("{}: at byte {}, the entry '{}' does not have the checksum that the directory says: the file is "
             "damaged.",
             m_origin, entry.dataOffset, entry.name);
}

void replaceEntries(std::string& file, const ZipFile& zip,
                    const std::map<std::string, std::string>& replacements)
{
    for (const auto& [name, bytes] : replacements) {
        const ZipEntry* entry = zip.find(name);
        if (!entry || bytes.size() != entry->bytes)
            fail<InternalError>("The entry '{}' of {} cannot be replaced by {} bytes.", name, zip.origin(),
                                bytes.size());
        if (entry->deflated)
            fail("{}: the entry '{}' is compressed, so its numbers cannot be replaced in place; save the "
                 "file anew "
                 "with torch.save, which does not compress.",
                 zip.origin(), name);
        file.replace(entry->dataOffset, bytes.size(), bytes);
        const std::uint32_t crc = checksum(bytes);
        if (entry->laterChecksum != 0)
            putWord(file, entry->laterChecksum, crc);
        if (entry->laterChecksum == 0 || zip.checksumBefore(*entry))
            putWord(file, entry->localHeader + 14, crc);
        putWord(file, entry->centralHeader + 16, crc);
    }
}

} // namespace lodestone
