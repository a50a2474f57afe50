#include "archives/zip_file.h"

#include "base/error.h"

#include <algorithm>
#include <limits>

namespace lodestone {
namespace {

// Signatures and sizes of APPNOTE 6.3.10, sections 4.3.7 to 4.3.16.
constexpr std::uint32_t localSignature = 0x04034b50;
constexpr std::uint32_t centralSignature = 0x02014b50;
constexpr std::uint32_t endSignature = 0x06054b50;
constexpr std::uint32_t end64Signature = 0x06064b50;
constexpr std::uint32_t locatorSignature = 0x07064b50;
constexpr std::uint32_t descriptorSignature = 0x08074b50;
constexpr std::size_t localBytes = 30;
constexpr std::size_t centralBytes = 46;
constexpr std::size_t endBytes = 22;
constexpr std::size_t end64Bytes = 56;
constexpr std::size_t locatorBytes = 20;
constexpr std::uint32_t in64 = 0xffffffff; ///< "see the zip64 extra field"

constexpr std::size_t longestName = 1024;

constexpr unsigned encrypted = 0x2041; ///< bits 0, 6 and 13 of the flags: encryption, and masked headers
constexpr unsigned described = 0x8;    ///< bit 3: sizes and checksum follow the data
constexpr unsigned patched = 0x20;     ///< bit 5

// Deflate cannot do better than about 1032 to 1; honest text and weights stay below this.
constexpr std::size_t largestRatio = 256;
constexpr std::size_t ratioMatters = std::size_t{16} << 20;

struct Directory {
    std::uint64_t entries = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::size_t end = 0; ///< where it must end
};

/// What the directory says of an entry, and what is needed to check its local header.
struct Listed {
    ZipEntry entry;
    unsigned flags = 0;
    unsigned method = 0;
    std::size_t end = 0; ///< of the data and its descriptor
};

class ZipReader {
public:
    ZipReader(std::string_view bytes, const std::string& origin) : m_bytes(bytes), m_origin(origin) {}

    std::vector<ZipEntry> read()
    {
        m_directory = findDirectory();
        std::vector<Listed> listed;
        std::size_t at = static_cast<std::size_t>(m_directory.offset);
        // Every entry takes its bytes in the directory: a wrong count cannot make the loop long.
        for (std::uint64_t i = 0; i < m_directory.entries; ++i)
            listed.push_back(readListed(at));
        if (at != m_directory.offset + m_directory.bytes)
            failAt(at,
                   "the directory of the zip archive does not end where it should (byte {}): the number of "
                   "entries is wrong",
                   m_directory.offset + m_directory.bytes);
        for (Listed& one : listed)
            readLocal(one);
        checkOverlap(listed);
        std::vector<ZipEntry> entries;
        for (Listed& one : listed)
            entries.push_back(std::move(one.entry));
        return entries;
    }

private:
    template<class... Args>
    [[noreturn]] void failAt(std::size_t at, fmt::format_string<Args...> what, Args&&... args) const
    {
        fail("{}: at byte {}, {}.", m_origin, at, fmt::format(what, std::forward<Args>(args)...));
    }

    bool has(std::size_t at, std::size_t count) const
    {
        return at <= m_bytes.size() && count <= m_bytes.size() - at;
    }

    void need(std::size_t at, std::size_t count, const char* what) const
    {
        if (!has(at, count))
            failAt(at, "{} does not fit into the file of {} bytes", what, m_bytes.size());
    }

    /// Little-endian; the caller has checked that the bytes are there.
    std::uint64_t number(std::size_t at, std::size_t size) const
    {
        std::uint64_t value = 0;
        for (std::size_t i = size; i-- > 0;)
            value = (value << 8) | static_cast<unsigned char>(m_bytes[at + i]);
        return value;
    }
    std::uint32_t word(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
    unsigned half(std::size_t at) const { return static_cast<unsigned>(number(at, 2)); }

    Directory findDirectory() const
    {
        const std::size_t size = m_bytes.size();
        const std::size_t furthest = size > endBytes + 0xffff ? size - endBytes - 0xffff : 0;
        for (std::size_t at = size >= endBytes ? size - endBytes + 1 : 0; at-- > furthest;) {
            if (word(at) != endSignature || half(at + 20) != size - at - endBytes)
                continue;
            return readEnd(at);
        }
        failAt(size, "the zip archive has no end: the file is cut off or damaged");
    }

    Directory readEnd(std::size_t at) const
    {
        if (at >= locatorBytes && word(at - locatorBytes) == locatorSignature)
            return readEnd64(at - locatorBytes, at);
        Directory directory{half(at + 10), word(at + 16), word(at + 12), at};
        if (half(at + 4) != 0 || half(at + 6) != 0 || half(at + 8) != half(at + 10))
            failAt(at, "the zip archive is one of several parts, which is not read");
        return checked(directory, at);
    }

    Directory readEnd64(std::size_t locator, std::size_t end) const
    {
        const std::uint64_t at64 = number(locator + 8, 8);
        if (locator < end64Bytes || at64 != locator - end64Bytes ||
            word(locator - end64Bytes) != end64Signature)
            failAt(locator, "the zip64 end of the zip archive is not where it should be");
        const std::size_t at = locator - end64Bytes;
        if (number(at + 4, 8) != end64Bytes - 12)
            failAt(at, "the zip64 end of the zip archive has an unknown form");
        if (word(at + 16) != 0 || word(at + 20) != 0 || number(at + 24, 8) != number(at + 32, 8) ||
            word(locator + 4) != 0 || word(locator + 16) > 1)
            failAt(at, "the zip archive is one of several parts, which is not read");
        const Directory directory{number(at + 32, 8), number(at + 48, 8), number(at + 40, 8), at};
        const auto disagree = [this, end](std::size_t offset, std::size_t size, std::uint64_t value) {
            const std::uint64_t small = number(end + offset, size);
            return small != value && small != (size == 2 ? 0xffff : in64);
        };
        if (disagree(10, 2, directory.entries) || disagree(12, 4, directory.bytes) ||
            disagree(16, 4, directory.offset))
            failAt(end, "the two ends of the zip archive (zip64 and old) do not agree");
        return checked(directory, at);
    }

    Directory checked(const Directory& directory, std::size_t at) const
    {
        if (directory.offset > directory.end || directory.bytes != directory.end - directory.offset)
            failAt(at, "the directory of the zip archive ({} bytes at byte {}) does not end here",
                   directory.bytes, directory.offset);
        if (directory.entries > directory.bytes / centralBytes)
            failAt(at, "the zip archive claims {} entries, more than its directory of {} bytes can hold",
                   directory.entries, directory.bytes);
        return directory;
    }

    /// One entry of the directory; moves `at` behind it.
    Listed readListed(std::size_t& at)
    {
        const std::size_t end = m_directory.end;
        if (end - at < centralBytes || word(at) != centralSignature)
            failAt(at, "an entry of the zip directory was expected");
        const std::size_t nameBytes = half(at + 28);
        const std::size_t extraBytes = half(at + 30);
        const std::size_t total = centralBytes + nameBytes + extraBytes + half(at + 32);
        if (end - at < total)
            failAt(at, "an entry of the zip directory does not fit into it");
        Listed listed;
        ZipEntry& entry = listed.entry;
        entry.name = std::string(m_bytes.substr(at + centralBytes, nameBytes));
        checkName(entry.name, at);
        entry.centralHeader = at;
        listed.flags = half(at + 8);
        listed.method = half(at + 10);
        if (listed.flags & encrypted)
            failAt(at, "the entry '{}' of the zip archive is encrypted, which is not read", entry.name);
        if ((listed.method != 0 && listed.method != 8) || (listed.flags & patched))
            failAt(at,
                   "the entry '{}' of the zip archive is packed by method {}; only 0 (stored) and 8 "
                   "(deflate) are "
                   "read",
                   entry.name, listed.method);
        entry.deflated = listed.method == 8;
        entry.crc = word(at + 16);
        std::uint64_t disk = half(at + 34);
        std::uint64_t fields[] = {word(at + 24), word(at + 20), word(at + 42)};
        readExtra(at + centralBytes + nameBytes, extraBytes, fields, disk);
        if (disk != 0)
            failAt(at, "the zip archive is one of several parts, which is not read");
        if (fields[1] > m_bytes.size() || fields[2] > m_bytes.size())
            failAt(at, "the entry '{}' of the zip archive lies outside the file", entry.name);
        entry.storedBytes = static_cast<std::size_t>(fields[1]);
        entry.localHeader = static_cast<std::size_t>(fields[2]);
        if (!entry.deflated && fields[0] != fields[1])
            failAt(at, "the entry '{}' of the zip archive is stored in {} bytes, but is said to have {}",
                   entry.name, fields[1], fields[0]);
        if (fields[0] > ratioMatters && fields[0] / largestRatio > fields[1])
            failAt(at,
                   "the entry '{}' of the zip archive claims to unpack from {} to {} bytes: that is no "
                   "honest file",
                   entry.name, fields[1], fields[0]);
        entry.bytes = static_cast<std::size_t>(fields[0]);
        at += total;
        return listed;
    }

    /// The zip64 extra field (4.5.3) holds, in this order, those of unpacked size, packed size, offset and
    /// disk that do not fit into the entry proper.
    void readExtra(std::size_t at, std::size_t size, std::uint64_t (&fields)[3], std::uint64_t& disk) const
    {
        const std::size_t end = at + size;
        while (end - at >= 4) {
            const unsigned kind = half(at);
            const std::size_t length = half(at + 2);
            at += 4;
            if (length > end - at)
                failAt(at, "an extra field of the zip directory does not fit into its entry");
            if (kind == 1) {
                std::size_t next = at;
                const auto take = [&](std::size_t bytes) {
                    if (at + length - next < bytes)
                        failAt(at, "the zip64 field of an entry is too short");
                    next += bytes;
                    return number(next - bytes, bytes);
                };
                for (std::uint64_t& field : fields)
                    if (field == in64)
                        field = take(8);
                if (disk == 0xffff)
                    disk = take(4);
                return;
            }
            at += length;
        }
    }

    void checkName(const std::string& name, std::size_t at) const
    {
        bool inside = !name.empty() && name.size() <= longestName && name[0] != '/' &&
                      name.find('\\') == std::string::npos && name.find('\0') == std::string::npos;
        for (std::size_t begin = 0; inside && begin < name.size();) {
            const std::size_t end = std::min(name.find('/', begin), name.size());
            inside = name.compare(begin, end - begin, "..") != 0;
            begin = end + 1;
        }
        if (!inside)
            failAt(at,
                   "an entry of the zip archive has a name that is empty, too long, or leads outside ('{}')",
                   name.substr(0, 80));
    }

    void readLocal(Listed& listed) const
    {
        ZipEntry& entry = listed.entry;
        const std::size_t at = entry.localHeader;
        need(at, localBytes, "a local header of the zip archive");
        if (word(at) != localSignature)
            failAt(at, "the local header of the entry '{}' was expected", entry.name);
        const std::size_t nameBytes = half(at + 26);
        const std::size_t head = localBytes + nameBytes + half(at + 28);
        need(at, head, "a local header of the zip archive");
        if (m_bytes.substr(at + localBytes, nameBytes) != entry.name || half(at + 8) != listed.method ||
            half(at + 6) != listed.flags)
            failAt(at, "the local header of the entry '{}' does not agree with the directory", entry.name);
        entry.dataOffset = at + head;
        // PyTorch leaves zeros where the checksum would be; others give it twice.
        if ((listed.flags & described) && word(at + 14) != 0 && word(at + 14) != entry.crc)
            failAt(at, "the entry '{}' of the zip archive has two different checksums", entry.name);
        if (!(listed.flags & described)) {
            const auto other = [this](std::size_t offset, std::size_t value) {
                return word(offset) != in64 && word(offset) != value;
            };
            if (word(at + 14) != entry.crc || other(at + 18, entry.storedBytes) ||
                other(at + 22, entry.bytes))
                failAt(at, "the local header of the entry '{}' does not agree with the directory",
                       entry.name);
        }
        need(entry.dataOffset, entry.storedBytes, "an entry of the zip archive");
        listed.end = entry.dataOffset + entry.storedBytes;
        if (listed.flags & described)
            readDescriptor(listed);
    }

    /// The data descriptor (4.3.9), with or without its signature, with sizes of 4 or 8 bytes.
    void readDescriptor(Listed& listed) const
    {
        ZipEntry& entry = listed.entry;
        for (const std::size_t head : {std::size_t{4}, std::size_t{0}}) {
            const std::size_t at = listed.end + head;
            if (!has(at, 12) || (head != 0 && word(listed.end) != descriptorSignature) ||
                word(at) != entry.crc)
                continue;
            const bool wide =
                has(at, 20) && number(at + 4, 8) == entry.storedBytes && number(at + 12, 8) == entry.bytes;
            if (!wide && (word(at + 4) != entry.storedBytes || word(at + 8) != entry.bytes))
                continue;
            entry.laterChecksum = at;
            listed.end = at + (wide ? 20 : 12);
            return;
        }
        failAt(listed.end, "the data descriptor of the entry '{}' does not agree with the directory",
               entry.name);
    }

    void checkOverlap(const std::vector<Listed>& listed) const
    {
        std::vector<const Listed*> sorted;
        for (const Listed& one : listed)
            sorted.push_back(&one);
        std::sort(sorted.begin(), sorted.end(), [](const Listed* a, const Listed* b) {
            return a->entry.localHeader < b->entry.localHeader;
        });
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            const std::size_t limit = i + 1 < sorted.size() ? sorted[i + 1]->entry.localHeader
                                                            : static_cast<std::size_t>(m_directory.offset);
            if (sorted[i]->end > limit)
                failAt(sorted[i]->entry.localHeader,
                       "the entry '{}' of the zip archive overlaps what follows it", sorted[i]->entry.name);
        }
    }

    std::string_view m_bytes;
    const std::string& m_origin;
    Directory m_directory;
};

} // namespace

ZipFile ZipFile::parse(std::string_view bytes, const std::string& origin)
{
    ZipFile zip;
    zip.m_bytes = bytes;
    zip.m_origin = origin;
    zip.m_entries = ZipReader(bytes, origin).read();
    for (std::size_t i = 0; i < zip.m_entries.size(); ++i)
        if (!zip.m_index.emplace(zip.m_entries[i].name, i).second)
            fail("{}: at byte {}, the zip archive has two entries '{}'.", origin,
                 zip.m_entries[i].centralHeader, zip.m_entries[i].name);
    return zip;
}

const ZipEntry* ZipFile::find(std::string_view name) const
{
    const auto found = m_index.find(name);
    return found == m_index.end() ? nullptr : &m_entries[found->second];
}

} // namespace lodestone
