#pragma once
// The layout of torch.save before PyTorch 1.6: pickles one after the other, then the storages.
#include "archives/pickle.h"

#include <map>

namespace lodestone {

struct LegacyStorage {
    std::size_t offset = 0; ///< of its numbers in the file
    std::size_t bytes = 0;
};

struct LegacyArchive {
    std::optional<Pickle> main;
    std::map<std::string, LegacyStorage> storages; ///< by key
};

/// True if the file begins with the pickled number that marks this layout.
bool looksLikeLegacy(std::string_view bytes);
/// `owner` keeps `bytes` alive. Error with origin and byte offset.
LegacyArchive readLegacy(std::string_view bytes, std::shared_ptr<const void> owner,
                         const std::string& origin);

} // namespace lodestone
