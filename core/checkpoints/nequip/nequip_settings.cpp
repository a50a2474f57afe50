#include "checkpoints/nequip/nequip_settings.h"

#include "base/text.h"
#include "checkpoints/nequip/nequip_network.h"
#include "checkpoints/sevennet/checkpoint_config.h"

namespace lodestone {
namespace {

constexpr std::size_t longestRecord = std::size_t{1} << 20;
constexpr std::size_t longestLine = 256;

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

} // namespace

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
            entries.emplace(unquoted(trimmed(line.substr(0, colon))), unquoted(trimmed(line.substr(colon + 2))));
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
    case Layout::Script: {
        settings.form = "TorchScript";
        settings.version = std::string(trimmed(recordOr(archive, "extra/nequip_version"))).substr(0, longestLine);
        for (const auto& [type, symbol] :
             yamlMapping(recordOr(archive, "extra/config"), "type_to_chemical_symbol"))
            if (const auto number = parseInteger(type); number && *number >= 0 && *number < 1000)
                settings.symbols.emplace(static_cast<int>(*number), symbol);
        break;
    }
    case Layout::Saved:
    case Layout::Legacy:
        settings.form = "state of a training";
        break;
    }
    return settings;
}

std::vector<std::string> typeNames(const TorchArchive& archive, const ModuleView& model)
{
    if (archive.hasRecord("extra/type_names")) {
        std::vector<std::string> names;
        const std::string text = archive.record("extra/type_names", longestRecord);
        for (const std::string_view name : splitFields(text))
            names.emplace_back(name.substr(0, longestLine));
        return names;
    }
    if (model.attribute("type_names"))
        return model.texts("type_names");
    return innermost(model).at("per_type_energy_scale_shift").texts("type_names");
}

bool isFrozen(const ModuleView& model)
{
    return !model.attribute("training");
}

} // namespace lodestone
