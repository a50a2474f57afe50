#pragma once
#include "crystal/structure.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace lodestone {

// The physical model behind the demo (resources/demo/README.md): Morse pairs, Landau moments whose size
// depends on the local density, and Heisenberg exchange with a Bethe-Slater-like sign change,
//   E(R, m) = sum_i [ e_i + a_i |m_i|^2 + b_i |m_i|^4 ] + sum_(i<j) [ phi_ij(r) - J_ij(r) m_i . m_j ],
//   a_i = A_i (rho_i / rhoc_i - 1),   rho_i = sum_j w_j exp(-k (r_ij / r_d - 1)) f(r_ij),
//   phi = D [ (1 - exp(-alpha (r - r0)))^2 - 1 ] f(r),
//   J = J0 exp(-(r - r0) / lambda) tanh((r - rJ) / width) f(r),
// with one smooth cut-off f for everything. The energy of a structure is the minimum over all moments, so
// energy, forces, stress and |m| are exact functions of the structure; a common rotation of all moments is
// free.

struct MagneticSpecies {
    double energy = 0;          ///< e, eV
    bool magnetic = false;      ///< otherwise m = 0
    double stiffness = 0;       ///< A, eV/muB^2
    double criticalDensity = 1; ///< rhoc: the bare moment vanishes above it
    double quartic = 0;         ///< b, eV/muB^4
    double densityWeight = 1;   ///< w
};

struct MagneticPair {
    double depth = 0;      ///< D, eV
    double width = 1;      ///< alpha, 1/Angstrom
    double distance = 2.5; ///< r0, Angstrom
    double exchange = 0;   ///< J0, eV/muB^2
    double signChange = 2; ///< rJ, Angstrom
};

struct MagneticModel {
    std::map<int, MagneticSpecies> species;            ///< by atomic number
    std::map<std::pair<int, int>, MagneticPair> pairs; ///< smaller atomic number first
    double cutoff = 4.4;                               ///< Angstrom
    double switchStart = 3.2;                          ///< f falls from 1 to 0 between here and the cut-off
    double densityDistance = 2.5;                      ///< r_d, Angstrom
    double densityDecay = 5;                           ///< k
    double exchangeRange = 0.8;                        ///< lambda, Angstrom
    double exchangeWidth = 0.3;                        ///< width, Angstrom
};

/// Parameter set A (pre-training) or B (the new domain).
MagneticModel demoModel(char set);

struct MagneticState {
    double energy = 0;         ///< eV
    std::vector<Vec3> forces;  ///< eV/Angstrom
    Mat3 virial = zero3;       ///< dE/dstrain, eV
    std::vector<Vec3> moments; ///< Bohr magneton
    double residual = 0;       ///< largest |dE/dm|, eV/muB
};

/// The lowest of the minima reached from a ferromagnetic and `starts` random arrangements (drawn from
/// `seed`). Error if an element has no parameters; InternalError if no start converges.
MagneticState magneticGroundState(const MagneticModel& model, const Structure& structure, std::uint64_t seed,
                                  int starts = 10);
/// The minimum next to the given moments: a smooth function of the structure, for finite differences.
MagneticState magneticStateNear(const MagneticModel& model, const Structure& structure,
                                const std::vector<Vec3>& moments);

} // namespace lodestone
