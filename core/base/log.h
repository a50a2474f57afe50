#pragma once
#include <filesystem>
#include <string>

namespace lodestone {

/// Sends spdlog's default logger to standard error and, if given, to a file as well. Level: trace, debug,
/// info, warning, error, off; an unknown one is a UsageError.
void setUpLogging(const std::string& level, const std::filesystem::path& file = {});

} // namespace lodestone
