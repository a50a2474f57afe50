#include "base/json.h"
#include "base/files.h"

namespace lodestone {
namespace {

/// Where the text has more than deepestJson open brackets outside of strings (counted from 1), or 0.
std::size_t tooDeepAt(std::string_view text)
{
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{') && ++depth > deepestJson)
            return i + 1;
        else if (!quoted && (c == ']' || c == '}') && depth > 0)
            --depth;
    }
    return 0;
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
    if (const std::size_t at = tooDeepAt(text))
        failJson(text, origin, at, fmt::format("nested more than {} times", deepestJson));
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
    if (tooDeepAt(text) != 0)
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
