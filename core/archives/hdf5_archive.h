#pragma once
#include "archives/hdf5_header.h"
#include "base/progress.h"

#include <memory>

namespace lodestone {

/// A group or an array of an HDF5 file. What its header says is known; all else is read when it is asked for.
/// Errors name the file and the object.
class Hdf5Object {
public:
    bool isGroup() const { return m_header.isGroup; }
    bool isArray() const { return !m_header.isGroup && m_header.shape.has_value(); }
    std::uint64_t address() const { return m_address; } ///< one object may have several names
    const std::string& path() const { return m_path; }  ///< "/a/b"

    /// What a group holds, in no special order.
    std::vector<Hdf5Link> links(const Watch& watch = {}) const;
    /// Error for a soft or an external link: those are not followed.
    Hdf5Object child(const Hdf5Link& link) const;

    const std::vector<std::uint64_t>& shape() const { return *m_header.shape; } ///< of an array
    Hdf5Type type() const; ///< of an element; Other if none is said
    bool isText() const;
    bool isNumbers() const; ///< float32, float64, whole numbers of 1 to 8 bytes, logicals
    /// Rows first to first + count - 1 along the first axis, which must be there, as double. A single element
    /// is one row.
    std::vector<double> numbers(std::uint64_t first, std::uint64_t count, const Watch& watch = {}) const;
    std::vector<double> numbers(const Watch& watch = {}) const { return numbers(0, rows(), watch); }
    // All numbers in another type than double. Error if they are of another kind.
    std::vector<float> floats(const Watch& watch = {}) const;          ///< of real ones
    std::vector<std::int64_t> integers(const Watch& watch = {}) const; ///< Error for 2^63 and more
    std::vector<std::uint8_t> bytes(const Watch& watch = {}) const;    ///< of one byte without a sign
    std::vector<std::string> texts(const Watch& watch = {}) const;     ///< without blanks behind them
    /// A single text, byte for byte but for what fills its place in the file.
    std::string text(const Watch& watch = {}) const;
    std::uint64_t rows() const { return shape().empty() ? 1 : shape()[0]; }
    std::uint64_t rowsTogether() const; ///< that are unpacked at once
    std::uint64_t elements() const;

    /// An attribute that is a single text; nothing if there is none of that name and kind.
    std::optional<std::string> attribute(std::string_view name) const;

private:
    friend class Hdf5Archive;
    Hdf5Object(std::shared_ptr<const Hdf5Bytes> file, std::uint64_t address, std::string path);

    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> sentence, Args&&... args) const
    {
        fail("{}: '{}' {}", m_file->origin(), m_path, fmt::format(sentence, std::forward<Args>(args)...));
    }
    /// Bytes of `count` rows. Error unless the file holds the whole array.
    std::size_t bytesOf(std::uint64_t count, const Watch& watch) const;
    void read(std::uint64_t first, std::uint64_t count, char* into, const Watch& watch) const;
    std::string rawRows(std::uint64_t first, std::uint64_t count, const Watch& watch) const;
    template<class Number, class Convert>
    std::vector<Number> values(std::uint64_t first, std::uint64_t count, const Watch& watch,
                               const Convert& convert) const;
    template<class Take>
    void forEachText(const Watch& watch, const Take& take) const;

    std::shared_ptr<const Hdf5Bytes> m_file;
    std::uint64_t m_address = 0;
    std::string m_path;
    Hdf5Header m_header;
    mutable std::shared_ptr<const class Hdf5Chunks> m_chunks; ///< once they were asked for
};

/// A file of HDF5, read without the library of that name: that one is made for files one trusts, and a single
/// changed byte can crash it or keep it busy for ever. Groups of every kind, arrays in one piece or in chunks
/// with a B-tree, deflate, shuffle and Fletcher's checksum. Nothing outside the file is ever opened.
class Hdf5Archive {
public:
    static Hdf5Archive open(const std::filesystem::path& path);
    static Hdf5Archive parse(std::string bytes, std::string origin);
    /// Whether a file that begins with these bytes is one (unless other content precedes it).
    static bool recognises(std::string_view bytes);

    const std::string& origin() const { return m_file->origin(); } ///< the file's name in messages
    Hdf5Object root() const;

private:
    explicit Hdf5Archive(Hdf5Bytes bytes);

    std::shared_ptr<const Hdf5Bytes> m_file;
    std::uint64_t m_root = nowhere;
};

} // namespace lodestone
