#pragma once
// Sums over edges, written once for any width of vector registers. Only edge_kernels.cpp includes this.
#include "equivariant/kernels/edge_reading.h"

namespace lodestone::loops {

template<class T>
struct SumTask : GroupTask<T> {
    const EdgeOperands<T>& operands;
    T* out;
    bool back; ///< from slopes of the sums to features

    /// Couplings are read where they lie.
    bool direct() const { return operands.coupling.array && this->sorted(); }
};

/// What all channels of all paths read of each edge, in the order in which the edges are gone through.
template<class T>
struct EdgeRun {
    const std::int64_t* far = nullptr; ///< atom
    const std::int32_t* row = nullptr;
    const T *t = nullptr, *alongDistance = nullptr; ///< the latter: derivative of t along the tangent
    /// Couplings of a path for one part of the groups, `stride` numbers from edge to edge.
    const T *coupling = nullptr, *tangentCoupling = nullptr;
    std::int64_t stride = 0;
};

/// Edges of another order than they are stored in are put together first: each number would be read from a
/// cache line of its own otherwise, and again for every channel.
template<class T>
LODESTONE_INLINE EdgeRun<T> runOf(const SumTask<T>& task)
{
    const EdgeWeights<T>& weights = task.weights;
    const std::int64_t first = task.firstEdge();
    const std::size_t count = task.edges();
    EdgeScratch<T>& to = task.packed;
    to.reserve(count, task.direct() ? 0 : mostOfAPart(task), mostCouplings(task.plan));
    const bool table = weights.array == nullptr, tangent = table && task.operands.tangent;
    for (std::size_t n = 0; n < count && tangent; ++n) {
        const std::int64_t edge = task.edgeOf(n);
        to.alongDistance[n] = weights.tSlope[edge] * task.operands.tangentDistance[edge];
    }
    if (task.sorted())
        return {task.other + first, table ? weights.row + first : nullptr,
                table ? weights.t + first : nullptr, to.alongDistance.data()};
    packEnds(task);
    return {to.far.data(), to.row.data(), to.t.data(), to.alongDistance.data()};
}

/// The couplings of a path for one part of the groups.
template<class T, int Bytes, int Size>
LODESTONE_INLINE const T* couplingsOf(const SumTask<T>& task, const EdgePath& path, const GroupPart& part,
                                      const EdgeCouplingSource<T>& from, std::vector<T>& packed)
{
    if (task.direct())
        return from.array + task.edgeOf(part.edge) * task.plan.couplings + path.coupling;
    packCouplings<T, Bytes, Size>(task, path, from, part.edge, part.edges, packed.data());
    return packed.data();
}

/// How one path's operands lie for one direction of the sum.
template<class T>
struct PathView {
    std::size_t path = 0;
    int sizeFrom = 1, sizeTo = 1;
    std::int64_t fromWidth = 0, fromOffset = 0, fromStride = 0; ///< of the far atom's row
    std::int64_t toWidth = 0, toOffset = 0, toStride = 0;
    std::int64_t couplingFrom = 1, couplingTo = 1; ///< strides in Z
};

template<class T>
LODESTONE_INLINE PathView<T> viewOf(const SumTask<T>& task, std::size_t number)
{
    const EdgePath& path = task.plan.paths[number];
    PathView<T> view;
    view.path = number;
    const std::int64_t sums = path.block + path.column;
    if (task.back) {
        view.sizeFrom = path.sizeOut, view.sizeTo = path.sizeIn;
        view.fromWidth = task.plan.out, view.fromOffset = sums, view.fromStride = path.blockChannels;
        view.toWidth = task.plan.in, view.toOffset = path.in, view.toStride = path.channels;
        view.couplingFrom = path.sizeIn, view.couplingTo = 1;
    } else {
        view.sizeFrom = path.sizeIn, view.sizeTo = path.sizeOut;
        view.fromWidth = task.plan.in, view.fromOffset = path.in, view.fromStride = path.channels;
        view.toWidth = task.plan.out, view.toOffset = sums, view.toStride = path.blockChannels;
        view.couplingFrom = 1, view.couplingTo = path.sizeIn;
    }
    return view;
}

/// Which terms there are, so that none is looked for within the loops.
enum class Terms { One, WithoutRows, All };

/// `Packs` registers of channels of one path from u on, for a part of the groups. From, To: 2l + 1 of the
/// far and of the near side (0: known at run time only).
template<class T, class V, int Packs, int From, int To, Terms terms>
LODESTONE_INLINE void sumChannels(const SumTask<T>& task, const GroupPart& part, const EdgeRun<T>& run,
                                  const PathView<T>& view, std::int64_t u)
{
    constexpr int mostFrom = From > 0 ? From : 13, mostTo = To > 0 ? To : 13;
    constexpr std::int64_t lanes = static_cast<std::int64_t>(sizeof(V) / sizeof(T));
    const int sizeFrom = From > 0 ? From : view.sizeFrom, sizeTo = To > 0 ? To : view.sizeTo;
    const EdgeOperands<T>& given = task.operands;
    WeightSource<T, V> weights[Packs];
    for (int p = 0; p < Packs; ++p)
        weights[p] = WeightSource<T, V>(task.plan, task.weights, view.path, u + p * lanes);
    const bool looksUp = weights[0].polynomials != nullptr;
    std::size_t n = part.edge;
    for (std::int64_t group = part.first; group < part.last; ++group) {
        V sums[mostTo][Packs];
        for (int k = 0; k < sizeTo; ++k)
            for (int p = 0; p < Packs; ++p)
                sums[k][p] = V{};
        const std::size_t end = task.endOf(group);
        for (; n < end; ++n) {
            const std::int64_t far = run.far[n] * view.fromWidth + view.fromOffset + u;
            const std::int64_t ofEdge = static_cast<std::int64_t>(n - part.edge) * run.stride;
            const T* z = run.coupling + ofEdge;
            V x[mostFrom][Packs];
            for (int m = 0; m < sizeFrom; ++m)
                for (int p = 0; p < Packs; ++p)
                    x[m][p] = load<V>(given.rows + far + m * view.fromStride + p * lanes);
            if constexpr (terms == Terms::One) {
                V w[Packs];
                for (int p = 0; p < Packs; ++p)
                    w[p] = looksUp ? weights[p].lookedUp(run.row[n], run.t[n])
                                   : weights[p].ofEdge(task.edgeOf(n));
                for (int k = 0; k < sizeTo; ++k)
                    for (int p = 0; p < Packs; ++p) {
                        V sum = x[0][p] * z[k * view.couplingTo];
                        for (int m = 1; m < sizeFrom; ++m)
                            sum += x[m][p] * z[k * view.couplingTo + m * view.couplingFrom];
                        sums[k][p] += w[p] * sum;
                    }
            } else {
                V w[Packs], hw[Packs];
                for (int p = 0; p < Packs; ++p) {
                    if (looksUp) {
                        weights[p].lookedUp(run.row[n], run.t[n], w[p], hw[p]);
                        hw[p] *= run.alongDistance[n];
                    } else {
                        w[p] = weights[p].ofEdge(task.edgeOf(n));
                        hw[p] = load<V>(given.tangentWeights + task.edgeOf(n) * task.plan.weights +
                                        task.plan.paths[view.path].weight + u + p * lanes);
                    }
                }
                const T* hz = run.tangentCoupling + ofEdge;
                V hx[mostFrom][Packs];
                if constexpr (terms == Terms::All)
                    for (int m = 0; m < sizeFrom; ++m)
                        for (int p = 0; p < Packs; ++p)
                            hx[m][p] = load<V>(given.tangentRows + far + m * view.fromStride + p * lanes);
                for (int k = 0; k < sizeTo; ++k)
                    for (int p = 0; p < Packs; ++p) {
                        V plain = x[0][p] * z[k * view.couplingTo],
                          turned = x[0][p] * hz[k * view.couplingTo];
                        for (int m = 1; m < sizeFrom; ++m) {
                            plain += x[m][p] * z[k * view.couplingTo + m * view.couplingFrom];
                            turned += x[m][p] * hz[k * view.couplingTo + m * view.couplingFrom];
                        }
                        if constexpr (terms == Terms::All)
                            for (int m = 0; m < sizeFrom; ++m)
                                turned += hx[m][p] * z[k * view.couplingTo + m * view.couplingFrom];
                        sums[k][p] += hw[p] * plain + w[p] * turned;
                    }
            }
        }
        const std::int64_t atom = task.groups.atom[static_cast<std::size_t>(group)];
        T* row = task.out + atom * view.toWidth + view.toOffset + u;
        for (int k = 0; k < sizeTo; ++k)
            for (int p = 0; p < Packs; ++p)
                addTo(row + k * view.toStride + p * lanes, sums[k][p]);
    }
}

template<class T, class V, int Packs, int From, int To>
LODESTONE_INLINE void sumTerms(const SumTask<T>& task, const GroupPart& part, const EdgeRun<T>& run,
                               const PathView<T>& view, std::int64_t u)
{
    if (!task.operands.tangent)
        sumChannels<T, V, Packs, From, To, Terms::One>(task, part, run, view, u);
    else if (task.operands.tangentRows)
        sumChannels<T, V, Packs, From, To, Terms::All>(task, part, run, view, u);
    else
        sumChannels<T, V, Packs, From, To, Terms::WithoutRows>(task, part, run, view, u);
}

template<class T, int Bytes, int From, int To>
LODESTONE_INLINE void sumPart(const SumTask<T>& task, const GroupPart& part, EdgeRun<T> run,
                              const PathView<T>& view)
{
    typedef typename Pack<T, Bytes>::Value V;
    constexpr std::int64_t lanes = Pack<T, Bytes>::lanes;
    const EdgePath& path = task.plan.paths[view.path];
    run.stride = task.direct() ? task.plan.couplings : path.sizeIn * path.sizeOut;
    run.coupling =
        couplingsOf<T, Bytes, From * To>(task, path, part, task.operands.coupling, task.packed.coupling);
    if (task.operands.tangent)
        run.tangentCoupling = couplingsOf<T, Bytes, From * To>(
            task, path, part, task.operands.tangentCoupling, task.packed.tangentCoupling);
    std::int64_t u = 0;
    if constexpr (From > 0) // each coupling is read for two registers
        for (; u + 2 * lanes <= path.channels; u += 2 * lanes)
            sumTerms<T, V, 2, From, To>(task, part, run, view, u);
    for (; u + lanes <= path.channels; u += lanes)
        sumTerms<T, V, 1, From, To>(task, part, run, view, u);
    for (; u < path.channels; ++u)
        sumTerms<T, T, 1, 0, 0>(task, part, run, view, u);
}

template<class T, int Bytes, int From, int To>
LODESTONE_INLINE void sumPath(const SumTask<T>& task, const EdgeRun<T>& run, const PathView<T>& view)
{
    forParts(
        task, [&](const GroupPart& part)
                  __attribute__((always_inline)) { sumPart<T, Bytes, From, To>(task, part, run, view); });
}

template<class T, int Bytes, int From>
LODESTONE_INLINE void sumPathFrom(const SumTask<T>& task, const EdgeRun<T>& run, const PathView<T>& view)
{
    switch (view.sizeTo) {
    case 1:
        return sumPath<T, Bytes, From, 1>(task, run, view);
    case 3:
        return sumPath<T, Bytes, From, 3>(task, run, view);
    case 5:
        return sumPath<T, Bytes, From, 5>(task, run, view);
    case 7:
        return sumPath<T, Bytes, From, 7>(task, run, view);
    default:
        return sumPath<T, Bytes, 0, 0>(task, run, view);
    }
}

/// Paths outermost, then parts of the groups, channels and atoms: the table of a path stays in the second
/// cache, one block of channels of the features in the nearest.
template<class T, int Bytes>
LODESTONE_INLINE void sumOverEdges(const SumTask<T>& task)
{
    const EdgeRun<T> run = runOf(task);
    for (std::size_t number = 0; number < task.plan.paths.size(); ++number) {
        const PathView<T> view = viewOf(task, number);
        if constexpr (sizeof(T) == 8 ||
                      Bytes == 16) { // speed matters in single precision on current processors
            sumPath<T, Bytes, 0, 0>(task, run, view);
        } else {
            switch (view.sizeFrom) {
            case 1:
                sumPathFrom<T, Bytes, 1>(task, run, view);
                break;
            case 3:
                sumPathFrom<T, Bytes, 3>(task, run, view);
                break;
            case 5:
                sumPathFrom<T, Bytes, 5>(task, run, view);
                break;
            case 7:
                sumPathFrom<T, Bytes, 7>(task, run, view);
                break;
            default:
                sumPath<T, Bytes, 0, 0>(task, run, view);
            }
        }
    }
}

} // namespace lodestone::loops
