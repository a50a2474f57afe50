#include "base/text.h"
#include "engine/operations.h"

namespace lodestone {
namespace {

/// Names as users write them, the same as in a run's configuration.
const std::vector<std::pair<std::string, std::string LabelKeys::*>>& labelKinds()
{
    static const std::vector<std::pair<std::string, std::string LabelKeys::*>> kinds = {
        {"energy", &LabelKeys::energy},   {"forces", &LabelKeys::forces},
        {"stress", &LabelKeys::stress},   {"virial", &LabelKeys::virial},
        {"moments", &LabelKeys::moments}, {"magnetic_forces", &LabelKeys::magneticForces}};
    return kinds;
}

void assign(LabelKeys& keys, const std::string& kind, const std::string& key)
{
    std::vector<std::string> names;
    for (const auto& [name, member] : labelKinds()) {
        if (name == kind) {
            keys.*member = key;
            return;
        }
        names.push_back(name);
    }
    const std::string near = nearestName(kind, names);
    fail<UsageError>(
        "There is no label '{}'{}: use energy, forces, stress, virial, moments or magnetic_forces.", kind,
        near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
}

} // namespace

LabelKeys labelKeysFromText(const std::string& text)
{
    LabelKeys keys;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        const std::string item = text.substr(start, end - start);
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos || equals + 1 == item.size())
            fail<UsageError>(
                "'{}' does not say which key holds which label; write it like energy=REF_energy.", item);
        assign(keys, item.substr(0, equals), item.substr(equals + 1));
        start = end + 1;
    }
    return keys;
}

LabelKeys labelKeysFromJson(const Json& json)
{
    LabelKeys keys;
    if (json.is_null())
        return keys;
    if (!json.is_object())
        fail("\"keys\" must be an object like {{\"energy\": \"REF_energy\"}}.");
    for (const auto& [kind, key] : json.items()) {
        if (!key.is_string())
            fail("\"keys\".\"{}\" must be the name of a key in the file, as text.", kind);
        assign(keys, kind, key.get<std::string>());
    }
    return keys;
}

std::vector<const Frame*> chosenFrames(const Dataset& data, const std::vector<std::size_t>& indices)
{
    std::vector<const Frame*> frames;
    if (indices.empty())
        for (const Frame& frame : data.frames)
            frames.push_back(&frame);
    for (const std::size_t index : indices) {
        if (index >= data.frames.size())
            fail("Frame {} does not exist: the data have {} frames, counted from 0.", index,
                 data.frames.size());
        frames.push_back(&data.frames[index]);
    }
    if (frames.empty())
        fail("The data have no frames.");
    return frames;
}

} // namespace lodestone
