#include "equivariant/kernels/contraction_kernels.h"

#include <algorithm>
#include <cstring>

// See edge_kernels.cpp.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define LODESTONE_VERSIONS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LODESTONE_VERSIONS
#endif
#define LODESTONE_INLINE inline __attribute__((always_inline))

namespace lodestone {
namespace {

/// A block of channels, in two registers of 32 bytes.
template<class T>
struct alignas(64) Lanes {
    typedef T Register __attribute__((vector_size(32)));
    Register a, b;
    LODESTONE_INLINE void addProduct(const Lanes& x, const Lanes& y)
    {
        a += x.a * y.a;
        b += x.b * y.b;
    }
    LODESTONE_INLINE void setProduct(const Lanes& x, const Lanes& y)
    {
        a = x.a * y.a;
        b = x.b * y.b;
    }
    LODESTONE_INLINE void add(const Lanes& x)
    {
        a += x.a;
        b += x.b;
    }
    LODESTONE_INLINE void clear()
    {
        a = Register{};
        b = Register{};
    }
};

/// Copies a task's channels of `rows` rows into blocks; channels beyond the last are zero.
template<class T>
LODESTONE_INLINE void load(const ContractionTask<T>& task, const T* from, std::int64_t rows, Lanes<T>* to)
{
    const std::int64_t width = std::min(contractionBlock<T>, task.channels - task.first);
    for (std::int64_t row = 0; row < rows; ++row) {
        if (width < contractionBlock<T>)
            to[row].clear();
        std::memcpy(static_cast<void*>(to + row), from + row * task.channels + task.first,
                    static_cast<std::size_t>(width) * sizeof(T));
    }
}

template<class T>
LODESTONE_INLINE void store(const ContractionTask<T>& task, const Lanes<T>* from, std::int64_t rows, T* to)
{
    const std::int64_t width = std::min(contractionBlock<T>, task.channels - task.first);
    for (std::int64_t row = 0; row < rows; ++row)
        std::memcpy(to + row * task.channels + task.first, static_cast<const void*>(from + row),
                    static_cast<std::size_t>(width) * sizeof(T));
}

/// Rows of blocks, all zero.
template<class T>
std::vector<Lanes<T>> blocks(std::int64_t rows)
{
    return std::vector<Lanes<T>>(static_cast<std::size_t>(rows));
}

/// The coefficients of a task and, behind them, the zero.
template<class T>
LODESTONE_INLINE std::vector<Lanes<T>>
coefficientBlocks(const ContractionTree& tree, const ContractionTask<T>& task, const T* coefficients)
{
    std::vector<Lanes<T>> result = blocks<T>(tree.terms + 1);
    load(task, coefficients, tree.terms, result.data());
    return result;
}

template<class T>
LODESTONE_INLINE void contractAny(const ContractionTree& tree, const ContractionTask<T>& task, const T* xs,
                                  T* out)
{
    const auto rows = static_cast<std::int64_t>(tree.rows.size()) - 1;
    const std::vector<Lanes<T>> coefficients = coefficientBlocks(tree, task, task.coefficients);
    const Lanes<T>* const c = coefficients.data();
    std::vector<Lanes<T>> xBlocks = blocks<T>(tree.components), sums = blocks<T>(rows);
    Lanes<T>* const x = xBlocks.data();
    for (std::int64_t n = 0; n < task.count; ++n) {
        load(task, xs + task.atoms[n] * tree.components * task.channels, tree.components, x);
        for (std::int64_t m = 0; m < rows; ++m) {
            Lanes<T> sum;
            sum.clear();
            for (std::int32_t i = tree.rows[static_cast<std::size_t>(m)];
                 i < tree.rows[static_cast<std::size_t>(m) + 1]; ++i) {
                const ContractionTree::First& first = tree.firsts[static_cast<std::size_t>(i)];
                Lanes<T> inner = c[first.term];
                for (std::int32_t j = first.first; j < first.last; ++j) {
                    const ContractionTree::Second& second = tree.seconds[static_cast<std::size_t>(j)];
                    Lanes<T> innermost = c[second.term];
                    const Lanes<T>* term = c + second.firstTerm;
                    for (std::int32_t k = second.first; k < second.last; ++k)
                        innermost.addProduct(*term++, x[tree.thirds[static_cast<std::size_t>(k)].component]);
                    inner.addProduct(innermost, x[second.component]);
                }
                sum.addProduct(inner, x[first.component]);
            }
            sums[static_cast<std::size_t>(m)] = sum;
        }
        store(task, sums.data(), rows, out + task.atoms[n] * rows * task.channels);
    }
}

template<bool ToCoefficients, class T>
LODESTONE_INLINE void slopeAny(const ContractionTree& tree, const ContractionTask<T>& task, const T* xs,
                               const T* gs, T* toCoefficients, T* toX)
{
    const auto rows = static_cast<std::int64_t>(tree.rows.size()) - 1;
    const std::vector<Lanes<T>> coefficients = coefficientBlocks(tree, task, task.coefficients);
    const Lanes<T>* const c = coefficients.data();
    std::vector<Lanes<T>> xBlocks = blocks<T>(tree.components), gBlocks = blocks<T>(rows);
    std::vector<Lanes<T>> dxBlocks = blocks<T>(tree.components), inners = blocks<T>(tree.components);
    std::vector<Lanes<T>> dcBlocks = blocks<T>(ToCoefficients ? tree.terms + 1 : 0);
    Lanes<T>*const x = xBlocks.data(), *const dx = dxBlocks.data(), *const dc = dcBlocks.data();
    for (std::int64_t n = 0; n < task.count; ++n) {
        load(task, xs + task.atoms[n] * tree.components * task.channels, tree.components, x);
        load(task, gs + task.atoms[n] * rows * task.channels, rows, gBlocks.data());
        std::fill(dxBlocks.begin(), dxBlocks.end(), Lanes<T>{});
        for (std::int64_t m = 0; m < rows; ++m) {
            const Lanes<T> g = gBlocks[static_cast<std::size_t>(m)];
            for (std::int32_t i = tree.rows[static_cast<std::size_t>(m)];
                 i < tree.rows[static_cast<std::size_t>(m) + 1]; ++i) {
                const ContractionTree::First& first = tree.firsts[static_cast<std::size_t>(i)];
                Lanes<T> toInner;
                toInner.setProduct(g, x[first.component]);
                Lanes<T> inner = c[first.term];
                for (std::int32_t j = first.first; j < first.last; ++j) {
                    const ContractionTree::Second& second = tree.seconds[static_cast<std::size_t>(j)];
                    Lanes<T> innermost = c[second.term], toInnermost;
                    toInnermost.setProduct(toInner, x[second.component]);
                    const Lanes<T>* term = c + second.firstTerm;
                    Lanes<T>* toTerm = dc + second.firstTerm;
                    for (std::int32_t k = second.first; k < second.last; ++k) {
                        const std::int32_t component = tree.thirds[static_cast<std::size_t>(k)].component;
                        innermost.addProduct(*term, x[component]);
                        dx[component].addProduct(*term++, toInnermost);
                        if constexpr (ToCoefficients)
                            (*toTerm++).addProduct(x[component], toInnermost);
                    }
                    if constexpr (ToCoefficients)
                        dc[second.term].add(toInnermost);
                    inner.addProduct(innermost, x[second.component]);
                    dx[second.component].addProduct(innermost, toInner);
                }
                if constexpr (ToCoefficients)
                    dc[first.term].add(toInner);
                dx[first.component].addProduct(inner, g);
            }
        }
        if (toX)
            store(task, dx, tree.components, toX + task.atoms[n] * tree.components * task.channels);
    }
    if constexpr (ToCoefficients)
        store(task, dc, tree.terms, toCoefficients);
}

/// The same program with its derivative along (p, q), and back through both.
template<bool WithQ, bool ToCoefficients, class T>
LODESTONE_INLINE void curvatureAny(const ContractionTree& tree, const ContractionTask<T>& task, const T* xs,
                                   const T* gs, const T* ps, const T* qs, T* toG, T* toCoefficients, T* toX)
{
    const auto rows = static_cast<std::int64_t>(tree.rows.size()) - 1;
    const std::vector<Lanes<T>> coefficients = coefficientBlocks(tree, task, task.coefficients);
    const std::vector<Lanes<T>> along = WithQ ? coefficientBlocks(tree, task, qs) : std::vector<Lanes<T>>();
    const Lanes<T>*const c = coefficients.data(), *const q = along.data();
    std::vector<Lanes<T>> xBlocks = blocks<T>(tree.components), pBlocks = blocks<T>(tree.components);
    std::vector<Lanes<T>> gBlocks = blocks<T>(rows), dgBlocks = blocks<T>(rows);
    std::vector<Lanes<T>> dxBlocks = blocks<T>(tree.components);
    std::vector<Lanes<T>> dcBlocks = blocks<T>(ToCoefficients ? tree.terms + 1 : 0);
    Lanes<T>*const x = xBlocks.data(), *const p = pBlocks.data(), *const dx = dxBlocks.data(),
                   *const dc = dcBlocks.data();
    for (std::int64_t n = 0; n < task.count; ++n) {
        const std::int64_t atom = task.atoms[n] * task.channels;
        load(task, xs + atom * tree.components, tree.components, x);
        load(task, ps + atom * tree.components, tree.components, p);
        load(task, gs + atom * rows, rows, gBlocks.data());
        std::fill(dxBlocks.begin(), dxBlocks.end(), Lanes<T>{});
        for (std::int64_t m = 0; m < rows; ++m) {
            const Lanes<T> g = gBlocks[static_cast<std::size_t>(m)];
            Lanes<T> slope; // of the row along (p, q)
            slope.clear();
            for (std::int32_t i = tree.rows[static_cast<std::size_t>(m)];
                 i < tree.rows[static_cast<std::size_t>(m) + 1]; ++i) {
                const ContractionTree::First& first = tree.firsts[static_cast<std::size_t>(i)];
                Lanes<T> inner = c[first.term], innerAlong, toInner, toInnerAlong;
                if constexpr (WithQ)
                    innerAlong = q[first.term];
                else
                    innerAlong.clear();
                toInner.setProduct(g, p[first.component]);
                toInnerAlong.setProduct(g, x[first.component]);
                for (std::int32_t j = first.first; j < first.last; ++j) {
                    const ContractionTree::Second& second = tree.seconds[static_cast<std::size_t>(j)];
                    const Lanes<T> xj = x[second.component], pj = p[second.component];
                    Lanes<T> innermost = c[second.term], innermostAlong, toInnermost, toInnermostAlong;
                    if constexpr (WithQ)
                        innermostAlong = q[second.term];
                    else
                        innermostAlong.clear();
                    toInnermost.setProduct(toInner, xj);
                    toInnermost.addProduct(toInnerAlong, pj);
                    toInnermostAlong.setProduct(toInnerAlong, xj);
                    const std::int32_t begin = second.firstTerm - second.first;
                    for (std::int32_t k = second.first; k < second.last; ++k) {
                        const std::int32_t component = tree.thirds[static_cast<std::size_t>(k)].component;
                        const Lanes<T> ck = c[begin + k], xk = x[component], pk = p[component];
                        innermost.addProduct(ck, xk);
                        innermostAlong.addProduct(ck, pk);
                        dx[component].addProduct(ck, toInnermost);
                        if constexpr (WithQ) {
                            innermostAlong.addProduct(q[begin + k], xk);
                            dx[component].addProduct(q[begin + k], toInnermostAlong);
                        }
                        if constexpr (ToCoefficients) {
                            dc[begin + k].addProduct(xk, toInnermost);
                            dc[begin + k].addProduct(pk, toInnermostAlong);
                        }
                    }
                    if constexpr (ToCoefficients)
                        dc[second.term].add(toInnermost);
                    inner.addProduct(innermost, xj);
                    innerAlong.addProduct(innermost, pj);
                    innerAlong.addProduct(innermostAlong, xj);
                    dx[second.component].addProduct(innermost, toInner);
                    dx[second.component].addProduct(innermostAlong, toInnerAlong);
                }
                if constexpr (ToCoefficients)
                    dc[first.term].add(toInner);
                slope.addProduct(inner, p[first.component]);
                slope.addProduct(innerAlong, x[first.component]);
                dx[first.component].addProduct(innerAlong, g);
            }
            dgBlocks[static_cast<std::size_t>(m)] = slope;
        }
        store(task, dgBlocks.data(), rows, toG + atom * rows);
        store(task, dx, tree.components, toX + atom * tree.components);
    }
    if constexpr (ToCoefficients)
        store(task, dc, tree.terms, toCoefficients);
}

} // namespace

// target_clones does not apply to templates: each type is written out.
#define LODESTONE_KERNELS(T)                                                                                 \
    template<>                                                                                               \
    LODESTONE_VERSIONS void contract<T>(const ContractionTree& tree, const ContractionTask<T>& task,         \
                                        const T* x, T* out)                                                  \
    {                                                                                                        \
        contractAny<T>(tree, task, x, out);                                                                  \
    }                                                                                                        \
    template<>                                                                                               \
    LODESTONE_VERSIONS void contractionSlope<T>(const ContractionTree& tree, const ContractionTask<T>& task, \
                                                const T* x, const T* g, T* toCoefficients, T* toX)           \
    {                                                                                                        \
        if (toCoefficients)                                                                                  \
            slopeAny<true, T>(tree, task, x, g, toCoefficients, toX);                                        \
        else                                                                                                 \
            slopeAny<false, T>(tree, task, x, g, toCoefficients, toX);                                       \
    }                                                                                                        \
    template<>                                                                                               \
    LODESTONE_VERSIONS void contractionCurvature<T>(                                                         \
        const ContractionTree& tree, const ContractionTask<T>& task, const T* x, const T* g, const T* p,     \
        const T* q, T* toG, T* toCoefficients, T* toX)                                                       \
    {                                                                                                        \
        if (q && toCoefficients)                                                                             \
            curvatureAny<true, true, T>(tree, task, x, g, p, q, toG, toCoefficients, toX);                   \
        else if (q)                                                                                          \
            curvatureAny<true, false, T>(tree, task, x, g, p, q, toG, toCoefficients, toX);                  \
        else if (toCoefficients)                                                                             \
            curvatureAny<false, true, T>(tree, task, x, g, p, q, toG, toCoefficients, toX);                  \
        else                                                                                                 \
            curvatureAny<false, false, T>(tree, task, x, g, p, q, toG, toCoefficients, toX);                 \
    }
LODESTONE_KERNELS(float)
LODESTONE_KERNELS(double)

} // namespace lodestone
