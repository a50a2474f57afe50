#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace lodestone {

/// True for what the system, LibTorch's allocators (CPU, CUDA) and the engine's own throw when memory runs
/// out.
bool saysOutOfMemory(const std::exception& e);

/// Frames by their numbers, as an EdgeBudget looks at them.
struct SizedFrames {
    std::function<std::int64_t(std::size_t)> edges;
    std::function<std::string(std::size_t)> name; ///< for messages
};

/// Groups of frames of at most maxEdges edges and maxFrames frames (0: no limit), one frame at least, in the
/// order given.
std::vector<std::vector<std::size_t>> packByEdges(const std::vector<std::size_t>& order,
                                                  const SizedFrames& frames, std::size_t maxEdges,
                                                  int maxFrames);

/// A batch divided among `processes`: the largest frames first, each to the process with the fewest edges so
/// far. Every share keeps the order of the batch; with fewer frames than processes some are empty.
std::vector<std::vector<std::size_t>> sharesByEdges(const std::vector<std::size_t>& batch,
                                                    const SizedFrames& frames, int processes);

/// How many edges are computed at once: as many as asked for until memory runs out, then half as many, and so
/// on for the rest of its life. One thread lowers it; any may read it.
class EdgeBudget {
public:
    using Groups = std::vector<std::vector<std::size_t>>;
    /// lowered: told in a sentence each time.
    explicit EdgeBudget(std::size_t edges, std::function<void(const std::string&)> lowered = {});

    std::size_t edges() const { return m_edges; }
    /// The batch as it may be computed now: whole, or in parts.
    Groups parts(const std::vector<std::size_t>& batch, const SizedFrames& frames) const;
    /// Calls work(parts(batch)); where that runs out of memory, again with smaller parts. So `work` leaves
    /// nothing behind before it has succeeded. Error if memory does not suffice for a single frame; whatever
    /// else `work` throws goes through.
    void run(const std::vector<std::size_t>& batch, const SizedFrames& frames,
             const std::function<void(const Groups&)>& work);
    /// The same for a batch in shares that several processes compute: work(parts of each share), which may
    /// fail for lack of memory in any of them.
    void runShares(const Groups& shares, const SizedFrames& frames,
                   const std::function<void(const std::vector<Groups>&)>& work);

private:
    void lower(const Groups& parts, const SizedFrames& frames);

    std::atomic<std::size_t> m_edges;
    std::function<void(const std::string&)> m_lowered;
};

} // namespace lodestone
