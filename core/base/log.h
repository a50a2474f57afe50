#pragma once
#include <filesystem>
#include <string>

namespace lodestone {

/// Sends spdlog's default logger to standard error and, if given, to a file as well. Level: trace, debug,
/// info, warning, error, off; an unknown one is a UsageError. Control characters are
/// replaced, and further lines of a message indented. Error if the file cannot be written or is a symbolic
/// link.
void setUpLogging(const std::string& level, const std::filesystem::path& file = {});

} // namespace lodestone
