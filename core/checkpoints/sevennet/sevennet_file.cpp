#include "checkpoints/sevennet/sevennet_file.h"

#include "checkpoints/sevennet/sevennet_checkpoint.h"
#include "checkpoints/sevennet/sevennet_deployed.h"
#include "checkpoints/torch/not_computed.h"

namespace lodestone {

bool looksLikeSevenNet(const TorchArchive& archive)
{
    return looksLikeSevenNetCheckpoint(archive) || looksLikeDeployedSevenNet(archive);
}

ArchiveContents readSevenNetFile(const TorchArchive& archive, const ModelChoice& choice)
{
    try {
        return looksLikeDeployedSevenNet(archive) ? readDeployedSevenNetFile(archive, choice)
                                                  : readSevenNetCheckpointFile(archive, choice);
    } catch (const NotComputed& reason) {
        return inspectionOnly(archive, "sevennet", "SevenNet", reason.what());
    }
}

} // namespace lodestone
