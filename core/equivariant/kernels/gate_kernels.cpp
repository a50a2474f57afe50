#include "equivariant/kernels/gate_kernels.h"

#include "base/aligned_vector.h"
#include "equivariant/kernels/packs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

// As in edge_kernels.cpp: one build serves all processors.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define LODESTONE_LEVELS 1
#else
#define LODESTONE_LEVELS 0
#endif

namespace lodestone {
namespace {

using loops::load;
using loops::Pack;
using loops::sumOfLanes;

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

/// e^x for a register of single precision: 2^n e^r with |r| <= log(2) / 2. Relative error below 2e-7 from -87
/// to 87; beyond, the values at those ends.
template<class V>
LODESTONE_INLINE V exponential(const V& x)
{
    if constexpr (std::is_same_v<V, double>) {
        return std::exp(x);
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

/// The largest of what each block of a shape has.
template<class F>
std::int64_t largestOf(const GateShape& shape, const F& number)
{
    std::int64_t most = 0;
    for (const GateShape::Block& block : shape.blocks)
        most = std::max<std::int64_t>(most, number(block));
    return most;
}

/// One pass over the atoms. Values: of the gated blocks (or their derivatives along the tangents) are wanted;
/// Slopes: derivatives of g out.
template<class T, int Bytes, bool Along, bool Values, bool Slopes>
class GatePass {
public:
    using Source = Numbers<const T, Along>;
    using Scratch = Numbers<T, Along>;
    using One = Number<T, Along>;

    LODESTONE_INLINE GatePass(const GateShape& shape, const GateOperands<T>& operands,
                              const GateBlocks<T>* out, const GateBlocks<T>* toFeatures, T* toWeights)
        : m_shape(shape),
          m_operands(operands),
          m_out(out),
          m_toFeatures(toFeatures),
          m_toWeights(toWeights),
          m_x(shape.blocks.size()),
          m_w(shape.blocks.size()),
          m_first(shape.blocks.front().channels),
          m_largest(largestOf(shape, [](const GateShape::Block& b) { return b.size * b.channels; })),
          m_activation(m_first),
          m_activationSlope(m_first),
          m_toActivation(m_first),
          m_toX(m_largest * static_cast<std::int64_t>(shape.blocks.size()))
    {
        if (!shape.normalises) {
            const auto most = static_cast<std::size_t>(
                largestOf(shape, [](const GateShape::Block& b) { return b.channels; }));
            m_ones.assign(most, T{1});
            m_zeros.assign(most, T{});
        }
        for (std::size_t b = 0; b < shape.blocks.size(); ++b) {
            m_w[b].value = shape.normalises ? operands.weights.blocks[b] : m_ones.data();
            if constexpr (Along)
                m_w[b].along = shape.normalises ? operands.alongWeights.blocks[b] : m_zeros.data();
        }
    }

    LODESTONE_INLINE void atom(std::int64_t atom)
    {
        for (std::size_t b = 0; b < m_shape.blocks.size(); ++b) {
            const std::int64_t at = atom * m_shape.blocks[b].size * m_shape.blocks[b].channels;
            m_x[b].value = m_operands.features.blocks[b] + at;
            if constexpr (Along)
                m_x[b].along = m_operands.alongFeatures.blocks[b] + at;
        }
        const One r = inverseNorm();
        const Source x = m_x[0], w = m_w[0];
        const Scratch value = m_activation.all(), slope = m_activationSlope.all();
        const T factor = static_cast<T>(m_shape.factor);
        forNumbers<T, Bytes>(
            m_first, LODESTONE_WORK(lanes, u) {
                typedef decltype(lanes) V;
                Number<V, Along> found{}, itsSlope{};
                activated(x.template at<V>(u) * w.template at<V>(u) * r, factor, found, itsSlope);
                value.template set<V>(u, found);
                slope.template set<V>(u, itsSlope);
            });
        if constexpr (Values)
            values(atom, r);
        if constexpr (Slopes)
            slopes(atom, r);
    }

private:
    /// One over the root of the weighted mean square.
    LODESTONE_INLINE One inverseNorm() const
    {
        if (!m_shape.normalises) {
            if constexpr (Along)
                return {T{1}, T{}};
            else
                return T{1};
        }
        T square{}, along{};
        for (std::size_t b = 0; b < m_shape.blocks.size(); ++b) {
            const Source x = m_x[b];
            Sum<T, Bytes> sum, ofTangent;
            forNumbers<T, Bytes>(
                m_shape.blocks[b].size * m_shape.blocks[b].channels, LODESTONE_WORK(lanes, i) {
                    typedef decltype(lanes) V;
                    const V value = load<V>(x.value + i);
                    sum.add(value * value);
                    if constexpr (Along)
                        ofTangent.add(value * load<V>(x.along + i));
                });
            const T size = static_cast<T>(m_shape.blocks[b].size), part = 1 / (size * size);
            square += sum.all() * part;
            along += ofTangent.all() * part;
        }
        const T blocks = static_cast<T>(m_shape.blocks.size());
        const T inverse = 1 / std::sqrt(square / blocks + static_cast<T>(m_shape.epsilon));
        if constexpr (Along)
            return {inverse, -inverse * inverse * inverse * along / blocks};
        else
            return inverse;
    }

    LODESTONE_INLINE void values(std::int64_t atom, const One& r)
    {
        T* scalars = m_out->blocks[0] + atom * m_shape.scalars;
        Scratch gates = m_activation.all();
        std::copy_n(Along ? gates.along : gates.value, m_shape.scalars, scalars);
        gates = gates.from(m_shape.scalars);
        for (std::size_t b = 1; b < m_shape.blocks.size(); ++b) {
            const std::int64_t channels = m_shape.blocks[b].channels;
            const int size = m_shape.blocks[b].size;
            T* to = m_out->blocks[b] + atom * size * channels;
            const Source w = m_w[b];
            for (int k = 0; k < size; ++k, to += channels) {
                const Source x = m_x[b].from(k * channels);
                forNumbers<T, Bytes>(
                    channels, LODESTONE_WORK(lanes, u) {
                        typedef decltype(lanes) V;
                        const V gated = stored<Along, V>(x.template at<V>(u) * w.template at<V>(u) * r *
                                                         gates.template at<V>(u));
                        std::memcpy(to + u, &gated, sizeof(V));
                    });
            }
            gates = gates.from(channels);
        }
    }

    LODESTONE_INLINE void slopes(std::int64_t atom, const One& r)
    {
        One toR{};
        T* toW = m_toWeights ? m_toWeights + m_first : nullptr;
        const Scratch toActivation = m_toActivation.all();
        std::fill_n(toActivation.value, m_first, T{});
        if constexpr (Along)
            std::fill_n(toActivation.along, m_first, T{});
        std::copy_n(m_operands.slopes.blocks[0] + atom * m_shape.scalars, m_shape.scalars,
                    toActivation.value);
        Scratch gates = m_activation.all().from(m_shape.scalars),
                toGates = toActivation.from(m_shape.scalars);
        for (std::size_t b = 1; b < m_shape.blocks.size(); ++b) {
            const std::int64_t channels = m_shape.blocks[b].channels;
            const int size = m_shape.blocks[b].size;
            const T* g = m_operands.slopes.blocks[b] + atom * size * channels;
            const Source w = m_w[b];
            for (int k = 0; k < size; ++k, g += channels) {
                const Source x = m_x[b].from(k * channels);
                const Scratch to = toX(b).from(k * channels);
                forNumbers<T, Bytes>(
                    channels, LODESTONE_WORK(lanes, u) {
                        typedef decltype(lanes) V;
                        const V slope = load<V>(g + u);
                        toGates.template set<V>(u, toGates.template at<V>(u) +
                                                       x.template at<V>(u) * w.template at<V>(u) * r * slope);
                        to.template set<V>(u, gates.template at<V>(u) * slope);
                    });
            }
            finish(b, r, toR, toW);
            if (toW)
                toW += channels;
            gates = gates.from(channels);
            toGates = toGates.from(channels);
        }
        const Scratch to = toX(0), slope = m_activationSlope.all();
        forNumbers<T, Bytes>(
            m_first, LODESTONE_WORK(lanes, u) {
                typedef decltype(lanes) V;
                to.template set<V>(u, toActivation.template at<V>(u) * slope.template at<V>(u));
            });
        finish(0, r, toR, m_toWeights);
        store(atom, r, toR);
    }

    /// From the slopes in y, which stand in toX: those in the features but for the norm, in the weights and
    /// in the inverse norm.
    LODESTONE_INLINE void finish(std::size_t b, const One& r, One& toR, T* toW)
    {
        const std::int64_t channels = m_shape.blocks[b].channels;
        const Source w = m_w[b];
        Sum<T, Bytes> sum, along;
        for (int k = 0; k < m_shape.blocks[b].size; ++k) {
            const Source x = m_x[b].from(k * channels);
            const Scratch to = toX(b).from(k * channels);
            if (toW)
                forNumbers<T, Bytes>(
                    channels, LODESTONE_WORK(lanes, u) {
                        typedef decltype(lanes) V;
                        loops::addTo(toW + u,
                                     stored<Along, V>(to.template at<V>(u) * x.template at<V>(u) * r));
                    });
            forNumbers<T, Bytes>(
                channels, LODESTONE_WORK(lanes, u) {
                    typedef decltype(lanes) V;
                    const Number<V, Along> weighted = to.template at<V>(u) * w.template at<V>(u),
                                           part = weighted * x.template at<V>(u);
                    if constexpr (Along) {
                        sum.add(part.value);
                        along.add(part.along);
                    } else {
                        sum.add(part);
                    }
                    to.template set<V>(u, weighted * r);
                });
        }
        if constexpr (Along)
            toR = toR + One{sum.all(), along.all()};
        else
            toR = toR + sum.all();
    }

    /// Adds what comes by the norm, dr/dx = -r^3 a_b x.
    LODESTONE_INLINE void store(std::int64_t atom, const One& r, const One& toR)
    {
        One ofNorm{};
        if (m_shape.normalises)
            ofNorm = toR * (r * r * r) * (-1 / static_cast<T>(m_shape.blocks.size()));
        for (std::size_t b = 0; b < m_shape.blocks.size(); ++b) {
            const T size = static_cast<T>(m_shape.blocks[b].size);
            const std::int64_t count = m_shape.blocks[b].size * m_shape.blocks[b].channels;
            const One part = ofNorm * (1 / (size * size));
            const Scratch from = toX(b);
            const Source x = m_x[b];
            T* to = m_toFeatures->blocks[b] + atom * count;
            forNumbers<T, Bytes>(
                count, LODESTONE_WORK(lanes, i) {
                    typedef decltype(lanes) V;
                    const V slope = stored<Along, V>(from.template at<V>(i) + x.template at<V>(i) * part);
                    std::memcpy(to + i, &slope, sizeof(V));
                });
        }
    }

    LODESTONE_INLINE Scratch toX(std::size_t block)
    {
        return m_toX.all().from(static_cast<std::int64_t>(block) * m_largest);
    }

    const GateShape& m_shape;
    const GateOperands<T>& m_operands;
    const GateBlocks<T>*m_out, *m_toFeatures;
    T* m_toWeights;
    std::vector<Source> m_x, m_w; ///< of the atom, a block each
    std::int64_t m_first;         ///< channels of the first block
    std::int64_t m_largest;       ///< numbers of an atom's block
    AlignedVector<T> m_ones, m_zeros;
    OwnNumbers<T, Along> m_activation, m_activationSlope, m_toActivation;
    OwnNumbers<T, Along> m_toX; ///< [blocks][largest]
};

/// What one call of a kernel does.
template<class T>
struct GateTask {
    const GateShape& shape;
    const GateOperands<T>& operands;
    const GateBlocks<T>*out, *toFeatures;
    T* toWeights;
    std::int64_t first, last;
};

template<class T, int Bytes, bool Along, bool Values, bool Slopes>
LODESTONE_INLINE void overAtoms(const GateTask<T>& task)
{
    GatePass<T, Bytes, Along, Values, Slopes> pass(task.shape, task.operands, task.out, task.toFeatures,
                                                   task.toWeights);
    for (std::int64_t atom = task.first; atom < task.last; ++atom)
        pass.atom(atom);
}

#define LODESTONE_LEVEL(LEVEL, NAME, T, BYTES)                                                               \
    LEVEL void value##NAME(const GateTask<T>& task)                                                          \
    {                                                                                                        \
        overAtoms<T, BYTES, false, true, false>(task);                                                       \
    }                                                                                                        \
    LEVEL void slope##NAME(const GateTask<T>& task)                                                          \
    {                                                                                                        \
        overAtoms<T, BYTES, false, false, true>(task);                                                       \
    }                                                                                                        \
    LEVEL void curvature##NAME(const GateTask<T>& task)                                                      \
    {                                                                                                        \
        overAtoms<T, BYTES, true, true, true>(task);                                                         \
    }
// Double precision is for tests.
LODESTONE_LEVEL(, Any, double, 0)
#if LODESTONE_LEVELS
LODESTONE_LEVEL(__attribute__((target("arch=x86-64-v4"))), V4, float, 64)
LODESTONE_LEVEL(__attribute__((target("arch=x86-64-v3"))), V3, float, 32)
#define LODESTONE_RUN(KERNEL, task)                                                                          \
    static const int level = __builtin_cpu_supports("x86-64-v4")   ? 4                                       \
                             : __builtin_cpu_supports("x86-64-v3") ? 3                                       \
                                                                   : 0;                                      \
    if constexpr (std::is_same_v<T, double>)                                                                 \
        KERNEL##Any(task);                                                                                   \
    else                                                                                                     \
        level == 4 ? KERNEL##V4(task) : level == 3 ? KERNEL##V3(task) : KERNEL##Any(task)
#else
#define LODESTONE_RUN(KERNEL, task) KERNEL##Any(task)
#endif
LODESTONE_LEVEL(, Any, float, 16)

} // namespace

std::int64_t GateShape::channels() const
{
    std::int64_t sum = 0;
    for (const Block& block : blocks)
        sum += block.channels;
    return sum;
}

template<class T>
void gate(const GateShape& shape, const GateOperands<T>& operands, const GateBlocks<T>& out,
          std::int64_t first, std::int64_t last)
{
    const GateTask<T> task = {shape, operands, &out, nullptr, nullptr, first, last};
    LODESTONE_RUN(value, task);
}

template<class T>
void gateSlope(const GateShape& shape, const GateOperands<T>& operands, const GateBlocks<T>& toFeatures,
               T* toWeights, std::int64_t first, std::int64_t last)
{
    const GateTask<T> task = {shape, operands, nullptr, &toFeatures, toWeights, first, last};
    LODESTONE_RUN(slope, task);
}

template<class T>
void gateCurvature(const GateShape& shape, const GateOperands<T>& operands, const GateBlocks<T>& toSlopes,
                   const GateBlocks<T>& toFeatures, T* toWeights, std::int64_t first, std::int64_t last)
{
    const GateTask<T> task = {shape, operands, &toSlopes, &toFeatures, toWeights, first, last};
    LODESTONE_RUN(curvature, task);
}

#define LODESTONE_ENTRY_POINTS(T)                                                                            \
    template void gate<T>(const GateShape&, const GateOperands<T>&, const GateBlocks<T>&, std::int64_t,      \
                          std::int64_t);                                                                     \
    template void gateSlope<T>(const GateShape&, const GateOperands<T>&, const GateBlocks<T>&, T*,           \
                               std::int64_t, std::int64_t);                                                  \
    template void gateCurvature<T>(const GateShape&, const GateOperands<T>&, const GateBlocks<T>&,           \
                                   const GateBlocks<T>&, T*, std::int64_t, std::int64_t);
LODESTONE_ENTRY_POINTS(float)
LODESTONE_ENTRY_POINTS(double)

} // namespace lodestone
