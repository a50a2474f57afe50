#pragma once
#include "equivariant/kernels/edge_couplings.h"
#include "equivariant/kernels/edge_index.h"
#include "equivariant/kernels/radial_table.h"

#include <memory>
#include <torch/types.h>

namespace lodestone {

/// Messages of all paths summed on their centres:
///     out[i][k][u] = sum over edges (i, j) and paths of weight[e][u] sum_m coupling[e][k][m]
///     features[j][m][u].
/// couplings: of the edges, or the harmonics that they are made from; weights: [edges, plan.weights];
/// features: [atoms, plan.in]. Returns [atoms, plan.out]. Differentiable in all three, any number of times.
/// On the CPU, and on CUDA devices where the kernels are built and serve (cudaKernelsServe()), one pass over
/// the edges that keeps nothing of the size edges x channels x components; elsewhere convolutionByTensors().
torch::Tensor edgeConvolution(const std::shared_ptr<const EdgePlan>& plan,
                              const std::shared_ptr<const EdgeIndex>& edges, const EdgeCouplings& couplings,
                              const torch::Tensor& weights, const torch::Tensor& features);

/// The same with weights from a table, differentiable in couplings, distances and features. Nothing of the
/// size edges x channels is kept.
torch::Tensor edgeConvolution(const std::shared_ptr<const EdgePlan>& plan,
                              const std::shared_ptr<const EdgeIndex>& edges, const EdgeCouplings& couplings,
                              const TabulatedWeights& weights, const torch::Tensor& features);

/// The same by tensor operations on any device: the reference for the kernels.
torch::Tensor convolutionByTensors(const EdgePlan& plan, const EdgeIndex& edges,
                                   const torch::Tensor& couplings, const torch::Tensor& weights,
                                   const torch::Tensor& features);

} // namespace lodestone
