#pragma once
#include "run/run_directory.h"

#include <string>
#include <vector>

namespace lodestone::test {

/// The events of that kind in a run's folder, in their order.
inline std::vector<Json> eventsOf(const RunPaths& paths, const std::string& kind)
{
    std::vector<Json> found;
    for (Json& event : EventReader(paths.events()).poll(std::size_t{64} << 20).events)
        if (event.at("kind") == kind)
            found.push_back(std::move(event));
    return found;
}

} // namespace lodestone::test
