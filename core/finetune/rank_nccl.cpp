#include "finetune/rank_nccl.h"

#include "base/error.h"

#include <cstdlib>
#include <torch/torch.h>
#ifdef LODESTONE_NCCL
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAEvent.h>
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

NcclGroup::NcclGroup(Ranks& ranks, torch::Device device)
    : m_ranks(ranks),
      m_queue(at::cuda::getStreamFromPool(false, device.index()))
{
    nccl::ncclUniqueId id = {};
    if (ranks.leads())
        nccl::get_unique_id(id);
    ranks.broadcast(&id, sizeof(id));
    // Else the first operation connects, after the memory of a step is taken.
    ::setenv("NCCL_RUNTIME_CONNECT", "0", 0);
    m_group = nccl::comm_init_rank(ranks.size(), id, ranks.rank());
    torch::Tensor first = torch::zeros({1}, torch::TensorOptions(torch::kFloat32).device(device));
    broadcast(first);
    sum(first);
}

void NcclGroup::inOwnQueue(const std::function<void()>& work)
{
    const at::cuda::CUDAStream queue(m_queue);
    at::cuda::CUDAEvent before, after;
    before.record(at::cuda::getCurrentCUDAStream(m_queue.device_index()));
    before.block(queue);
    work();
    after.record(queue);
    m_ranks.waitUntil([&after] { return after.query(); });
}

void NcclGroup::broadcast(torch::Tensor& numbers)
{
    const nccl::stream_list queues = {at::cuda::CUDAStream(m_queue)};
    const nccl::comm_list groups = {m_group};
    inOwnQueue([&] { nccl::broadcast({numbers}, queues, groups); });
}

void NcclGroup::sum(torch::Tensor& numbers)
{
    const nccl::stream_list queues = {at::cuda::CUDAStream(m_queue)};
    const nccl::comm_list groups = {m_group};
    const std::vector<at::Tensor> own = {numbers};
    inOwnQueue([&] { nccl::reduce(own, numbers, 0, int(nccl::ncclRedOp::Sum), queues, groups); });
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

NcclGroup::NcclGroup(Ranks& ranks, torch::Device device)
    : m_ranks(ranks),
      m_queue(c10::Stream::DEFAULT, device)
{
    throw InternalError("This engine was built without NCCL.");
}

void NcclGroup::broadcast(torch::Tensor&) {}
void NcclGroup::sum(torch::Tensor&) {}
void NcclGroup::inOwnQueue(const std::function<void()>&) {}

#endif

} // namespace lodestone
