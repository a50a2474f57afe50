#pragma once
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Features of one irrep are kept as [n, 2l + 1, multiplicity]: channels last, so that linear layers and
/// tensor products are plain matrix products. e3nn's rows are [n, multiplicity * (2l + 1)].
torch::Tensor toE3nnLayout(const torch::Tensor& feature);
torch::Tensor fromE3nnLayout(const torch::Tensor& row, int l);

/// The product "uvu" with a weight per edge and channel: out[e, k, u] = w[e, u] sum_i Z[e, k, i] x[e, i, u].
torch::Tensor weightedProduct(const torch::Tensor& coupling, const torch::Tensor& feature,
                              const torch::Tensor& weight);

/// Sum of the rows of `edges` [edges, ...] on their centres: [atoms, ...].
torch::Tensor sumOnAtoms(const torch::Tensor& edges, const torch::Tensor& centre, std::int64_t atoms);

/// y[n, m, v] = sum_u x[n, m, u] W[u, v] / sqrt(fan-in), the fan-in being the rows of W; for all irreps of a
/// layer at once.
std::vector<torch::Tensor> equivariantLinear(const std::vector<torch::Tensor>& features,
                                             const std::vector<torch::Tensor>& weights);
torch::Tensor equivariantLinear(const torch::Tensor& feature, const torch::Tensor& weight);

} // namespace lodestone
