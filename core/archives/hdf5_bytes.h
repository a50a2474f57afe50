#pragma once
#include "base/error.h"
#include "base/file_descriptor.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace lodestone {

/// The address of what is not there.
inline constexpr std::uint64_t nowhere = ~std::uint64_t{0};

/// Bytes of an HDF5 file, on disk or in memory. Headers, indices and names are counted as they are read:
/// where those of a damaged file lead in circles, a limit is met instead of reading for ever.
class Hdf5Bytes {
public:
    explicit Hdf5Bytes(const std::filesystem::path& path);
    Hdf5Bytes(std::string bytes, std::string origin);

    const std::string& origin() const { return m_origin; }
    std::uint64_t size() const { return m_size; } ///< from the signature on
    /// Where the signature stands: addresses count from there.
    void setBase(std::uint64_t base);
    /// Widths of addresses and lengths in this file: 2, 4 or 8 bytes.
    void setWidths(std::size_t address, std::size_t length);
    std::size_t addressWidth() const { return m_addressWidth; }
    std::size_t lengthWidth() const { return m_lengthWidth; }

    /// Error unless they all lie in the file.
    void require(std::uint64_t address, std::uint64_t count) const;
    std::string metadata(std::uint64_t address, std::uint64_t count) const;
    void read(std::uint64_t address, char* into, std::size_t count) const;

    template<class... Args>
    [[noreturn]] void failAt(std::uint64_t address, fmt::format_string<Args...> what, Args&&... args) const
    {
        fail("{}: the HDF5 file is damaged or cut off: at byte {}, {}.", m_origin, m_base + address,
             fmt::format(what, std::forward<Args>(args)...));
    }

private:
    static constexpr std::uint64_t blockBytes = std::uint64_t{16} << 10;
    struct Block {
        std::uint64_t index = nowhere;
        std::string bytes;
    };
    const Block& block(std::uint64_t index) const;

    std::string m_origin;
    std::string m_memory;
    FileDescriptor m_file; ///< none: the bytes are in memory
    std::uint64_t m_base = 0;
    std::uint64_t m_size = 0;
    std::size_t m_addressWidth = 8;
    std::size_t m_lengthWidth = 8;
    mutable std::uint64_t m_metadata = 0;        ///< bytes asked for so far
    mutable std::array<Block, 64> m_blocks = {}; ///< of the file, each in the place of its index
};

/// Reads one field after the other (little-endian, as all headers of HDF5). Error where they end too early.
class Hdf5Fields {
public:
    Hdf5Fields(const Hdf5Bytes& file, std::uint64_t address, std::string bytes)
        : m_file(&file),
          m_address(address),
          m_bytes(std::move(bytes))
    {
    }
    /// `count` bytes of metadata of the file.
    Hdf5Fields(const Hdf5Bytes& file, std::uint64_t address, std::uint64_t count)
        : Hdf5Fields(file, address, file.metadata(address, count))
    {
    }

    std::uint64_t number(std::size_t width);
    unsigned byte() { return static_cast<unsigned>(number(1)); }
    std::uint64_t address(); ///< `nowhere` if all its bits are set
    std::uint64_t length() { return number(m_file->lengthWidth()); }
    std::string_view bytes(std::uint64_t count);
    void skip(std::uint64_t count) { bytes(count); }
    void signature(std::string_view expected);
    std::size_t at() const { return m_at; }
    std::size_t left() const { return m_bytes.size() - m_at; }

    template<class... Args>
    [[noreturn]] void fail(fmt::format_string<Args...> what, Args&&... args) const
    {
        m_file->failAt(m_address + m_at, what, std::forward<Args>(args)...);
    }

private:
    const Hdf5Bytes* m_file;
    std::uint64_t m_address;
    std::string m_bytes;
    std::size_t m_at = 0;
};

} // namespace lodestone
