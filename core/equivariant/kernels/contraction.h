#pragma once
#include "equivariant/flat_linear.h"
#include "equivariant/kernels/contraction_kernels.h"

#include <memory>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Polynomials in the components of an atom's features: out[m] = sum over monomials of coefficient times
/// product.
struct ContractionPlan {
    struct Monomial {
        std::int64_t row = 0;
        std::vector<std::int64_t> factors; ///< components, ascending
    };
    std::vector<Monomial> monomials; ///< sorted by row, then factors: the order of the coefficients
    std::int64_t rows = 0, components = 0;
    int order = 0;        ///< highest number of factors
    ContractionTree tree; ///< for the kernels; up to order 3
    /// All ascending products of up to order - 1 components, by order: the product without its last factor
    /// (among those of one order less), and that factor. int64.
    std::vector<torch::Tensor> parents, lasts;
    torch::Tensor places; ///< of each monomial in the matrix [lower products][rows][last factor]
};
/// monomials: sorted. InternalError otherwise.
std::shared_ptr<const ContractionPlan> makeContractionPlan(std::vector<ContractionPlan::Monomial> monomials,
                                                           std::int64_t rows, std::int64_t components);

/// coefficients: [groups, monomials, channels], of the element of each group; x: [atoms, components,
/// channels]. Returns [atoms, rows, channels]. Differentiable in both, any number of times. On the CPU (up to
/// order 3) one pass over the monomials that keeps nothing but its inputs; elsewhere contractionByTensors().
torch::Tensor contraction(const std::shared_ptr<const ContractionPlan>& plan,
                          const torch::Tensor& coefficients, const torch::Tensor& x,
                          const ElementGroups& groups);

/// The same by tensor operations on any device: the reference for the kernels.
torch::Tensor contractionByTensors(const ContractionPlan& plan, const torch::Tensor& coefficients,
                                   const torch::Tensor& x, const ElementGroups& groups);

} // namespace lodestone
