#include "run/config_reader.h"
#include "base/text.h"

#include <algorithm>

namespace lodestone {

ConfigSection::ConfigSection(const Json& json, std::string path, std::string origin)
    : m_json(&json),
      m_path(std::move(path)),
      m_origin(std::move(origin))
{
    if (!json.is_object() && !json.is_null())
        refuse(fmt::format("{} must be an object {{...}}, not {}",
                           m_path.empty() ? "the configuration" : m_path, jsonLine(json)));
}

void ConfigSection::refuse(const std::string& sentence) const
{
    fail("{}: {}.", m_origin, sentence);
}

void ConfigSection::refuse(const std::string& key, const Json& value, const std::string& wanted) const
{
    std::string shown = jsonLine(value);
    if (shown.size() > 80)
        shown = shown.substr(0, 77) + "...";
    refuse(fmt::format("{} is {}, but it must be {}", pathOf(key), shown, wanted));
}

const Json* ConfigSection::find(const std::string& key)
{
    m_known.insert(key);
    if (!m_json->is_object())
        return nullptr;
    const auto found = m_json->find(key);
    return found == m_json->end() || found->is_null() ? nullptr : &*found;
}

ConfigSection ConfigSection::section(const std::string& key)
{
    static const Json absent;
    const Json* json = find(key);
    return {json ? *json : absent, pathOf(key), m_origin};
}

void ConfigSection::read(const std::string& key, std::string& value)
{
    const Json* json = find(key);
    if (!json)
        return;
    if (!json->is_string())
        refuse(key, *json, "a text");
    value = json->get<std::string>();
}

void ConfigSection::read(const std::string& key, bool& value)
{
    const Json* json = find(key);
    if (!json)
        return;
    if (!json->is_boolean())
        refuse(key, *json, "true or false");
    value = json->get<bool>();
}

void ConfigSection::read(const std::string& key, std::optional<double>& value, double least, double most,
                         const char* wanted)
{
    const Json* json = find(key);
    if (!json)
        return;
    const double number = json->is_number() ? json->get<double>() : std::nan("");
    if (!std::isfinite(number) || number < least || number > most)
        refuse(key, *json, wanted);
    value = number;
}

void ConfigSection::read(const std::string& key, double& value, double least, double most, const char* wanted)
{
    std::optional<double> number;
    read(key, number, least, most, wanted);
    value = number.value_or(value);
}

void ConfigSection::read(const std::string& key, std::vector<std::string>& value)
{
    const Json* json = find(key);
    if (!json)
        return;
    value.clear();
    if (json->is_string()) {
        value.push_back(json->get<std::string>());
        return;
    }
    if (!json->is_array() ||
        !std::all_of(json->begin(), json->end(), [](const Json& item) { return item.is_string(); }))
        refuse(key, *json, "a text or a list of texts");
    value = json->get<std::vector<std::string>>();
}

void ConfigSection::readChoice(const std::string& key, std::string& value,
                               const std::vector<std::string>& choices)
{
    const Json* json = find(key);
    if (!json)
        return;
    if (!json->is_string() ||
        std::find(choices.begin(), choices.end(), json->get<std::string>()) == choices.end())
        refuse(key, *json, fmt::format("one of {}", fmt::join(choices, ", ")));
    value = json->get<std::string>();
}

void ConfigSection::finish() const
{
    if (!m_json->is_object())
        return;
    const std::vector<std::string> known(m_known.begin(), m_known.end());
    for (const auto& [key, value] : m_json->items()) {
        if (m_known.contains(key))
            continue;
        const std::string nearest = nearestName(key, known);
        refuse(nearest.empty() ? fmt::format("the key '{}' is not known; known here are {}", pathOf(key),
                                             fmt::join(known, ", "))
                               : fmt::format("the key '{}' is not known; the nearest known key is '{}'",
                                             pathOf(key), pathOf(nearest)));
    }
}

} // namespace lodestone
