#pragma once
#include "checkpoints/torch/archive_model.h"
#include "models/nequip/convolution_network.h"

namespace lodestone {

/// Loads the tensors of `network` from `places` (one each, in order) and makes the model. Error where a
/// tensor's shape is not that of the network or its numbers are not finite.
ArchiveModel loadNetwork(const TorchArchive& archive, ConvolutionNetwork network,
                         std::vector<TensorReference> places);

/// Factor by which the 3j tensor `stored` [2 l1 + 1, 2 l2 + 1, 2 l3 + 1] is a multiple of wigner3j(l1, l2,
/// l3). NotComputed (naming the tensor) if it is none.
double couplingFactor(const torch::Tensor& stored, int l1, int l2, int l3, const std::string& name);

} // namespace lodestone
