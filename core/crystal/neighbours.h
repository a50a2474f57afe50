#pragma once
#include "crystal/structure.h"

namespace lodestone {

/// Directed pairs (centre i, neighbour j, shift S) with |r_j + S*cell - r_i| < cutoff, the self pair S = 0
/// left out. Sorted by centre, then neighbour, then shift, so equal input gives equal order.
struct NeighbourList {
    std::vector<std::int32_t> centre;               ///< [edges]
    std::vector<std::int32_t> neighbour;            ///< [edges]
    std::vector<std::array<std::int32_t, 3>> shift; ///< [edges], in cell vectors; 0 in open directions
    std::size_t size() const { return centre.size(); }
};

/// O(N) by cell lists; any cell: skewed, left-handed, smaller than the cutoff, slab, chain, molecule. Atoms
/// may lie outside the cell. Throws Error if the cell of a periodic direction is degenerate or cutoff <= 0 or
/// not finite.
NeighbourList neighbourList(const Structure& structure, double cutoff);

} // namespace lodestone
