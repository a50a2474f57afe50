#include "archives/pickle_text.h"

#include <cstdint>

namespace lodestone {
namespace {

std::optional<std::uint32_t> hexadecimal(std::string_view digits, std::size_t count)
{
    if (digits.size() < count)
        return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : digits.substr(0, count)) {
        const int lower = c | 0x20;
        if (c >= '0' && c <= '9')
            value = value * 16 + static_cast<std::uint32_t>(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
        else
            return std::nullopt;
    }
    return value;
}

void appendUtf8(std::string& text, std::uint32_t code)
{
    if (code < 0x80) {
        text += static_cast<char>(code);
        return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const std::uint32_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    text += static_cast<char>(lead[more] | (code >> (6 * more)));
    for (int i = more; i-- > 0;)
        text += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f));
}

} // namespace

std::optional<std::string> unquoted(std::string_view literal)
{
    if (literal.size() < 2 || literal.front() != literal.back() || (literal[0] != '\'' && literal[0] != '"'))
        return std::nullopt;
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    std::string text;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] != '\\') {
            text += inside[i];
            continue;
        }
        if (++i == inside.size())
            return std::nullopt;
        constexpr std::string_view names = "abfnrtv\\'\"";
        constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\'\"";
        const std::size_t named = names.find(inside[i]);
        if (named != std::string_view::npos) {
            text += meanings[named];
        } else if (inside[i] == 'x') {
            const auto code = hexadecimal(inside.substr(i + 1), 2);
            if (!code)
                return std::nullopt;
            text += static_cast<char>(*code);
            i += 2;
        } else if (inside[i] >= '0' && inside[i] <= '7') {
            unsigned code = 0;
            std::size_t digits = 0;
            for (; digits < 3 && i + digits < inside.size() && inside[i + digits] >= '0' &&
                   inside[i + digits] <= '7';
                 ++digits)
                code = code * 8 + static_cast<unsigned>(inside[i + digits] - '0');
            text += static_cast<char>(code);
            i += digits - 1;
        } else { // Python keeps the backslash of what it does not know
            text += '\\';
            text += inside[i];
        }
    }
    return text;
}

std::optional<std::string> fromRawUnicodeEscape(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'u' || text[i + 1] == 'U');
        if (!escape) {
            appendUtf8(decoded, static_cast<unsigned char>(text[i]));
            continue;
        }
        const std::size_t digits = text[i + 1] == 'u' ? 4 : 8;
        const auto code = hexadecimal(text.substr(i + 2), digits);
        if (!code || *code > 0x10ffff)
            return std::nullopt;
        appendUtf8(decoded, *code);
        i += 1 + digits;
    }
    return decoded;
}

bool latin1FromUtf8(std::string_view text, std::string& bytes)
{
    bytes.clear();
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x80) {
            bytes += text[i];
            continue;
        }
        // Characters 128 to 255 take two bytes: 0xc2 or 0xc3, and one that continues.
        if ((c != 0xc2 && c != 0xc3) || i + 1 == text.size() ||
            (static_cast<unsigned char>(text[i + 1]) & 0xc0) != 0x80)
            return false;
        bytes += static_cast<char>(((c & 0x03) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f));
    }
    return true;
}

} // namespace lodestone
