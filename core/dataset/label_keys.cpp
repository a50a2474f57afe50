#include "dataset/label_keys.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <set>

namespace lodestone {
namespace {

/// Names in lower case (files differ in that too), most specific first.
struct LabelNames {
    LabelKind kind;
    const char* label;
    std::string LabelKeys::*key;
    std::vector<std::string_view> names;
};

const std::array<LabelNames, 6>& labelNames()
{
    static const std::array<LabelNames, 6> table = {{
        {LabelKind::Energy,
         "energy",
         &LabelKeys::energy,
         {"ref_energy", "y_energy", "dft_energy", "energy_dft", "energy", "total_energy", "free_energy"}},
        {LabelKind::Forces,
         "forces",
         &LabelKeys::forces,
         {"ref_forces", "ref_force", "y_force", "y_forces", "dft_forces", "dft_force", "forces_dft", "forces",
          "force"}},
        {LabelKind::Stress, "stress", &LabelKeys::stress, {"ref_stress", "y_stress", "dft_stress", "stress"}},
        {LabelKind::Virial,
         "virial",
         &LabelKeys::virial,
         {"ref_virials", "ref_virial", "dft_virial", "dft_virials", "virial", "virials"}},
        {LabelKind::Moments,
         "moments",
         &LabelKeys::moments,
         {"ref_magmoms", "ref_magmom", "y_magmom", "magmoms", "magmom", "magnetic_moments", "magnetic_moment",
          "moments", "moment", "spins", "spin", "initial_magmoms"}},
        {LabelKind::MagneticForces,
         "magnetic_forces",
         &LabelKeys::magneticForces,
         {"ref_mag_forces", "mag_forces", "mag_force", "magnetic_forces", "magnetic_force", "force_mag",
          "forces_mag"}},
    }};
    return table;
}

bool ofFrame(LabelKind kind)
{
    return kind == LabelKind::Energy || kind == LabelKind::Stress || kind == LabelKind::Virial;
}

bool usable(LabelKind kind, const FrameValue& value)
{
    if (kind == LabelKind::Energy)
        return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
    const auto* list = std::get_if<std::vector<double>>(&value);
    return list && (list->size() == 6 || list->size() == 9);
}

bool usable(LabelKind kind, const AtomArray& array)
{
    return array.kind != AtomArray::Kind::Text &&
           (array.width == 3 || (array.width == 1 && kind == LabelKind::Moments));
}

/// All keys of frames or of atoms that could hold such a label, and those that merely exist.
struct PresentKeys {
    std::set<std::string> usable;
    std::set<std::string> all;
};

PresentKeys presentKeys(const std::vector<Structure>& structures, LabelKind kind)
{
    PresentKeys present;
    for (const Structure& structure : structures) {
        const auto note = [&](const auto& named) {
            for (const auto& [key, value] : named) {
                present.all.insert(key);
                if (usable(kind, value))
                    present.usable.insert(key);
            }
        };
        if (ofFrame(kind))
            note(structure.info);
        else
            note(structure.arrays);
    }
    return present;
}

std::string detected(const LabelNames& label, const std::set<std::string>& keys)
{
    for (const std::string_view name : label.names)
        for (const std::string& key : keys)
            if (lowered(key) == name)
                return key;
    return {};
}

} // namespace

LabelKeys detectKeys(const std::vector<Structure>& structures)
{
    return resolveKeys(structures, {});
}

LabelKeys resolveKeys(const std::vector<Structure>& structures, const LabelKeys& given)
{
    LabelKeys keys = given;
    for (const LabelNames& label : labelNames()) {
        std::string& key = keys.*label.key;
        const PresentKeys present = presentKeys(structures, label.kind);
        if (key.empty()) {
            key = detected(label, present.usable);
        } else if (!present.all.contains(key)) {
            const std::string nearest = nearestName(key, {present.all.begin(), present.all.end()});
            fail("The key '{}' for {} occurs in no frame; {}.", key, label.label,
                 !nearest.empty() ? fmt::format("the nearest key in the data is '{}'", nearest)
                 : present.all.empty()
                     ? "the data has no such keys at all"
                     : fmt::format("keys in the data are {}", fmt::join(present.all, ", ")));
        }
    }
    return keys;
}

Json toJson(const LabelKeys& keys)
{
    Json json;
    for (const LabelNames& label : labelNames())
        json[label.label] = keys.*label.key;
    return json;
}

} // namespace lodestone
