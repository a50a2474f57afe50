#include "formats/extxyz_values.h"
#include "base/json.h"
#include "base/text.h"

#include <algorithm>

namespace lodestone {
namespace {

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

/// Text between an opening delimiter at line[position] and its partner; position moves behind it.
std::optional<std::string> readNested(std::string_view line, std::size_t& position, char open, char close)
{
    int depth = 0;
    const std::size_t begin = position + 1;
    for (; position < line.size(); ++position) {
        if (line[position] == open)
            ++depth;
        else if (line[position] == close && --depth == 0) {
            ++position;
            return std::string(line.substr(begin, position - 1 - begin));
        }
    }
    return std::nullopt;
}

/// Reads the value behind "key="; returns what is wrong, if anything is.
std::optional<std::string> readValue(std::string_view line, std::size_t& position, KeyValue& item)
{
    std::optional<std::string> text;
    const char first = position < line.size() ? line[position] : ' ';
    if (first == '"') {
        item.style = KeyValue::Style::Quoted;
        text = readQuoted(line, position);
    } else if (first == '\'') {
        const std::size_t close = line.find('\'', position + 1);
        item.style = KeyValue::Style::Quoted;
        if (close != std::string_view::npos) {
            text = std::string(line.substr(position + 1, close - position - 1));
            position = close + 1;
        }
    } else if (first == '{') {
        item.style = KeyValue::Style::Braced;
        text = readNested(line, position, '{', '}');
    } else if (first == '[') {
        item.style = KeyValue::Style::Bracketed;
        text = readNested(line, position, '[', ']');
    } else {
        const std::size_t begin = position;
        while (position < line.size() && !isBlank(line[position]))
            ++position;
        text = std::string(line.substr(begin, position - begin));
    }
    if (!text)
        return fmt::format("the {} that opens the value of '{}' is not closed", first, item.key);
    item.text = std::move(*text);
    return std::nullopt;
}

std::optional<FrameValue> valueOfJson(std::string_view text)
{
    const Json json = parseJsonOrNull(text);
    if (json.is_string())
        return json.get<std::string>();
    if (json.is_boolean())
        return json.get<bool>();
    if (json.is_number_integer())
        if (const auto integer = wholeNumber<std::int64_t>(json))
            return *integer;
    if (json.is_number())
        return json.get<double>();
    if (json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& j) { return j.is_number(); }))
        return json.get<std::vector<double>>();
    return std::nullopt;
}

} // namespace

std::optional<std::string> readQuoted(std::string_view line, std::size_t& position)
{
    std::string text;
    for (++position; position < line.size(); ++position) {
        const char c = line[position];
        if (c == '"') {
            ++position;
            return text;
        }
        const char next = position + 1 < line.size() ? line[position + 1] : '\0';
        if (c == '\\' && (next == '"' || next == '\\' || next == 'n')) {
            text += next == 'n' ? '\n' : next;
            ++position;
        } else {
            text += c;
        }
    }
    return std::nullopt;
}

std::string inQuotes(std::string_view text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        if (c == '\n')
            result += "\\n";
        else
            result += c;
    }
    return result + '"';
}

std::optional<bool> parseLogical(std::string_view text)
{
    if (text == "T" || text == "True" || text == "true" || text == "TRUE")
        return true;
    if (text == "F" || text == "False" || text == "false" || text == "FALSE")
        return false;
    return std::nullopt;
}

std::optional<std::vector<double>> parseNumberList(std::string_view text)
{
    const auto separates = [](char c) {
        return isBlank(c) || c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
    };
    std::vector<double> numbers;
    std::size_t i = 0;
    while (i < text.size()) {
        if (separates(text[i])) {
            ++i;
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && !separates(text[i]))
            ++i;
        const std::optional<double> number = parseReal(text.substr(begin, i - begin));
        if (!number)
            return std::nullopt;
        numbers.push_back(*number);
    }
    return numbers;
}

std::optional<std::string> splitKeyValues(std::string_view line, std::vector<KeyValue>& result)
{
    std::size_t position = 0;
    const auto skipBlanks = [&] {
        while (position < line.size() && isBlank(line[position]))
            ++position;
    };
    for (skipBlanks(); position < line.size(); skipBlanks()) {
        KeyValue item;
        if (line[position] == '"') {
            auto key = readQuoted(line, position);
            if (!key)
                return "a quotation mark is not closed";
            item.key = std::move(*key);
        } else {
            const std::size_t begin = position;
            while (position < line.size() && !isBlank(line[position]) && line[position] != '=')
                ++position;
            item.key = std::string(line.substr(begin, position - begin));
        }
        if (item.key.empty())
            return "there is a value without a key";
        // Blanks around '=' are allowed; without '=' the key stands alone.
        const std::size_t behind = position;
        skipBlanks();
        if (position < line.size() && line[position] == '=') {
            ++position;
            skipBlanks();
            if (auto mistake = readValue(line, position, item))
                return mistake;
        } else {
            position = behind;
            item.style = KeyValue::Style::Absent;
        }
        result.push_back(std::move(item));
    }
    return std::nullopt;
}

FrameValue frameValue(const KeyValue& item)
{
    const std::string_view text = trimmed(item.text);
    switch (item.style) {
    case KeyValue::Style::Absent:
        return true;
    case KeyValue::Style::Bracketed:
        if (auto numbers = parseNumberList(text))
            return std::move(*numbers);
        return "[" + item.text + "]";
    case KeyValue::Style::Bare:
    case KeyValue::Style::Quoted:
    case KeyValue::Style::Braced:
        break;
    }
    if (text.empty())
        return item.text;
    if (const auto logical = parseLogical(text))
        return *logical;
    if (const auto integer = parseInteger(text))
        return static_cast<std::int64_t>(*integer);
    if (const auto real = parseReal(text))
        return *real;
    if (text.starts_with("_JSON "))
        if (auto value = valueOfJson(text.substr(6)))
            return std::move(*value);
    // Bare text with commas or brackets inside is a name, not a list.
    if (item.style != KeyValue::Style::Bare && text.find_first_of(",[]{}") == std::string_view::npos)
        if (auto numbers = parseNumberList(text))
            return std::move(*numbers);
    return item.style == KeyValue::Style::Braced ? "{" + item.text + "}" : item.text;
}

} // namespace lodestone
