#pragma once
#include "base/progress.h"
#include "crystal/structure.h"
#include "demo/magnetic_model.h"

#include <cstdint>
#include <vector>

namespace lodestone {

/// Unlabelled structures of one domain. A: bcc, fcc, hcp and rock-salt cells and random packings of Fe, Ni
/// and O, 4 to 16 atoms, strained, sheared and rattled over a broad range. B: stretched Fe-Ni alloys (bcc and
/// fcc) and (Fe,Ni)O, 8 to 16 atoms. Distances stay above 80 % of the pair's Morse distance.
std::vector<Structure> demoStructures(char set, std::size_t count, std::uint64_t seed);

/// The same with labels of the domain's parameter set: energy (eV), stress (eV/Angstrom^3, nine numbers) and
/// per atom forces (eV/Angstrom) and magmoms (vectors, Bohr magneton; a random common rotation in half of the
/// frames whose moments are not collinear). Frames with a force above `largestForce` are drawn again.
std::vector<Structure> demoFrames(char set, std::size_t count, std::uint64_t seed, const Watch& watch = {},
                                  double largestForce = 12);

} // namespace lodestone
