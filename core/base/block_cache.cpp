#include "base/block_cache.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <sys/mman.h>

namespace lodestone {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t largePage = std::size_t{2} << 20;

std::size_t roundedUp(std::size_t bytes, std::size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

void* mapped(std::size_t size)
{
    if (size < largePage) {
        void* const start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return start == MAP_FAILED ? nullptr : start;
    }
    // Aligned to a large page: mapped with room to spare, the rest unmapped.
    void* const wide =
        ::mmap(nullptr, size + largePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (wide == MAP_FAILED)
        return nullptr;
    auto* const first = static_cast<char*>(wide);
    const std::size_t before =
        roundedUp(reinterpret_cast<std::uintptr_t>(wide), largePage) - reinterpret_cast<std::uintptr_t>(wide);
    char* const start = first + before;
    if (before > 0)
        ::munmap(first, before);
    ::munmap(start + size, largePage - before);
    // Whole large pages only: the last one would be larger than what was asked for.
    ::madvise(start, size / largePage * largePage, MADV_HUGEPAGE);
    return start;
}

} // namespace

BlockCache::~BlockCache()
{
    keepAtMost(0);
}

void BlockCache::dropFirst()
{
    ::munmap(m_free.front().start, m_free.front().size);
    m_kept -= m_free.front().size;
    m_free.erase(m_free.begin());
}

void BlockCache::keepAtMost(std::size_t bytes)
{
    while (m_kept > bytes)
        dropFirst();
}

void BlockCache::limit(std::size_t bytes) noexcept
{
    const std::scoped_lock lock(m_mutex);
    m_limit = std::min(bytes, std::size_t{1} << 46);
    keepAtMost(m_limit > m_taken ? m_limit - m_taken : 0);
    m_most = std::min(m_most, std::max(m_limit, m_taken));
}

void* BlockCache::take(std::size_t bytes)
{
    const std::scoped_lock lock(m_mutex);
    if (bytes > m_limit || m_taken + roundedUp(bytes, page) > m_limit)
        throw std::bad_alloc();
    const std::size_t size = roundedUp(bytes, page);
    // The smallest that fits, unless much of it would lie idle; of equal ones the newest, as it may still be
    // in the processor's cache.
    auto best = m_free.end();
    for (auto block = m_free.begin(); block != m_free.end(); ++block)
        if (block->size >= size && block->size - size <= size / 8 &&
            (best == m_free.end() || block->size <= best->size))
            best = block;
    Block found{};
    if (best != m_free.end()) {
        found = *best;
        m_kept -= found.size;
        m_free.erase(best);
    } else {
        found.size = size;
        const std::size_t most = std::max(m_most, m_taken + size);
        keepAtMost(std::min(most + most / 4, m_limit) - m_taken - size);
        found.start = mapped(size);
        if (!found.start && m_kept > 0) {
            keepAtMost(0);
            found.start = mapped(size);
        }
        if (!found.start)
            throw std::bad_alloc();
    }
    m_sizes.emplace(found.start, found.size);
    m_taken += found.size;
    m_most = std::max(m_most, m_taken);
    return found.start;
}

void BlockCache::give(void* block) noexcept
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_sizes.find(block);
    m_free.push_back({block, found->second});
    m_taken -= found->second;
    m_kept += found->second;
    m_sizes.erase(found);
}

void BlockCache::release(std::size_t bytes) noexcept
{
    const std::scoped_lock lock(m_mutex);
    keepAtMost(bytes);
    m_most = std::min(m_most, m_taken + m_kept);
}

std::size_t BlockCache::taken() const
{
    const std::scoped_lock lock(m_mutex);
    return m_taken;
}

std::size_t BlockCache::kept() const
{
    const std::scoped_lock lock(m_mutex);
    return m_kept;
}

} // namespace lodestone
