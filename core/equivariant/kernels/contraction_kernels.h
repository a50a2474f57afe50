#pragma once
#include <cstdint>
#include <vector>

namespace lodestone {

/// A list of polynomials in the components x of an atom's features, of third order at most, one for each row
/// of the output:
///     out[m] = sum over i of x_i (c_i + sum over j of x_j (c_ij + sum over k of x_k c_ijk)),
/// with i <= j <= k and only those monomials that occur. Coefficients ("terms") are numbered in the order in
/// which this sum goes through them; a sum without a coefficient of its own has the number `terms`, which
/// stands for zero.
struct ContractionTree {
    struct Third {
        std::int32_t component;
    };
    struct Second {
        std::int32_t component;
        std::int32_t term;
        std::int32_t first, last; ///< thirds; their terms are numbered from firstTerm on
        std::int32_t firstTerm;
    };
    struct First {
        std::int32_t component;
        std::int32_t term;
        std::int32_t first, last; ///< seconds
    };
    std::vector<First> firsts;
    std::vector<Second> seconds;
    std::vector<Third> thirds;
    std::vector<std::int32_t> rows; ///< rows + 1: firsts of each row
    std::int32_t terms = 0;
    std::int32_t components = 0;
};

/// Atoms of one element, and some of the channels: as many as one block has, from `first` on.
template<class T>
struct ContractionTask {
    const std::int64_t* atoms = nullptr;
    std::int64_t count = 0;
    std::int64_t channels = 0; ///< of all tensors
    std::int64_t first = 0;
    const T* coefficients = nullptr; ///< [terms][channels], of the element
};
/// Channels in a block.
template<class T>
constexpr std::int64_t contractionBlock = 64 / static_cast<std::int64_t>(sizeof(T));

// T is float or double. x: [atoms][components][channels]; out, g: [atoms][rows][channels]. Results are set
// for the task's atoms and channels, so that tasks never write to the same place.

template<class T>
void contract(const ContractionTree& tree, const ContractionTask<T>& task, const T* x, T* out);

/// Derivatives of the sum over rows of g out, with respect to the coefficients (summed over atoms) and to x.
/// Either may be null.
template<class T>
void contractionSlope(const ContractionTree& tree, const ContractionTask<T>& task, const T* x, const T* g,
                      T* toCoefficients, T* toX);

/// With s = p . (derivative by x) + q . (derivative by the coefficients) of the above: the derivatives of s
/// with respect to g, coefficients and x. p: [atoms][components][channels], q: [terms][channels] of the
/// element; q, toCoefficients may be null.
template<class T>
void contractionCurvature(const ContractionTree& tree, const ContractionTask<T>& task, const T* x, const T* g,
                          const T* p, const T* q, T* toG, T* toCoefficients, T* toX);

} // namespace lodestone
