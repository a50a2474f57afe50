#pragma once
// All first derivatives of a convolution for one warp.
#include "equivariant/kernels/cuda/device_kernels.h"
#include "equivariant/kernels/cuda/staging.h"

namespace lodestone::cuda {

template<class T>
struct BackwardTask {
    PlanView plan; ///< its tables for sums that go back
    GroupView groups;
    const std::int64_t* other = nullptr; ///< the centre of each edge
    EdgeWeights<T> weights;
    BackwardOperands<T> operands;
    BackwardSums<T> to;
};

/// With directions there are three kinds of couplings, else one. Fewer edges at a time than in a plain sum:
/// so many sums are kept of each.
template<class T, bool directions>
struct BackwardStage : Stage<T, directions ? 3 : 1, 4> {
    static constexpr int most = 4, outputs = directions ? backwardOutputs : 1;
    static constexpr int size = outputs * most * warpLanes;
    T onEdges[size];

    /// What derivative a on edge n gets from the warp's channels, before the lanes are summed.
    LODESTONE_DEVICE T* onEdge(int a, int n) { return onEdges + (a * most + n) * warpLanes; }
};

/// Slopes that one warp finds for the components of its atom's features, and those components.
template<class V, int Most>
struct NearAtom {
    V features[Most], slopes[Most];
};

/// The stage's first `count` edges of one path.
template<class P, class T, bool directions, int From, int To, int Most>
LODESTONE_DEVICE void edgesBack(const BackwardTask<T>& task, const PathEntry& path, int channel, int count,
                                BackwardStage<T, directions>& stage,
                                NearAtom<typename P::template Value<T>, Most>& atom)
{
    typedef typename P::template Value<T> V;
    constexpr int sources = directions ? 3 : 1;
    stageCouplings<P, T, From, To>(task.plan, path, true, task.operands.coupling, count, stage);

    const PathEnds ends = endsOf(task.plan, path, true);
    const int sizeFrom = From > 0 ? From : ends.sizeFrom, sizeTo = To > 0 ? To : ends.sizeTo;
    const CouplingLayout layout(sizeFrom, sizeTo);
    const WeightReader<P, T> weights(task.plan, path, task.weights, channel);
    const T degree = static_cast<T>((path.harmonics - 1) / 2);
    for (int n = 0; n < count; ++n) {
        V w{}, dw{};
        if (task.weights.array)
            w = weights.ofEdge(stage.edge[n]);
        else
            weights.lookedUp(stage.row[n], stage.t[n], w, dw);

        V slopes[From > 0 ? From : mostSize];
        const T* g = task.operands.slope + stage.far[n] * ends.fromWidth + ends.from + channel;
        LODESTONE_UNROLL
        for (int k = 0; k < sizeFrom; ++k)
            slopes[k] = P::load(g + k * ends.fromStride, weights.count);
        V sums[Most], products[sources];
        // Z itself comes last: the features get its sums.
        LODESTONE_UNROLL
        for (int a = sources - 1; a >= 0; --a) {
            CouplingRows<P, T, From, To> z(stage.z[a] + n * layout.edgeStep, layout);
            LODESTONE_UNROLL
            for (int m = 0; m < sizeTo; ++m)
                sums[m] = V{};
            LODESTONE_UNROLL
            for (int k = 0; k < sizeFrom; ++k) {
                z.begin(k);
                LODESTONE_UNROLL
                for (int m = 0; m < sizeTo; ++m)
                    sums[m] += slopes[k] * z.of(k, m);
            }
            products[a] = V{};
            LODESTONE_UNROLL
            for (int m = 0; m < sizeTo; ++m)
                products[a] += sums[m] * atom.features[m];
        }
        LODESTONE_UNROLL
        for (int m = 0; m < sizeTo; ++m)
            atom.slopes[m] += w * sums[m];
        if (task.to.weights)
            P::add(task.to.weights + stage.edge[n] * task.plan.weights + path.weight + channel, products[0],
                   weights.count);
        if (!task.weights.array)
            P::add(stage.onEdge(0, n), dw * stage.along[n] * products[0], warpLanes);
        if constexpr (directions) {
            P::add(stage.onEdge(1, n), w * products[1], warpLanes);
            P::add(stage.onEdge(2, n), w * products[2], warpLanes);
            P::add(stage.onEdge(3, n), w * products[0] * degree, warpLanes);
        }
    }
}

template<class P, class T, bool directions, int To>
LODESTONE_DEVICE void itemBack(const BackwardTask<T>& task, int number, std::int64_t group,
                               BackwardStage<T, directions>& stage)
{
    typedef typename P::template Value<T> V;
    constexpr int most = To > 0 ? To : mostSize;
    const WorkItem item = task.plan.items[number];
    const int sizeTo = To > 0 ? To : item.size;
    const PathEntry target = task.plan.paths[item.first];
    const std::int64_t row = task.groups.atom[group] * task.plan.in + target.in + item.channel;
    const int channels = target.channels - item.channel;
    NearAtom<V, most> atom;
    LODESTONE_UNROLL
    for (int m = 0; m < sizeTo; ++m) {
        atom.features[m] = P::load(task.operands.features + row + m * target.channels, channels);
        atom.slopes[m] = V{};
    }
    const std::int64_t end = task.groups.start[group + 1];
    const int together = stage.together(item.couplings);
    for (std::int64_t first = task.groups.start[group]; first < end; first += together) {
        const int count = end - first < together ? static_cast<int>(end - first) : together;
        stageEdges<P>(task.groups, task.other, task.weights, static_cast<const T*>(nullptr), first, count,
                      stage);
        P::spread(stage.size, [&](int n) { stage.onEdges[n] = T{}; });
        for (int path = item.first; path < item.first + item.paths; ++path) {
            const PathEntry entry = task.plan.paths[path];
            if constexpr (To == 0) {
                edgesBack<P, T, directions, 0, 0>(task, entry, item.channel, count, stage, atom);
            } else {
                switch (entry.sizeOut) {
                case 1:
                    edgesBack<P, T, directions, 1, To>(task, entry, item.channel, count, stage, atom);
                    break;
                case 3:
                    edgesBack<P, T, directions, 3, To>(task, entry, item.channel, count, stage, atom);
                    break;
                case 5:
                    edgesBack<P, T, directions, 5, To>(task, entry, item.channel, count, stage, atom);
                    break;
                case 7:
                    edgesBack<P, T, directions, 7, To>(task, entry, item.channel, count, stage, atom);
                    break;
                default:
                    edgesBack<P, T, directions, 0, To>(task, entry, item.channel, count, stage, atom);
                }
            }
        }
        if (task.to.parts)
            for (int a = 0; a < stage.outputs; ++a)
                for (int n = 0; n < count; ++n) {
                    const T sum = P::sum(P::load(stage.onEdge(a, n), warpLanes));
                    P::once([&] {
                        task.to.parts[(std::int64_t{number} * backwardOutputs + a) * task.groups.edges +
                                      stage.edge[n]] = sum;
                    });
                }
    }
    if (task.to.features) {
        LODESTONE_UNROLL
        for (int m = 0; m < sizeTo; ++m)
            P::add(task.to.features + row + m * target.channels, atom.slopes[m], channels);
    }
}

/// Warp number `warp` of items x groups.
template<class P, class T, bool directions>
LODESTONE_DEVICE void backwardOfWarp(const BackwardTask<T>& task, std::int64_t warp,
                                     BackwardStage<T, directions>& stage)
{
    const int item = static_cast<int>(warp / task.groups.groups);
    const std::int64_t group = warp % task.groups.groups;
    switch (task.plan.items[item].size) {
    case 1:
        return itemBack<P, T, directions, 1>(task, item, group, stage);
    case 3:
        return itemBack<P, T, directions, 3>(task, item, group, stage);
    case 5:
        return itemBack<P, T, directions, 5>(task, item, group, stage);
    case 7:
        return itemBack<P, T, directions, 7>(task, item, group, stage);
    default:
        return itemBack<P, T, directions, 0>(task, item, group, stage);
    }
}

/// Adds up, always in the same order, what the work items have found for warpLanes edges from `first`.
template<class P, class T>
LODESTONE_DEVICE void addParts(const BackwardTask<T>& task, std::int64_t first)
{
    typedef typename P::template Value<T> V;
    const int count =
        task.groups.edges - first < warpLanes ? static_cast<int>(task.groups.edges - first) : warpLanes;
    for (int a = 0; a < backwardOutputs; ++a) {
        T* to = a == 0 ? task.to.distance : task.to.direction;
        if (!to)
            continue;
        V sum{};
        for (std::int64_t item = 0; item < task.plan.itemCount; ++item)
            sum += P::load(task.to.parts + (item * backwardOutputs + a) * task.groups.edges + first, count);
        if (a == 0)
            P::add(to + first, sum, count);
        else
            P::add(to + (backwardOutputs - 1) * first + (a - 1), sum, count, backwardOutputs - 1);
    }
}

} // namespace lodestone::cuda
