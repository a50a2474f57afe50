#pragma once
#include "architectures/nequip/convolution_network.h"
#include "equivariant/radial_network.h"
#include "models/graph_batch.h"

namespace lodestone {

/// distance: [edges] Angstrom; `stretched`: what the envelope sees of it. Returns the energy of each edge,
/// [edges].
torch::Tensor zblEnergies(const ZblRepulsion& repulsion, const GraphBatch& batch,
                          const torch::Tensor& distance, const torch::Tensor& stretched);

} // namespace lodestone
