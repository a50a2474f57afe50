#pragma once
#include "base/json.h"
#include "models/model.h"

#include <filesystem>
#include <map>
#include <optional>

namespace lodestone {

/// The portable result of a run (*.delta.h5; docs/file-formats.md). Sparse in every tensor: flat indices and
/// values of W - W0.
struct DeltaFile {
    std::string baseSha256;
    std::string modelHead; ///< head or modality that was tuned, by name; empty where the base has no choice
    struct Tensor {
        std::string name;
        std::vector<std::int64_t> shape;
        std::vector<std::int64_t> indices; ///< flat, ascending
        std::vector<double> values;        ///< float32 or float64 as trained
        double threshold = 0;
        std::int64_t eligible = 0;
    };
    std::vector<Tensor> tensors;
    bool float64 = false;
    /// Magnetic head in full ("magnitude": names of magnetic_head.h); empty if there is none.
    std::string head;
    std::map<std::string, torch::Tensor> headParameters;
    std::map<int, double> referenceEnergyShift; ///< atomic number -> eV/atom, added to the model's own
    Json provenance;                            ///< configuration, versions, host, date
};
void writeDelta(const std::filesystem::path& path, const DeltaFile& delta);
/// Error if it is not a delta file, from a newer schema, or inconsistent (indices out of range or not
/// ascending).
DeltaFile readDelta(const std::filesystem::path& path);

/// base + delta, reference energies corrected too. Error if the base's SHA-256 differs (naming both) or a
/// tensor does not fit.
LoadedModel applyDelta(const LoadedModel& base, const DeltaFile& delta);

} // namespace lodestone
