#pragma once
#include "support/archive_models.h"
#include "support/nequip_archives.h"
#include "support/reference_tensors.h"

/// The file of a description, opened.
inline ArchiveModel nequipModel(const lodestone::Json& description)
{
    return openNequip(lodestone::test::nequipArchive(description));
}

/// A structure of a description.
inline lodestone::Structure describedStructure(const lodestone::Json& description, const std::string& name)
{
    const lodestone::Json& given = description["structures"][name];
    lodestone::Structure structure;
    structure.species = given["species"].get<std::vector<int>>();
    structure.positions = given["positions"].get<std::vector<lodestone::Vec3>>();
    structure.cell = given["cell"].get<lodestone::Mat3>();
    structure.pbc = given["pbc"].get<std::array<bool, 3>>();
    return structure;
}

inline lodestone::GraphBatch nequipBatch(const lodestone::LoadedModel& loaded,
                                         const lodestone::Structure& structure,
                                         torch::Dtype dtype = torch::kFloat64)
{
    const lodestone::ModelDescription& about = loaded.description();
    return lodestone::makeGraphBatch({&structure}, about.elements, about.cutoff, dtype);
}

inline lodestone::Prediction nequipPrediction(const lodestone::LoadedModel& loaded,
                                              const lodestone::ParameterTable& parameters,
                                              const lodestone::Structure& structure,
                                              torch::Dtype dtype = torch::kFloat64)
{
    return lodestone::predict(*loaded.model, parameters.to(torch::kCPU, dtype),
                              nequipBatch(loaded, structure, dtype));
}

inline lodestone::Prediction nequipPrediction(const lodestone::LoadedModel& loaded,
                                              const lodestone::Structure& structure,
                                              torch::Dtype dtype = torch::kFloat64)
{
    return nequipPrediction(loaded, loaded.parameters, structure, dtype);
}
