#pragma once
#include "architectures/nequip/convolution_network.h"
#include "checkpoints/torch/archive_contents.h"

namespace lodestone {

/// The model of `network` with its tensors at `places` (one each, in order). Error where a
/// tensor's shape is not that of the network or its numbers are not finite.
ArchiveContents contentsOf(const TorchArchive& archive, ConvolutionNetwork network,
                           std::vector<TensorReference> places);

} // namespace lodestone
