#include "engine/tensor_memory.h"

#include "base/block_cache.h"

#include <c10/core/CPUAllocator.h>
#include <cstdlib>
#include <cstring>
#include <new>
#include <torch/version.h>

namespace lodestone {
namespace {

constexpr std::size_t keptFrom = std::size_t{64} << 10; ///< bytes; the heap serves smaller tensors well
constexpr std::size_t alignment = 64;

/// Lives as long as the process: tensors may outlive every other object.
BlockCache& blocks()
{
    static auto* const cache = new BlockCache;
    return *cache;
}

void giveBlock(void* block)
{
    blocks().give(block);
}

class TensorMemory final : public c10::Allocator {
    static c10::DataPtr allocated(std::size_t bytes)
    {
        if (bytes == 0)
            return {nullptr, nullptr, &std::free, c10::DeviceType::CPU};
        if (bytes >= keptFrom) {
            void* const block = blocks().take(bytes);
            return {block, block, &giveBlock, c10::DeviceType::CPU};
        }
        void* const memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
        if (!memory)
            throw std::bad_alloc();
        return {memory, memory, &std::free, c10::DeviceType::CPU};
    }

public:
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
    c10::DataPtr allocate(std::size_t bytes) override
    {
        return allocated(bytes);
    }
    void copy_data(void* to, const void* from, std::size_t bytes) const override
    {
        std::memcpy(to, from, bytes);
    }
#else
    c10::DataPtr allocate(std::size_t bytes) const override
    {
        return allocated(bytes);
    }
#endif
};

} // namespace

void keepTensorMemory()
{
    static auto* const memory = new TensorMemory; // LibTorch holds on to it
    if (c10::GetCPUAllocator() != memory)
        c10::SetCPUAllocator(memory);
}

void limitTensorMemory(std::size_t bytes)
{
    blocks().limit(bytes);
}

void releaseTensorMemory()
{
    blocks().release(std::size_t{256} << 20);
}

} // namespace lodestone
