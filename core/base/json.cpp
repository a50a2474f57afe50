#include "base/json.h"
#include "base/files.h"

#include <array>

namespace lodestone {
namespace {

struct Excess {
    std::size_t byte = 0; ///< counted from 1
    std::string what;
};

/// Where a text is nested too deep or has an object of too many keys, if it does.
std::optional<Excess> excessIn(std::string_view text)
{
    std::array<std::size_t, deepestJson + 1> keys = {}; // of the objects around the place
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        switch (text[i]) {
        case '"': // what stands in texts is passed over
            for (++i; i < text.size() && text[i] != '"'; ++i)
                i += text[i] == '\\';
            break;
        case '[':
        case '{':
            if (depth == deepestJson)
                return Excess{i + 1, fmt::format("nested more than {} times", deepestJson)};
            keys[++depth] = 0;
            break;
        case ']':
        case '}':
            depth -= depth > 0;
            break;
        case ':':
            if (++keys[depth] > mostJsonKeys)
                return Excess{i + 1, fmt::format("an object has more than {} keys", mostJsonKeys)};
            break;
        default:
            break;
        }
    }
    return std::nullopt;
}

} // namespace

void failJson(std::string_view text, const std::string& origin, std::size_t byte, std::string_view what)
{
    const std::size_t at = std::min(byte == 0 ? 0 : byte - 1, text.size());
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t i = 0; i < at; ++i) {
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n';
    }
    fail("{}: line {}, column {}: {}.", origin, line, column, what);
}

void failJsonNumber(const std::string& origin)
{
    fail("{}: not valid JSON: a number is larger than a double can hold.", origin);
}

Json parseJson(std::string_view text, const std::string& origin)
{
    if (const auto excess = excessIn(text))
        failJson(text, origin, excess->byte, excess->what);
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& e) {
        failJson(text, origin, e.byte);
    } catch (const Json::out_of_range&) {
        // nlohmann's only other complaint while parsing: a number such as 1e999.
        failJsonNumber(origin);
    }
}

Json parseJsonOrNull(std::string_view text)
{
    if (excessIn(text))
        return nullptr;
    Json json = Json::parse(text, nullptr, false);
    return json.is_discarded() ? Json() : json;
}

Json readJsonFile(const std::filesystem::path& path)
{
    return parseJson(readFile(path), path.string());
}

std::string jsonLine(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string jsonText(const Json& json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace lodestone
