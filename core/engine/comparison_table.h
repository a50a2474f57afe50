#pragma once
#include "base/json.h"

#include <filesystem>
#include <vector>

namespace lodestone {

/// One line of a comparison for print: a run, or the setting of a sweep with the lowest validation loss.
/// {"name", "seeds", "values": {NAME: {"mean", "spread", "count"}}} with the values of summariseSweep(),
/// besides "changed_of_eligible", "eligible", and, under "base", the errors of the unchanged model.
/// Error if the folder is neither, or has no result.
Json comparisonRow(const std::filesystem::path& folder);

/// The rows as a Markdown table, with a first line for the unchanged model: errors on the test frames where
/// every row has some, else on the validation frames; eligible and changed parameters, forgetting, active
/// seconds; mean +- sample standard deviation where there are several seeds. Energies and forces in meV.
std::string comparisonTable(const std::vector<Json>& rows);

} // namespace lodestone
