#pragma once
#include "checkpoints/model_file.h"
#include "models/model.h"

#include <filesystem>
#include <list>

namespace lodestone {

/// The last two models that were opened, as long as their files do not change. For one thread.
class ModelCache {
public:
    LoadedModel open(const std::filesystem::path& path, const ModelChoice& choice = {});

private:
    struct Entry {
        std::filesystem::path path;
        std::string head;
        std::filesystem::file_time_type time;
        std::uintmax_t size = 0;
        LoadedModel model;
    };
    static constexpr std::size_t s_most = 2;
    std::list<Entry> m_entries; ///< most recently used first
};

} // namespace lodestone
