#pragma once
#include "engine/predictor.h"

namespace lodestone {

/// Adds to an audit what the heads that act on given moments promise, as largest deviations over the frames:
///   time_reversal.magnetic_forces (spin-energy) or .moment_vectors (vector)   reversed moments reverse them
///   rotation, the same quantities   they turn with structure and moments
///   spin_rotation {energy (eV/atom), forces, stress, magnetic_forces}   spin-energy: turning all moments
///     together, without the structure, changes nothing but the direction of the fields
///   finite_differences.magnetic_forces   spin-energy: central differences of the energy in the moments
/// predictor: in float64. Frames have moments.
void auditSpins(const Predictor& predictor, const std::vector<const Frame*>& frames, Json& audit);

} // namespace lodestone
