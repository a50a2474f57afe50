#pragma once
#include "algebra/contraction_shape.h"
#include "equivariant/kernels/contraction.h"

namespace lodestone {

/// The symmetric contraction of MACE (Batatia et al., arXiv:2206.07697, eq. 10 and 11): for every atom a and
/// channel c
///     out[a, m, c] = sum over nu, i1 .. i_nu, k of U_nu[m, i1 .. i_nu, k] W_nu[element of a, k, c] x[a, i1,
///     c] .. x[a, i_nu, c]
/// that is a polynomial of the components x, whose coefficients depend on element and channel. Since the
/// order of the factors does not matter, U is kept as a list of monomials (those that couple to something),
/// each with its row of coefficients over paths. Immutable.
class SymmetricContraction {
public:
    explicit SymmetricContraction(const std::vector<ContractionShape>& outputs);

    /// x: [atoms, components, channels]. weights: for each output, for each order from 1, [elements, paths,
    /// channels]. Returns one tensor [atoms, 2l + 1, channels] an output. Differentiable any number of times.
    Features operator()(const torch::Tensor& x, const std::vector<std::vector<torch::Tensor>>& weights,
                        const ElementGroups& groups) const;
    /// The same without kernels: the reference.
    Features byTensors(const torch::Tensor& x, const std::vector<std::vector<torch::Tensor>>& weights,
                       const ElementGroups& groups) const;
    /// The monomials that occur, of all outputs together.
    const ContractionPlan& plan() const { return *m_plan; }

private:
    torch::Tensor coefficients(const torch::Tensor& x, const std::vector<std::vector<torch::Tensor>>& weights,
                               const ElementGroups& groups) const;

    std::shared_ptr<const ContractionPlan> m_plan;
    std::vector<std::int64_t> m_sizes; ///< 2l + 1 of each output
    std::vector<std::vector<torch::Tensor>>
        m_couplings; ///< per output and order: [monomials, paths] in double
    torch::Tensor
        m_order; ///< of the plan's monomials among those of all outputs and orders, one after another
};

} // namespace lodestone
