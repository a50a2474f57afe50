#pragma once
#include "run/run_directory.h"

namespace lodestone::gui {

/// Every run in `folder` (which need not exist) and, before them, the runs `others` that lie elsewhere and
/// are still there. Reads files: for a worker thread.
std::vector<RunSummary> listRuns(const std::filesystem::path& folder,
                                 const std::vector<std::filesystem::path>& others);

} // namespace lodestone::gui
