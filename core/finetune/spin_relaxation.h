#pragma once
#include "base/linalg.h"

#include <cstddef>
#include <vector>

namespace lodestone {

/// The energy of the head spin-energy at fixed positions, as plain numbers:
///   sum_i (square_i |m_i|^2 + fourth_i |m_i|^4) - 1/2 sum over bonds of exchange m_centre . m_neighbour,
/// with every bond from both its ends. eV and Bohr magnetons; fourth > 0 bounds it from below.
struct SpinSystem {
    struct Bond {
        std::size_t centre = 0, neighbour = 0;
        double exchange = 0;
    };
    std::vector<double> square, fourth; ///< [atoms]
    std::vector<Bond> bonds;
};
/// Energy, and the fields -dE/dm [atoms] if asked for. moments: [atoms].
double spinSystemEnergy(const SpinSystem& system, const std::vector<Vec3>& moments,
                        std::vector<Vec3>* fields = nullptr);

struct SpinRelaxation {
    bool keepLengths = false; ///< only directions change
    double tolerance = 1e-6; ///< eV/Bohr magneton: the largest field (or torque / length) that counts as none
    int mostSteps = 2000;
    double longest =
        20; ///< Bohr magneton: a moment beyond it ends the search, unconverged; b is too small to mean much
};
struct RelaxedSpins {
    std::vector<Vec3> moments; ///< [atoms] Bohr magneton
    double energy = 0;         ///< eV, at the moments; never above that at the start
    double largestField = 0;   ///< eV/Bohr magneton; with keepLengths of what is across the moment
    int steps = 0;
    bool converged = false;
};
/// A local minimum from `start` downhill: limited-memory BFGS (Nocedal and Wright, Numerical Optimization,
/// section 7.2) with steps of at most 0.3 Bohr magnetons (or lengths) a moment, each accepted only if it
/// lowers the energy. Atoms without a moment stay without. A start at which no field acts, such as an exactly
/// collinear pattern, is not left even if it is a saddle.
RelaxedSpins relaxSpins(const SpinSystem& system, const std::vector<Vec3>& start,
                        const SpinRelaxation& how = {});

} // namespace lodestone
