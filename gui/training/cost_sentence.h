#pragma once
#include "run/config.h"
#include "shell/data_check.h"

namespace lodestone::gui {

/// "Expected: about 12 s an epoch, 10 min 00 s for 50 epochs; 0.6 GiB of memory." and, where it matters, a
/// sentence on reference energies. `kept`: frames that are not left out.
QString costSentence(const DataFacts& facts, const RunConfig& config, std::size_t kept);

} // namespace lodestone::gui
