#pragma once
#include <string>
#include <torch/types.h>

namespace lodestone {

/// Compares the CUDA kernels with convolutionByTensors() on a small made-up convolution: values, first
/// derivatives and the sum along a tangent, in both precisions, weights from an array and from a table.
/// Returns what is wrong as a sentence, "" for nothing; an error of CUDA counts as wrong.
std::string faultOfCudaKernels(const torch::Device& device);

} // namespace lodestone
