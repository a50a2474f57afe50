#pragma once
#include "crystal/structure.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// One "key=value" of the second line of an extended XYZ frame (grammar: github.com/libAtoms/extxyz, README;
/// the older quoted and braced arrays as ASE reads them).
struct KeyValue {
    enum class Style { Absent, Bare, Quoted, Braced, Bracketed };
    std::string key;
    std::string text; ///< without the outer delimiters, escapes resolved
    Style style = Style::Bare;
};

/// Splits the line; on a mistake returns the sentence part that says what is wrong and leaves `result`
/// incomplete.
std::optional<std::string> splitKeyValues(std::string_view line, std::vector<KeyValue>& result);

/// The typed value: T/F, integer, real, list of numbers (any delimiter, nested brackets flattened in file
/// order), ASE's
/// "_JSON ..." for those types, else text. A key without a value is true.
FrameValue frameValue(const KeyValue& item);

/// T, F, True, False in their usual spellings.
std::optional<bool> parseLogical(std::string_view text);
/// Numbers between white space, commas and brackets; nothing if anything else is among them.
std::optional<std::vector<double>> parseNumberList(std::string_view text);

/// Reads a double-quoted text that starts at line[position] == '"'; moves position behind the closing quote.
/// Nothing if it is not closed.
std::optional<std::string> readQuoted(std::string_view line, std::size_t& position);
/// The text in double quotes, with escapes.
std::string inQuotes(std::string_view text);

} // namespace lodestone
