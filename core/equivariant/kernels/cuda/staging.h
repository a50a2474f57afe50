#pragma once
// What a warp reads of its next few edges, put where all its lanes find it, and how it reads weights.
#include "equivariant/kernels/cuda/device_tables.h"

namespace lodestone::cuda {

/// Numbers up to whole 16 bytes of floats.
LODESTONE_DEVICE constexpr int filledUp(int numbers)
{
    return (numbers + 3) / 4 * 4;
}

/// Couplings of one edge and path lie in rows of those that one component of the far side takes part in,
/// filled up so that several are read at once. What has one component only on the near side is a single row.
struct CouplingLayout {
    int fromStep, edgeStep;

    LODESTONE_DEVICE constexpr CouplingLayout(int sizeFrom, int sizeTo)
        : fromStep(sizeTo == 1 ? 1 : filledUp(sizeTo)),
          edgeStep(sizeTo == 1 ? filledUp(sizeFrom) : sizeFrom * fromStep)
    {
    }
};

/// In shared memory, one a warp. Sources: couplings of different kinds (Z and its tangent, say).
template<class T, int Sources, int Edges>
struct Stage {
    static constexpr int sources = Sources;
    static constexpr int numbers = Edges * CouplingLayout(7, 7).edgeStep;
    static_assert(numbers >= CouplingLayout(mostSize, mostSize).edgeStep);

    alignas(16) T z[Sources][numbers]; ///< of one path, by CouplingLayout
    std::int64_t edge[Edges], far[Edges];
    std::int32_t row[Edges];
    T t[Edges], along[Edges];

    /// Edges whose couplings there is room for, at edgeStep numbers each.
    static LODESTONE_DEVICE int together(int edgeStep)
    {
        const int room = numbers / edgeStep;
        return room < Edges ? room : Edges;
    }
};

/// Notes the edges at places [first, first + count) of the groups. alongDistance: what the slope of t is
/// multiplied by, or null for 1.
template<class P, class T, class OneStage>
LODESTONE_DEVICE void stageEdges(const GroupView& groups, const std::int64_t* other,
                                 const EdgeWeights<T>& weights, const T* alongDistance, std::int64_t first,
                                 int count, OneStage& stage)
{
    P::spread(count, [&](int n) {
        const std::int64_t edge = groups.order ? groups.order[first + n] : first + n;
        stage.edge[n] = edge;
        stage.far[n] = other[edge];
        if (!weights.array) {
            stage.row[n] = weights.row[edge];
            stage.t[n] = weights.t[edge];
            stage.along[n] =
                alongDistance ? weights.tSlope[edge] * alongDistance[edge] : weights.tSlope[edge];
        }
    });
}

/// Coupling c of a path.
template<class T>
LODESTONE_DEVICE T couplingOf(const PlanView& plan, const PathEntry& path, const EdgeCouplingSource<T>& from,
                              std::int64_t edge, int c)
{
    if (from.array)
        return from.array[edge * plan.couplings + path.coupling + c];
    const int numbers = path.harmonics > 0 ? path.harmonics : static_cast<int>(from.numbers);
    const T* y = from.harmonics + edge * from.numbers + path.harmonic;
    const T* column = from.matrix + std::int64_t{path.harmonic} * plan.couplings + path.coupling + c;
    T sum{};
    for (int j = 0; j < numbers; ++j)
        sum += y[j] * column[std::int64_t{j} * plan.couplings];
    return sum;
}

/// Puts the couplings of a path for the stage's first `count` edges into z[source], whichever way the sum
/// goes. From, To: 2 l + 1 of the far and of the near side, 0 where known at run time only.
template<class P, class T, int From, int To, class OneStage>
LODESTONE_DEVICE void stageCouplings(const PlanView& plan, const PathEntry& path, bool back,
                                     const EdgeCouplingSource<T>* from, int count, OneStage& stage)
{
    const PathEnds ends = endsOf(plan, path, back);
    const int sizeFrom = From > 0 ? From : ends.sizeFrom, sizeTo = To > 0 ? To : ends.sizeTo;
    const int size = sizeFrom * sizeTo;
    const CouplingLayout layout(sizeFrom, sizeTo);
    P::spread(count * size, [&](int n) {
        const int edge = n / size, c = n % size;
        const int k = back ? c % sizeTo : c / sizeFrom, m = back ? c / sizeTo : c % sizeFrom;
        LODESTONE_UNROLL
        for (int source = 0; source < OneStage::sources; ++source)
            stage.z[source][edge * layout.edgeStep + m * layout.fromStep + k] =
                couplingOf(plan, path, from[source], stage.edge[edge], c);
    });
}

/// Reads the staged couplings of one edge row by row.
template<class P, class T, int From, int To>
struct CouplingRows {
    static constexpr bool single = To == 1 && From > 0;
    static constexpr int length = single ? filledUp(From) : To > 0 ? CouplingLayout(1, To).fromStep : 1;
    const T* z;
    int fromStep;
    T row[length];

    LODESTONE_DEVICE CouplingRows(const T* couplings, const CouplingLayout& layout)
        : z(couplings),
          fromStep(layout.fromStep)
    {
        if constexpr (single)
            P::template uniform<length>(z, row);
    }
    /// Before those of component m of the far side are asked for.
    LODESTONE_DEVICE void begin(int m)
    {
        if constexpr (!single && To > 0)
            P::template uniform<length>(z + m * fromStep, row);
    }
    LODESTONE_DEVICE T of(int m, int k) const
    {
        if constexpr (single)
            return row[m];
        else if constexpr (To > 0)
            return row[k];
        else
            return z[m * fromStep + k];
    }
};

/// The weights of a warp's channels of one path.
template<class P, class T>
struct WeightReader {
    typedef typename P::template Value<T> V;
    const T* from; ///< of the first edge or the first row, at the first channel
    std::int64_t step, blockStep;
    int count;

    LODESTONE_DEVICE WeightReader(const PlanView& plan, const PathEntry& path, const EdgeWeights<T>& weights,
                                  int channel)
        : count(path.channels - channel)
    {
        constexpr int row = tableTerms * tableLanes;
        if (weights.array) {
            from = weights.array + path.weight + channel;
            step = plan.weights;
            blockStep = tableLanes;
        } else {
            blockStep = weights.rows * row;
            from = weights.table + (path.firstBlock + channel / static_cast<int>(tableLanes)) * blockStep;
            step = row;
        }
    }
    LODESTONE_DEVICE V ofEdge(std::int64_t edge) const { return P::load(from + edge * step, count); }
    LODESTONE_DEVICE V coefficient(std::int32_t row, int q) const
    {
        return P::loadBlocks(from + row * step + q * tableLanes, blockStep, count);
    }
    LODESTONE_DEVICE V lookedUp(std::int32_t row, T t) const
    {
        V sum = coefficient(row, 5);
        LODESTONE_UNROLL
        for (int q = 4; q >= 0; --q)
            sum = sum * t + coefficient(row, q);
        return sum;
    }
    /// Value and derivative in t.
    LODESTONE_DEVICE void lookedUp(std::int32_t row, T t, V& value, V& slope) const
    {
        V sum = coefficient(row, 5), derivative = sum;
        LODESTONE_UNROLL
        for (int q = 4; q >= 1; --q) {
            sum = sum * t + coefficient(row, q);
            derivative = derivative * t + sum;
        }
        value = sum * t + coefficient(row, 0);
        slope = derivative;
    }
};

} // namespace lodestone::cuda
