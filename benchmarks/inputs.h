#pragma once
#include "crystal/structure.h"
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/radial.h"
#include "operation.h"

#include <array>
#include <memory>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Body-centred cubic iron (2.87 Angstrom), two atoms a cell, every coordinate off its site by up to 0.05
/// Angstrom; periodic.
Structure ironCrystal(const std::array<int, 3>& cells);

/// Cutoff of the graph of edgeInputs(), in Angstrom: 58 neighbours an atom.
constexpr double graphCutoff = 5.37;

/// What the second layer of a model of the size of nequix-mp-1 (128x0e + 64x1o + 32x2e + 32x3o, harmonics up
/// to l = 3) is given on 64 (Small: 4) atoms of iron. float32; tensors are leaves that ask for gradients.
struct EdgeInputs {
    std::shared_ptr<const EdgePlan> plan;
    std::shared_ptr<const EdgeIndex> edges;
    torch::Tensor unit;      ///< [edges, 3]
    torch::Tensor distance;  ///< [edges], Angstrom
    torch::Tensor harmonics; ///< [edges, 16]
    CouplingBasis basis;     ///< of 16 harmonics: CouplingRows::basis()
    torch::Tensor features;  ///< [atoms, plan.in]
    std::int64_t count() const { return edges->centre.size(0); }
};
/// Made at the first call for a size.
const EdgeInputs& edgeInputs(Size size);

/// A radial network of nequix-mp-1's size with random matrices: 8 Bessel functions, twice 64 neurons, and
/// `columns` weights. float64.
struct RadialNetwork {
    RadialBasis basis;
    std::vector<torch::Tensor> matrices;
};
RadialNetwork radialNetwork(std::int64_t columns);
/// Its table for `plan`, float32. Small: a coarse one.
std::shared_ptr<const RadialTable> radialTable(const EdgePlan& plan, Size size);

} // namespace lodestone
