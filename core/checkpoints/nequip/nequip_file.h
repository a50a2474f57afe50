#pragma once
#include "checkpoints/torch/archive_contents.h"

namespace lodestone {

/// NequIP: packaged models (.nequip.zip) and deployed TorchScript, mir-group/nequip.
bool looksLikeNequip(const TorchArchive& archive);
/// Error with file and what is missing or does not fit. An architecture of the family that is not computed
/// opens for inspection only.
ArchiveContents readNequipFile(const TorchArchive& archive, const ModelChoice& choice = {});

} // namespace lodestone
