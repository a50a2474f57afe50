#pragma once
#include "architectures/mace/mace_config.h"
#include "architectures/nequip/convolution_network.h"
#include "architectures/nequip/nequix_layout.h"

#include <variant>

namespace lodestone {

/// What a file says of how its model is built, enough to compute with its numbers; std::monostate: a model
/// that is listed, but not computed (ModelDescription::limitation says why).
using Architecture = std::variant<std::monostate, NequixConfig, MaceConfig, ConvolutionNetwork>;

} // namespace lodestone
