#pragma once
#include "architectures/architecture.h"
#include "archives/torch_archive.h"
#include "blocks/model_description.h"

namespace lodestone {

/// What is chosen when a file holds several models in one.
struct ModelChoice {
    std::string head; ///< head (MACE) or modality (SevenNet); empty: the file's default
};

/// A model as an archive of PyTorch describes it, with the places of its numbers, so that it can be computed
/// and written back. The numbers are those of the file in the shape of the file: permutations, signs and
/// factors belong to the architecture.
struct ArchiveContents {
    Architecture architecture;
    ModelDescription description;
    std::vector<TensorReference> places; ///< one a tensor of the description, in its order
    /// Further places that hold the same numbers (packages of NequIP hold the model once for each way of
    /// running it): [copies][tensors]. They are written along.
    std::vector<std::vector<TensorReference>> copies;
};

/// Numbers of a tensor of the file in C order, in double.
std::vector<double> loadNumbers(const TorchArchive& archive, const TensorReference& tensor);

/// Notes the norm of a tensor's numbers in `info`. False if they are not all finite.
bool measure(ParameterInfo& info, const TorchArchive& archive, const TensorReference& tensor);

/// The file with other numbers: one text a tensor of contents.description, as TorchArchive::numbers() gives
/// them. What does not differ stays, byte for byte. Error if two tensors that share numbers were changed
/// differently.
std::string rewriteArchive(const TorchArchive& archive, const ArchiveContents& contents,
                           const std::vector<std::string>& numbers);

/// A model of an architecture that Lodestone does not compute: every tensor listed, `reason` (a sentence) in
/// its description.
ArchiveContents inspectionOnly(const TorchArchive& archive, const std::string& family,
                               const std::string& architecture, const std::string& reason);
/// The same with what else is known of the model. known: without file and tensors; its limitation is the
/// reason.
ArchiveContents inspectionOnly(const TorchArchive& archive, ModelDescription known);

} // namespace lodestone
