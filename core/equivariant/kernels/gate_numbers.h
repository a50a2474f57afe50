#pragma once
// Numbers of the gate kernels, plain and with derivatives along a tangent, and loops over them. Only
// gate_kernels.cpp includes this.
#include "base/aligned_vector.h"
#include "equivariant/kernels/packs.h"

#include <bit>
#include <cmath>
#include <type_traits>

namespace lodestone::loops {

/// Numbers and their derivatives along the tangents. V: one number, or a register of them.
template<class V>
struct Dual {
    V value, along;
};
template<class V>
LODESTONE_INLINE Dual<V> operator+(const Dual<V>& a, const Dual<V>& b)
{
    return {a.value + b.value, a.along + b.along};
}
template<class V, class W>
LODESTONE_INLINE Dual<V> operator*(const Dual<V>& a, const Dual<W>& b)
{
    return {a.value * b.value, a.value * b.along + a.along * b.value};
}
template<class V, class W>
LODESTONE_INLINE Dual<V> operator*(const Dual<V>& a, const W& b)
{
    return {a.value * b, a.along * b};
}

/// Of a pass that needs derivatives along tangents, or not.
template<class V, bool Along>
using Number = std::conditional_t<Along, Dual<V>, V>;

template<bool Along, class V>
LODESTONE_INLINE V stored(const Number<V, Along>& number)
{
    if constexpr (Along)
        return number.along;
    else
        return number;
}

/// Rows of numbers; the two parts of duals lie apart.
template<class T, bool Along>
struct Numbers {
    T *value = nullptr, *along = nullptr;

    template<class V>
    LODESTONE_INLINE Number<V, Along> at(std::int64_t i) const
    {
        if constexpr (Along)
            return {load<V>(value + i), load<V>(along + i)};
        else
            return load<V>(value + i);
    }
    template<class V>
    LODESTONE_INLINE void set(std::int64_t i, const Number<V, Along>& number) const
    {
        if constexpr (Along) {
            std::memcpy(value + i, &number.value, sizeof(V));
            std::memcpy(along + i, &number.along, sizeof(V));
        } else {
            std::memcpy(value + i, &number, sizeof(V));
        }
    }
    LODESTONE_INLINE Numbers from(std::int64_t i) const { return {value + i, Along ? along + i : nullptr}; }
};

/// Numbers with memory of their own.
template<class T, bool Along>
class OwnNumbers {
public:
    LODESTONE_INLINE explicit OwnNumbers(std::int64_t count)
        : m_numbers(static_cast<std::size_t>(Along ? 2 * count : count)),
          m_count(count)
    {
    }
    LODESTONE_INLINE Numbers<T, Along> all()
    {
        return {m_numbers.data(), Along ? m_numbers.data() + m_count : nullptr};
    }

private:
    AlignedVector<T> m_numbers;
    std::int64_t m_count;
};

/// Calls work(V{}, i) for registers V of numbers, then for single ones.
template<class T, int Bytes, class Work>
LODESTONE_INLINE void forNumbers(std::int64_t count, const Work& work)
{
    typedef typename Pack<T, Bytes>::Value V;
    constexpr std::int64_t lanes = Pack<T, Bytes>::lanes;
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        work(V{}, i);
    for (; i < count; ++i)
        work(T{}, i);
}
// Loops are only fast where their work is inlined.
#define LODESTONE_WORK(V, i) [&](auto V, std::int64_t i) __attribute__((always_inline))

/// Sum over all numbers of a loop.
template<class T, int Bytes>
struct Sum {
    typedef typename Pack<T, Bytes>::Value V;
    V wide{};
    T single{};
    LODESTONE_INLINE void add(const V& part) { wide += part; }
    LODESTONE_INLINE void add(const T& part) requires(!std::is_same_v<T, V>) { single += part; }
    LODESTONE_INLINE T all() const { return sumOfLanes<T, Bytes>(wide) + single; }
};

template<class V>
constexpr bool isDoublePrecision()
{
    if constexpr (std::is_arithmetic_v<V>)
        return std::is_same_v<V, double>;
    else
        return std::is_same_v<std::remove_cvref_t<decltype(V{}[0])>, double>;
}

/// e^x for a register. Double precision by the C library; single precision as 2^n e^r with |r| <= log(2) / 2,
/// to a relative error below 2e-7 from -87 to 87 (beyond, the values at those ends).
template<class V>
LODESTONE_INLINE V exponential(const V& x)
{
    if constexpr (std::is_same_v<V, double>) {
        return std::exp(x);
    } else if constexpr (isDoublePrecision<V>()) {
        V result;
        for (std::size_t i = 0; i < sizeof(V) / sizeof(double); ++i)
            result[i] = std::exp(x[i]);
        return result;
    } else {
        typedef std::conditional_t<
            std::is_same_v<V, float>, std::uint32_t,
            typename Pack<std::uint32_t, std::is_same_v<V, float> ? 0 : sizeof(V)>::Value>
            Bits;
        const V least = V{} - 87.0F, most = V{} + 87.0F;
        V inside = x < least ? least : x;
        inside = inside > most ? most : inside;
        // 1.5 * 2^23: adding it leaves the nearest integer in the low bits.
        const V rounding = V{} + 12582912.0F, shifted = inside * 1.44269504F + rounding,
                n = shifted - rounding;
        const V r = inside - n * 0.693359375F + n * 2.12194440e-4F; // log(2) in two parts
        V sum = r * (1.0F / 5040) + 1.0F / 720;
        for (const float factor : {1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F})
            sum = sum * r + factor;
        const Bits power = std::bit_cast<Bits>(shifted) - std::bit_cast<Bits>(rounding);
        return sum * std::bit_cast<V>((power + 127U) << 23U);
    }
}

/// factor silu and its derivative; for duals with theirs.
template<class V, class T>
LODESTONE_INLINE void activated(const V& y, T factor, V& value, V& slope)
{
    const V sigmoid = 1 / (1 + exponential(-y));
    value = factor * (y * sigmoid);
    slope = factor * (sigmoid * (1 + y * (1 - sigmoid)));
}
template<class V, class T>
LODESTONE_INLINE void activated(const Dual<V>& y, T factor, Dual<V>& value, Dual<V>& slope)
{
    const V sigmoid = 1 / (1 + exponential(-y.value)), rest = 1 - sigmoid;
    const V first = factor * (sigmoid * (1 + y.value * rest));
    value = {factor * (y.value * sigmoid), first * y.along};
    slope = {first, factor * (sigmoid * rest * (2 + y.value * (rest - sigmoid))) * y.along};
}

} // namespace lodestone::loops
