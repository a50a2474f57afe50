#pragma once
#include "engine/predictor.h"

#include <optional>

namespace lodestone {

/// Part of a scan, in Angstrom, both ends included.
struct DistanceRange {
    double from = 0;
    double to = 0;
};
/// The longest stretch of `distance` (ascending, Angstrom) up to `limit` in which the base clearly
/// repels (more than 0.5 eV/Angstrom) and the tuned model does not at all. Forces: -dE/dr in eV/Angstrom, one
/// a distance; above 0 is repulsion.
std::optional<DistanceRange> lostRepulsion(const std::vector<double>& distance,
                                           const std::vector<double>& base, const std::vector<double>& tuned,
                                           double limit);

/// What fine-tuning on crystals cannot show, in float64, for every pair of elements that occurs together in
/// one of `frames` (the first 200 pairs):
///   short_distance  energy and radial force of an isolated dimer from 0.4 times the sum of the covalent
///                   radii to the cutoff; where the base repels, up to 0.8 times the sum, the tuned model
///                   must too
///   cutoff          energy and force on an atom (and -dE/dm of it) that leaves the cutoff of another one,
///                   which has a second neighbour, in steps of 1e-4 Angstrom; the largest change from step
///                   to step
/// Heads that act on moments are looked at three times: without moments, and with those of the elements' mean
/// length in `frames`, parallel and antiparallel across the axis.
/// Each object has `passed`, `verdict` (a sentence) and `pairs` (docs/events-and-protocol.md). tuned null:
/// the base alone.
Json checkDistances(const Predictor& base, const Predictor* tuned, const std::vector<const Frame*>& frames,
                    const Watch& watch);

} // namespace lodestone
