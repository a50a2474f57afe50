#pragma once
#include "architectures/nequip/nequix_layout.h"
#include "checkpoints/nequix/nqx_file.h"

#include <string_view>

namespace lodestone {

/// Settings from the JSON line of a .nqx file. Error (origin and key) where one is missing, has the wrong
/// type or asks for something that Lodestone does not compute.
NequixConfig nequixConfig(const Json& header, const std::string& origin);

/// The records that are the tensors of the model, in the order of describeNequix(). 0-d records, which some
/// files carry after the tensors, are passed over. Error (origin, byte offset, tensor) where shape or type
/// differ.
std::vector<NqxRecord> tensorRecords(const NqxFile& file, const ModelDescription& description,
                                     const std::string& origin);

/// True if the bytes begin as a .nqx file does.
bool looksLikeNequix(std::string_view bytes);

struct NequixContents {
    NequixConfig config;
    ModelDescription description;
    std::vector<NqxRecord> records; ///< one a tensor of the description, in its order
};
NequixContents readNequixFile(std::string_view bytes, const std::string& origin);

/// `bytes` with other numbers: one text a tensor, little-endian float32 in C order. Where the reference
/// energies differ, the copy of them in the JSON line is renewed too.
std::string rewriteNequix(std::string bytes, const std::vector<std::string>& numbers,
                          const std::string& origin);

} // namespace lodestone
