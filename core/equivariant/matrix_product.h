#pragma once
#include <torch/types.h>

namespace lodestone {

/// a [.., n] times b [n, m], as [.., m]; differentiable any number of times. On the CPU LibTorch's threads
/// share the rows or columns of the product: the matrices of a model are small, and BLAS was measured to take
/// longer with two threads of its own than with one (setUpTorch() therefore leaves it one).
torch::Tensor matrixProduct(const torch::Tensor& a, const torch::Tensor& b);

} // namespace lodestone
