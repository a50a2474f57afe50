#pragma once
#include "crystal/structure.h"

#include <map>
#include <vector>

namespace lodestone {

/// Least squares of an energy difference (label - model, eV a frame) on element counts, minimum-norm
/// solution.
struct ReferenceFit {
    std::map<int, double> shift; ///< atomic number -> eV/atom to add to the model's reference energy
    int elements = 0;
    int rank = 0;         ///< < elements: compositions do not determine the single shifts
    double rmsBefore = 0; ///< eV/atom
    double rmsAfter = 0;  ///< eV/atom
};
/// eV/atom of rmsBefore above which a person should look: another reference or another functional.
inline constexpr double largestMismatch = 0.5;

/// Atomic number -> count.
std::map<int, int> compositionOf(const Structure& structure);

/// compositions: one map (atomic number -> count) a frame; differences: one number a frame. Throws Error if
/// empty.
ReferenceFit fitReferenceEnergies(const std::vector<std::map<int, int>>& compositions,
                                  const std::vector<double>& differences);

} // namespace lodestone
