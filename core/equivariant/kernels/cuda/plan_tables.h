#pragma once
// An EdgePlan as flat tables, and how its work is divided among warps.
#include "base/error.h"
#include "equivariant/kernels/cuda/staging.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

namespace lodestone::cuda {

/// The work on one group of edges for sums in one direction.
struct PlanTables {
    std::vector<PathEntry> paths; ///< those of a work item one after another
    std::vector<WorkItem> items;  ///< the longest first, so that none begins late
};

namespace detail {

/// Where a path's sums go: rows of `stride` numbers from `start`, of which it takes [column, column +
/// channels).
struct Target {
    std::int64_t start, column, channels, stride;
    int rows;

    auto place() const { return std::tie(start, column); }
    bool overlaps(const Target& other) const
    {
        if (start == other.start)
            return column < other.column + other.channels && other.column < column + channels;
        return start < other.start + other.rows * other.stride && other.start < start + rows * stride;
    }
    bool operator==(const Target&) const = default;
};

inline Target targetOf(const EdgePath& path, bool back)
{
    if (back)
        return {path.in, 0, path.channels, path.channels, path.sizeIn};
    return {path.block, path.column, path.channels, path.blockChannels, path.sizeOut};
}

inline int narrowed(std::int64_t number)
{
    if (number < 0 || number > std::numeric_limits<int>::max())
        fail<InternalError>("A convolution with a row of {} numbers is too wide for the CUDA kernels.",
                            number);
    return static_cast<int>(number);
}

} // namespace detail

/// back: sums go to the features instead of to the output. Paths with the same target share a work item; no
/// number has two owners. InternalError for a plan whose targets overlap otherwise, or whose sizes are above
/// mostSize.
inline PlanTables planTables(const EdgePlan& plan, bool back)
{
    std::vector<std::size_t> order;
    std::vector<detail::Target> targets;
    std::vector<std::int64_t> firstBlocks;
    std::int64_t blocks = 0;
    for (const EdgePath& path : plan.paths) {
        if (path.sizeIn > mostSize || path.sizeOut > mostSize)
            fail<InternalError>("The CUDA kernels know irreps up to l = {} only.", (mostSize - 1) / 2);
        order.push_back(order.size());
        targets.push_back(detail::targetOf(path, back));
        firstBlocks.push_back(blocks);
        blocks += (path.channels + tableLanes - 1) / tableLanes;
    }
    for (const std::int64_t width : {plan.couplings, plan.weights, plan.in, plan.out, blocks})
        detail::narrowed(width);
    for (const detail::Target& a : targets)
        for (const detail::Target& b : targets)
            if (!(a == b) && a.overlaps(b))
                fail<InternalError>("Two paths of a convolution share a part of their sums.");
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return targets[a].place() < targets[b].place(); });

    PlanTables tables;
    std::vector<std::int64_t> costs;
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first;
        int couplings = 0;
        std::int64_t cost = 0;
        for (; last < order.size() && targets[order[last]] == targets[order[first]]; ++last) {
            const EdgePath& path = plan.paths[order[last]];
            const auto int32 = [](std::int64_t number) { return static_cast<int>(number); };
            tables.paths.push_back({path.sizeIn, path.sizeOut, int32(path.channels), int32(path.coupling),
                                    int32(path.weight), int32(path.in), int32(path.block + path.column),
                                    int32(path.blockChannels), path.harmonic, path.harmonics,
                                    int32(firstBlocks[order[last]])});
            couplings = std::max(couplings, back ? CouplingLayout(path.sizeOut, path.sizeIn).edgeStep
                                                 : CouplingLayout(path.sizeIn, path.sizeOut).edgeStep);
            cost += std::int64_t{path.sizeIn} * path.sizeOut + path.sizeIn + path.sizeOut;
        }
        for (std::int64_t channel = 0; channel < targets[order[first]].channels; channel += warpLanes) {
            tables.items.push_back({static_cast<int>(first), static_cast<int>(last - first),
                                    static_cast<int>(channel), couplings, targets[order[first]].rows});
            costs.push_back(cost);
        }
        first = last;
    }
    std::vector<std::size_t> byCost(costs.size());
    for (std::size_t n = 0; n < byCost.size(); ++n)
        byCost[n] = n;
    std::stable_sort(byCost.begin(), byCost.end(),
                     [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
    std::vector<WorkItem> items;
    for (const std::size_t n : byCost)
        items.push_back(tables.items[n]);
    tables.items = std::move(items);
    return tables;
}

/// Of tables that lie on the host.
inline PlanView viewOf(const EdgePlan& plan, const PlanTables& tables)
{
    const auto int32 = [](auto number) { return static_cast<int>(number); };
    return {tables.paths.data(),
            tables.items.data(),
            int32(tables.paths.size()),
            int32(tables.items.size()),
            int32(plan.couplings),
            int32(plan.weights),
            int32(plan.in),
            int32(plan.out)};
}

} // namespace lodestone::cuda
