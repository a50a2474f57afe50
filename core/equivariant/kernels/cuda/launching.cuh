#pragma once
// How the kernels are started. Only nvcc reads this.
#include "equivariant/kernels/cuda/warp.h"

namespace lodestone::cuda {

/// Small blocks: warps share nothing, and one that is done early does not keep many others' room.
constexpr int warpsOfBlock = 4;

inline __device__ std::int64_t warpNumber()
{
    return std::int64_t{blockIdx.x} * warpsOfBlock + threadIdx.x / warpLanes;
}

/// Starts `kernel` with at least so many warps.
template<class Task>
int launch(void (*kernel)(Task), const Task& task, std::int64_t warps, void* stream)
{
    const std::int64_t blocks = (warps + warpsOfBlock - 1) / warpsOfBlock;
    if (blocks > 0x7fffffff)
        return cudaErrorInvalidConfiguration;
    kernel<<<static_cast<unsigned>(blocks), warpsOfBlock * warpLanes, 0, static_cast<cudaStream_t>(stream)>>>(
        task);
    return cudaGetLastError();
}

} // namespace lodestone::cuda
