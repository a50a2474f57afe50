#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace lodestone {
namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

template<class Number>
std::optional<Number> parseWhole(std::string_view text)
{
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    Number value = {};
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end)
        return std::nullopt;
    return value;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row.back();
}

/// Matches one "[...]" set at the start of `pattern` against c; returns the length of the set, or 0 if it is
/// not closed.
std::size_t matchSet(std::string_view pattern, char c, bool& matched)
{
    const std::size_t close = pattern.find(']', 2);
    if (close == std::string_view::npos)
        return 0;
    const bool inverted = pattern[1] == '!';
    matched = false;
    for (std::size_t i = inverted ? 2 : 1; i < close; ++i) {
        if (i + 2 < close && pattern[i + 1] == '-') {
            matched |= pattern[i] <= c && c <= pattern[i + 2];
            i += 2;
        } else {
            matched |= pattern[i] == c;
        }
    }
    matched ^= inverted;
    return close + 1;
}

} // namespace

std::optional<double> parseReal(std::string_view text)
{
    if (auto value = parseWhole<double>(text))
        return value;
    const std::size_t exponent = text.find_first_of("dD");
    if (exponent == std::string_view::npos || exponent == 0)
        return std::nullopt;
    std::string fortran(text);
    fortran[exponent] = 'e';
    return parseWhole<double>(fortran);
}

std::optional<long long> parseInteger(std::string_view text)
{
    return parseWhole<long long>(text);
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> splitFields(std::string_view text)
{
    std::vector<std::string_view> fields;
    std::size_t i = 0;
    while (i < text.size()) {
        while (i < text.size() && isSpace(text[i]))
            ++i;
        const std::size_t begin = i;
        while (i < text.size() && !isSpace(text[i]))
            ++i;
        if (i > begin)
            fields.push_back(text.substr(begin, i - begin));
    }
    return fields;
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::string printable(std::string_view text)
{
    std::string result(text);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const auto byte = static_cast<unsigned char>(result[i]);
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
            result[i] = '?';
        // U+0080 to U+009F, which some terminals obey too; in UTF-8.
        const bool ends = i + 1 == result.size();
        if (byte == 0xc2 && !ends && static_cast<unsigned char>(result[i + 1]) - 0x80U < 0x20U)
            result.replace(i, 2, "?");
    }
    return result;
}

bool naturalLess(std::string_view a, std::string_view b)
{
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (!isDigit(a[i]) || !isDigit(b[j])) {
            if (a[i] != b[j])
                return a[i] < b[j];
            ++i;
            ++j;
            continue;
        }
        const auto number = [](std::string_view text, std::size_t& at) {
            const std::size_t begin = std::min(text.find_first_not_of('0', at), text.size());
            for (at = begin; at < text.size() && isDigit(text[at]);)
                ++at;
            return text.substr(begin, at - begin);
        };
        const std::string_view x = number(a, i);
        const std::string_view y = number(b, j);
        if (x.size() != y.size())
            return x.size() < y.size();
        if (x != y)
            return x < y;
    }
    const std::size_t restA = a.size() - i;
    const std::size_t restB = b.size() - j;
    return restA != restB ? restA < restB : a < b;
}

std::string nearestName(std::string_view word, const std::vector<std::string>& candidates)
{
    std::string best;
    std::size_t bestDistance = std::max<std::size_t>(2, word.size() / 2) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = editDistance(lowered(word), lowered(candidate));
        if (distance < bestDistance) {
            bestDistance = distance;
            best = candidate;
        }
    }
    return best;
}

bool globMatches(std::string_view pattern, std::string_view name)
{
    // Greedy with one point of return: the last '*' seen. Linear in practice, quadratic at worst.
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (n < name.size()) {
        bool matched = false;
        std::size_t length = 1;
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
            continue;
        }
        if (p < pattern.size()) {
            matched = pattern[p] == '?' || pattern[p] == name[n];
            if (pattern[p] == '[')
                if (const std::size_t set = matchSet(pattern.substr(p), name[n], matched))
                    length = set;
        }
        if (matched) {
            p += length;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

} // namespace lodestone
