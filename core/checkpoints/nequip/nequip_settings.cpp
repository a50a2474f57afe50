#include "checkpoints/nequip/nequip_settings.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "checkpoints/nequip/nequip_network.h"
#include "checkpoints/torch/not_computed.h"
#include "crystal/elements.h"

#include <set>

namespace lodestone {
namespace {

constexpr std::size_t longestRecord = std::size_t{1} << 20;
constexpr std::size_t longestLine = 256;
constexpr std::size_t mostTypes = 200;

using Layout = TorchArchive::Layout;

std::string recordOr(const TorchArchive& archive, const char* name)
{
    return archive.hasRecord(name) ? archive.record(name, longestRecord) : std::string();
}

std::string_view unquoted(std::string_view text)
{
    if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.front() == text.back())
        return text.substr(1, text.size() - 2);
    return text;
}

/// The next line of the rest, without its end.
std::string_view nextLine(std::string_view& rest)
{
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line.substr(0, longestLine);
}

std::vector<std::string> fieldsIn(const std::string& text)
{
    std::vector<std::string> fields;
    for (const std::string_view field : splitFields(text))
        fields.emplace_back(field.substr(0, longestLine));
    return fields;
}

void readScriptSettings(const TorchArchive& archive, NequipSettings& settings)
{
    settings.form = "TorchScript";
    settings.version = std::string(trimmed(recordOr(archive, "extra/nequip_version"))).substr(0, longestLine);
    settings.cutoff = parseReal(trimmed(recordOr(archive, "extra/r_max"))).value_or(0);
    settings.types = fieldsIn(recordOr(archive, "extra/type_names"));
    for (const auto& [type, symbol] :
         yamlMapping(recordOr(archive, "extra/config"), "type_to_chemical_symbol"))
        if (const auto number = parseInteger(type); number && *number >= 0 && *number < 1000)
            settings.symbols.emplace(static_cast<int>(*number), symbol);
}

void readCompiledSettings(const TorchArchive& archive, NequipSettings& settings)
{
    settings.form = "compiled by AOTInductor";
    const Json all = parseJson(compiledSettings(archive), archive.origin());
    settings.cutoff = parseReal(jsonMember<std::string>(all, "r_max", archive.origin(), "")).value_or(0);
    settings.types = fieldsIn(jsonMember<std::string>(all, "type_names", archive.origin(), ""));
}

} // namespace

std::string compiledSettings(const TorchArchive& archive)
{
    for (const std::string& record : archive.records())
        if (record.starts_with("data/aotinductor/") && record.ends_with("metadata.json")) {
            const std::string text = archive.record(record, longestRecord);
            if (text.find("\"type_names\"") != std::string::npos &&
                text.find("\"r_max\"") != std::string::npos)
                return text;
        }
    return {};
}

std::vector<int> elementsOf(const std::vector<std::string>& types, const std::map<int, std::string>& symbols)
{
    if (types.empty() || types.size() > mostTypes)
        fail<NotComputed>("The model has {} atom types, expected 1 to {}.", types.size(), mostTypes);
    std::vector<int> elements;
    std::set<int> seen;
    for (std::size_t i = 0; i < types.size(); ++i) {
        const auto symbol = symbols.find(static_cast<int>(i));
        const std::string name = symbol == symbols.end() ? types[i] : symbol->second;
        const std::optional<int> z = atomicNumber(name);
        if (!z)
            fail<NotComputed>(
                "The model's atom type '{}' is no chemical element, so structures cannot be mapped to it.",
                name);
        if (!seen.insert(*z).second)
            fail<NotComputed>(
                "Two of the model's atom types are {}: Lodestone tells atoms apart by their element.",
                elementSymbol(*z));
        elements.push_back(*z);
    }
    return elements;
}

std::map<std::string, std::string> yamlMapping(std::string_view text, std::string_view key)
{
    std::map<std::string, std::string> entries;
    bool within = false;
    while (!text.empty()) {
        const std::string_view line = nextLine(text);
        if (trimmed(line).empty() || trimmed(line).front() == '#')
            continue;
        if (line.front() != ' ' && line.front() != '-') {
            within = trimmed(line) == std::string(key) + ":";
            continue;
        }
        const std::size_t colon = line.find(": ");
        if (within && colon != std::string_view::npos)
            entries.emplace(unquoted(trimmed(line.substr(0, colon))),
                            unquoted(trimmed(line.substr(colon + 2))));
    }
    return entries;
}

NequipSettings nequipSettings(const TorchArchive& archive)
{
    NequipSettings settings;
    switch (archive.layout()) {
    case Layout::Package: {
        settings.form = "packaged";
        const auto versions = yamlMapping(recordOr(archive, "model/package_metadata.txt"), "versions");
        if (const auto found = versions.find("nequip"); found != versions.end())
            settings.version = found->second;
        break;
    }
    case Layout::Script:
        readScriptSettings(archive, settings);
        break;
    case Layout::Compiled:
        readCompiledSettings(archive, settings);
        break;
    case Layout::Saved:
    case Layout::Legacy:
        settings.form = "state of a training";
        break;
    }
    return settings;
}

std::vector<std::string> typeNames(const NequipSettings& settings, const ModuleView& model)
{
    if (!settings.types.empty())
        return settings.types;
    if (model.attribute("type_names"))
        return model.texts("type_names");
    return innermost(model).at("per_type_energy_scale_shift").texts("type_names");
}

bool isFrozen(const ModuleView& model)
{
    return !model.attribute("training");
}

} // namespace lodestone
