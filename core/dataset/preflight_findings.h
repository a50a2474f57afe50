#pragma once
#include "dataset/preflight.h"

namespace lodestone {

// The single checks of checkDataset. Each returns what it found, with a stable code:
// unknown-element, no-labels, missing-energy|forces|stress|moments|magnetic-forces, unread-vectors,
// duplicate-frames, contradictory-frames, force-outliers, energy-outliers, mixed-methods, close-atoms
// (checkDataset itself adds atoms-without-neighbours).

std::vector<Finding> findUnknownElements(const Dataset& data, const std::set<int>& modelElements);
std::vector<Finding> findMissingLabels(const Dataset& data, const PreflightReport& counts);
/// Equal species, cell, positions and moments to 1e-6. Equal frames whose energies differ by more than 1
/// meV/atom are contradictory.
std::vector<Finding> findDuplicates(const Dataset& data, const Watch& watch);
/// Largest force of a frame above 20 eV/Angstrom and above the median by ten median absolute deviations.
std::vector<Finding> findForceOutliers(const Dataset& data, const Watch& watch);
/// Energy per atom less that of the composition (both of `counts`) off the median by more than 0.5 eV/atom
/// and ten median absolute deviations.
std::vector<Finding> findEnergyOutliers(const Dataset& data, const PreflightReport& counts);
/// Frame properties such as run_type with more than one value (GGA and GGA+U energies must not be mixed).
std::vector<Finding> findMixedMethods(const Dataset& data);
/// Atoms closer than half the sum of their covalent radii.
std::vector<Finding> findCloseAtoms(const Dataset& data, const Watch& watch);

} // namespace lodestone
