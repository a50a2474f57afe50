#pragma once
#include "models/model.h"

#include <filesystem>

namespace lodestone {

/// Opens any supported model file without running anything in it. Error with file and byte offset otherwise; UsageError
/// naming the heads if the chosen one does not exist. A model that cannot be computed opens with a limitation.
LoadedModel openModel(const std::filesystem::path& path, const ModelChoice& choice = {});

/// Throws the limitation of a model that opened for inspection only, as an Error with its file.
void requireComputable(const ModelDescription& description);

/// Writes `parameters` into a copy of the file `base` (same format; everything that is not a changed tensor stays as it
/// is, byte for byte). The dtype on disk is that of the base.
void writeModel(const std::filesystem::path& base, const ParameterTable& parameters, const std::filesystem::path& out);

/// A Nequix model of a given size with random weights (used by the demo and by tests).
struct NequixSize {
    double cutoff = 5;
    std::vector<int> elements;
    std::string hiddenIrreps = "32x0e + 16x1o";
    int lMax = 1;
    int layers = 2;
    int radialBasis = 8;
    std::vector<int> radialMlp = {32, 32};
    double averageNeighbours = 20;
    double polynomialP = 6;
};
void writeRandomNequix(const NequixSize& size, std::uint64_t seed, const std::filesystem::path& out);

} // namespace lodestone
