#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// An array of a NumPy file (.npy), kept as the bytes of the file: nothing else is allocated for its numbers.
class NpyArray {
public:
    /// Lengths of the axes, slowest first; empty for a single number.
    const std::vector<std::size_t>& shape() const { return m_shape; }
    std::size_t size() const { return m_size; }
    /// Number `index` of the flattened array; index < size().
    double operator[](std::size_t index) const;
    /// "(60, 96)", for messages.
    std::string shapeText() const;

private:
    friend NpyArray readNpy(std::string bytes, const std::string& origin);
    std::string m_bytes;
    std::size_t m_offset = 0; ///< of the first number
    std::size_t m_size = 0;
    bool m_single = false; ///< float32
    std::vector<std::size_t> m_shape;
};

/// Reads .npy 1.0 and 2.0 (numpy.org/doc, numpy.lib.format) with little-endian float32 or float64 in C order.
/// Anything else, and a length that differs from what the header says, is an Error naming `origin`.
NpyArray readNpy(std::string bytes, const std::string& origin);

/// Whether the bytes begin as a .npy file does.
bool looksLikeNpy(std::string_view bytes);

} // namespace lodestone
