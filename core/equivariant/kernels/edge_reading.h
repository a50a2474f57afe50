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
    /// Where the edges of a group end among these groups' edges.
    std::size_t endOf(std::int64_t group) const
    {
        return static_cast<std::size_t>(groups.start[static_cast<std::size_t>(group) + 1] - firstEdge());
    }
    std::int64_t firstEdge() const { return groups.start[static_cast<std::size_t>(first)]; }
    std::size_t edges() const
    {
        return static_cast<std::size_t>(groups.start[static_cast<std::size_t>(last)] - firstEdge());
    }
};

/// Some groups of a task, and their edges among the task's.
struct GroupPart {
    std::int64_t first = 0, last = 0;
    std::size_t edge = 0, edges = 0;
};

/// Calls work(part) for all groups of the task, in parts of about edgesOfAPart edges: what is put together of
/// so many edges stays in the second cache.
constexpr std::size_t edgesOfAPart = 1024;
template<class T, class Work>
LODESTONE_INLINE void forParts(const GroupTask<T>& task, const Work& work)
{
    GroupPart part{task.first, task.first, 0, 0};
    while (part.last < task.last) {
        ++part.last;
        part.edges = task.endOf(part.last - 1) - part.edge;
        if (part.edges < edgesOfAPart && part.last < task.last)
            continue;
        work(part);
        part = {part.last, part.last, part.edge + part.edges, 0};
    }
}
/// Edges of the largest part.
template<class T>
std::size_t mostOfAPart(const GroupTask<T>& task)
{
    std::size_t most = 0;
    forParts(task, [&most](const GroupPart& part) { most = std::max(most, part.edges); });
    return most;
}

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

/// to[c] = sum over j of y[j] matrix[j][c], for the `size` couplings of one path.
template<class T>
LODESTONE_INLINE void packOneCoupling(const T* y, int numbers, const T* matrix, std::int64_t width, int size,
                                      T* to)
{
    for (int c = 0; c < size; ++c)
        to[c] = matrix[c] * y[0];
    for (int j = 1; j < numbers; ++j)
        for (int c = 0; c < size; ++c)
            to[c] += matrix[j * width + c] * y[j];
}

/// The same where no coupling takes more than two harmonics, as between real harmonics of definite |m|: two
/// exchanges of lanes and two multiplications make as many couplings as a register has lanes. YBytes: of a
/// register that is read from an edge's harmonics.
template<class T, int Bytes, int YBytes, int Size>
class TwoHarmonics {
public:
    static constexpr int lanes = static_cast<int>(Pack<T, Bytes>::lanes);
    static constexpr int registers = (Size + lanes - 1) / lanes;
    static constexpr int reach = static_cast<int>(Pack<T, YBytes>::lanes); ///< harmonics that are read

    /// numbers: of the path, from `first` of the `all` that an edge has (at least `reach`).
    LODESTONE_INLINE TwoHarmonics(const T* matrix, std::int64_t width, int numbers, int first, int all)
        : m_start(std::min(first, all - reach)),
          m_fits(first + numbers - m_start <= reach)
    {
        for (int r = 0; r < registers; ++r) {
            m_a[r] = m_b[r] = V{};
            m_first[r] = m_second[r] = Index{};
        }
        for (int c = 0; c < Size; ++c) {
            int found = 0;
            for (int j = 0; j < numbers; ++j) {
                const T factor = matrix[j * width + c];
                if (factor == 0)
                    continue;
                (found == 0 ? m_a : m_b)[c / lanes][c % lanes] = factor;
                (found == 0 ? m_first : m_second)[c / lanes][c % lanes] = first + j - m_start;
                ++found;
            }
            m_fits = m_fits && found <= 2;
        }
    }
    bool fits() const { return m_fits; }
    /// Writes whole registers: what stands behind `to` + Size is lost.
    LODESTONE_INLINE void make(const T* harmonics, T* to) const
    {
        typedef typename Pack<T, YBytes>::Value Y;
        V y;
        if constexpr (YBytes == Bytes) {
            y = load<V>(harmonics + m_start);
        } else {
            static_assert(2 * YBytes == Bytes);
            const Y half = load<Y>(harmonics + m_start);
            std::memcpy(&y, &half, sizeof(Y));
            std::memcpy(reinterpret_cast<char*>(&y) + sizeof(Y), &half, sizeof(Y));
        }
        for (int r = 0; r < registers; ++r) {
            const V sum = m_a[r] * lanesOf(y, m_first[r]) + m_b[r] * lanesOf(y, m_second[r]);
            std::memcpy(to + r * lanes, &sum, sizeof(V));
        }
    }

private:
    typedef typename Pack<T, Bytes>::Value V;
    typedef typename Pack<std::int32_t, Bytes>::Value Index; // T has its size
    V m_a[registers], m_b[registers];
    Index m_first[registers], m_second[registers];
    int m_start;
    bool m_fits;
};

/// Harmonics of an edge's rows, and where the couplings of one path come from.
template<class T>
struct HarmonicRows {
    const T* harmonics = nullptr; ///< of the first edge
    std::int64_t numbers = 0;     ///< in a row
    int rows = 1;                 ///< an edge, one after another
    const T* matrix = nullptr;    ///< M [numbers][width]
    std::int64_t width = 0;
};

template<class T, int Bytes, int YBytes, int Size, class Task>
LODESTONE_INLINE bool packByTwo(const Task& task, const EdgePath& path, const HarmonicRows<T>& from,
                                int numbers, std::size_t begin, std::size_t count, T* to)
{
    const TwoHarmonics<T, Bytes, YBytes, Size> couplings(
        from.matrix + path.harmonic * from.width + path.coupling, from.width, numbers, path.harmonic,
        static_cast<int>(from.numbers));
    if (!couplings.fits())
        return false;
    for (std::size_t n = begin; n < begin + count; ++n) {
        const T* y = from.harmonics + task.edgeOf(n) * from.rows * from.numbers;
        for (int row = 0; row < from.rows; ++row, y += from.numbers, to += Size)
            couplings.make(y, to);
    }
    return true;
}

/// Puts the couplings of a path for `count` edges from `begin` on together, [count][from.rows][Size], made
/// from harmonics. Size 0: known at run time only. Behind them EdgeScratch has room for one register.
template<class T, int Bytes, int Size, class Task>
LODESTONE_INLINE void packHarmonics(const Task& task, const EdgePath& path, const HarmonicRows<T>& from,
                                    std::size_t begin, std::size_t count, T* to)
{
    const int numbers = path.harmonics > 0 ? path.harmonics : static_cast<int>(from.numbers);
    if constexpr (Size > 0 && sizeof(T) == sizeof(std::int32_t) && Bytes >= 32) {
        if (from.numbers >= Pack<T, Bytes>::lanes) {
            if (packByTwo<T, Bytes, Bytes, Size>(task, path, from, numbers, begin, count, to))
                return;
        } else if constexpr (Bytes > 32) {
            if (from.numbers >= Pack<T, Bytes / 2>::lanes &&
                packByTwo<T, Bytes, Bytes / 2, Size>(task, path, from, numbers, begin, count, to))
                return;
        }
    }
    const int size = Size > 0 ? Size : path.sizeIn * path.sizeOut;
    const T* matrix = from.matrix + path.harmonic * from.width + path.coupling;
    for (std::size_t n = begin; n < begin + count; ++n) {
        const T* y = from.harmonics + task.edgeOf(n) * from.rows * from.numbers + path.harmonic;
        for (int row = 0; row < from.rows; ++row, y += from.numbers, to += size)
            packOneCoupling<T>(y, numbers, matrix, from.width, size, to);
    }
}

/// Puts the couplings of a path for `count` edges from `begin` on together, [count][Size].
template<class T, int Bytes, int Size, class Task>
LODESTONE_INLINE void packCouplings(const Task& task, const EdgePath& path, const EdgeCouplingSource<T>& from,
                                    std::size_t begin, std::size_t count, T* to)
{
    if (!from.array) {
        packHarmonics<T, Bytes, Size>(task, path,
                                      {from.harmonics, from.numbers, 1, from.matrix, task.plan.couplings},
                                      begin, count, to);
        return;
    }
    const int size = Size > 0 ? Size : path.sizeIn * path.sizeOut;
    for (std::size_t n = begin; n < begin + count; ++n, to += size)
        for (int c = 0; c < size; ++c)
            to[c] = from.array[task.edgeOf(n) * task.plan.couplings + path.coupling + c];
}

} // namespace lodestone::loops
