#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lodestone {

/// A serial HDF5 file: named arrays of numbers and text attributes, under '/'-separated paths (groups are
/// made as needed). Reading checks types, sizes and bounds, follows no external links and loads no filters
/// from outside. Every failure is an Error that names the file and the object.
class Hdf5File {
public:
    static Hdf5File create(const std::filesystem::path& path); ///< truncates
    static Hdf5File open(const std::filesystem::path& path);   ///< read only
    Hdf5File(Hdf5File&&) noexcept;
    Hdf5File& operator=(Hdf5File&&) noexcept;
    ~Hdf5File();

    // Whole arrays, little-endian on disk. shape's product must be the number of values.
    void write(const std::string& name, std::span<const double> values,
               const std::vector<std::int64_t>& shape);
    void write(const std::string& name, std::span<const float> values,
               const std::vector<std::int64_t>& shape);
    void write(const std::string& name, std::span<const std::int64_t> values,
               const std::vector<std::int64_t>& shape);
    void write(const std::string& name, std::span<const std::uint8_t> values,
               const std::vector<std::int64_t>& shape);
    void writeText(const std::string& name, const std::string& text); ///< UTF-8 scalar data set

    bool has(const std::string& name) const;
    std::vector<std::string> children(const std::string& group) const; ///< sorted names
    std::vector<std::int64_t> shape(const std::string& name) const;
    bool isFloat32(const std::string& name) const;
    std::vector<double> readReals(const std::string& name) const; ///< from any floating type
    std::vector<float> readFloats(const std::string& name) const;
    std::vector<std::int64_t> readIntegers(const std::string& name) const;
    std::vector<std::uint8_t> readBytes(const std::string& name) const;
    std::string readText(const std::string& name) const;

    void flush();

private:
    struct State;
    explicit Hdf5File(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace lodestone
