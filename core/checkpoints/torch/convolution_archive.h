#pragma once
#include "checkpoints/torch/archive_model.h"
#include "models/nequip/convolution_network.h"

namespace lodestone {

/// Loads the tensors of `network` from `places` (one each, in order) and makes the model. Error where a
/// tensor's shape is not that of the network or its numbers are not finite.
ArchiveModel loadNetwork(const TorchArchive& archive, ConvolutionNetwork network,
                         std::vector<TensorReference> places);

} // namespace lodestone
