#pragma once
#include "manual/command_description.h"

#include <CLI/CLI.hpp>
#include <string>

namespace lodestone {

/// Commands, options and arguments as CLI11 knows them, for the manual page and the shells' completion.
CommandDescription describe(const CLI::App& app);

/// The manual page of lodestone-engine.
std::string engineManual(const CommandDescription& engine);

} // namespace lodestone
