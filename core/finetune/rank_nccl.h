#pragma once
#include "ranks/ranks.h"

#include <cstdint>
#include <functional>
#include <torch/types.h>

namespace lodestone {

/// Of the NCCL in this LibTorch; 0 where there is none.
std::uint64_t ncclVersion();

/// Tells the GPUs of a machine apart: "0000:3b:00", or the device's name where this engine was built without
/// NCCL.
std::string addressOfGpu(torch::Device device);

/// The processes of a run as NCCL connects them, from GPU to GPU. Its own waiting is on the device, in a
/// queue of its own, for the thread that prepares batches uses the usual one; the host looks meanwhile
/// whether the others still live, as in any operation of Ranks. Lasts until the process ends: LibTorch takes
/// no group apart.
class NcclGroup {
public:
    /// All together; makes the connections and the memory they need, so that a step finds them. Nobody looks
    /// after the others meanwhile. Error where ncclVersion() is 0.
    NcclGroup(Ranks& ranks, torch::Device device);
    NcclGroup(const NcclGroup&) = delete;
    NcclGroup& operator=(const NcclGroup&) = delete;

    void broadcast(torch::Tensor& numbers);
    void sum(torch::Tensor& numbers);

private:
    /// `work` comes after all that the device has to do for this thread; returns when it is done.
    void inOwnQueue(const std::function<void()>& work);

    Ranks& m_ranks;
    c10::Stream m_queue;
    void* m_group = nullptr; ///< NCCL's handle
};

} // namespace lodestone
