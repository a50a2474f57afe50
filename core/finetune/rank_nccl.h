#pragma once
#include "ranks/ranks.h"

#include <cstdint>
#include <torch/types.h>

namespace lodestone {

/// Of the NCCL in this LibTorch; 0 where there is none.
std::uint64_t ncclVersion();

/// Tells the GPUs of a machine apart: "0000:3b:00", or the device's name where this engine was built without
/// NCCL.
std::string addressOfGpu(torch::Device device);

/// The processes of a run as NCCL connects them, from GPU to GPU. Its own waiting is on the device; the host
/// looks meanwhile whether the others still live, as in any operation of Ranks.
class NcclGroup {
public:
    /// All together. Error where ncclVersion() is 0.
    NcclGroup(Ranks& ranks, torch::Device device);
    ~NcclGroup();
    NcclGroup(const NcclGroup&) = delete;
    NcclGroup& operator=(const NcclGroup&) = delete;

    void broadcast(torch::Tensor& numbers);
    void sum(torch::Tensor& numbers);

private:
    void wait();

    Ranks& m_ranks;
    torch::Device m_device;
    void* m_group = nullptr; ///< NCCL's handle
};

} // namespace lodestone
