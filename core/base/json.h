#pragma once
#include "base/error.h"
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace lodestone {

/// Keys keep the order in which they were written: files stay readable and diffs small.
using Json = nlohmann::ordered_json;

/// Brackets within brackets: more are refused, as printing, copying and comparing take one call each.
inline constexpr std::size_t deepestJson = 500;
/// Keys of an object: more are refused, as each is compared with all before it.
inline constexpr std::size_t mostJsonKeys = 20000;

/// Parses text; an Error names `origin` (file or stream), line and column.
Json parseJson(std::string_view text, const std::string& origin);
/// For a parser that nlohmann drives by events: throws the Error of parseJson() for a mistake at `byte`
/// (counted from 1).
[[noreturn]] void failJson(std::string_view text, const std::string& origin, std::size_t byte,
                           std::string_view what = "not valid JSON");
[[noreturn]] void failJsonNumber(const std::string& origin);
Json readJsonFile(const std::filesystem::path& path);
/// For lines that may be broken: null where the text is no JSON, or beyond these limits.
Json parseJsonOrNull(std::string_view text);

/// On one line, or indented. Text that is not UTF-8 (file names) is repaired instead of refused; NaN and
/// infinities become null, as JSON has no word for them.
std::string jsonLine(const Json& json);
std::string jsonText(const Json& json);

/// The value as a whole number (5e1 and 50.0 are some too); nothing if it is none or an Integer cannot hold
/// it.
template<class Integer>
std::optional<Integer> wholeNumber(const Json& json)
{
    if (json.is_number_unsigned()) {
        const auto value = json.get<std::uint64_t>();
        return std::in_range<Integer>(value) ? std::optional(static_cast<Integer>(value)) : std::nullopt;
    }
    if (json.is_number_integer()) {
        const auto value = json.get<std::int64_t>();
        return std::in_range<Integer>(value) ? std::optional(static_cast<Integer>(value)) : std::nullopt;
    }
    constexpr double most = 9e15; // above that doubles leave out whole numbers
    const double real = json.is_number() ? json.get<double>() : 0.5;
    if (real != std::floor(real) || std::abs(real) > most ||
        !std::in_range<Integer>(static_cast<std::int64_t>(real)))
        return std::nullopt;
    return static_cast<Integer>(static_cast<std::int64_t>(real));
}

/// The value as T (a text, number, logical, list of those, or Json); nothing if it is of another type or no T
/// can hold it. null reads as NaN where T is double.
template<class T>
std::optional<T> jsonValue(const Json& json)
{
    if constexpr (std::is_same_v<T, Json>)
        return json;
    else if constexpr (std::is_same_v<T, bool>)
        return json.is_boolean() ? std::optional(json.get<bool>()) : std::nullopt;
    else if constexpr (std::is_integral_v<T>)
        return wholeNumber<T>(json);
    else if constexpr (std::is_same_v<T, double>)
        return json.is_number() ? std::optional(json.get<double>())
               : json.is_null() ? std::optional(std::numeric_limits<double>::quiet_NaN())
                                : std::nullopt;
    else if constexpr (std::is_same_v<T, std::string>)
        return json.is_string() ? std::optional(json.get<std::string>()) : std::nullopt;
    else {
        if (!json.is_array())
            return std::nullopt;
        T list;
        for (const Json& item : json) {
            auto value = jsonValue<typename T::value_type>(item);
            if (!value)
                return std::nullopt;
            list.push_back(std::move(*value));
        }
        return list;
    }
}

/// json[key] as T (see jsonValue). Error naming `where` ("run.json", "a model description") and the key if
/// the key is absent or the value is no T.
template<class T>
T jsonMember(const Json& json, const char* key, std::string_view where)
{
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (found == json.end())
        fail("{}: the key '{}' is missing.", where, key);
    auto value = jsonValue<T>(*found);
    if (value)
        return std::move(*value);
    if (found->is_number())
        fail("{}: the value of '{}' is {}, which it cannot be.", where, key, jsonLine(*found));
    fail("{}: the value of '{}' is of the wrong type ({}).", where, key, found->type_name());
}

/// The same for a key that may be absent.
template<class T>
T jsonMember(const Json& json, const char* key, std::string_view where, const T& fallback)
{
    return json.is_object() && json.contains(key) ? jsonMember<T>(json, key, where) : fallback;
}

} // namespace lodestone
