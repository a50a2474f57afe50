#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// A record of a zip archive.
struct ZipEntry {
    std::string name;
    std::size_t dataOffset = 0;     ///< of its (perhaps compressed) bytes in the file
    std::size_t storedBytes = 0;    ///< as they lie in the file
    std::size_t bytes = 0;          ///< unpacked
    std::uint32_t crc = 0;          ///< CRC-32 of the unpacked bytes, as the central directory says
    bool deflated = false;          ///< otherwise stored as it is
    std::size_t localHeader = 0;    ///< offset of its local header
    std::size_t centralHeader = 0;  ///< offset of its entry in the central directory
    std::size_t laterChecksum = 0;  ///< offset of the checksum in its data descriptor; 0: it has none
};

/// The directory of a zip archive (PKWARE APPNOTE; zip64 included; no encryption, no multi-part archives, methods
/// "stored" and "deflate"). Entries are checked to lie within the file, not to overlap, and to have names that occur
/// once and stay inside (no "..", no absolute paths). `bytes` must outlive the object; nothing is copied.
class ZipFile {
public:
    /// Error with `origin` and byte offset.
    static ZipFile parse(std::string_view bytes, const std::string& origin);

    const std::vector<ZipEntry>& entries() const { return m_entries; } ///< in the order of the central directory
    const ZipEntry* find(std::string_view name) const;
    /// The bytes of a stored entry, without a copy. Error for a deflated one.
    std::string_view view(const ZipEntry& entry) const;
    /// Unpacked bytes of any entry, checked against its size and CRC-32. Error if it holds more than `limit` bytes.
    std::string read(const ZipEntry& entry, std::size_t limit = std::size_t{256} << 20) const;
    /// Whether the local header gives the checksum; with a data descriptor it mostly does not.
    bool checksumBefore(const ZipEntry& entry) const;
    /// Error if a stored entry does not have its CRC-32.
    void verify(const ZipEntry& entry) const;
    const std::string& origin() const { return m_origin; }

private:
    void checkSum(const ZipEntry& entry, std::string_view bytes) const;
    std::string_view m_bytes;
    std::string m_origin;
    std::vector<ZipEntry> m_entries;
    std::map<std::string, std::size_t, std::less<>> m_index;
};

/// Puts other bytes of the same length into stored entries of the archive in `file` (which `zip` was read from) and
/// renews their checksums (local header or data descriptor, and central directory). All else stays as it is.
void replaceEntries(std::string& file, const ZipFile& zip, const std::map<std::string, std::string>& replacements);

} // namespace lodestone
