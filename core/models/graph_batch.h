#pragma once
#include "base/progress.h"
#include "crystal/structure.h"

#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Several structures as one graph. Index tensors int64; reals in the batch's dtype.
struct GraphBatch {
    std::int64_t graphs = 0, atoms = 0, edges = 0;
    torch::Tensor species;   ///< [atoms] index into ModelDescription::elements
    torch::Tensor positions; ///< [atoms, 3] Angstrom
    torch::Tensor cell;      ///< [graphs, 3, 3] rows are vectors
    torch::Tensor volume;    ///< [graphs] Angstrom^3; 0 where not periodic in three directions
    torch::Tensor graph;     ///< [atoms] which structure
    torch::Tensor atomCount; ///< [graphs] real
    torch::Tensor centre;    ///< [edges] the edges of an atom one after another; many atoms: near ones follow
                             ///< each other (orderInSpace()), few: as given
    torch::Tensor neighbour; ///< [edges]
    torch::Tensor shift;     ///< [edges, 3] real-valued cell shifts
    torch::Tensor edgeGraph; ///< [edges]
    /// [atoms, 3] Bohr magneton, Cartesian: the given magnetic moments, an input of heads that act on spins;
    /// 0 where an atom has none. Undefined unless whoever made the batch set it.
    torch::Tensor moments;

    GraphBatch to(torch::Device device, torch::Dtype dtype) const;
};

/// Neighbour lists and tensors for some structures (cutoff in Angstrom). `elements` gives the index of each
/// atomic number; an element that is not in it is an Error naming the structure and the element.
GraphBatch makeGraphBatch(const std::vector<const Structure*>& structures, const std::vector<int>& elements,
                          double cutoff, torch::Dtype dtype);
/// Joins batches of single or several structures; moments only where all parts have them.
GraphBatch concatenate(const std::vector<GraphBatch>& parts);

} // namespace lodestone
