#pragma once
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace lodestone::test {

/// Every array of an HDF5 file as its bytes; texts without dates, hosts and seconds. Error if one cannot be
/// read.
std::map<std::string, std::string> arraysOf(const std::filesystem::path& file);

/// Everything that a finished run leaves, apart from times: what an interrupted and resumed run must leave as
/// well.
struct RunContents {
    std::map<std::string, std::string> parts; ///< "last.h5:/tensors/live/x", "metrics.json", ... -> bytes
    std::map<std::int64_t, std::string>
        steps; ///< step -> what its event says (events are at most ten a second)
    std::map<std::int64_t, std::string> sparsity; ///< the same of sparsity events between the epochs
    std::set<std::int64_t> epochEnds;             ///< last steps of epochs: their events are never left out
    std::string events;                           ///< all other events, in order
    std::string faults;                           ///< of the stream of events itself; empty if it is sound
};
RunContents contentsOf(const std::filesystem::path& run);

/// What `run` lacks or has otherwise than `reference`, in one sentence each; empty if nothing.
std::string differences(const RunContents& reference, const RunContents& run);

/// What a desktop sees of a run whose engine is gone, as sentences of what is wrong with it; empty if all is
/// well: the state is told as it is, nothing throws, events are whole and numbered without gaps.
std::string wrongView(const std::filesystem::path& run);

} // namespace lodestone::test
