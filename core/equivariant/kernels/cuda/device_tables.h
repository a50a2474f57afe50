#pragma once
// What the kernels read of plans and groups, as plain data that a kernel takes by value. Pointers lead to the
// device's memory, or, in tests on a processor, to the host's.
#include "equivariant/kernels/cuda/warp.h"
#include "equivariant/kernels/edge_kernels.h"

namespace lodestone::cuda {

/// 2 l + 1 of the highest irreps.
constexpr int mostSize = 13;

/// EdgePath, narrower: a warp reads it again for every few edges.
struct PathEntry {
    int sizeIn, sizeOut, channels, coupling, weight, in;
    int out, outStride; ///< first channel in an atom's sums, and from one component to the next
    int harmonic, harmonics;
    int firstBlock; ///< of a radial table
};

/// What one warp does for one group of edges: channels [channel, channel + warpLanes) of paths [first, first
/// + paths), all of which add to the same `size` components.
struct WorkItem {
    int first, paths, channel;
    int couplings; ///< numbers that those of the largest path take on an edge (CouplingLayout)
    int size;
};

/// PlanTables and the widths of the rows.
struct PlanView {
    const PathEntry* paths = nullptr;
    const WorkItem* items = nullptr;
    int pathCount = 0, itemCount = 0;
    int couplings = 0, weights = 0, in = 0, out = 0;
};

/// EdgeGroups. order may be null: the identity.
struct GroupView {
    const std::int64_t *atom = nullptr, *start = nullptr, *order = nullptr;
    std::int64_t groups = 0, edges = 0;
};

/// One path's operands for a sum in one direction.
struct PathEnds {
    int sizeFrom, sizeTo;
    int fromWidth, from, fromStride; ///< of the far atom's row
};
LODESTONE_DEVICE PathEnds endsOf(const PlanView& plan, const PathEntry& path, bool back)
{
    if (back)
        return {path.sizeOut, path.sizeIn, plan.out, path.out, path.outStride};
    return {path.sizeIn, path.sizeOut, plan.in, path.in, path.channels};
}

} // namespace lodestone::cuda
