#pragma once
#include "base/json.h"
#include "report/svg.h"

#include <optional>

namespace lodestone {

/// Unlike the values of Json, never throws: nothing where the pointer leads nowhere or not to a finite
/// number.
std::optional<double> numberIn(const Json& json, const std::string& pointer);
std::string textIn(const Json& json, const std::string& pointer);
/// A key as one token of a JSON pointer (RFC 6901): ~ and / are written ~0 and ~1.
std::string pointerToken(std::string_view key);

/// Four significant digits, or a whole number in groups of three.
std::string shownReal(double value);
std::string shownCount(double value);
/// <span data-number=...>value x factor / over</span>, or "-" where there is no such number.
std::string realSpan(const Json& json, const NumberSource& source);
std::string countSpan(const Json& json, const NumberSource& source);

/// Cells are HTML already; the first row is the head, the first `left` columns are aligned left, the others
/// right.
std::string htmlTable(const std::vector<std::vector<std::string>>& rows, std::size_t left = 1);
/// Figures beside each other, at most `figuresAcross` (plots.h) in a row; rows of equal length.
std::string figureRows(const std::vector<std::string>& figures);
/// "Again: command (key)" with the section's name for the command; note: HTML.
std::string againLine(const std::string& section, const std::string& command, const std::string& note = {});

} // namespace lodestone
