#pragma once
// convolve() and convolveBack() for one warp.
#include "equivariant/kernels/cuda/staging.h"

namespace lodestone::cuda {

template<class T>
struct SumTask {
    PlanView plan; ///< its tables for the direction of the sum
    GroupView groups;
    const std::int64_t* other = nullptr; ///< the far end of each edge
    EdgeWeights<T> weights;
    EdgeOperands<T> operands;
    T* out = nullptr;
    bool back = false;
};

template<class T, bool tangent>
using SumStage = Stage<T, tangent ? 2 : 1, 8>;

/// Adds the stage's first `count` edges of one path to a warp's sums.
template<class P, class T, bool tangent, int From, int To, int Most>
LODESTONE_DEVICE void addEdges(const SumTask<T>& task, const PathEntry& path, int channel, int count,
                               SumStage<T, tangent>& stage, typename P::template Value<T> (&sums)[Most])
{
    typedef typename P::template Value<T> V;
    const EdgeOperands<T>& given = task.operands;
    const EdgeCouplingSource<T> couplings[] = {given.coupling, given.tangentCoupling};
    stageCouplings<P, T, From, To>(task.plan, path, task.back, couplings, count, stage);

    const PathEnds ends = endsOf(task.plan, path, task.back);
    const int sizeFrom = From > 0 ? From : ends.sizeFrom, sizeTo = To > 0 ? To : ends.sizeTo;
    const CouplingLayout layout(sizeFrom, sizeTo);
    const WeightReader<P, T> weights(task.plan, path, task.weights, channel);
    const bool looksUp = !task.weights.array;
    for (int n = 0; n < count; ++n) {
        const std::int64_t edge = stage.edge[n];
        const std::int64_t far = stage.far[n] * ends.fromWidth + ends.from + channel;
        CouplingRows<P, T, From, To> z(stage.z[0] + n * layout.edgeStep, layout);
        CouplingRows<P, T, From, To> hz(stage.z[tangent ? 1 : 0] + n * layout.edgeStep, layout);
        V w{}, hw{};
        if constexpr (tangent) {
            if (looksUp) {
                weights.lookedUp(stage.row[n], stage.t[n], w, hw);
                hw = hw * stage.along[n];
            } else {
                w = weights.ofEdge(edge);
                hw = P::load(given.tangentWeights + edge * task.plan.weights + path.weight + channel,
                             weights.count);
            }
        } else {
            w = looksUp ? weights.lookedUp(stage.row[n], stage.t[n]) : weights.ofEdge(edge);
        }
        // hZ (w x) + Z (hw x + w hx): the weights are applied to the smaller side.
        LODESTONE_UNROLL
        for (int m = 0; m < sizeFrom; ++m) {
            const V x = P::load(given.rows + far + m * ends.fromStride, weights.count);
            const V weighted = w * x;
            z.begin(m);
            if constexpr (tangent) {
                V turned = hw * x;
                if (given.tangentRows)
                    turned += w * P::load(given.tangentRows + far + m * ends.fromStride, weights.count);
                hz.begin(m);
                LODESTONE_UNROLL
                for (int k = 0; k < sizeTo; ++k)
                    sums[k] += turned * z.of(m, k) + weighted * hz.of(m, k);
            } else {
                LODESTONE_UNROLL
                for (int k = 0; k < sizeTo; ++k)
                    sums[k] += weighted * z.of(m, k);
            }
        }
    }
}

template<class P, class T, bool tangent, int To>
LODESTONE_DEVICE void sumOfItem(const SumTask<T>& task, const WorkItem& item, std::int64_t group,
                                SumStage<T, tangent>& stage)
{
    typedef typename P::template Value<T> V;
    constexpr int most = To > 0 ? To : mostSize;
    const int sizeTo = To > 0 ? To : item.size;
    V sums[most];
    LODESTONE_UNROLL
    for (int k = 0; k < sizeTo; ++k)
        sums[k] = V{};
    const std::int64_t end = task.groups.start[group + 1];
    const int together = stage.together(item.couplings);
    for (std::int64_t first = task.groups.start[group]; first < end; first += together) {
        const int count = end - first < together ? static_cast<int>(end - first) : together;
        stageEdges<P>(task.groups, task.other, task.weights, task.operands.tangentDistance, first, count,
                      stage);
        for (int number = item.first; number < item.first + item.paths; ++number) {
            const PathEntry path = task.plan.paths[number];
            if constexpr (To == 0) {
                addEdges<P, T, tangent, 0, 0>(task, path, item.channel, count, stage, sums);
            } else {
                switch (task.back ? path.sizeOut : path.sizeIn) {
                case 1:
                    addEdges<P, T, tangent, 1, To>(task, path, item.channel, count, stage, sums);
                    break;
                case 3:
                    addEdges<P, T, tangent, 3, To>(task, path, item.channel, count, stage, sums);
                    break;
                case 5:
                    addEdges<P, T, tangent, 5, To>(task, path, item.channel, count, stage, sums);
                    break;
                case 7:
                    addEdges<P, T, tangent, 7, To>(task, path, item.channel, count, stage, sums);
                    break;
                default:
                    addEdges<P, T, tangent, 0, To>(task, path, item.channel, count, stage, sums);
                }
            }
        }
    }
    const PathEntry path = task.plan.paths[item.first];
    const std::int64_t row = task.groups.atom[group] * (task.back ? task.plan.in : task.plan.out);
    const int place = task.back ? path.in : path.out, stride = task.back ? path.channels : path.outStride;
    LODESTONE_UNROLL
    for (int k = 0; k < sizeTo; ++k)
        P::add(task.out + row + place + k * stride + item.channel, sums[k], path.channels - item.channel);
}

/// Warp number `warp` of items x groups.
template<class P, class T, bool tangent>
LODESTONE_DEVICE void sumOfWarp(const SumTask<T>& task, std::int64_t warp, SumStage<T, tangent>& stage)
{
    const WorkItem item = task.plan.items[warp / task.groups.groups];
    const std::int64_t group = warp % task.groups.groups;
    switch (item.size) {
    case 1:
        return sumOfItem<P, T, tangent, 1>(task, item, group, stage);
    case 3:
        return sumOfItem<P, T, tangent, 3>(task, item, group, stage);
    case 5:
        return sumOfItem<P, T, tangent, 5>(task, item, group, stage);
    case 7:
        return sumOfItem<P, T, tangent, 7>(task, item, group, stage);
    default:
        return sumOfItem<P, T, tangent, 0>(task, item, group, stage);
    }
}

} // namespace lodestone::cuda
