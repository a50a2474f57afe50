#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lodestone {

/// Writes a new HDF5 file: named arrays of numbers and texts under '/'-separated paths (groups are made as
/// needed), in the order of the calls. HDF5 puts the file together in memory and never sees the disk: where
/// it writes by itself, a full disk may go unnoticed while arrays are closed, and ends the program at its
/// exit. A wrong shape or a name that was written before is an InternalError.
class Hdf5Writer {
public:
    static Hdf5Writer create(const std::filesystem::path& path); ///< nothing is at `path` before close()
    Hdf5Writer(Hdf5Writer&&) noexcept;
    Hdf5Writer& operator=(Hdf5Writer&&) noexcept;
    ~Hdf5Writer();

    // Whole arrays, little-endian on disk. shape's product must be the number of values; an empty shape is a
    // single number.
    void write(const std::string& name, std::span<const double> values,
               const std::vector<std::int64_t>& shape);
    void write(const std::string& name, std::span<const float> values,
               const std::vector<std::int64_t>& shape);
    void write(const std::string& name, std::span<const std::int64_t> values,
               const std::vector<std::int64_t>& shape);
    void write(const std::string& name, std::span<const std::uint8_t> values,
               const std::vector<std::int64_t>& shape);
    void writeText(const std::string& name, const std::string& text); ///< UTF-8 scalar data set

    /// Writes the file, replacing what is there; nothing can be added afterwards. Error (path and reason). A
    /// writer that ends without it leaves no file.
    void close();

private:
    struct State;
    explicit Hdf5Writer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace lodestone
