#include "finetune/edge_budget.h"

#include "base/error.h"

#include <algorithm>
#include <c10/util/Exception.h>
#include <new>
#include <numeric>
#include <string_view>

namespace lodestone {
namespace {

std::size_t edgesOf(const std::vector<std::size_t>& part, const SizedFrames& frames)
{
    std::size_t sum = 0;
    for (const std::size_t i : part)
        sum += static_cast<std::size_t>(frames.edges(i));
    return sum;
}

} // namespace

bool saysOutOfMemory(const std::exception& e)
{
    if (dynamic_cast<const std::bad_alloc*>(&e))
        return true;
    const auto* const torchError = dynamic_cast<const c10::Error*>(&e);
    if (!torchError)
        return false;
    // LibTorch says so in words only (in 1.13 as in 2.x).
    const std::string_view text = torchError->what_without_backtrace();
    for (const char* words : {"out of memory", "not enough memory", "can't allocate memory", "ALLOC_FAILED"})
        if (text.find(words) != text.npos)
            return true;
    return false;
}

std::vector<std::vector<std::size_t>> packByEdges(const std::vector<std::size_t>& order,
                                                  const SizedFrames& frames, std::size_t maxEdges,
                                                  int maxFrames)
{
    std::vector<std::vector<std::size_t>> batches;
    std::size_t edges = 0;
    for (const std::size_t i : order) {
        const auto own = static_cast<std::size_t>(frames.edges(i));
        const bool full = !batches.empty() &&
                          (edges + own > maxEdges ||
                           (maxFrames > 0 && batches.back().size() >= static_cast<std::size_t>(maxFrames)));
        if (batches.empty() || full) {
            batches.emplace_back();
            edges = 0;
        }
        batches.back().push_back(i);
        edges += own;
    }
    return batches;
}

std::vector<std::vector<std::size_t>> sharesByEdges(const std::vector<std::size_t>& batch,
                                                    const SizedFrames& frames, int processes)
{
    std::vector<std::size_t> byEdges(batch.size()); // places in the batch
    std::iota(byEdges.begin(), byEdges.end(), std::size_t{0});
    std::stable_sort(byEdges.begin(), byEdges.end(), [&](std::size_t a, std::size_t b) {
        return frames.edges(batch[a]) > frames.edges(batch[b]);
    });
    std::vector<std::vector<std::size_t>> places(static_cast<std::size_t>(processes));
    std::vector<std::int64_t> edges(places.size(), 0);
    for (const std::size_t place : byEdges) {
        const auto least = std::size_t(std::min_element(edges.begin(), edges.end()) - edges.begin());
        places[least].push_back(place);
        edges[least] += std::max<std::int64_t>(1, frames.edges(batch[place])); // isolated atoms are work, too
    }
    std::vector<std::vector<std::size_t>> shares;
    for (auto& own : places) {
        std::sort(own.begin(), own.end());
        auto& share = shares.emplace_back();
        for (const std::size_t place : own)
            share.push_back(batch[place]);
    }
    return shares;
}

EdgeBudget::EdgeBudget(std::size_t edges, std::function<void(const std::string&)> lowered)
    : m_edges(edges),
      m_lowered(std::move(lowered))
{
}

EdgeBudget::Groups EdgeBudget::parts(const std::vector<std::size_t>& batch, const SizedFrames& frames) const
{
    return packByEdges(batch, frames, m_edges, 0);
}

void EdgeBudget::run(const std::vector<std::size_t>& batch, const SizedFrames& frames,
                     const std::function<void(const Groups&)>& work)
{
    runShares({batch}, frames, [&work](const std::vector<Groups>& parts) { work(parts.front()); });
}

void EdgeBudget::runShares(const Groups& shares, const SizedFrames& frames,
                           const std::function<void(const std::vector<Groups>&)>& work)
{
    while (true) {
        std::vector<Groups> now;
        for (const auto& share : shares)
            now.push_back(parts(share, frames));
        try {
            return work(now);
        } catch (const std::exception& e) {
            if (!saysOutOfMemory(e))
                throw;
        }
        // Here, after the exception with all that it may hold is gone.
        Groups all;
        for (const Groups& own : now)
            all.insert(all.end(), own.begin(), own.end());
        lower(all, frames);
    }
}

void EdgeBudget::lower(const Groups& parts, const SizedFrames& frames)
{
    // Which part it was is not known; the largest of those that can be divided, if any.
    std::size_t largest = 0;
    bool divisible = false;
    const std::vector<std::size_t>* single = nullptr;
    std::size_t singleEdges = 0;
    for (const auto& part : parts) {
        const std::size_t edges = edgesOf(part, frames);
        if (part.size() > 1) {
            divisible = true;
            largest = std::max(largest, edges);
        } else if (!single || edges > singleEdges)
            single = &part, singleEdges = edges;
    }
    if (divisible && largest == 0)
        fail("Memory ran out for a batch of isolated atoms: lower batch.max_frames.");
    if (!divisible)
        fail("Memory ran out for a single structure, {} ({} edges): leave it out, or compute where there is "
             "more memory.",
             single ? frames.name(single->front()) : "?", singleEdges);
    m_edges = std::max<std::size_t>(1, std::min<std::size_t>(m_edges, largest) / 2);
    if (m_lowered)
        m_lowered(fmt::format("Memory ran out for {} edges at once: from now on {} are computed at a time. "
                              "Batches and steps stay what they are.",
                              largest, m_edges.load()));
}

} // namespace lodestone
