#pragma once
#include "checkpoints/torch/archive_contents.h"

namespace lodestone {

/// A deployed SevenNet model (deployed_serial.pt): a frozen TorchScript module, whose weights are unnamed
/// constants. Which constant plays which part is read from the text of the module. Error (origin) where the
/// file is damaged, NotComputed with what is not understood where the text is not of the known kind.
bool looksLikeDeployedSevenNet(const TorchArchive& archive);
ArchiveContents readDeployedSevenNetFile(const TorchArchive& archive, const ModelChoice& choice);

} // namespace lodestone
