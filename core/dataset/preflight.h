#pragma once
#include "dataset/frames.h"

#include <set>

namespace lodestone {

/// One finding of the check before a run; level: info | warning | error.
struct Finding {
    std::string level;
    std::string code;                ///< "duplicate-frames", "unknown-element", ...
    std::string text;                ///< a sentence
    std::vector<std::size_t> frames; ///< indices into the data set, may be empty
};

/// Everything that can be said of data without evaluating a model.
struct PreflightReport {
    std::size_t frames = 0, atoms = 0;
    std::map<int, std::size_t> elementAtoms;
    std::size_t withEnergy = 0, withForces = 0, withStress = 0, withMoments = 0, withMagneticForces = 0;
    std::vector<double> energyPerAtom; ///< of frames with energy
    /// The same frames: the energy per atom that the composition alone gives (least squares on element
    /// counts).
    std::vector<double> compositionEnergy = {};
    std::vector<double> forceNorms; ///< of all atoms with forces (at most 200,000, evenly thinned)
    std::map<int, std::vector<double>> momentNorms; ///< per element (at most 50,000 each)
    std::vector<int>
        neighbourCounts;   ///< per atom at the model's cutoff (at most 200,000 atoms); empty if cutoff = 0
    std::size_t edges = 0; ///< directed, all frames (estimated from the sampled ones beyond the limit)
    std::vector<Finding> findings;
};

/// modelElements: atomic numbers the model knows (empty: not checked). cutoff 0: neighbours are not counted.
PreflightReport checkDataset(const Dataset& data, const std::set<int>& modelElements, double cutoff,
                             const Watch& watch = {});
Json toJson(const PreflightReport& report);

} // namespace lodestone
