#include "engine/operations.h"

#include "run/run_directory.h"

namespace lodestone {

DeltaFile deltaOfRun(const std::filesystem::path& run)
{
    const RunPaths paths{run};
    if (!std::filesystem::exists(paths.configuration()))
        fail("{} is no run directory: it has no run.json.", run.string());
    if (!std::filesystem::exists(paths.delta()))
        fail("The run {} has no result yet: {} appears when it ends.", run.string(), paths.delta().string());
    return readDelta(paths.delta());
}

} // namespace lodestone
