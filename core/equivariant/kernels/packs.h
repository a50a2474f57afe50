#pragma once
// Vector registers as values, and sums over their lanes. For the loops of kernels, which are compiled once
// for each instruction set.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#define LODESTONE_INLINE inline __attribute__((always_inline))

namespace lodestone::loops {

/// `Bytes` of T as one value; T itself for single numbers at the end of a row.
template<class T, int Bytes>
struct Pack {
    typedef T Value __attribute__((vector_size(Bytes)));
    static constexpr std::int64_t lanes = Bytes / static_cast<int>(sizeof(T));
};
template<class T>
struct Pack<T, 0> {
    typedef T Value;
    static constexpr std::int64_t lanes = 1;
};

template<class V, class T>
LODESTONE_INLINE V load(const T* from)
{
    V value;
    std::memcpy(&value, from, sizeof(V));
    return value;
}

/// Lane i is lane index[i] of `from`. Index: integers of the same size, one a lane.
template<class V, class Index>
LODESTONE_INLINE V lanesOf(const V& from, const Index& index)
{
#ifdef __clang__
    V lanes;
    for (std::size_t i = 0; i < sizeof(V) / sizeof(from[0]); ++i)
        lanes[i] = from[index[i]];
    return lanes;
#else
    return __builtin_shuffle(from, index);
#endif
}

template<class V, class T>
LODESTONE_INLINE void addTo(T* to, const V& value)
{
    V sum;
    std::memcpy(&sum, to, sizeof(V));
    sum += value;
    std::memcpy(to, &sum, sizeof(V));
}

/// Sum of the lanes: halves are added while they are registers.
template<class T, int Bytes>
LODESTONE_INLINE T sumOfLanes(const typename Pack<T, Bytes>::Value& value)
{
    if constexpr (Bytes == 0) {
        return value;
    } else if constexpr (Bytes > 16) {
        typedef typename Pack<T, Bytes / 2>::Value Half;
        Half halves[2];
        std::memcpy(halves, &value, sizeof(halves));
        return sumOfLanes<T, Bytes / 2>(halves[0] + halves[1]);
    } else {
        T sum = value[0] + value[1];
        if constexpr (Pack<T, Bytes>::lanes == 4)
            sum += value[2] + value[3];
        return sum;
    }
}

/// Element of two vectors of N lanes, one after the other, that lands in lane `lane` when groups of S lanes
/// are folded to half their size: the first half (`second` false) or the second of each group, a's groups
/// first.
template<int N, int S>
constexpr int foldedFrom(int lane, bool second)
{
    constexpr int half = S / 2, groups = N / S;
    const int group = lane / half;
    return (group < groups ? group * S : N + (group - groups) * S) + lane % half + (second ? half : 0);
}

template<int N, int S, class V, std::size_t... lane>
LODESTONE_INLINE V folded(const V& a, const V& b, std::index_sequence<lane...>)
{
    return __builtin_shufflevector(a, b, foldedFrom<N, S>(static_cast<int>(lane), false)...) +
           __builtin_shufflevector(a, b, foldedFrom<N, S>(static_cast<int>(lane), true)...);
}

/// The sums of the lanes of `Rows` vectors that lie one after another, as the lanes of one vector (groups of
/// N / Rows lanes remain to be summed where there are fewer rows than lanes).
template<class V, int N, int Rows, class T>
LODESTONE_INLINE V foldedRows(const T* rows)
{
    if constexpr (Rows == 1)
        return load<V>(rows);
    else
        return folded<N, 2 * N / Rows>(foldedRows<V, N, Rows / 2>(rows),
                                       foldedRows<V, N, Rows / 2>(rows + Rows / 2 * N),
                                       std::make_index_sequence<static_cast<std::size_t>(N)>());
}

/// Folds the groups of S lanes that foldedRows has left.
template<class V, int N, int S>
LODESTONE_INLINE V foldedToEnd(const V& value)
{
    if constexpr (S == 1)
        return value;
    else
        return foldedToEnd<V, N, S / 2>(
            folded<N, S>(value, value, std::make_index_sequence<static_cast<std::size_t>(N)>()));
}

/// to[r] += the sum of the lanes of row r, for `Rows` rows at most the number of lanes; `wanted` of them are
/// stored.
template<class T, int Bytes, int Rows>
LODESTONE_INLINE void addSumsOfRows(const T* rows, int wanted, T* to)
{
    typedef typename Pack<T, Bytes>::Value V;
    constexpr int lanes = static_cast<int>(Pack<T, Bytes>::lanes);
    const V sums = foldedToEnd<V, lanes, lanes / Rows>(foldedRows<V, lanes, Rows>(rows));
    if (wanted == lanes) {
        addTo(to, sums);
        return;
    }
    T numbers[lanes];
    std::memcpy(numbers, &sums, sizeof(V));
    for (int r = 0; r < wanted; ++r)
        to[r] += numbers[r];
}

/// The same for any number of rows; zeros or anything follow them up to a multiple of the lanes.
template<class T, int Bytes>
LODESTONE_INLINE void addSumsOfLanes(const T* rows, int count, T* to)
{
    constexpr int lanes = static_cast<int>(Pack<T, Bytes>::lanes);
    if constexpr (lanes == 1) {
        for (int r = 0; r < count; ++r)
            to[r] += rows[r];
    } else {
        int r = 0;
        for (; r + lanes <= count; r += lanes)
            addSumsOfRows<T, Bytes, lanes>(rows + r * lanes, lanes, to + r);
        if constexpr (lanes > 8) {
            if (count - r > 8) {
                addSumsOfRows<T, Bytes, 16>(rows + r * lanes, count - r, to + r);
                return;
            }
        }
        if constexpr (lanes > 4) {
            if (count - r > 4) {
                addSumsOfRows<T, Bytes, 8>(rows + r * lanes, count - r, to + r);
                return;
            }
        }
        constexpr int few = lanes < 4 ? lanes : 4;
        if (count - r > 0)
            addSumsOfRows<T, Bytes, few>(rows + r * lanes, count - r, to + r);
    }
}

} // namespace lodestone::loops
