#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

// Number parsing that never looks at the locale: a German desktop reads "1.5" as one and a half.

/// The whole of `text` as a number (Fortran's "1.0D+00" too); nothing if it is not one. "nan" and "inf" are
/// numbers.
std::optional<double> parseReal(std::string_view text);
std::optional<long long> parseInteger(std::string_view text);

std::string_view trimmed(std::string_view text);
/// Fields between runs of white space.
std::vector<std::string_view> splitFields(std::string_view text);
std::string lowered(std::string_view text);

/// For terminals and logs: control characters (and with them escape sequences, which can rewrite what a
/// terminal shows) become '?'; line breaks and tabs stay.
std::string printable(std::string_view text);

/// An order in which runs of digits compare as numbers, so that data_2 stands before data_10.
bool naturalLess(std::string_view a, std::string_view b);

/// The candidate with the smallest edit distance to `word`; empty when there are no candidates or none is
/// near (more than max(2, length/2) edits).
std::string nearestName(std::string_view word, const std::vector<std::string>& candidates);

/// Shell-style match of a whole name: '*' any run (also across '/'), '?' one character, '[...]' a set.
bool globMatches(std::string_view pattern, std::string_view name);

} // namespace lodestone
