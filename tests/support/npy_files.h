#pragma once
#include "base/files.h"

#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

/// Bytes of a .npy file: the header's text as it is given (padded as NumPy does) and the numbers behind it.
template<class Number>
std::string npyBytes(const std::string& header, const std::vector<Number>& numbers, int major = 1)
{
    const std::size_t before = major == 1 ? 10 : 12;
    std::string text = header;
    while ((before + text.size() + 1) % 64 != 0)
        text += ' ';
    text += '\n';
    std::string bytes = "\x93NUMPY";
    bytes += static_cast<char>(major);
    bytes += '\0';
    for (std::size_t k = 0; k < before - 8; ++k)
        bytes += static_cast<char>((text.size() >> (8 * k)) & 0xff);
    bytes += text;
    bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number));
    return bytes;
}

/// float64 numbers of the given shape, such as "(2, 9)".
inline std::string npyBytes(const std::string& shape, const std::vector<double>& numbers)
{
    return npyBytes<double>("{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }", numbers);
}
