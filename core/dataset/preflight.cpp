#include "dataset/preflight.h"
#include "crystal/elements.h"
#include "crystal/neighbours.h"
#include "dataset/preflight_findings.h"
#include "dataset/reference_energies.h"
#include "dataset/summary.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

constexpr std::size_t maxForces = 200'000;
constexpr std::size_t maxMoments = 50'000;
constexpr std::size_t maxNeighbourAtoms = 200'000;

/// Every how many values one is kept, so that at most `limit` of `total` remain.
std::size_t stride(std::size_t total, std::size_t limit)
{
    return std::max<std::size_t>(1, (total + limit - 1) / limit);
}

/// Counts, and the per-element totals that the thinning of moments needs.
std::map<int, std::size_t> count(const Dataset& data, PreflightReport& report)
{
    std::map<int, std::size_t> momentAtoms;
    report.frames = data.frames.size();
    for (const Frame& frame : data.frames) {
        report.atoms += frame.structure.size();
        for (const int element : frame.structure.species) {
            ++report.elementAtoms[element];
            momentAtoms[element] += frame.moments.has_value();
        }
        report.withEnergy += frame.energy.has_value();
        report.withForces += !frame.forces.empty();
        report.withStress += frame.stress.has_value();
        report.withMoments += frame.moments.has_value();
        report.withMagneticForces += !frame.magneticForces.empty();
    }
    return momentAtoms;
}

void collectLabels(const Dataset& data, const std::map<int, std::size_t>& momentAtoms,
                   PreflightReport& report, const Watch& watch)
{
    std::size_t forces = 0;
    for (const Frame& frame : data.frames)
        forces += frame.forces.size();
    const std::size_t forceStride = stride(forces, maxForces);
    std::size_t force = 0;
    std::map<int, std::size_t> seen;
    for (std::size_t f = 0; f < data.frames.size(); ++f) {
        const Frame& frame = data.frames[f];
        watch.report(static_cast<double>(f) / static_cast<double>(data.frames.size()));
        if (frame.energy && frame.structure.size() > 0)
            report.energyPerAtom.push_back(*frame.energy / static_cast<double>(frame.structure.size()));
        for (const Vec3& vector : frame.forces)
            if (force++ % forceStride == 0)
                report.forceNorms.push_back(norm(vector));
        if (!frame.moments)
            continue;
        for (std::size_t i = 0; i < frame.structure.size(); ++i) {
            const int element = frame.structure.species[i];
            const double length = norm(frame.moments->vectors[i]);
            if (seen[element]++ % stride(momentAtoms.at(element), maxMoments) == 0 && std::isfinite(length))
                report.momentNorms[element].push_back(length);
        }
    }
}

void fitCompositions(const Dataset& data, PreflightReport& report)
{
    std::vector<std::map<int, int>> compositions;
    std::vector<double> energies;
    for (const Frame& frame : data.frames) {
        if (!frame.energy || frame.structure.size() == 0)
            continue;
        compositions.push_back(compositionOf(frame.structure));
        energies.push_back(*frame.energy);
    }
    if (energies.empty())
        return;
    const ReferenceFit fit = fitReferenceEnergies(compositions, energies);
    for (const auto& composition : compositions) {
        double energy = 0;
        int atoms = 0;
        for (const auto& [element, count] : composition) {
            energy += count * fit.shift.at(element);
            atoms += count;
        }
        report.compositionEnergy.push_back(energy / atoms);
    }
}

void countNeighbours(const Dataset& data, double cutoff, PreflightReport& report, const Watch& watch)
{
    Finding lonely = {"warning", "atoms-without-neighbours", "", {}};
    const std::size_t step = stride(report.atoms, maxNeighbourAtoms);
    std::size_t sampledEdges = 0;
    for (std::size_t f = 0; f < data.frames.size(); f += step) {
        watch.report(static_cast<double>(f) / static_cast<double>(data.frames.size()));
        const Structure& structure = data.frames[f].structure;
        const NeighbourList list = neighbourList(structure, cutoff);
        std::vector<int> counts(structure.size(), 0);
        for (const std::int32_t centre : list.centre)
            ++counts[static_cast<std::size_t>(centre)];
        if (std::find(counts.begin(), counts.end(), 0) != counts.end())
            lonely.frames.push_back(f);
        sampledEdges += list.size();
        report.neighbourCounts.insert(report.neighbourCounts.end(), counts.begin(), counts.end());
    }
    // The sample holds whole frames, so atoms are the better measure of its share.
    if (!report.neighbourCounts.empty())
        report.edges = static_cast<std::size_t>(
            std::llround(static_cast<double>(sampledEdges) * static_cast<double>(report.atoms) /
                         static_cast<double>(report.neighbourCounts.size())));
    if (report.neighbourCounts.size() > maxNeighbourAtoms)
        report.neighbourCounts.resize(maxNeighbourAtoms);
    if (!lonely.frames.empty()) {
        lonely.text = fmt::format(
            "{} of the {} frames looked at have atoms without a neighbour within the cutoff of {} "
            "Angstrom; the model sees such an atom as isolated.",
            lonely.frames.size(), (data.frames.size() + step - 1) / step, cutoff);
        report.findings.push_back(std::move(lonely));
    }
}

Json findingToJson(const Finding& finding)
{
    constexpr std::size_t shown = 100;
    const std::size_t n = std::min(shown, finding.frames.size());
    return {{"level", finding.level},
            {"code", finding.code},
            {"text", finding.text},
            {"frame_count", finding.frames.size()},
            {"frames",
             std::vector(finding.frames.begin(), finding.frames.begin() + static_cast<std::ptrdiff_t>(n))}};
}

Json distribution(std::vector<double> values)
{
    const Summary s = summarise(std::move(values));
    return {{"count", s.count}, {"least", s.least},     {"median", s.median},
            {"mean", s.mean},   {"largest", s.largest}, {"deviation", s.deviation}};
}

} // namespace

PreflightReport checkDataset(const Dataset& data, const std::set<int>& modelElements, double cutoff,
                             const Watch& watch)
{
    PreflightReport report;
    const std::map<int, std::size_t> momentAtoms = count(data, report);
    collectLabels(data, momentAtoms, report, watch.part(0, 0.1));
    fitCompositions(data, report);
    const auto add = [&](std::vector<Finding> findings) {
        report.findings.insert(report.findings.end(), std::make_move_iterator(findings.begin()),
                               std::make_move_iterator(findings.end()));
    };
    add(findUnknownElements(data, modelElements));
    add(findMissingLabels(data, report));
    add(findDuplicates(data, watch.part(0.1, 0.15)));
    add(findForceOutliers(data, watch.part(0.15, 0.2)));
    add(findEnergyOutliers(data, report));
    add(findMixedMethods(data));
    if (cutoff > 0)
        countNeighbours(data, cutoff, report, watch.part(0.2, 0.8));
    add(findCloseAtoms(data, watch.part(0.8, 1)));
    const auto rank = [](const Finding& f) { return f.level == "error" ? 0 : f.level == "warning" ? 1 : 2; };
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [&](const Finding& a, const Finding& b) { return rank(a) < rank(b); });
    return report;
}

Json toJson(const PreflightReport& report)
{
    Json elements = Json::object();
    for (const auto& [element, atoms] : report.elementAtoms)
        elements[std::string(elementSymbol(element))] = atoms;
    Json moments = Json::object();
    for (const auto& [element, values] : report.momentNorms)
        moments[std::string(elementSymbol(element))] = distribution(values);
    Json findings = Json::array();
    for (const Finding& finding : report.findings)
        findings.push_back(findingToJson(finding));
    return {{"frames", report.frames},
            {"atoms", report.atoms},
            {"elements", std::move(elements)},
            {"labelled_frames",
             {{"energy", report.withEnergy},
              {"forces", report.withForces},
              {"stress", report.withStress},
              {"moments", report.withMoments},
              {"magnetic_forces", report.withMagneticForces}}},
            {"energy_per_atom", distribution(report.energyPerAtom)},
            {"force_norms", distribution(report.forceNorms)},
            {"moment_norms", std::move(moments)},
            {"neighbours", distribution({report.neighbourCounts.begin(), report.neighbourCounts.end()})},
            {"edges", report.edges},
            {"findings", std::move(findings)}};
}

} // namespace lodestone
