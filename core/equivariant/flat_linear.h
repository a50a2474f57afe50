#pragma once
#include "algebra/linear_shape.h"

#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Features of several irreps: one tensor [n, 2l + 1, multiplicity] a block.
using Features = std::vector<torch::Tensor>;

/// Rows [n, sizeOf(irreps)] of e3nn, and back.
torch::Tensor toE3nnRows(const Features& features);
Features fromE3nnRows(const torch::Tensor& rows, const Irreps& irreps);

/// y[v] = sum over paths of factor sum_u W[u, v] x[u] (+ bias). Immutable; differentiable any number of
/// times.
class FlatLinear {
public:
    explicit FlatLinear(const LinearShape& shape);
    /// x: merged(shape.in). weight: [weightCount] (not looked at if that is 0); bias: [biasCount]. Returns
    /// merged(shape.out); outputs without a path are zero.
    Features operator()(const Features& x, const torch::Tensor& weight, const torch::Tensor& bias = {}) const;
    /// The same for one-hot inputs (one block of scalars, one channel an element), without the product.
    /// species: [n].
    Features ofElements(const torch::Tensor& species, const torch::Tensor& weight) const;

private:
    /// Rows `first` .. `first + rows` of an input block, times a piece of the weights.
    struct Segment {
        std::size_t block = 0;
        std::int64_t first = 0, rows = 0, columns = 0, offset = 0;
        double factor = 1;
    };
    /// One output block as stored.
    struct Output {
        IrrepBlock block;
        std::size_t merged = 0; ///< place among the merged outputs
        std::vector<Segment> segments;
        std::int64_t bias = -1; ///< first index
    };
    Features collect(std::vector<torch::Tensor> outputs, const torch::Tensor& like, std::int64_t n) const;

    Irreps m_in, m_out; ///< merged
    std::vector<Output> m_outputs;
};

/// Atoms ordered by element, so that matrices that differ by element are applied in as many products as there
/// are elements.
struct ElementGroups {
    struct Group {
        std::int64_t element = 0, first = 0, count = 0;
    };
    std::vector<Group> groups;
    torch::Tensor present; ///< [groups] elements that occur, int64
    torch::Tensor order;   ///< [n] atoms in groups; undefined where they already are
    torch::Tensor inverse;
    torch::Tensor grouped(const torch::Tensor& rows) const;   ///< rows by atom -> rows by group
    torch::Tensor ungrouped(const torch::Tensor& rows) const; ///< and back
};
/// species: [n] int64.
ElementGroups groupByElement(const torch::Tensor& species);
/// All atoms in one group with index 0.
ElementGroups oneGroup(const torch::Tensor& species);

/// A matrix an element (ElementLinearShape).
class ElementLinear {
public:
    explicit ElementLinear(const ElementLinearShape& shape);
    /// x: the blocks of shape.in; weight: [weightCount]. Returns the blocks of shape.out.
    Features operator()(const Features& x, const torch::Tensor& weight, const ElementGroups& groups) const;

private:
    ElementLinearShape m_shape;
};

} // namespace lodestone
