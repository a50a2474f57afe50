#pragma once
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// a[i] [.., n_i] times b[i] [n_i, m_i], as [.., m_i]; differentiable any number of times. On the CPU
/// LibTorch's threads share each product's rows or columns, all products at once: a layer's matrices are
/// small, and BLAS was measured to take longer with two threads of its own than with one (setUpTorch()
/// therefore leaves it one).
std::vector<torch::Tensor> matrixProducts(const std::vector<torch::Tensor>& a,
                                          const std::vector<torch::Tensor>& b);
torch::Tensor matrixProduct(const torch::Tensor& a, const torch::Tensor& b);

} // namespace lodestone
