#include "engine/distance_checks.h"

#include "crystal/elements.h"
#include "models/element_pairs.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

constexpr std::size_t mostPairs = 200;
// Of the sum of the covalent radii: where a scan begins, and up to where a lost repulsion counts. Real bonds
// are longer than the latter, so that a slightly shorter bond of the tuned model is no complaint.
constexpr double shortest = 0.4, shortLimit = 0.8;
// A base that was never trained at short distances wavers around zero there; that is nothing to lose.
constexpr double clearRepulsion = 0.5; // eV/Angstrom
constexpr int scanPoints = 60;
constexpr double cutoffStep = 1e-4; // Angstrom
constexpr int cutoffSteps = 20;     // on either side
// Largest change from step to step that still counts as smooth: far above rounding, far below what moves an
// atom.
constexpr double energyJump = 1e-6, forceJump = 1e-4; // eV, eV/Angstrom

using Pair = std::pair<int, int>;

std::string nameOf(const Pair& pair)
{
    return fmt::format("{}-{}", elementSymbol(pair.first), elementSymbol(pair.second));
}

double radii(const Pair& pair)
{
    return covalentRadius(pair.first) + covalentRadius(pair.second);
}

/// Atoms on the x axis, in empty space.
Frame onAxis(const std::vector<int>& species, const std::vector<double>& x)
{
    Frame frame;
    frame.structure.species = species;
    for (const double position : x)
        frame.structure.positions.push_back({position, 0, 0});
    frame.structure.source = "two isolated atoms";
    // Heads that act on moments are asked without any: what is looked at is the model under them.
    frame.moments = Moments{Moments::Kind::Vector, std::vector<Vec3>(species.size(), Vec3{})};
    return frame;
}

/// Energy of each frame and the force on its second atom along x.
struct Curve {
    std::vector<double> energy, force;
};

Curve curveOf(const Predictor& predictor, const std::vector<Frame>& frames)
{
    std::vector<const Frame*> pointers;
    for (const Frame& frame : frames)
        pointers.push_back(&frame);
    Curve curve;
    for (const FramePrediction& answer : predictFrames(predictor, pointers)) {
        curve.energy.push_back(answer.energy);
        curve.force.push_back(answer.forces[1][0]);
    }
    return curve;
}

/// A dimer's curve; energies relative to the atoms beyond the cutoff.
Curve dimerCurve(const Predictor& predictor, const Pair& pair, const std::vector<double>& distance)
{
    std::vector<Frame> frames;
    for (const double r : distance)
        frames.push_back(onAxis({pair.first, pair.second}, {0, r}));
    frames.push_back(onAxis({pair.first, pair.second},
                            {0, std::max(distance.back(), predictor.description().cutoff) + 1}));
    Curve curve = curveOf(predictor, frames);
    const double apart = curve.energy.back();
    curve.energy.pop_back();
    curve.force.pop_back();
    for (double& energy : curve.energy)
        energy -= apart;
    return curve;
}

std::vector<double> scanDistances(const Pair& pair, double cutoff)
{
    const double first = std::min(shortest * radii(pair), 0.5 * cutoff);
    std::vector<double> distance;
    for (int k = 0; k < scanPoints; ++k)
        distance.push_back(first + (cutoff - first) * k / (scanPoints - 1));
    return distance;
}

/// Largest change between neighbouring values.
double largestStep(const std::vector<double>& values)
{
    double largest = 0;
    for (std::size_t i = 1; i < values.size(); ++i)
        largest = std::max(largest, std::abs(values[i] - values[i - 1]));
    return largest;
}

struct Jump {
    double energy = 0, force = 0;
    bool smooth() const { return energy <= energyJump && force <= forceJump; }
};

Json toJson(const Jump& jump)
{
    return {{"energy", jump.energy}, {"force", jump.force}};
}

/// The second atom leaves the cutoff of the first one, which has another neighbour on its other side: what it
/// feels at the cutoff depends on features that are not those of a lonely atom.
Jump jumpAtCutoff(const Predictor& predictor, const Pair& pair)
{
    const double cutoff = predictor.description().cutoff;
    std::vector<Frame> frames;
    for (int k = -cutoffSteps; k <= cutoffSteps; ++k)
        frames.push_back(onAxis({pair.first, pair.second, pair.second},
                                {0, cutoff + k * cutoffStep, -std::min(radii(pair), 0.5 * cutoff)}));
    const Curve curve = curveOf(predictor, frames);
    return {largestStep(curve.energy), largestStep(curve.force)};
}

/// Whether a model repels at every point of a scan up to `limit`.
bool repelsEverywhere(const std::vector<double>& distance, const std::vector<double>& force, double limit)
{
    for (std::size_t i = 0; i < distance.size() && distance[i] <= limit; ++i)
        if (force[i] <= 0)
            return false;
    return true;
}

/// "1 pair", "6 pairs".
std::string counted(std::size_t pairs)
{
    return fmt::format("{} {}", pairs, pairs == 1 ? "pair" : "pairs");
}

/// The pairs in words; many are cut short.
std::string listed(const std::vector<std::string>& names)
{
    constexpr std::size_t most = 6;
    const std::vector<std::string> shown(names.begin(),
                                         names.begin() + std::ptrdiff_t(std::min(most, names.size())));
    return fmt::format("{}{}", fmt::join(shown, ", "),
                       names.size() > most ? fmt::format(" and {} more", names.size() - most) : "");
}

Json shortDistances(const Predictor& base, const Predictor* tuned, const std::vector<Pair>& pairs,
                    const Watch& watch)
{
    Json list = Json::array();
    std::vector<std::string> lost, weak;
    std::string worst;
    double widest = -1;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        watch.report(double(p) / double(pairs.size()));
        const std::vector<double> distance = scanDistances(pairs[p], base.description().cutoff);
        const double limit = shortLimit * radii(pairs[p]);
        const Curve before = dimerCurve(base, pairs[p], distance);
        const bool repulsive = repelsEverywhere(distance, before.force, limit);
        if (!repulsive)
            weak.push_back(nameOf(pairs[p]));
        Json entry = {{"pair", nameOf(pairs[p])},     {"short_limit", limit},
                      {"base_repulsive", repulsive},  {"distance", distance},
                      {"energy_base", before.energy}, {"force_base", before.force}};
        if (tuned) {
            const Curve after = dimerCurve(*tuned, pairs[p], distance);
            const auto range = lostRepulsion(distance, before.force, after.force, limit);
            entry["lost_repulsion"] = range ? Json{range->from, range->to} : Json();
            entry["energy_tuned"] = after.energy;
            entry["force_tuned"] = after.force;
            if (range)
                lost.push_back(nameOf(pairs[p]));
            if (range && range->to - range->from > widest) {
                widest = range->to - range->from;
                worst = fmt::format("{} from {:.2f} to {:.2f} Angstrom", nameOf(pairs[p]), range->from,
                                    range->to);
            }
        }
        list.push_back(std::move(entry));
    }
    const std::string own =
        weak.empty() ? ""
                     : fmt::format(" The base itself does not repel everywhere up to {} of the sum of the "
                                   "covalent radii for {}.",
                                   shortLimit, listed(weak));
    std::string verdict;
    if (!tuned)
        verdict = weak.empty() ? fmt::format("Atoms repel at short distances ({}).", counted(pairs.size()))
                               : own.substr(1);
    else if (lost.empty())
        verdict = fmt::format("At short distances the tuned model repels wherever the base does ({}).{}",
                              counted(pairs.size()), own);
    else
        verdict = fmt::format(
            "The tuned model has lost the base's repulsion at short distances for {} of {} ({}), most "
            "of all {}: do not use it for hot or compressed structures.{}",
            lost.size(), counted(pairs.size()), listed(lost), worst, own);
    return {
        {"passed", tuned ? lost.empty() : weak.empty()}, {"verdict", verdict}, {"pairs", std::move(list)}};
}

Json cutoffChecks(const Predictor& base, const Predictor* tuned, const std::vector<Pair>& pairs,
                  const Watch& watch)
{
    Json list = Json::array();
    Jump worstBase, worstTuned;
    const auto keep = [](Jump& worst, const Jump& jump) {
        worst = {std::max(worst.energy, jump.energy), std::max(worst.force, jump.force)};
    };
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        watch.report(double(p) / double(pairs.size()));
        const Jump before = jumpAtCutoff(base, pairs[p]);
        keep(worstBase, before);
        Json entry = {{"pair", nameOf(pairs[p])}, {"base", toJson(before)}};
        if (tuned) {
            const Jump after = jumpAtCutoff(*tuned, pairs[p]);
            keep(worstTuned, after);
            entry["tuned"] = toJson(after);
        }
        list.push_back(std::move(entry));
    }
    const Jump& judged = tuned ? worstTuned : worstBase;
    Json json = {
        {"passed", judged.smooth()},
        {"verdict",
         fmt::format("{}: an atom that crosses the cutoff of {} Angstrom in steps of {} "
                     "Angstrom changes the energy by at most {:.1e} eV and its force by "
                     "at most {:.1e} eV/Angstrom a step{}.",
                     judged.smooth() ? "Smooth at the cutoff" : "Not smooth at the cutoff",
                     base.description().cutoff, cutoffStep, judged.energy, judged.force,
                     tuned ? fmt::format(" (base: {:.1e}, {:.1e})", worstBase.energy, worstBase.force) : "")},
        {"step", cutoffStep},
        {"base", toJson(worstBase)}};
    if (tuned)
        json["tuned"] = toJson(worstTuned);
    json["pairs"] = std::move(list);
    return json;
}

} // namespace

std::optional<DistanceRange> lostRepulsion(const std::vector<double>& distance,
                                           const std::vector<double>& base, const std::vector<double>& tuned,
                                           double limit)
{
    std::optional<DistanceRange> longest;
    std::optional<DistanceRange> open;
    for (std::size_t i = 0; i < distance.size() && distance[i] <= limit; ++i) {
        if (!(base[i] > clearRepulsion && !(tuned[i] > 0))) { // a NaN of the tuned model is no repulsion
            open.reset();
            continue;
        }
        open = {open ? open->from : distance[i], distance[i]};
        if (!longest || open->to - open->from > longest->to - longest->from)
            longest = open;
    }
    return longest;
}

Json checkDistances(const Predictor& base, const Predictor* tuned, const std::vector<const Frame*>& frames,
                    const Watch& watch)
{
    ElementPairs all;
    for (const Frame* frame : frames)
        all.add(frame->structure);
    std::vector<Pair> pairs(all.all().begin(), all.all().end());
    const std::size_t leftOut = pairs.size() > mostPairs ? pairs.size() - mostPairs : 0;
    pairs.resize(pairs.size() - leftOut);
    return {{"short_distance", shortDistances(base, tuned, pairs, watch.part(0, 0.6))},
            {"cutoff", cutoffChecks(base, tuned, pairs, watch.part(0.6, 1))},
            {"pairs_left_out", leftOut}};
}

} // namespace lodestone
