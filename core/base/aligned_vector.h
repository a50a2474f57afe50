#pragma once
#include <cstddef>
#include <new>
#include <vector>

namespace lodestone {

/// Memory that begins with a cache line, so that no vector register is read from two of them.
template<class T>
struct CacheLineAllocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    CacheLineAllocator() = default;
    template<class U>
    CacheLineAllocator(const CacheLineAllocator<U>& /*other*/) // NOLINT(google-explicit-constructor)
    {
    }
    T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
    void deallocate(T* memory, std::size_t /*count*/) { ::operator delete(memory, alignment); }
    template<class U>
    bool operator==(const CacheLineAllocator<U>& /*other*/) const
    {
        return true;
    }
};

template<class T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

} // namespace lodestone
