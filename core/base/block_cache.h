#pragma once
#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace lodestone {

/// Large blocks of memory that are kept when they are given back, because the same sizes are asked for step
/// after step and fresh pages cost more than many operations on them: the kernel has to clear them. Kept and
/// taken blocks together never exceed the most that was ever taken at once by more than a quarter (sizes that
/// differ a little from step to step need that room), nor the limit. A limit makes running out of memory an
/// exception in time, where the system would promise more than it has and end the process later. Blocks from
/// 2 MiB on are advised to use pages of that size (the kernel's own setting still decides). Thread-safe.
class BlockCache {
public:
    BlockCache() = default;
    ~BlockCache();
    BlockCache(const BlockCache&) = delete;
    BlockCache& operator=(const BlockCache&) = delete;

    /// Bytes that may be taken at once; what is taken already stays.
    void limit(std::size_t bytes) noexcept;

    /// At least `bytes` > 0, aligned to a page; its content is anything. Throws std::bad_alloc.
    void* take(std::size_t bytes);
    /// Takes back a block from take().
    void give(void* block) noexcept;
    /// Returns kept blocks, the oldest first, to the system until at most `bytes` are kept; from then on the
    /// most that was ever taken counts anew.
    void release(std::size_t bytes = 0) noexcept;

    std::size_t taken() const; ///< bytes
    std::size_t kept() const;  ///< bytes

private:
    struct Block {
        void* start;
        std::size_t size;
    };
    void dropFirst();
    void keepAtMost(std::size_t bytes);

    mutable std::mutex m_mutex;
    std::vector<Block> m_free;                      ///< oldest first
    std::unordered_map<void*, std::size_t> m_sizes; ///< of the blocks that are taken
    std::size_t m_taken = 0, m_kept = 0, m_most = 0;
    std::size_t m_limit = std::size_t{1} << 46;
};

} // namespace lodestone
