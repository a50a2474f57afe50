#pragma once
// How the loops of the edge kernels read weights and couplings. Only they include this.
#include "equivariant/kernels/edge_kernels.h"
#include "equivariant/kernels/packs.h"

#include <algorithm>

namespace lodestone::loops {

/// Work on the groups [first, last) of one kernel call.
template<class T>
struct GroupTask {
    const EdgePlan& plan;
    const EdgeGroups& groups;
    const std::int64_t* other; ///< the far end of each edge
    const EdgeWeights<T>& weights;
    std::int64_t first, last;
    EdgeScratch<T>& packed;

    /// The groups' edges follow each other as they are stored.
    bool sorted() const { return groups.order.empty(); }
    /// Number n of the edges of these groups.
    std::int64_t edgeOf(std::size_t n) const
    {
        const std::int64_t place = firstEdge() + static_cast<std::int64_t>(n);
        return sorted() ? place : groups.order[static_cast<std::size_t>(place)];
    }
    std::int64_t firstEdge() const { return groups.start[static_cast<std::size_t>(first)]; }
    std::size_t edges() const
    {
        return static_cast<std::size_t>(groups.start[static_cast<std::size_t>(last)] - firstEdge());
    }
};

/// Puts far ends and places in the table together in the order in which the edges are gone through.
template<class T>
LODESTONE_INLINE void packEnds(const GroupTask<T>& task)
{
    EdgeScratch<T>& to = task.packed;
    for (std::size_t n = 0; n < task.edges(); ++n) {
        const std::int64_t edge = task.edgeOf(n);
        to.far[n] = task.other[edge];
        if (!task.weights.array) {
            to.row[n] = task.weights.row[edge];
            to.t[n] = task.weights.t[edge];
        }
    }
}

/// The weight of some channels, and its derivative in the distance, on one edge.
template<class T, class V>
struct WeightSource {
    const T* array = nullptr; ///< of the first edge, at the path's first channel
    std::int64_t stride = 0;  ///< of `array`
    const T* polynomials = nullptr;

    WeightSource() = default;
    LODESTONE_INLINE WeightSource(const EdgePlan& plan, const EdgeWeights<T>& from, std::size_t path,
                                  std::int64_t u)
    {
        if (from.array) {
            array = from.array + plan.paths[path].weight + u;
            stride = plan.weights;
        } else {
            const std::int64_t block = from.firstBlock[path] + u / tableLanes;
            polynomials = from.table + block * from.rows * tableTerms * tableLanes + u % tableLanes;
        }
    }
    LODESTONE_INLINE V ofEdge(std::int64_t edge) const { return load<V>(array + edge * stride); }
    LODESTONE_INLINE V lookedUp(std::int32_t row, T t) const
    {
        const T* a = polynomials + row * (tableTerms * tableLanes);
        V sum = load<V>(a + 5 * tableLanes);
        for (int q = 4; q >= 0; --q)
            sum = sum * t + load<V>(a + q * tableLanes);
        return sum;
    }
    /// Value and derivative in t.
    LODESTONE_INLINE void lookedUp(std::int32_t row, T t, V& value, V& slope) const
    {
        const T* a = polynomials + row * (tableTerms * tableLanes);
        V sum = load<V>(a + 5 * tableLanes), derivative = sum;
        for (int q = 4; q >= 1; --q) {
            sum = sum * t + load<V>(a + q * tableLanes);
            derivative = derivative * t + sum;
        }
        value = sum * t + load<V>(a);
        slope = derivative;
    }
};

/// Of one path, at most.
inline std::int64_t mostCouplings(const EdgePlan& plan)
{
    int most = 0;
    for (const EdgePath& path : plan.paths)
        most = std::max(most, path.sizeIn * path.sizeOut);
    return most;
}

/// Numbers from `at` on of packOneCoupling(), as many as one register takes.
template<class T, int Bytes>
LODESTONE_INLINE void packSomeOfCoupling(const T* y, int numbers, const T* matrix, std::int64_t width, int at,
                                         T* to)
{
    typedef typename Pack<T, Bytes>::Value V;
    V sum = load<V>(matrix + at) * y[0];
    for (int j = 1; j < numbers; ++j)
        sum += load<V>(matrix + j * width + at) * y[j];
    std::memcpy(to + at, &sum, sizeof(V));
}

/// to[c] = sum over j of y[j] matrix[j][c], for the `size` couplings of one path. Size 0: known at run time
/// only. The last register overlaps with the one before, which is faster than single numbers.
template<class T, int Bytes, int Size>
LODESTONE_INLINE void packOneCoupling(const T* y, int numbers, const T* matrix, std::int64_t width, int size,
                                      T* to)
{
    constexpr int lanes = static_cast<int>(Pack<T, Bytes>::lanes);
    if constexpr (Size > 0 && Size < lanes) {
        constexpr int narrower = Bytes > 16 ? Bytes / 2 : 0;
        packOneCoupling<T, narrower, Size>(y, numbers, matrix, width, Size, to);
    } else {
        const int count = Size > 0 ? Size : size;
        int c = 0;
        for (; c + lanes <= count; c += lanes)
            packSomeOfCoupling<T, Bytes>(y, numbers, matrix, width, c, to);
        if constexpr (Size > 0) {
            if (c < count)
                packSomeOfCoupling<T, Bytes>(y, numbers, matrix, width, count - lanes, to);
        } else {
            for (; c < count; ++c)
                packSomeOfCoupling<T, 0>(y, numbers, matrix, width, c, to);
        }
    }
}

/// Puts the couplings of a path for `count` edges together, [count][Size].
template<class T, int Bytes, int Size, class Task>
LODESTONE_INLINE void packCouplings(const Task& task, const EdgePath& path, const EdgeCouplingSource<T>& from,
                                    std::size_t count, T* to)
{
    const int size = Size > 0 ? Size : path.sizeIn * path.sizeOut;
    if (from.array) {
        for (std::size_t n = 0; n < count; ++n, to += size)
            for (int c = 0; c < size; ++c)
                to[c] = from.array[task.edgeOf(n) * task.plan.couplings + path.coupling + c];
        return;
    }
    const int numbers = path.harmonics > 0 ? path.harmonics : static_cast<int>(from.numbers);
    const T* matrix = from.matrix + path.harmonic * task.plan.couplings + path.coupling;
    for (std::size_t n = 0; n < count; ++n, to += size)
        packOneCoupling<T, Bytes, Size>(from.harmonics + task.edgeOf(n) * from.numbers + path.harmonic,
                                        numbers, matrix, task.plan.couplings, size, to);
}

} // namespace lodestone::loops
