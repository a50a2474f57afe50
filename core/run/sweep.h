#pragma once
#include "base/json.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lodestone {

// Several runs of one configuration: settings that differ in some keys, each with several seeds, and what is
// said of them together.

/// One setting of a sweep.
struct SweepSetting {
    std::string name; ///< "learning_rate=0.001,target_fraction=0.03"; "" where nothing varies
    std::vector<std::string> overrides; ///< "optimiser.learning_rate=0.001", ...
};

/// All combinations of KEY=VALUE,VALUE,... (commas within brackets, braces and quotation marks do not
/// separate). UsageError for text of another form or a key that comes twice.
std::vector<SweepSetting> sweepSettings(const std::vector<std::string>& vary);

/// "1,2,3" or "1-5" as numbers without repetition; UsageError otherwise.
std::vector<std::uint64_t> parseSeeds(const std::string& text);

/// Folder of a run below the sweep's: "seed_1", "learning_rate=0.001_seed_1"; a long name is cut and told
/// apart by a hash.
std::string runFolderName(const SweepSetting& setting, std::uint64_t seed);

/// How a finished run enters a summary: run/result/metrics.json. `error`: why it has no result.
struct SweepRun {
    std::size_t setting = 0;
    std::uint64_t seed = 0;
    std::string folder; ///< below the sweep's
    Json metrics;       ///< null: not finished
    std::string error;
};

/// {"settings": [{"name", "overrides", "seeds", "runs", "values": {NAME: {"mean", "spread", "count"}},
/// "pareto", "best"}], "runs": [...]}. Values: "validation_loss", "eligible",
/// "changed_of_eligible", "changed_of_model", "seconds",
/// "SPLIT QUANTITY" (mean absolute error), "forgetting QUANTITY". spread: sample standard deviation over the
/// seeds, null for one. pareto: no other setting has both a lower mean validation loss and a lower mean share
/// of changed parameters (one of them may be equal). best: the lowest mean validation loss. Both over the
/// seeds that all settings with finished runs share, if there are such.
Json summariseSweep(const std::vector<SweepSetting>& settings, const std::vector<SweepRun>& runs);

/// {NAME: {"mean", "spread", "count"}} over finished runs (result/metrics.json), as in "values" above.
Json sweepValues(const std::vector<Json>& metrics);

/// The summary for people, one line a setting and value.
std::string sweepTable(const Json& summary);

} // namespace lodestone
