#include "engine/model_cache.h"

#include "weights/model_numbers.h"

#include <algorithm>

namespace lodestone {

LoadedModel ModelCache::open(const std::filesystem::path& path, const ModelChoice& choice)
{
    std::error_code missing; // openModel() says it better
    const std::filesystem::path key = std::filesystem::absolute(path);
    const auto time = std::filesystem::last_write_time(key, missing);
    const auto size = std::filesystem::file_size(key, missing);
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& entry) {
        return entry.path == key && entry.head == choice.head;
    });
    if (found != m_entries.end()) {
        if (!missing && found->time == time && found->size == size) {
            m_entries.splice(m_entries.begin(), m_entries, found);
            return m_entries.front().model;
        }
        m_entries.erase(found);
    }
    LoadedModel model = openModel(path, choice);
    m_entries.push_front({key, choice.head, time, size, model});
    if (m_entries.size() > s_most)
        m_entries.pop_back();
    return model;
}

} // namespace lodestone
