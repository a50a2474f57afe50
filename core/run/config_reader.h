#pragma once
#include "base/json.h"

#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lodestone {

/// Reads one object of a configuration key by key. Every complaint names the whole path of the key
/// ("batch.max_edges"). finish() refuses keys that nobody asked for. null stands for "the default".
class ConfigSection {
public:
    /// origin: the file, for messages. An absent (null) object reads as an empty one.
    ConfigSection(const Json& json, std::string path, std::string origin);

    ConfigSection section(const std::string& key);
    const Json* find(const std::string& key); ///< nothing for an absent key and for null

    void read(const std::string& key, std::string& value);
    void read(const std::string& key, bool& value);
    /// Range, both ends included; `wanted` ends the sentence "KEY is 7, but it must be ...".
    void read(const std::string& key, double& value, double least, double most, const char* wanted);
    void read(const std::string& key, std::optional<double>& value, double least, double most,
              const char* wanted);
    template<class Integer>
    void readInteger(const std::string& key, Integer& value, Integer least = 0,
                     Integer most = std::numeric_limits<Integer>::max());
    /// A text or a list of texts.
    void read(const std::string& key, std::vector<std::string>& value);
    /// One of `choices`.
    void readChoice(const std::string& key, std::string& value, const std::vector<std::string>& choices);

    /// A key that is known but read elsewhere.
    void allow(const std::string& key) { m_known.insert(key); }
    void finish() const;

    std::string pathOf(const std::string& key) const { return m_path.empty() ? key : m_path + "." + key; }
    /// Error "ORIGIN: KEY-PATH is VALUE, but it must be WANTED."
    [[noreturn]] void refuse(const std::string& key, const Json& value, const std::string& wanted) const;
    [[noreturn]] void refuse(const std::string& sentence) const;

private:
    const Json* m_json;
    std::string m_path;
    std::string m_origin;
    std::set<std::string> m_known;
};

template<class Integer>
void ConfigSection::readInteger(const std::string& key, Integer& value, Integer least, Integer most)
{
    const Json* json = find(key);
    if (!json)
        return;
    const auto wanted = [&] {
        return most == std::numeric_limits<Integer>::max()
                   ? fmt::format("a whole number of at least {}", least)
                   : fmt::format("a whole number from {} to {}", least, most);
    };
    // 5e1 and 50.0 are whole numbers too.
    if (json->is_number_float()) {
        const double real = json->template get<double>();
        if (real != std::floor(real) || real < static_cast<double>(least) || real > 9e15 ||
            real > static_cast<double>(most))
            refuse(key, *json, wanted());
        value = static_cast<Integer>(real);
        return;
    }
    const bool negative =
        json->is_number_integer() && !json->is_number_unsigned() && json->template get<long long>() < 0;
    if (!json->is_number_integer() || negative ||
        json->template get<unsigned long long>() > static_cast<unsigned long long>(most) ||
        json->template get<unsigned long long>() < static_cast<unsigned long long>(least))
        refuse(key, *json, wanted());
    value = json->template get<Integer>();
}

} // namespace lodestone
