#pragma once
#include "checkpoints/torch/archive_contents.h"

namespace lodestone {

/// SevenNet: checkpoints (.pth) and deployed TorchScript (deployed_serial.pt), MDIL-SNU/SevenNet.
bool looksLikeSevenNet(const TorchArchive& archive);
/// Error with file and what is missing or does not fit. An architecture of the family that is not computed
/// opens for inspection only.
ArchiveContents readSevenNetFile(const TorchArchive& archive, const ModelChoice& choice = {});

} // namespace lodestone
