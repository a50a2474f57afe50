#pragma once
#include "checkpoints/model_file.h"
#include "models/model.h"

namespace lodestone {

/// Opens any supported model file (ModelFile::open, with its errors) with its numbers, ready to compute. A
/// model that cannot be computed throws its limitation when it is asked to.
LoadedModel openModel(const std::filesystem::path& path, const ModelChoice& choice = {});

/// Throws the limitation of a model that opened for inspection only, as an Error with its file.
void requireComputable(const ModelDescription& description);

/// Writes `parameters` into a copy of the file `base` (same format; everything that is not a changed tensor
/// stays as it is, byte for byte). The dtype on disk is that of the base.
void writeModel(const std::filesystem::path& base, const ParameterTable& parameters,
                const std::filesystem::path& out);

/// What computes an architecture; its description comes from the reader of the file.
std::shared_ptr<const Model> makeModel(Architecture architecture, ModelDescription description);

/// Numbers of a file in C order as a tensor in their dtype (half precision widened to float32), on the CPU.
torch::Tensor tensorOf(std::string_view numbers, ScalarKind kind, const std::vector<std::int64_t>& shape);
/// A tensor of any device and dtype as a file stores it: `stored` where it says the same already.
std::string storedNumbers(const torch::Tensor& value, ScalarKind kind, std::string stored);

} // namespace lodestone
