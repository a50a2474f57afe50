#pragma once
#include "report/run_material.h"

namespace lodestone {

/// A command line of `words` for a POSIX shell: words that it would take apart or change are quoted.
std::string shellLine(const std::vector<std::string>& words);

/// The commands that compute the numbers of a report again, as printed in it. They name files as run.json
/// does and the run as it was named; they are to be called where the report was made.
struct ReportCommands {
    std::string explain; ///< errors, counts, maps, sensitivity, forgetting
    std::string audit;   ///< needs a delta
    std::string
        predict; ///< tuned errors on the frames of the parity plots; empty where these are no whole files
    std::string compare; ///< state and times as recorded
    std::string inspect; ///< the model's hash and counts
    std::string hashes;  ///< of model and data files
    std::string again;   ///< the whole run: curves
};
ReportCommands reportCommands(const RunMaterial& material);

} // namespace lodestone
