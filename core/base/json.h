#pragma once
#include "base/error.h"
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lodestone {

/// Keys keep the order in which they were written: files stay readable and diffs small.
using Json = nlohmann::ordered_json;

/// Parses text; an Error names `origin` (file or stream), line and column.
Json parseJson(std::string_view text, const std::string& origin);
Json readJsonFile(const std::filesystem::path& path);

} // namespace lodestone
