#pragma once
#include "archives/torch_archive.h"
#include "models/model.h"

namespace lodestone {

/// A model read from an archive of PyTorch, with the places of its tensors, so that it can be written back.
/// The table of parameters holds exactly the numbers of the file in the shape of the file: permutations,
/// signs and factors belong to the architecture.
struct ArchiveModel {
    LoadedModel loaded;
    std::vector<TensorReference> places; ///< one a tensor of the description, in its order
    /// Further places that hold the same numbers (packages of NequIP hold the model once for each way of
    /// running it): [copies][tensors]. They are written along.
    std::vector<std::vector<TensorReference>> copies;
};

/// A tensor of the file, in its dtype (half precision widened to float32), on the CPU.
torch::Tensor loadTensor(const TorchArchive& archive, const TensorReference& tensor);
/// Its numbers in C order, in double.
std::vector<double> loadNumbers(const TorchArchive& archive, const TensorReference& tensor);

/// The file with the parameters that differ from what it holds replaced; unchanged otherwise, byte for byte.
/// Error if two tensors that share numbers were changed differently.
std::string rewriteArchive(const TorchArchive& archive, const ArchiveModel& model,
                           const ParameterTable& parameters);

/// A model of an architecture that Lodestone does not compute: every tensor listed, `reason` (a sentence) in
/// its description and in the error of any attempt to compute with it.
ArchiveModel inspectionOnly(const TorchArchive& archive, const std::string& family,
                            const std::string& architecture, const std::string& reason);
/// The same with what else is known of the model. known: without file and tensors; its limitation is the
/// reason.
ArchiveModel inspectionOnly(const TorchArchive& archive, ModelDescription known);

} // namespace lodestone
