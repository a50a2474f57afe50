#pragma once
#include "base/files.h"
#include "base/json.h"
#include "formats/formats.h"
#include "support/archive_models.h"
#include "support/shared_data.h"

#include <string>
#include <vector>

// The MACE models of the fixtures, and the released one.

inline const std::vector<std::string> maceNames = {
    "mp0a_small", "mp0b3_small", "off23_small",  "l2_small",     "l0_small",
    "mh1_small",  "mp0b3_full3", "era2023_mp0a", "era2024_mp0b", "real_ani500k_small_CC"};

inline void maceRows()
{
    QTest::addColumn<QString>("name");
    for (const std::string& name : maceNames)
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

inline std::filesystem::path macePath(const std::string& name)
{
    return sharedPath(name.starts_with("real_") ? "models/mace-ani500k-small-cc/" + name.substr(5) + ".model"
                                                : "fixtures/mace/" + name + ".model");
}

inline lodestone::Json maceReference(const std::string& prefix, const std::string& name)
{
    return lodestone::readJsonFile(sharedPath("fixtures/mace/" + prefix + name + ".json"));
}

inline lodestone::TorchArchive archiveOf(const std::filesystem::path& path)
{
    return lodestone::TorchArchive::parse(lodestone::readFile(path), path.string());
}

inline ArchiveModel maceModel(const std::string& name, const std::string& head = {})
{
    return openMace(archiveOf(macePath(name)), {head});
}

inline lodestone::Structure fixtureStructure(const std::string& name)
{
    return lodestone::readStructures(sharedPath("fixtures/structures/" + name + ".extxyz")).at(0);
}
