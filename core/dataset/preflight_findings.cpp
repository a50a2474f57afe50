#include "dataset/preflight_findings.h"
#include "base/text.h"
#include "crystal/elements.h"
#include "crystal/neighbours.h"
#include "dataset/summary.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace lodestone {
namespace {

constexpr double grid = 1e-6;          ///< frames are equal if their numbers agree when rounded to this
constexpr double deviations = 10;      ///< what makes an outlier, in median absolute deviations
constexpr double largeForce = 20;      ///< eV/Angstrom
constexpr double largeEnergy = 0.5;    ///< eV/atom
constexpr double contradiction = 1e-3; ///< eV/atom

std::vector<std::int64_t> rounded(const Frame& frame)
{
    const Structure& s = frame.structure;
    std::vector<std::int64_t> key(s.species.begin(), s.species.end());
    const auto add = [&](const Vec3& v) {
        for (const double x : v)
            key.push_back(std::isfinite(x) ? std::llround(x / grid) : INT64_MAX);
    };
    for (const bool periodic : s.pbc)
        key.push_back(periodic);
    for (const Vec3& row : s.cell)
        add(row);
    for (const Vec3& position : s.positions)
        add(position);
    if (frame.moments)
        for (const Vec3& moment : frame.moments->vectors)
            add(moment);
    return key;
}

std::uint64_t hashOf(const std::vector<std::int64_t>& key)
{
    // FNV-1a over 64-bit words, with a final mix (the finaliser of MurmurHash3).
    std::uint64_t h = 0xcbf29ce484222325;
    for (const std::int64_t word : key)
        h = (h ^ static_cast<std::uint64_t>(word)) * 0x100000001b3;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
    return h ^ (h >> 33);
}

bool contradict(const Frame& a, const Frame& b)
{
    return a.energy && b.energy &&
           std::abs(*a.energy - *b.energy) > contradiction * static_cast<double>(a.structure.size());
}

std::string textOf(const FrameValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value))
        return *text;
    if (const auto* flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return fmt::format("{}", *integer);
    return {};
}

bool hasCloseAtoms(const Structure& structure)
{
    double largest = 0;
    for (const int element : structure.species)
        largest = std::max(largest, covalentRadius(element));
    if (structure.size() == 0 || largest <= 0)
        return false;
    const NeighbourList list = neighbourList(structure, largest);
    for (std::size_t e = 0; e < list.size(); ++e) {
        const auto i = static_cast<std::size_t>(list.centre[e]);
        const auto j = static_cast<std::size_t>(list.neighbour[e]);
        const Vec3 shift = {double(list.shift[e][0]), double(list.shift[e][1]), double(list.shift[e][2])};
        const double distance =
            norm(structure.positions[j] + shift * structure.cell - structure.positions[i]);
        if (distance < 0.5 * (covalentRadius(structure.species[i]) + covalentRadius(structure.species[j])))
            return true;
    }
    return false;
}

std::vector<Finding> oneUnlessEmpty(Finding finding)
{
    if (finding.frames.empty())
        return {};
    return {std::move(finding)};
}

/// Under which key the frames at `missing` have a label that the data set reads under another; empty if under
/// none.
std::string otherKey(const Dataset& data, const std::vector<std::size_t>& missing,
                     std::string LabelKeys::*label)
{
    constexpr std::size_t looked = 20; // names differ from file to file, not from frame to frame
    std::vector<Structure> structures;
    for (std::size_t k = 0; k < std::min(looked, missing.size()); ++k)
        structures.push_back(
            data.frames[missing[k * missing.size() / std::min(looked, missing.size())]].structure);
    const std::string key = detectKeys(structures).*label;
    return key == data.keys.*label ? std::string() : key;
}

/// Vectors of atoms in the files that are read as nothing.
std::set<std::string> unreadVectors(const Dataset& data)
{
    const std::set<std::string> known = {data.keys.forces, data.keys.moments, data.keys.magneticForces,
                                         "momenta",        "velocities",      "initial_magmoms"};
    std::set<std::string> names;
    for (const Frame& frame : data.frames)
        for (const auto& [name, array] : frame.structure.arrays)
            if (array.kind == AtomArray::Kind::Real && array.width == 3 && !known.contains(name))
                names.insert(name);
    return names;
}

} // namespace

std::vector<Finding> findUnknownElements(const Dataset& data, const std::set<int>& modelElements)
{
    if (modelElements.empty())
        return {};
    std::set<int> unknown;
    Finding finding = {"error", "unknown-element", "", {}};
    for (std::size_t f = 0; f < data.frames.size(); ++f) {
        bool found = false;
        for (const int element : data.frames[f].structure.species)
            if (!modelElements.contains(element)) {
                unknown.insert(element);
                found = true;
            }
        if (found)
            finding.frames.push_back(f);
    }
    std::vector<std::string_view> symbols;
    for (const int element : unknown)
        symbols.push_back(elementSymbol(element));
    finding.text = fmt::format("The model does not know {}, which {} of {} frames contain.",
                               fmt::join(symbols, ", "), finding.frames.size(), data.frames.size());
    return oneUnlessEmpty(std::move(finding));
}

std::vector<Finding> findMissingLabels(const Dataset& data, const PreflightReport& counts)
{
    struct Label {
        const char* code;
        const char* name;
        std::size_t present;
        bool (*absent)(const Frame&);
        std::string LabelKeys::*key;
    };
    const std::array<Label, 5> labels = {{
        {"missing-energy", "an energy", counts.withEnergy, [](const Frame& f) { return !f.energy; },
         &LabelKeys::energy},
        {"missing-forces", "forces", counts.withForces, [](const Frame& f) { return f.forces.empty(); },
         &LabelKeys::forces},
        {"missing-stress", "a stress", counts.withStress, [](const Frame& f) { return !f.stress; },
         &LabelKeys::stress},
        {"missing-moments", "moments", counts.withMoments, [](const Frame& f) { return !f.moments; },
         &LabelKeys::moments},
        {"missing-magnetic-forces", "magnetic forces", counts.withMagneticForces,
         [](const Frame& f) { return f.magneticForces.empty(); }, &LabelKeys::magneticForces},
    }};
    std::vector<Finding> findings;
    bool any = false;
    for (const Label& label : labels) {
        any |= label.present > 0;
        // A label that no frame has was not computed; one that some frames lack may be an accident.
        if (label.present == 0 || label.present == data.frames.size())
            continue;
        Finding finding = {"info", label.code, "", {}};
        for (std::size_t f = 0; f < data.frames.size(); ++f)
            if (label.absent(data.frames[f]))
                finding.frames.push_back(f);
        finding.text = fmt::format("{} of {} frames lack {}; they take no part in that loss.",
                                   finding.frames.size(), data.frames.size(), label.name);
        if (const std::string other = otherKey(data, finding.frames, label.key); !other.empty()) {
            finding.level = "warning";
            finding.text = fmt::format(
                "{} of {} frames lack {} under the key \"{}\", but have them under \"{}\", which "
                "is not read: give all frames one name.",
                finding.frames.size(), data.frames.size(), label.name, data.keys.*label.key, other);
        }
        findings.push_back(std::move(finding));
    }
    if (counts.withForces == 0 && any)
        if (const std::set<std::string> names = unreadVectors(data); !names.empty())
            findings.push_back(
                {"warning",
                 "unread-vectors",
                 fmt::format("No frame has forces under a known key, but atoms have vectors under {}: if "
                             "these are the forces, name the key.",
                             fmt::join(names, ", ")),
                 {}});
    if (!any)
        findings.push_back(
            {"error",
             "no-labels",
             "No frame has an energy, forces, a stress or moments under a known key; name the keys of "
             "this data set.",
             {}});
    return findings;
}

std::vector<Finding> findDuplicates(const Dataset& data, const Watch& watch)
{
    std::unordered_map<std::uint64_t, std::vector<std::size_t>>
        first; // hash -> frames that differ from each other
    Finding duplicates = {"warning", "duplicate-frames", "", {}};
    Finding contradictory = {"warning", "contradictory-frames", "", {}};
    for (std::size_t f = 0; f < data.frames.size(); ++f) {
        watch.report(static_cast<double>(f) / static_cast<double>(data.frames.size()));
        const std::vector<std::int64_t> key = rounded(data.frames[f]);
        std::vector<std::size_t>& candidates = first[hashOf(key)];
        const auto same = std::find_if(candidates.begin(), candidates.end(),
                                       [&](std::size_t other) { return rounded(data.frames[other]) == key; });
        if (same == candidates.end())
            candidates.push_back(f);
        else if (contradict(data.frames[*same], data.frames[f]))
            contradictory.frames.push_back(f);
        else
            duplicates.frames.push_back(f);
    }
    duplicates.text =
        fmt::format("{} frames repeat an earlier frame; a split may put one copy into training and the "
                    "other into validation.",
                    duplicates.frames.size());
    contradictory.text =
        fmt::format("{} frames repeat an earlier frame with an energy that differs by more than {} "
                    "meV/atom.",
                    contradictory.frames.size(), contradiction * 1e3);
    std::vector<Finding> findings = oneUnlessEmpty(std::move(contradictory));
    for (Finding& finding : oneUnlessEmpty(std::move(duplicates)))
        findings.push_back(std::move(finding));
    return findings;
}

std::vector<Finding> findForceOutliers(const Dataset& data, const Watch& watch)
{
    std::vector<double> largest(data.frames.size(), 0);
    std::vector<double> known;
    for (std::size_t f = 0; f < data.frames.size(); ++f) {
        watch.report(static_cast<double>(f) / static_cast<double>(data.frames.size()));
        for (const Vec3& force : data.frames[f].forces)
            largest[f] = std::max(largest[f], norm(force));
        if (!data.frames[f].forces.empty())
            known.push_back(largest[f]);
    }
    const Summary summary = summarise(std::move(known));
    Finding finding = {"warning", "force-outliers", "", {}};
    const double limit = std::max(largeForce, summary.median + deviations * summary.deviation);
    for (std::size_t f = 0; f < data.frames.size(); ++f)
        if (largest[f] > limit)
            finding.frames.push_back(f);
    finding.text =
        fmt::format("{} frames have forces above {:.3g} eV/Angstrom, up to {:.3g}; the usual largest force "
                    "of a frame is {:.3g}.",
                    finding.frames.size(), limit, summary.largest, summary.median);
    return oneUnlessEmpty(std::move(finding));
}

std::vector<Finding> findEnergyOutliers(const Dataset& data, const PreflightReport& counts)
{
    std::vector<std::size_t> frames;
    for (std::size_t f = 0; f < data.frames.size(); ++f)
        if (data.frames[f].energy && data.frames[f].structure.size() > 0)
            frames.push_back(f);
    if (frames.empty())
        return {};
    std::vector<double> rest(frames.size());
    for (std::size_t k = 0; k < frames.size(); ++k)
        rest[k] = counts.energyPerAtom[k] - counts.compositionEnergy[k];
    const Summary summary = summarise(rest);
    const double limit = std::max(largeEnergy, deviations * summary.deviation);
    Finding finding = {"warning", "energy-outliers", "", {}};
    for (std::size_t k = 0; k < frames.size(); ++k)
        if (std::abs(rest[k] - summary.median) > limit)
            finding.frames.push_back(frames[k]);
    finding.text =
        fmt::format("{} frames have energies more than {:.3g} eV/atom away from what their composition "
                    "suggests.",
                    finding.frames.size(), limit);
    return oneUnlessEmpty(std::move(finding));
}

std::vector<Finding> findMixedMethods(const Dataset& data)
{
    static const std::set<std::string> tags = {
        "run_type", "functional", "xc", "xc_functional", "dft_functional", "calc_type", "level_of_theory"};
    std::map<std::string, std::map<std::string, std::vector<std::size_t>>> found; // key -> value -> frames
    for (std::size_t f = 0; f < data.frames.size(); ++f)
        for (const auto& [key, value] : data.frames[f].structure.info)
            if (tags.contains(lowered(key)))
                if (std::string text = textOf(value); !text.empty())
                    found[key][std::move(text)].push_back(f);
    std::vector<Finding> findings;
    for (const auto& [key, values] : found) {
        if (values.size() < 2)
            continue;
        const auto most = std::max_element(values.begin(), values.end(), [](const auto& a, const auto& b) {
            return a.second.size() < b.second.size();
        });
        Finding finding = {"warning", "mixed-methods", "", {}};
        std::vector<std::string> parts;
        for (const auto& [value, frames] : values) {
            parts.push_back(fmt::format("{} ({} frames)", value, frames.size()));
            if (value != most->first)
                finding.frames.insert(finding.frames.end(), frames.begin(), frames.end());
        }
        std::sort(finding.frames.begin(), finding.frames.end());
        finding.text =
            fmt::format("The frames are of different {}: {}. Their energies may not be comparable.", key,
                        fmt::join(parts, ", "));
        findings.push_back(std::move(finding));
    }
    return findings;
}

std::vector<Finding> findCloseAtoms(const Dataset& data, const Watch& watch)
{
    Finding finding = {"warning", "close-atoms", "", {}};
    for (std::size_t f = 0; f < data.frames.size(); ++f) {
        watch.report(static_cast<double>(f) / static_cast<double>(data.frames.size()));
        if (hasCloseAtoms(data.frames[f].structure))
            finding.frames.push_back(f);
    }
    finding.text = fmt::format("{} frames have atoms closer than half the sum of their covalent radii.",
                               finding.frames.size());
    return oneUnlessEmpty(std::move(finding));
}

} // namespace lodestone
