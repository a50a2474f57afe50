#include "engine/distance_checks.h"

#include "crystal/elements.h"
#include "finetune/magnetic_head.h"
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

/// Moments across the axis, in Bohr magneton: of the first atom, and of all others.
struct SpinPattern {
    const char* name;
    double first = 0, others = 0;
};

/// The patterns that a pair is looked at with; the first has no moments. means: of |m| by element, empty for
/// models without a head that acts on moments.
std::vector<SpinPattern> spinPatterns(const std::map<int, double>& means, const Pair& pair)
{
    const auto mean = [&means](int z) {
        const auto found = means.find(z);
        return found != means.end() ? found->second : 0;
    };
    const double first = mean(pair.first), second = mean(pair.second);
    std::vector<SpinPattern> patterns = {{"none"}};
    if (first > 0 || second > 0)
        patterns.push_back({"parallel", first, second});
    if (first > 0 && second > 0)
        patterns.push_back({"antiparallel", first, -second});
    return patterns;
}

/// Mean |m| of each element in the frames that have moments, in Bohr magneton.
std::map<int, double> meanLengths(const std::vector<const Frame*>& frames)
{
    std::map<int, std::pair<double, std::size_t>> sums;
    for (const Frame* frame : frames) {
        if (!frame->moments)
            continue;
        for (std::size_t i = 0; i < frame->moments->vectors.size(); ++i)
            if (const double length = norm(frame->moments->vectors[i]); std::isfinite(length)) {
                auto& [sum, count] = sums[frame->structure.species[i]];
                sum += length;
                ++count;
            }
    }
    std::map<int, double> means;
    for (const auto& [z, entry] : sums)
        means[z] = entry.first / double(entry.second);
    return means;
}

/// Atoms on the x axis, in empty space.
Frame onAxis(const std::vector<int>& species, const std::vector<double>& x, const SpinPattern& spins)
{
    Frame frame;
    frame.structure.species = species;
    for (const double position : x)
        frame.structure.positions.push_back({position, 0, 0});
    frame.structure.source = "two isolated atoms";
    frame.moments = Moments{Moments::Kind::Vector, std::vector<Vec3>(species.size(), {0, 0, spins.others})};
    frame.moments->vectors[0][2] = spins.first;
    return frame;
}

/// Energy of each frame, the force on its second atom along x, and -dE/dm of that atom along its moment (none
/// without a head that gives it).
struct Curve {
    std::vector<double> energy, force, field;
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
        if (!answer.magneticForces.empty())
            curve.field.push_back(answer.magneticForces[1][2]);
    }
    return curve;
}

/// A dimer's curve; energies relative to the atoms beyond the cutoff.
Curve dimerCurve(const Predictor& predictor, const Pair& pair, const std::vector<double>& distance,
                 const SpinPattern& spins)
{
    std::vector<Frame> frames;
    for (const double r : distance)
        frames.push_back(onAxis({pair.first, pair.second}, {0, r}, spins));
    frames.push_back(onAxis({pair.first, pair.second},
                            {0, std::max(distance.back(), predictor.description().cutoff) + 1}, spins));
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
    std::optional<double> field = {}; ///< eV/Bohr magneton, of heads that give -dE/dm
    bool smooth() const
    {
        return energy <= energyJump && force <= forceJump && field.value_or(0) <= forceJump;
    }
    void take(const Jump& other)
    {
        energy = std::max(energy, other.energy);
        force = std::max(force, other.force);
        if (other.field)
            field = std::max(field.value_or(0), *other.field);
    }
};

Json toJson(const Jump& jump)
{
    Json json = {{"energy", jump.energy}, {"force", jump.force}};
    if (jump.field)
        json["field"] = *jump.field;
    return json;
}

/// The second atom leaves the cutoff of the first one, which has another neighbour on its other side: what it
/// feels at the cutoff depends on features that are not those of a lonely atom.
Jump jumpAtCutoff(const Predictor& predictor, const Pair& pair, const SpinPattern& spins)
{
    const double cutoff = predictor.description().cutoff;
    std::vector<Frame> frames;
    for (int k = -cutoffSteps; k <= cutoffSteps; ++k)
        frames.push_back(onAxis({pair.first, pair.second, pair.second},
                                {0, cutoff + k * cutoffStep, -std::min(radii(pair), 0.5 * cutoff)}, spins));
    const Curve curve = curveOf(predictor, frames);
    Jump jump = {largestStep(curve.energy), largestStep(curve.force)};
    if (!curve.field.empty())
        jump.field = largestStep(curve.field);
    return jump;
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

/// "", ", with moments parallel"
std::string withMoments(const SpinPattern& spins)
{
    return spins.first == 0 && spins.others == 0 ? "" : fmt::format(", with moments {}", spins.name);
}

/// Scans the tuned model with every pattern into `entry`; the longest range without repulsion, if any, and
/// the pattern that it belongs to.
std::optional<std::pair<DistanceRange, SpinPattern>>
scanTuned(const Predictor& tuned, const Pair& pair, const std::vector<SpinPattern>& patterns,
          const std::vector<double>& base, const std::vector<double>& distance, Json& entry)
{
    std::optional<std::pair<DistanceRange, SpinPattern>> worst;
    for (const SpinPattern& spins : patterns) {
        const bool moments = &spins != &patterns.front();
        const Curve after = dimerCurve(tuned, pair, distance, spins);
        const auto range = lostRepulsion(distance, base, after.force, entry["short_limit"].get<double>());
        const std::string suffix = moments ? fmt::format("_{}", spins.name) : "";
        entry["energy_tuned" + suffix] = after.energy;
        entry["force_tuned" + suffix] = after.force;
        if (moments)
            entry["moments"] = {std::abs(spins.first), std::abs(spins.others)};
        if (range && (!worst || range->to - range->from > worst->first.to - worst->first.from))
            worst = {*range, spins};
    }
    entry["lost_repulsion"] = worst ? Json{worst->first.from, worst->first.to} : Json();
    entry["lost_with"] = worst ? Json(worst->second.name) : Json();
    return worst;
}

Json shortDistances(const Predictor& base, const Predictor* tuned, const std::map<int, double>& means,
                    const std::vector<Pair>& pairs, const Watch& watch)
{
    Json list = Json::array();
    std::vector<std::string> lost, weak;
    std::string worst;
    double widest = -1;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        watch.report(double(p) / double(pairs.size()));
        const std::vector<double> distance = scanDistances(pairs[p], base.description().cutoff);
        const double limit = shortLimit * radii(pairs[p]);
        const std::vector<SpinPattern> patterns = spinPatterns(means, pairs[p]);
        const Curve before = dimerCurve(base, pairs[p], distance, patterns.front());
        const bool repulsive = repelsEverywhere(distance, before.force, limit);
        if (!repulsive)
            weak.push_back(nameOf(pairs[p]));
        Json entry = {{"pair", nameOf(pairs[p])},     {"short_limit", limit},
                      {"base_repulsive", repulsive},  {"distance", distance},
                      {"energy_base", before.energy}, {"force_base", before.force}};
        if (tuned) {
            const auto found = scanTuned(*tuned, pairs[p], patterns, before.force, distance, entry);
            if (found)
                lost.push_back(nameOf(pairs[p]));
            if (found && found->first.to - found->first.from > widest) {
                widest = found->first.to - found->first.from;
                worst = fmt::format("{} from {:.2f} to {:.2f} Angstrom{}", nameOf(pairs[p]),
                                    found->first.from, found->first.to, withMoments(found->second));
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
        verdict = fmt::format("At short distances the tuned model repels wherever the base does ({}{}).{}",
                              counted(pairs.size()), means.empty() ? "" : ", with and without moments", own);
    else
        verdict = fmt::format(
            "The tuned model has lost the base's repulsion at short distances for {} of {} ({}), most "
            "of all {}: do not use it for hot or compressed structures.{}",
            lost.size(), counted(pairs.size()), listed(lost), worst, own);
    return {
        {"passed", tuned ? lost.empty() : weak.empty()}, {"verdict", verdict}, {"pairs", std::move(list)}};
}

Json cutoffChecks(const Predictor& base, const Predictor* tuned, const std::map<int, double>& means,
                  const std::vector<Pair>& pairs, const Watch& watch)
{
    Json list = Json::array();
    Jump worstBase, worstTuned;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        watch.report(double(p) / double(pairs.size()));
        const std::vector<SpinPattern> patterns = spinPatterns(means, pairs[p]);
        const Jump before = jumpAtCutoff(base, pairs[p], patterns.front());
        worstBase.take(before);
        Json entry = {{"pair", nameOf(pairs[p])}, {"base", toJson(before)}};
        if (tuned) {
            Jump after;
            for (const SpinPattern& spins : patterns)
                after.take(jumpAtCutoff(*tuned, pairs[p], spins));
            worstTuned.take(after);
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
                     "at most {:.1e} eV/Angstrom a step{}{}.",
                     judged.smooth() ? "Smooth at the cutoff" : "Not smooth at the cutoff",
                     base.description().cutoff, cutoffStep, judged.energy, judged.force,
                     judged.field ? fmt::format(", its magnetic force by at most {:.1e} eV/Bohr magneton",
                                                *judged.field)
                                  : "",
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
    const std::map<int, double> means =
        tuned && needsMoments(tuned->head.kind) ? meanLengths(frames) : std::map<int, double>();
    const std::size_t leftOut = pairs.size() > mostPairs ? pairs.size() - mostPairs : 0;
    pairs.resize(pairs.size() - leftOut);
    return {{"short_distance", shortDistances(base, tuned, means, pairs, watch.part(0, 0.6))},
            {"cutoff", cutoffChecks(base, tuned, means, pairs, watch.part(0.6, 1))},
            {"pairs_left_out", leftOut}};
}

} // namespace lodestone
