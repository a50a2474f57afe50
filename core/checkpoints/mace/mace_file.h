#pragma once
#include "checkpoints/torch/archive_contents.h"

namespace lodestone {

/// MACE: a pickled module (torch.save of the whole model), ACEsuit/mace.
bool looksLikeMace(const TorchArchive& archive);
/// Error with file and what is missing or does not fit. An architecture of the family that is not computed
/// opens for inspection only.
ArchiveContents readMaceFile(const TorchArchive& archive, const ModelChoice& choice = {});

} // namespace lodestone
