#pragma once
#include "base/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// One .npy record within a .nqx file.
struct NqxRecord {
    std::size_t offset = 0;     ///< of the record in the file
    std::size_t dataOffset = 0; ///< of its first value
    std::size_t bytes = 0;      ///< of all values
    std::string type;           ///< NumPy's "<f4"
    std::vector<std::int64_t> shape;
    std::int64_t count = 0; ///< number of values
};

/// The frame of a Nequix file: a line of JSON, then NumPy records (format 1.0 to 3.0, C order,
/// little-endian).
struct NqxFile {
    Json header;
    std::size_t headerBytes = 0; ///< with the newline
    std::vector<NqxRecord> records;
};

/// Reads the frame of a .nqx file from its bytes; nothing is copied. Every size is checked against what is
/// there, so the memory used stays proportional to the file. Throws Error with `origin` and the byte offset.
NqxFile parseNqx(std::string_view bytes, const std::string& origin);

/// The bytes of a record's header (magic, version, dictionary) as NumPy writes them, for "<f4" in C order.
std::string npyHeader(const std::vector<std::int64_t>& shape);

} // namespace lodestone
