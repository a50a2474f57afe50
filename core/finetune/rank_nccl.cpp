#include "finetune/rank_nccl.h"

#include "base/error.h"

#ifdef LODESTONE_NCCL
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAGuard.h>
#include <torch/csrc/cuda/nccl.h>
#endif

namespace lodestone {

#ifdef LODESTONE_NCCL

namespace nccl = torch::cuda::nccl;

std::uint64_t ncclVersion()
{
    return nccl::version();
}

std::string addressOfGpu(torch::Device device)
{
    const cudaDeviceProp& gpu = *at::cuda::getDeviceProperties(device.index());
    return fmt::format("{:04x}:{:02x}:{:02x}", gpu.pciDomainID, gpu.pciBusID, gpu.pciDeviceID);
}

NcclGroup::NcclGroup(Ranks& ranks, torch::Device device) : m_ranks(ranks), m_device(device)
{
    nccl::ncclUniqueId id = {};
    if (ranks.leads())
        nccl::get_unique_id(id);
    ranks.broadcast(&id, sizeof(id));
    const c10::cuda::CUDAGuard guard(device);
    m_group = nccl::comm_init_rank(ranks.size(), id, ranks.rank());
}

NcclGroup::~NcclGroup()
{
    if (m_ranks.broken()) // would wait for those that are gone
        return;
    const c10::cuda::CUDAGuard guard(m_device);
    nccl::comm_destroy(m_group);
}

void NcclGroup::wait()
{
    at::cuda::CUDAEvent event;
    event.record(at::cuda::getCurrentCUDAStream(m_device.index()));
    m_ranks.waitUntil([&event] { return event.query(); });
}

void NcclGroup::broadcast(torch::Tensor& numbers)
{
    nccl::broadcast({numbers}, {}, {m_group});
    wait();
}

void NcclGroup::sum(torch::Tensor& numbers)
{
    const std::vector<at::Tensor> own = {numbers};
    nccl::reduce(own, numbers, 0, int(nccl::ncclRedOp::Sum), {}, {m_group});
    wait();
}

#else

std::uint64_t ncclVersion()
{
    return 0;
}

std::string addressOfGpu(torch::Device device)
{
    return device.str();
}

NcclGroup::NcclGroup(Ranks& ranks, torch::Device device) : m_ranks(ranks), m_device(device)
{
    throw InternalError("This engine was built without NCCL.");
}

NcclGroup::~NcclGroup() = default;
void NcclGroup::broadcast(torch::Tensor&) {}
void NcclGroup::sum(torch::Tensor&) {}
void NcclGroup::wait() {}

#endif

} // namespace lodestone
