#include "engine/run_list.h"

#include <algorithm>

namespace lodestone::gui {

std::vector<RunSummary> listRuns(const std::filesystem::path& folder,
                                 const std::vector<std::filesystem::path>& others)
{
    std::error_code none; // an unreadable folder has no runs to show; starting a run there says why
    std::vector<RunSummary> here;
    if (std::filesystem::is_directory(folder, none))
        here = findRuns(folder);
    std::vector<RunSummary> runs;
    for (const std::filesystem::path& other : others) {
        const bool listed = std::any_of(here.begin(), here.end(),
                                        [&](const RunSummary& run) { return run.paths.root == other; });
        if (!listed && std::filesystem::is_directory(other, none))
            runs.push_back(summariseRun(other));
    }
    runs.insert(runs.end(), here.begin(), here.end());
    return runs;
}

} // namespace lodestone::gui
