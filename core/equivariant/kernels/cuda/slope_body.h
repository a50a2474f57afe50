#pragma once
// edgeSlopes() for one warp.
#include "equivariant/kernels/cuda/staging.h"

namespace lodestone::cuda {

/// Work on the edges [first, last), a warp each: it owns all that goes to its edge.
template<class T>
struct SlopeTask {
    PlanView plan;
    const std::int64_t *centre = nullptr, *neighbour = nullptr;
    EdgeWeights<T> weights;
    EdgeCouplingSource<T> coupling;
    const T *features = nullptr, *slope = nullptr;
    EdgeSlopes<T> to;
    std::int64_t first = 0, last = 0;
};

template<class T>
struct SlopeStage : Stage<T, 1, 4> {
    T toCoupling[mostSize * mostSize];
};

/// Channels [channel, channel + warpLanes) of one path. Returns what the distance gets of them.
template<class P, class T, int In>
LODESTONE_DEVICE typename P::template Value<T>
slopesOfChannels(const SlopeTask<T>& task, const PathEntry& path, int channel, SlopeStage<T>& stage)
{
    typedef typename P::template Value<T> V;
    constexpr int most = In > 0 ? In : mostSize;
    const int sizeIn = In > 0 ? In : path.sizeIn;
    const std::int64_t edge = stage.edge[0];
    const WeightReader<P, T> weights(task.plan, path, task.weights, channel);
    V w{}, dw{};
    if (!task.weights.array)
        weights.lookedUp(stage.row[0], stage.t[0], w, dw);
    else if (task.to.toCoupling)
        w = weights.ofEdge(edge);

    V x[most];
    const T* features = task.features + stage.far[0] * task.plan.in + path.in + channel;
    LODESTONE_UNROLL
    for (int m = 0; m < sizeIn; ++m)
        x[m] = P::load(features + m * path.channels, weights.count);
    const T* slopes = task.slope + task.centre[edge] * task.plan.out + path.out + channel;
    const CouplingLayout layout(sizeIn, path.sizeOut);
    V messages{};
    for (int k = 0; k < path.sizeOut; ++k) {
        const V slope = P::load(slopes + k * path.outStride, weights.count);
        if (task.to.toWeights || task.to.toDistance) {
            V message{};
            LODESTONE_UNROLL
            for (int m = 0; m < sizeIn; ++m)
                message += x[m] * stage.z[0][m * layout.fromStep + k];
            messages += message * slope;
        }
        if (task.to.toCoupling) {
            const V weighted = w * slope;
            LODESTONE_UNROLL
            for (int m = 0; m < sizeIn; ++m) {
                const T sum = P::sum(weighted * x[m]);
                P::once([&] { stage.toCoupling[k * sizeIn + m] += sum; });
            }
        }
    }
    if (task.to.toWeights)
        P::add(task.to.toWeights + edge * task.plan.weights + path.weight + channel, messages, weights.count);
    return messages * dw;
}

template<class P, class T, int In>
LODESTONE_DEVICE typename P::template Value<T> slopesOfPath(const SlopeTask<T>& task, const PathEntry& path,
                                                            SlopeStage<T>& stage)
{
    typename P::template Value<T> toDistance{};
    const int size = path.sizeIn * path.sizeOut;
    if (task.to.toWeights || task.to.toDistance)
        stageCouplings<P, T, 0, 0>(task.plan, path, false, &task.coupling, 1, stage);
    if (task.to.toCoupling)
        P::spread(size, [&](int c) { stage.toCoupling[c] = T{}; });
    for (int channel = 0; channel < path.channels; channel += warpLanes)
        toDistance += slopesOfChannels<P, T, In>(task, path, channel, stage);
    if (task.to.toCoupling) {
        T* to = task.to.toCoupling + (stage.edge[0] - task.first) * task.plan.couplings + path.coupling;
        P::spread(size, [&](int c) { to[c] += stage.toCoupling[c]; });
    }
    return toDistance;
}

/// The edge first + warp.
template<class P, class T>
LODESTONE_DEVICE void slopesOfWarp(const SlopeTask<T>& task, std::int64_t warp, SlopeStage<T>& stage)
{
    typename P::template Value<T> toDistance{};
    stageEdges<P>(GroupView{}, task.neighbour, task.weights, static_cast<const T*>(nullptr),
                  task.first + warp, 1, stage);
    for (int number = 0; number < task.plan.pathCount; ++number) {
        const PathEntry path = task.plan.paths[number];
        switch (path.sizeIn) {
        case 1:
            toDistance += slopesOfPath<P, T, 1>(task, path, stage);
            break;
        case 3:
            toDistance += slopesOfPath<P, T, 3>(task, path, stage);
            break;
        case 5:
            toDistance += slopesOfPath<P, T, 5>(task, path, stage);
            break;
        case 7:
            toDistance += slopesOfPath<P, T, 7>(task, path, stage);
            break;
        default:
            toDistance += slopesOfPath<P, T, 0>(task, path, stage);
        }
    }
    if (task.to.toDistance) {
        const T sum = P::sum(toDistance) * stage.along[0];
        P::once([&] { task.to.toDistance[stage.edge[0]] += sum; });
    }
}

} // namespace lodestone::cuda
