#pragma once
#include "checkpoints/torch/archive_contents.h"

namespace lodestone {

/// A SevenNet checkpoint (.pth): a dictionary with "model_state_dict" and "config". Error (origin, key) or
/// NotComputed as sevenNetConfig().
bool looksLikeSevenNetCheckpoint(const TorchArchive& archive);
ArchiveContents readSevenNetCheckpointFile(const TorchArchive& archive, const ModelChoice& choice);

/// Index of the chosen modality; the first one without a choice. UsageError that lists them if there is no
/// such one.
int chosenModality(const std::vector<std::string>& modalities, const ModelChoice& choice,
                   const std::string& origin);

} // namespace lodestone
