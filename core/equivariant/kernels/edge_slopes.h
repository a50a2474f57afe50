#pragma once
// Derivatives on edges, written once for any width of vector registers. Only edge_kernels.cpp includes this.
#include "equivariant/kernels/edge_reading.h"

namespace lodestone::loops {

/// Work on the edges [first, last).
template<class T>
struct SlopeTask {
    const EdgePlan& plan;
    const std::int64_t *centre, *neighbour;
    const EdgeWeights<T>& weights;
    const EdgeCouplingSource<T>& coupling;
    const T *features, *slope;
    const EdgeSlopes<T>& to;
    std::int64_t first, last;
    EdgeScratch<T>& packed;

    std::int64_t edgeOf(std::size_t n) const { return first + static_cast<std::int64_t>(n); }
    /// Of one path, as slopesOfPath() has made or found them.
    const T* couplings(const EdgePath& path, std::int64_t edge) const
    {
        return coupling.array ? coupling.array + edge * plan.couplings + path.coupling
                              : packed.coupling.data() + (edge - first) * path.sizeIn * path.sizeOut;
    }
};

/// Channels of a path whose weights are looked up together: they stay in the nearest cache.
constexpr std::int64_t mostTogether = 128;

/// Weights of some channels of one edge, and their derivatives in the distance.
template<class T>
struct ChannelWeights {
    const T *value, *slope;
    T values[mostTogether], slopes[mostTogether];
};

template<class T, class V>
LODESTONE_INLINE void lookUp(const SlopeTask<T>& task, std::size_t number, std::int64_t edge,
                             std::int64_t from, std::int64_t to, ChannelWeights<T>& into)
{
    constexpr std::int64_t lanes = static_cast<std::int64_t>(sizeof(V) / sizeof(T));
    if (task.weights.array) {
        into.value = task.weights.array + edge * task.plan.weights + task.plan.paths[number].weight + from;
        return;
    }
    into.value = into.values;
    into.slope = into.slopes;
    for (std::int64_t u = from; u < to; u += lanes) {
        V value, slope;
        WeightSource<T, V>(task.plan, task.weights, number, u)
            .lookedUp(task.weights.row[edge], task.weights.t[edge], value, slope);
        slope *= task.weights.tSlope[edge];
        std::memcpy(into.values + (u - from), &value, sizeof(V));
        std::memcpy(into.slopes + (u - from), &slope, sizeof(V));
    }
}

/// Channels from .. to (a multiple of the lanes) of one path on one edge.
template<class T, int Bytes, int In>
LODESTONE_INLINE void slopesOfChannels(const SlopeTask<T>& task, std::size_t number, std::int64_t edge,
                                       std::int64_t from, std::int64_t to)
{
    typedef typename Pack<T, Bytes>::Value V;
    constexpr std::int64_t lanes = Pack<T, Bytes>::lanes;
    constexpr int most = 13, mostIn = In > 0 ? In : most;
    const bool wantsCoupling = task.to.toCoupling, wantsDistance = task.to.toDistance,
               wantsWeights = task.to.toWeights;
    const EdgePath& path = task.plan.paths[number];
    const int sizeIn = In > 0 ? In : path.sizeIn;
    ChannelWeights<T> weights;
    if (wantsCoupling || wantsDistance)
        lookUp<T, V>(task, number, edge, from, to, weights);
    const T* x = task.features + task.neighbour[edge] * task.plan.in + path.in;
    const T* g = task.slope + task.centre[edge] * task.plan.out + path.block + path.column;
    const T* z = wantsDistance || wantsWeights ? task.couplings(path, edge) : nullptr;
    T rows[(most * mostIn + lanes) * lanes]; // sums over channels, before their lanes are summed
    V toDistance{};
    for (int k = 0; k < path.sizeOut; ++k) {
        V sums[mostIn], along{};
        for (int m = 0; m < sizeIn; ++m)
            sums[m] = V{};
        for (std::int64_t u = from; u < to; u += lanes) {
            const V slope = load<V>(g + k * path.blockChannels + u);
            V message{};
            for (int m = 0; z && m < sizeIn; ++m)
                message += load<V>(x + m * path.channels + u) * z[k * sizeIn + m];
            message *= slope;
            if (wantsDistance)
                along += message * load<V>(weights.slope + (u - from));
            if (wantsWeights)
                addTo(task.to.toWeights + edge * task.plan.weights + path.weight + u, message);
            if (wantsCoupling) {
                const V weighted = slope * load<V>(weights.value + (u - from));
                for (int m = 0; m < sizeIn; ++m)
                    sums[m] += weighted * load<V>(x + m * path.channels + u);
            }
        }
        toDistance += along; // not one chain of additions through all of k
        if (wantsCoupling)
            for (int m = 0; m < sizeIn; ++m)
                std::memcpy(rows + (k * sizeIn + m) * lanes, &sums[m], sizeof(V));
    }
    if (wantsCoupling) {
        const int count = path.sizeOut * sizeIn;
        std::memset(rows + count * lanes, 0, lanes * lanes * sizeof(T));
        addSumsOfLanes<T, Bytes>(
            rows, count, task.to.toCoupling + (edge - task.first) * task.plan.couplings + path.coupling);
    }
    if (wantsDistance)
        task.to.toDistance[edge] += sumOfLanes<T, Bytes>(toDistance);
}

template<class T, int Bytes, int In>
LODESTONE_INLINE void slopesOfEdgesOfPath(const SlopeTask<T>& task, std::size_t number)
{
    constexpr std::int64_t lanes = Pack<T, Bytes>::lanes;
    const std::int64_t channels = task.plan.paths[number].channels;
    const std::int64_t whole = channels - channels % lanes;
    for (std::int64_t edge = task.first; edge < task.last; ++edge) {
        for (std::int64_t from = 0; from < whole; from += mostTogether)
            slopesOfChannels<T, Bytes, In>(task, number, edge, from,
                                           whole < from + mostTogether ? whole : from + mostTogether);
        if (whole < channels)
            slopesOfChannels<T, 0, 0>(task, number, edge, whole, channels);
    }
}

template<class T, int Bytes, int In>
LODESTONE_INLINE void packForSlopes(const SlopeTask<T>& task, const EdgePath& path)
{
    const auto count = static_cast<std::size_t>(task.last - task.first);
    T* to = task.packed.coupling.data();
    switch (path.sizeOut) {
    case 1:
        return packCouplings<T, Bytes, In * 1>(task, path, task.coupling, 0, count, to);
    case 3:
        return packCouplings<T, Bytes, In * 3>(task, path, task.coupling, 0, count, to);
    case 5:
        return packCouplings<T, Bytes, In * 5>(task, path, task.coupling, 0, count, to);
    case 7:
        return packCouplings<T, Bytes, In * 7>(task, path, task.coupling, 0, count, to);
    default:
        return packCouplings<T, Bytes, 0>(task, path, task.coupling, 0, count, to);
    }
}

template<class T, int Bytes, int In>
LODESTONE_INLINE void slopesOfPath(const SlopeTask<T>& task, std::size_t number)
{
    if (!task.coupling.array && (task.to.toDistance || task.to.toWeights))
        packForSlopes<T, Bytes, In>(task, task.plan.paths[number]);
    slopesOfEdgesOfPath<T, Bytes, In>(task, number);
}

template<class T, int Bytes>
LODESTONE_INLINE void slopesOfEdges(const SlopeTask<T>& task)
{
    const auto edges = static_cast<std::size_t>(task.last - task.first);
    task.packed.reserve(edges, edges, task.coupling.array ? 0 : mostCouplings(task.plan));
    for (std::size_t number = 0; number < task.plan.paths.size(); ++number)
        switch (task.plan.paths[number].sizeIn) {
        case 1:
            slopesOfPath<T, Bytes, 1>(task, number);
            break;
        case 3:
            slopesOfPath<T, Bytes, 3>(task, number);
            break;
        case 5:
            slopesOfPath<T, Bytes, 5>(task, number);
            break;
        case 7:
            slopesOfPath<T, Bytes, 7>(task, number);
            break;
        default:
            slopesOfPath<T, Bytes, 0>(task, number);
        }
}

} // namespace lodestone::loops
