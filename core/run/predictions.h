#pragma once
#include "run/run_directory.h"
#include "storage/hdf5_reader.h"

#include <optional>

namespace lodestone {

/// What "/format" of a run's predictions.h5 names.
inline constexpr const char* predictionsFormat = "lodestone-predictions";

/// The predictions of a finished run (a group for each split, an array for each quantity); nothing
/// where the run has none. Files of version 0.1 have no "/format". Error if the file is damaged or newer.
std::optional<Hdf5Reader> openPredictions(const RunPaths& paths);

} // namespace lodestone
