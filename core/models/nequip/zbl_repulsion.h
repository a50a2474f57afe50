#pragma once
#include "equivariant/radial_network.h"
#include "models/graph_batch.h"

#include <vector>

namespace lodestone {

/// Screened Coulomb repulsion of nuclei (Ziegler, Biersack, Littmark, The Stopping and Range of Ions in
/// Matter, Pergamon 1985; numbers as in LAMMPS' pair style zbl), taken to zero by an envelope.
struct ZblRepulsion {
    std::vector<double> charges; ///< [elements] nuclear charges
    double prefactor = 0;        ///< e^2 / (4 pi epsilon_0), eV Angstrom, halved: every pair is met twice
    RadialEnvelope envelope;
};
/// distance: [edges] Angstrom; `stretched`: what the envelope sees of it. Returns the energy of each edge,
/// [edges].
torch::Tensor zblEnergies(const ZblRepulsion& repulsion, const GraphBatch& batch,
                          const torch::Tensor& distance, const torch::Tensor& stretched);

} // namespace lodestone
