#pragma once
// The bodies of the CUDA kernels are written once, for a policy that holds one value in each of the 32 lanes
// of a warp: WarpOnDevice under nvcc, WarpOnHost in tests on a processor. Whatever is no lane value is the
// same in all lanes, so that a body has the control flow of one thread on both.
#include <cstdint>

#ifdef __CUDACC__
#define LODESTONE_DEVICE __device__ __forceinline__
#define LODESTONE_UNROLL _Pragma("unroll")
#else
#define LODESTONE_DEVICE inline
#define LODESTONE_UNROLL
#endif

namespace lodestone::cuda {

constexpr int warpLanes = 32;

/// One value a lane, on the host.
template<class T>
struct HostLanes {
    T of[warpLanes];

    HostLanes& operator+=(const HostLanes& other)
    {
        for (int lane = 0; lane < warpLanes; ++lane)
            of[lane] += other.of[lane];
        return *this;
    }
    friend HostLanes operator*(HostLanes a, const HostLanes& b)
    {
        for (int lane = 0; lane < warpLanes; ++lane)
            a.of[lane] *= b.of[lane];
        return a;
    }
    friend HostLanes operator*(HostLanes a, T b)
    {
        for (int lane = 0; lane < warpLanes; ++lane)
            a.of[lane] *= b;
        return a;
    }
    friend HostLanes operator+(HostLanes a, const HostLanes& b) { return a += b; }
};

/// All lanes one after another. Adds up in the order in which the lanes of a GPU do.
struct WarpOnHost {
    template<class T>
    using Value = HostLanes<T>;

    /// at[lane] in the first `count` lanes (or all), 0 in the others.
    template<class T>
    static HostLanes<T> load(const T* at, int count)
    {
        return loadBlocks(at, warpLanes / 2, count);
    }
    /// The same where the upper half of the lanes reads `stride` numbers behind the lower half.
    template<class T>
    static HostLanes<T> loadBlocks(const T* at, std::int64_t stride, int count)
    {
        constexpr int half = warpLanes / 2;
        HostLanes<T> value{};
        for (int lane = 0; lane < warpLanes && lane < count; ++lane)
            value.of[lane] = at[lane / half * stride + lane % half];
        return value;
    }
    /// at[lane x stride] += value in the first `count` lanes.
    template<class T>
    static void add(T* at, const HostLanes<T>& value, int count, std::int64_t stride = 1)
    {
        for (int lane = 0; lane < warpLanes && lane < count; ++lane)
            at[lane * stride] += value.of[lane];
    }
    /// `Count` numbers that all lanes take. Where there are several, 16 bytes each are read at once: `at`
    /// lies on such a boundary and Count is a multiple of 4.
    template<int Count, class T>
    static void uniform(const T* at, T (&to)[Count])
    {
        for (int n = 0; n < Count; ++n)
            to[n] = at[n];
    }
    template<class T>
    static T sum(HostLanes<T> value)
    {
        for (int step = warpLanes / 2; step > 0; step /= 2) {
            const HostLanes<T> before = value;
            for (int lane = 0; lane < warpLanes; ++lane)
                value.of[lane] += before.of[lane ^ step];
        }
        return value.of[0];
    }
    /// f(n) for 0 <= n < count, shared out among the lanes: what one writes all may read afterwards.
    template<class F>
    static void spread(int count, const F& f)
    {
        for (int n = 0; n < count; ++n)
            f(n);
    }
    /// f() in one lane, always the same.
    template<class F>
    static void once(const F& f)
    {
        f();
    }
};

#ifdef __CUDACC__
/// The 32 threads of a warp, all of which call each function.
struct WarpOnDevice {
    template<class T>
    using Value = T;

    static LODESTONE_DEVICE int lane() { return static_cast<int>(threadIdx.x % warpLanes); }

    template<class T>
    static LODESTONE_DEVICE T load(const T* at, int count)
    {
        return lane() < count ? at[lane()] : T{};
    }
    template<class T>
    static LODESTONE_DEVICE T loadBlocks(const T* at, std::int64_t stride, int count)
    {
        constexpr int half = warpLanes / 2;
        return lane() < count ? at[lane() / half * stride + lane() % half] : T{};
    }
    template<class T>
    static LODESTONE_DEVICE void add(T* at, T value, int count, std::int64_t stride = 1)
    {
        if (lane() < count)
            at[lane() * stride] += value;
    }
    template<int Count>
    static LODESTONE_DEVICE void uniform(const float* at, float (&to)[Count])
    {
        if constexpr (Count == 1) {
            to[0] = at[0];
        } else {
            LODESTONE_UNROLL
            for (int n = 0; n < Count; n += 4) {
                const float4 some = *reinterpret_cast<const float4*>(at + n);
                to[n] = some.x, to[n + 1] = some.y, to[n + 2] = some.z, to[n + 3] = some.w;
            }
        }
    }
    template<int Count>
    static LODESTONE_DEVICE void uniform(const double* at, double (&to)[Count])
    {
        if constexpr (Count == 1) {
            to[0] = at[0];
        } else {
            LODESTONE_UNROLL
            for (int n = 0; n < Count; n += 2) {
                const double2 some = *reinterpret_cast<const double2*>(at + n);
                to[n] = some.x, to[n + 1] = some.y;
            }
        }
    }
    template<class T>
    static LODESTONE_DEVICE T sum(T value)
    {
        LODESTONE_UNROLL
        for (int step = warpLanes / 2; step > 0; step /= 2)
            value += __shfl_xor_sync(0xffffffffu, value, step);
        return value;
    }
    /// Waits before as well, so that none writes what another still reads.
    template<class F>
    static LODESTONE_DEVICE void spread(int count, const F& f)
    {
        __syncwarp();
        for (int n = lane(); n < count; n += warpLanes)
            f(n);
        __syncwarp();
    }
    template<class F>
    static LODESTONE_DEVICE void once(const F& f)
    {
        if (lane() == 0)
            f();
    }
};
#endif

} // namespace lodestone::cuda
