#include "equivariant/kernels/gate_kernels.h"

#include "equivariant/kernels/gate_numbers.h"
#include "equivariant/kernels/kernel_levels.h"

#include <algorithm>

namespace lodestone {
namespace {

using namespace loops;

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
                        addTo(toW + u, stored<Along, V>(to.template at<V>(u) * x.template at<V>(u) * r));
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
                    Number<V, Along> slope = from.template at<V>(i);
                    if (m_shape.normalises) // zero times an infinite feature would be no number
                        slope = slope + x.template at<V>(i) * part;
                    const V result = stored<Along, V>(slope);
                    std::memcpy(to + i, &result, sizeof(V));
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
LODESTONE_ALL_LEVELS(float)
LODESTONE_ALL_LEVELS(double)

} // namespace

std::int64_t GateShape::channels() const
{
    std::int64_t sum = 0;
    for (const Block& block : blocks)
        sum += block.channels;
    return sum;
}

std::int64_t GateShape::gates() const
{
    return blocks.empty() ? 0 : channels() - blocks.front().channels;
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
