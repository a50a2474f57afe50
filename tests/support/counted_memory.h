#pragma once
// Counts the memory of a test program: include it in one source file of the program. Counting is exact, so
// that limits on memory do not depend on the machine or on what else it does.
#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace lodestone::test {

inline std::atomic<std::size_t> memoryInUse{0};
inline std::atomic<std::size_t> memoryPeak{0};

inline void* counted(std::size_t size)
{
    void* memory = std::malloc(size);
    if (!memory)
        throw std::bad_alloc();
    const std::size_t used = memoryInUse += malloc_usable_size(memory);
    std::size_t peak = memoryPeak;
    while (used > peak && !memoryPeak.compare_exchange_weak(peak, used))
        ;
    return memory;
}

inline void release(void* memory) noexcept
{
    if (memory)
        memoryInUse -= malloc_usable_size(memory);
    std::free(memory);
}

/// Bytes that the body takes at its peak beyond what was in use before it.
template<class Body>
std::size_t peakOf(Body&& body)
{
    const std::size_t before = memoryInUse;
    memoryPeak = before;
    body();
    return memoryPeak - before;
}

} // namespace lodestone::test

void* operator new(std::size_t size)
{
    return lodestone::test::counted(size);
}
void operator delete(void* memory) noexcept
{
    lodestone::test::release(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    lodestone::test::release(memory);
}
