#pragma once
#include "equivariant/kernels/edge_kernels.h"

#include <memory>
#include <torch/types.h>

namespace lodestone {

/// The edges of a batch, grouped by both ends for the kernels. Made once a batch and shared by all layers.
/// The kernels go through the atoms in the order in which they come as centres, whichever end they group by.
struct EdgeIndex {
    torch::Tensor centre, neighbour; ///< [edges] int64, the edges of a centre one after another
    std::int64_t atoms = 0;
    EdgeGroups byCentre, byNeighbour; ///< filled on the CPU only
};
std::shared_ptr<const EdgeIndex> makeEdgeIndex(const torch::Tensor& centre, const torch::Tensor& neighbour,
                                               std::int64_t atoms);

} // namespace lodestone
