#pragma once
#include "architectures/nequip/sevennet.h"
#include "archives/pickle.h"
#include "checkpoints/torch/not_computed.h"

namespace lodestone {

/// Settings from the dictionary "config" of a checkpoint, for versions from 0.8 on; without shapes of shift
/// and scale and coupling factors. Error (origin and key) where a key is missing or has the wrong type,
/// NotComputed where it asks for what is not supported.
SevenNetConfig sevenNetConfig(const PickleNode& config, const std::string& origin);

/// "version" of a checkpoint, compared number by number ("0.11.0.dev0" comes before "0.11.0").
struct SevenNetVersion {
    int major = 0, minor = 0, patch = 0;
    bool development = false;
    bool before(int majorNumber, int minorNumber) const;
};
SevenNetVersion sevenNetVersion(const PickleNode& config, const std::string& origin);

} // namespace lodestone
