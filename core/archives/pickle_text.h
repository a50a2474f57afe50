#pragma once
// The text forms of protocol 0.
#include <optional>
#include <string>
#include <string_view>

namespace lodestone {

/// A Python string literal in quotes with its backslash escapes (STRING); nothing if it is not one.
std::optional<std::string> unquoted(std::string_view literal);
/// "raw-unicode-escape" (UNICODE) as UTF-8; nothing if an escape is cut off or no character.
std::optional<std::string> fromRawUnicodeEscape(std::string_view text);
/// UTF-8 whose characters are all below 256, as one byte each. False for anything else.
bool latin1FromUtf8(std::string_view text, std::string& bytes);

} // namespace lodestone
