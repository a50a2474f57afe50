#pragma once
#include "checkpoints/mace/mace_file.h"
#include "checkpoints/nequip/nequip_file.h"
#include "checkpoints/sevennet/sevennet_file.h"
#include "weights/model_numbers.h"

// Models in archives of PyTorch that are in memory: read, with their numbers loaded, ready to compute.

struct ArchiveModel {
    lodestone::LoadedModel loaded;
    std::vector<lodestone::TensorReference> places;
    std::vector<std::vector<lodestone::TensorReference>> copies;
};

inline torch::Tensor loadTensor(const lodestone::TorchArchive& archive,
                                const lodestone::TensorReference& place)
{
    return lodestone::tensorOf(archive.numbers(place), place.storage.scalar, place.shape);
}

inline ArchiveModel loadArchive(const lodestone::TorchArchive& archive, lodestone::ArchiveContents contents)
{
    ArchiveModel model;
    for (std::size_t i = 0; i < contents.places.size(); ++i)
        model.loaded.parameters.add(contents.description.tensors[i].name,
                                    loadTensor(archive, contents.places[i]));
    model.places = std::move(contents.places);
    model.copies = std::move(contents.copies);
    model.loaded.model =
        lodestone::makeModel(std::move(contents.architecture), std::move(contents.description));
    return model;
}

/// The file with these parameters, as writeModel() makes it.
inline std::string rewriteArchive(const lodestone::TorchArchive& archive, const ArchiveModel& model,
                                  const lodestone::ParameterTable& parameters)
{
    lodestone::ArchiveContents contents;
    contents.description = model.loaded.description();
    contents.places = model.places;
    contents.copies = model.copies;
    std::vector<std::string> numbers;
    for (std::size_t i = 0; i < model.places.size(); ++i)
        numbers.push_back(lodestone::storedNumbers(parameters.at(contents.description.tensors[i].name),
                                                   model.places[i].storage.scalar,
                                                   archive.numbers(model.places[i])));
    return lodestone::rewriteArchive(archive, contents, numbers);
}

inline ArchiveModel openMace(const lodestone::TorchArchive& archive,
                             const lodestone::ModelChoice& choice = {})
{
    return loadArchive(archive, lodestone::readMaceFile(archive, choice));
}

inline ArchiveModel openSevenNet(const lodestone::TorchArchive& archive,
                                 const lodestone::ModelChoice& choice = {})
{
    return loadArchive(archive, lodestone::readSevenNetFile(archive, choice));
}

inline ArchiveModel openNequip(const lodestone::TorchArchive& archive,
                               const lodestone::ModelChoice& choice = {})
{
    return loadArchive(archive, lodestone::readNequipFile(archive, choice));
}
