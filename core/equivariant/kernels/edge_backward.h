#pragma once
// All first derivatives on edges in one pass, written once for any width of vector registers. Only
// edge_kernels.cpp includes this.
#include "equivariant/kernels/edge_reading.h"

namespace lodestone::loops {

/// Groups by neighbour.
template<class T>
struct BackwardTask : GroupTask<T> {
    const EdgeBackwardOperands<T>& operands;
    const EdgeBackwardSums<T>& to;
};

/// Couplings of Y and of its two derivatives.
constexpr int couplingSets = 3;

/// Four sums over channels of each edge, folded as far as one register takes them.
template<class T, int Bytes>
struct EdgeSums {
    static constexpr int lanes = static_cast<int>(Pack<T, Bytes>::lanes);
    /// Numbers an edge; sum r is what its lanes from r * width / 4 on add up to.
    static constexpr int width = lanes < 4 ? 4 : lanes;

    LODESTONE_INLINE static void add(T* to, const typename Pack<T, Bytes>::Value& a,
                                     const typename Pack<T, Bytes>::Value& b,
                                     const typename Pack<T, Bytes>::Value& c,
                                     const typename Pack<T, Bytes>::Value& d)
    {
        if constexpr (lanes < 4) {
            to[0] += sumOfLanes<T, Bytes>(a);
            to[1] += sumOfLanes<T, Bytes>(b);
            to[2] += sumOfLanes<T, Bytes>(c);
            to[3] += sumOfLanes<T, Bytes>(d);
        } else {
            typedef typename Pack<T, Bytes>::Value V;
            constexpr auto all = std::make_index_sequence<static_cast<std::size_t>(lanes)>();
            const V both = folded<lanes, lanes>(a, b, all), last = folded<lanes, lanes>(c, d, all);
            addTo(to, folded<lanes, lanes / 2>(both, last, all));
        }
    }
    LODESTONE_INLINE static T sum(const T* from, int number)
    {
        T all{};
        for (int lane = number * (width / 4); lane < (number + 1) * (width / 4); ++lane)
            all += from[lane];
        return all;
    }
};

/// `Packs` registers of channels from u on, for a part of the groups. Bytes: of the widest registers, whose
/// lanes the sums of each edge have.
template<class T, int Bytes, class V, int Packs, int In, int Out>
LODESTONE_INLINE void backwardOfChannels(const BackwardTask<T>& task, const GroupPart& part,
                                         std::size_t number, std::int64_t u)
{
    typedef EdgeSums<T, Bytes> Sums;
    constexpr int mostIn = In > 0 ? In : 13, mostOut = Out > 0 ? Out : 13;
    constexpr std::int64_t lanes = static_cast<std::int64_t>(sizeof(V) / sizeof(T));
    const EdgePath& path = task.plan.paths[number];
    const int in = In > 0 ? In : path.sizeIn, out = Out > 0 ? Out : path.sizeOut, size = in * out;
    const EdgeScratch<T>& packed = task.packed;
    const std::int64_t sumsAt = path.block + path.column + u;
    const T degree = static_cast<T>((path.harmonics - 1) / 2);
    WeightSource<T, V> weights[Packs];
    for (int p = 0; p < Packs; ++p)
        weights[p] = WeightSource<T, V>(task.plan, task.weights, number, u + p * lanes);
    const bool looksUp = weights[0].polynomials != nullptr;
    std::size_t n = part.edge;
    for (std::int64_t group = part.first; group < part.last; ++group) {
        const std::int64_t atom = task.groups.atom[static_cast<std::size_t>(group)];
        const T* row = task.operands.features + atom * task.plan.in + path.in + u;
        V x[mostIn][Packs], toX[mostIn][Packs];
        for (int m = 0; m < in; ++m)
            for (int p = 0; p < Packs; ++p) {
                x[m][p] = load<V>(row + m * path.channels + p * lanes);
                toX[m][p] = V{};
            }
        const std::size_t end = task.endOf(group);
        for (; n < end; ++n) {
            const T* far = task.operands.slope + packed.far[n] * task.plan.out + sumsAt;
            const T* z =
                packed.coupling.data() + (n - part.edge) * static_cast<std::size_t>(couplingSets * size);
            V g[mostOut][Packs], w[Packs], h[Packs];
            for (int k = 0; k < out; ++k)
                for (int p = 0; p < Packs; ++p)
                    g[k][p] = load<V>(far + k * path.blockChannels + p * lanes);
            for (int p = 0; p < Packs; ++p) {
                if (looksUp) {
                    weights[p].lookedUp(packed.row[n], packed.t[n], w[p], h[p]);
                } else {
                    w[p] = weights[p].ofEdge(task.edgeOf(n));
                    h[p] = V{};
                }
            }
            V along[Packs], first[Packs], second[Packs];
            for (int p = 0; p < Packs; ++p)
                along[p] = first[p] = second[p] = V{};
            for (int m = 0; m < in; ++m) {
                V sums[couplingSets][Packs];
                for (int set = 0; set < couplingSets; ++set)
                    for (int p = 0; p < Packs; ++p) {
                        V sum = g[0][p] * z[set * size + m];
                        for (int k = 1; k < out; ++k)
                            sum += g[k][p] * z[set * size + k * in + m];
                        sums[set][p] = sum;
                    }
                for (int p = 0; p < Packs; ++p) {
                    toX[m][p] += w[p] * sums[0][p];
                    along[p] += sums[0][p] * x[m][p];
                    first[p] += sums[1][p] * x[m][p];
                    second[p] += sums[2][p] * x[m][p];
                }
            }
            if (!looksUp && task.to.toWeights)
                for (int p = 0; p < Packs; ++p)
                    addTo(task.to.toWeights + task.edgeOf(n) * task.plan.weights + path.weight + u +
                              p * lanes,
                          along[p]);
            V sums[4] = {h[0] * along[0], w[0] * first[0], w[0] * second[0], w[0] * along[0]};
            for (int p = 1; p < Packs; ++p) {
                sums[0] += h[p] * along[p];
                sums[1] += w[p] * first[p];
                sums[2] += w[p] * second[p];
                sums[3] += w[p] * along[p];
            }
            sums[3] *= degree;
            T* const to = task.packed.sums.data() + n * Sums::width;
            if constexpr (lanes == 1)
                for (int i = 0; i < 4; ++i)
                    to[i * (Sums::width / 4)] += sums[i];
            else
                Sums::add(to, sums[0], sums[1], sums[2], sums[3]);
        }
        if (task.to.toFeatures) {
            T* to = task.to.toFeatures + atom * task.plan.in + path.in + u;
            for (int m = 0; m < in; ++m)
                for (int p = 0; p < Packs; ++p)
                    addTo(to + m * path.channels + p * lanes, toX[m][p]);
        }
    }
}

template<class T, int Bytes, int In, int Out>
LODESTONE_INLINE void backwardOfPart(const BackwardTask<T>& task, const GroupPart& part, std::size_t number)
{
    typedef typename Pack<T, Bytes>::Value V;
    constexpr std::int64_t lanes = Pack<T, Bytes>::lanes;
    const EdgePath& path = task.plan.paths[number];
    const EdgeBackwardOperands<T>& from = task.operands;
    packHarmonics<T, Bytes, In * Out>(
        task, path, {from.harmonics, from.numbers, couplingSets, from.matrix, task.plan.couplings}, part.edge,
        part.edges, task.packed.coupling.data());
    std::int64_t u = 0;
    if constexpr (In > 0)
        for (; u + 2 * lanes <= path.channels; u += 2 * lanes) // each coupling is read for two registers
            backwardOfChannels<T, Bytes, V, 2, In, Out>(task, part, number, u);
    for (; u + lanes <= path.channels; u += lanes)
        backwardOfChannels<T, Bytes, V, 1, In, Out>(task, part, number, u);
    for (; u < path.channels; ++u)
        backwardOfChannels<T, Bytes, T, 1, 0, 0>(task, part, number, u);
}

template<class T, int Bytes, int In, int Out>
LODESTONE_INLINE void backwardOfPath(const BackwardTask<T>& task, std::size_t number)
{
    forParts(
        task, [&](const GroupPart& part)
                  __attribute__((always_inline)) { backwardOfPart<T, Bytes, In, Out>(task, part, number); });
}

template<class T, int Bytes, int In>
LODESTONE_INLINE void backwardOfPathFrom(const BackwardTask<T>& task, std::size_t number)
{
    switch (task.plan.paths[number].sizeOut) {
    case 1:
        return backwardOfPath<T, Bytes, In, 1>(task, number);
    case 3:
        return backwardOfPath<T, Bytes, In, 3>(task, number);
    case 5:
        return backwardOfPath<T, Bytes, In, 5>(task, number);
    case 7:
        return backwardOfPath<T, Bytes, In, 7>(task, number);
    default:
        return backwardOfPath<T, Bytes, 0, 0>(task, number);
    }
}

template<class T, int Bytes>
LODESTONE_INLINE void backwardOnEdges(const BackwardTask<T>& task)
{
    typedef EdgeSums<T, Bytes> Sums;
    const std::size_t count = task.edges();
    const bool table = task.weights.array == nullptr;
    EdgeScratch<T>& packed = task.packed;
    packed.reserve(count, mostOfAPart(task), couplingSets * mostCouplings(task.plan));
    packed.sums.assign(count * Sums::width, T{});
    packEnds(task);
    for (std::size_t number = 0; number < task.plan.paths.size(); ++number) {
        if constexpr (sizeof(T) == 8 || Bytes == 16) { // as in sumOverEdges()
            backwardOfPath<T, Bytes, 0, 0>(task, number);
        } else {
            switch (task.plan.paths[number].sizeIn) {
            case 1:
                backwardOfPathFrom<T, Bytes, 1>(task, number);
                break;
            case 3:
                backwardOfPathFrom<T, Bytes, 3>(task, number);
                break;
            case 5:
                backwardOfPathFrom<T, Bytes, 5>(task, number);
                break;
            case 7:
                backwardOfPathFrom<T, Bytes, 7>(task, number);
                break;
            default:
                backwardOfPath<T, Bytes, 0, 0>(task, number);
            }
        }
    }
    for (std::size_t n = 0; n < count; ++n) {
        const std::int64_t edge = task.edgeOf(n);
        const T* sums = packed.sums.data() + n * Sums::width;
        if (table && task.to.toDistance)
            task.to.toDistance[edge] += task.weights.tSlope[edge] * Sums::sum(sums, 0);
        for (int i = 0; i < 3; ++i)
            task.to.toDirections[3 * edge + i] += Sums::sum(sums, i + 1);
    }
}

} // namespace lodestone::loops
