#pragma once
#include "equivariant/kernels/gate_kernels.h"

#include <memory>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Normalises (where the shape does) and gates the features of atoms, GateShape: one fused operation on the
/// CPU, with first and second derivatives; LibTorch's operations elsewhere. features: one tensor a block,
/// [atoms, 2l + 1, channels]; weights: one a block, [channels], or none without `normalises`. Returns [atoms,
/// 1, scalars] and the other blocks. InternalError if blocks, weights and gates do not fit each other.
std::vector<torch::Tensor> gatedNorm(const std::shared_ptr<const GateShape>& shape,
                                     const std::vector<torch::Tensor>& features,
                                     const std::vector<torch::Tensor>& weights);

/// The same by LibTorch's operations, differentiable any number of times: the reference.
std::vector<torch::Tensor> gatedNormByTensors(const GateShape& shape, std::vector<torch::Tensor> features,
                                              const std::vector<torch::Tensor>& weights);

} // namespace lodestone
