#pragma once
#include "base/error.h"
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lodestone {

/// Keys keep the order in which they were written: files stay readable and diffs small.
using Json = nlohmann::ordered_json;

/// Brackets within brackets: more are refused, as printing, copying and comparing take one call each.
inline constexpr std::size_t deepestJson = 500;

/// Parses text; an Error names `origin` (file or stream), line and column.
Json parseJson(std::string_view text, const std::string& origin);
/// For a parser that nlohmann drives by events: throws the Error of parseJson() for a mistake at `byte`
/// (counted from 1).
[[noreturn]] void failJson(std::string_view text, const std::string& origin, std::size_t byte,
                           std::string_view what = "not valid JSON");
[[noreturn]] void failJsonNumber(const std::string& origin);
Json readJsonFile(const std::filesystem::path& path);
/// For lines that may be broken: null where the text is no JSON, or nested more deeply than deepestJson.
Json parseJsonOrNull(std::string_view text);

/// On one line, or indented. Text that is not UTF-8 (file names) is repaired instead of refused; NaN and
/// infinities become null, as JSON has no word for them.
std::string jsonLine(const Json& json);
std::string jsonText(const Json& json);

/// json[key] as T. Error naming `where` ("run.json", "a model description") and the key if the key is absent
/// or the value is of another type. null reads as NaN where T is double.
template<class T>
T jsonMember(const Json& json, const char* key, std::string_view where)
{
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (found == json.end())
        fail("{}: the key '{}' is missing.", where, key);
    if constexpr (std::is_same_v<T, double>)
        if (found->is_null())
            return std::numeric_limits<double>::quiet_NaN();
    try {
        return found->template get<T>();
    } catch (const Json::exception&) {
        fail("{}: the value of '{}' is of the wrong type ({}).", where, key, found->type_name());
    }
}

/// The same for a key that may be absent.
template<class T>
T jsonMember(const Json& json, const char* key, std::string_view where, const T& fallback)
{
    return json.is_object() && json.contains(key) ? jsonMember<T>(json, key, where) : fallback;
}

} // namespace lodestone
