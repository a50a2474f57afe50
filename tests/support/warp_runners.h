#pragma once
// Ways to run the body of a CUDA kernel for a number of warps without a GPU.
#include "equivariant/kernels/cuda/warp.h"

#include <algorithm>
#include <barrier>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

namespace lodestone::test {

/// Nothing but NaN and impossible edges: what a warp reads it must have put there.
template<class Stage>
void spoil(Stage& stage)
{
    std::memset(static_cast<void*>(&stage), 0xff, sizeof(Stage));
}

/// Warps one after another, the first or the last first. body(warp, stage).
struct OnHost {
    using Policy = cuda::WarpOnHost;

    template<class Stage, class Body>
    static void run(std::int64_t warps, bool lastFirst, const Body& body)
    {
        for (std::int64_t n = 0; n < warps; ++n) {
            Stage stage;
            spoil(stage);
            body(lastFirst ? warps - 1 - n : n, stage);
        }
    }
};

/// Notes which warp adds to which number.
struct WatchedWarp : cuda::WarpOnHost {
    static inline std::int64_t warp = 0;
    static inline std::map<const void*, std::int64_t> owners;
    static inline std::int64_t disputes = 0; ///< additions to what belongs to another warp, of zeros too

    template<class T>
    static void add(T* at, const cuda::HostLanes<T>& value, int count, std::int64_t stride = 1)
    {
        for (int lane = 0; lane < cuda::warpLanes && lane < count; ++lane)
            if (owners.try_emplace(at + lane * stride, warp).first->second != warp)
                ++disputes;
        WarpOnHost::add(at, value, count, stride);
    }
};

struct OnWatchedHost {
    using Policy = WatchedWarp;

    template<class Stage, class Body>
    static void run(std::int64_t warps, bool lastFirst, const Body& body)
    {
        WatchedWarp::owners.clear();
        OnHost::run<Stage>(warps, lastFirst, [&](std::int64_t warp, Stage& stage) {
            WatchedWarp::warp = warp;
            body(warp, stage);
            const auto* own =
                reinterpret_cast<const char*>(&stage); // not shared: the next warp may lie there
            WatchedWarp::owners.erase(WatchedWarp::owners.lower_bound(own),
                                      WatchedWarp::owners.lower_bound(own + sizeof(Stage)));
        });
    }
};

/// A policy as WarpOnDevice is, with threads that run at the same time for lanes: a missing wait is a race
/// here too.
struct WarpOfThreads {
    template<class T>
    using Value = T;

    static inline thread_local int lane = 0;
    static inline std::barrier<> barrier{cuda::warpLanes};

    template<class T>
    static T load(const T* at, int count)
    {
        return lane < count ? at[lane] : T{};
    }
    template<class T>
    static T loadBlocks(const T* at, std::int64_t stride, int count)
    {
        constexpr int half = cuda::warpLanes / 2;
        return lane < count ? at[lane / half * stride + lane % half] : T{};
    }
    template<class T>
    static void add(T* at, T value, int count, std::int64_t stride = 1)
    {
        if (lane < count)
            at[lane * stride] += value;
    }
    template<int Count, class T>
    static void uniform(const T* at, T (&to)[Count])
    {
        std::copy(at, at + Count, to);
    }
    template<class T>
    static T sum(T value)
    {
        static T shared[cuda::warpLanes];
        for (int step = cuda::warpLanes / 2; step > 0; step /= 2) {
            shared[lane] = value;
            barrier.arrive_and_wait();
            value += shared[lane ^ step];
            barrier.arrive_and_wait();
        }
        return value;
    }
    template<class F>
    static void spread(int count, const F& f)
    {
        barrier.arrive_and_wait();
        for (int n = lane; n < count; n += cuda::warpLanes)
            f(n);
        barrier.arrive_and_wait();
    }
    template<class F>
    static void once(const F& f)
    {
        if (lane == 0)
            f();
    }
};

struct OnThreads {
    using Policy = WarpOfThreads;

    template<class Stage, class Body>
    static void run(std::int64_t warps, bool lastFirst, const Body& body)
    {
        Stage stage;
        std::vector<std::jthread> lanes;
        for (int lane = 0; lane < cuda::warpLanes; ++lane)
            lanes.emplace_back([&, lane] {
                WarpOfThreads::lane = lane;
                for (std::int64_t n = 0; n < warps; ++n) {
                    WarpOfThreads::barrier.arrive_and_wait();
                    WarpOfThreads::once([&] { spoil(stage); });
                    WarpOfThreads::barrier.arrive_and_wait();
                    body(lastFirst ? warps - 1 - n : n, stage);
                }
            });
    }
};

} // namespace lodestone::test
