#pragma once
#include "archives/hdf5_bytes.h"

#include <optional>
#include <vector>

// What stands in the header of an object of an HDF5 file: "HDF5 File Format Specification" 3.0, chapter IV
// (support.hdfgroup.org/documentation/hdf5).
namespace lodestone {

/// How one element of an array lies in the file.
struct Hdf5Type {
    enum class Kind { Real, Integer, Text, VariableText, Other };
    Kind kind = Kind::Other;
    std::size_t size = 0; ///< bytes
    bool bigEndian = false;
    bool isSigned = false;
    enum class Filled { Ended, Zeros, Blanks };
    Filled filled =
        Filled::Zeros; ///< text of fixed length: a zero ends it, or zeros or blanks fill its place
};

/// Where the elements lie.
struct Hdf5Layout {
    enum class Kind { None, Compact, Contiguous, Chunked, Unread };
    Kind kind = Kind::None;
    std::string compact;              ///< the elements themselves
    std::uint64_t address = nowhere;  ///< of the elements, or of the index of chunks
    std::uint64_t size = 0;           ///< bytes of contiguous elements
    std::vector<std::uint64_t> chunk; ///< extents of a chunk
    std::string why;                  ///< Unread: the end of a sentence
};

struct Hdf5Link {
    std::string name;
    bool hard = false; ///< otherwise a name of something elsewhere (soft or external link)
    std::uint64_t address = nowhere;
};

/// Message by message; what has no meaning for reading numbers and text is left out.
struct Hdf5Header {
    std::optional<std::vector<std::uint64_t>> shape; ///< empty: a single element; {0}: "null"
    std::optional<Hdf5Type> type;
    Hdf5Layout layout;
    std::vector<unsigned> filters; ///< in the order of writing
    bool external = false;         ///< elements in other files
    std::vector<std::string> attributes;
    std::vector<Hdf5Link> links; ///< those that stand in the header
    bool isGroup = false;
    std::uint64_t nameTree = nowhere; ///< of a group of the old kind
    std::uint64_t nameHeap = nowhere;
    std::uint64_t linkHeap = nowhere; ///< of a group with many links of the new kind
    std::uint64_t linkTree = nowhere;
};

Hdf5Header readHdf5Header(const Hdf5Bytes& file, std::uint64_t address);

Hdf5Type readHdf5Type(Hdf5Fields& fields);
/// A link as it stands in a header or in a heap of links.
Hdf5Link readHdf5Link(Hdf5Fields fields);

/// An attribute without axes; nothing if the message is of another name.
struct Hdf5Attribute {
    Hdf5Type type;
    std::string bytes;
};
std::optional<Hdf5Attribute> readHdf5Attribute(Hdf5Fields fields, std::string_view name);

} // namespace lodestone
