#pragma once
#include "base/files.h"
#include "base/json.h"
#include "formats/formats.h"
#include "support/archive_models.h"
#include "support/reference_tensors.h"
#include "support/shared_data.h"

/// A SevenNet file below the shared folder.
inline ArchiveModel sevenNet(const std::string& relative, const std::string& modality = {})
{
    const std::filesystem::path path = sharedPath(relative);
    return openSevenNet(lodestone::TorchArchive::parse(lodestone::readFile(path), path.string()), {modality});
}

inline lodestone::Structure fixtureStructure(const std::string& name)
{
    return lodestone::readStructures(sharedPath("fixtures/structures/" + name + ".extxyz")).at(0);
}

inline lodestone::GraphBatch batchOf(const lodestone::LoadedModel& loaded,
                                     const std::vector<const lodestone::Structure*>& structures,
                                     torch::Dtype dtype = torch::kFloat64)
{
    return lodestone::makeGraphBatch(structures, loaded.description().elements, loaded.description().cutoff,
                                     dtype);
}

inline lodestone::Prediction predictionOf(const lodestone::LoadedModel& loaded,
                                          const lodestone::Structure& structure,
                                          torch::Dtype dtype = torch::kFloat64)
{
    return lodestone::predict(*loaded.model, loaded.parameters.to(torch::kCPU, dtype),
                              batchOf(loaded, {&structure}, dtype));
}
