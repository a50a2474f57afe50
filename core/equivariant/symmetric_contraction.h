#pragma once
#include "equivariant/flat_linear.h"

#include <array>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// One output irrep of a symmetric contraction: for each order nu = 1, 2, ... the tensor U of generalised
/// coupling coefficients, [2l + 1, components, ..., components (nu of them), paths], in double on the CPU.
struct ContractionShape {
    Irrep out;
    std::vector<torch::Tensor> u;
};

/// The symmetric contraction of MACE (Batatia et al., arXiv:2206.07697, eq. 10 and 11): for every atom a and
/// channel c
///     out[a, m, c] = sum over nu, i1 .. i_nu, k of U_nu[m, i1 .. i_nu, k] W_nu[element of a, k, c] x[a, i1,
///     c] .. x[a, i_nu, c]
/// that is a polynomial of the components x, whose coefficients depend on element and channel. Since the
/// order of the factors does not matter, U is kept as a list of monomials (those that couple to something),
/// each with its row of coefficients over paths. Immutable.
class SymmetricContraction {
public:
    /// Up to this order.
    static constexpr int maxOrder = 4;
    explicit SymmetricContraction(const std::vector<ContractionShape>& outputs);

    /// x: [atoms, components, channels]. weights: for each output, for each order from 1, [elements, paths,
    /// channels]. Returns one tensor [atoms, 2l + 1, channels] an output. Differentiable any number of times.
    Features operator()(const torch::Tensor& x, const std::vector<std::vector<torch::Tensor>>& weights,
                        const ElementGroups& groups) const;

    std::int64_t components() const { return m_components; }

private:
    /// The monomials of one output and order, in the order of the output's component.
    struct Monomials {
        int order = 0;
        torch::Tensor coefficients; ///< [monomials, paths] in double
        torch::Tensor place; ///< [monomials] where the coefficient stands in the dense matrix of stage one
    };
    void addMonomials(std::size_t output, const torch::Tensor& u);
    torch::Tensor lowerMonomials(const torch::Tensor& x) const;

    std::int64_t m_components = 0;
    std::int64_t m_rows = 0; ///< sum of 2l + 1
    int m_order = 0;
    std::vector<std::int64_t> m_firstRow, m_sizes;
    std::vector<std::vector<Monomials>> m_monomials; ///< per output
    /// Monomials of orders 0 .. m_order - 1 with ascending indices: factors of each.
    std::vector<std::vector<std::vector<std::int64_t>>> m_lower;
};

} // namespace lodestone
