#include "finetune/rank_tensors.h"
#include "finetune/rank_nccl.h"
#include "finetune/rank_work.h"

#include "base/json.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr std::array names = {"host", "mpi", "nccl"};

bool ncclIsPossible(const std::vector<TensorEnd>& ends)
{
    std::set<std::string> gpus;
    for (const TensorEnd& end : ends)
        if (end.gpu.empty() || end.nccl == 0 || end.nccl != ends.front().nccl || !gpus.insert(end.gpu).second)
            return false;
    return true;
}

/// Of MPI from memory to memory.
bool mpiIsPossible(const std::vector<TensorEnd>& ends)
{
    return std::all_of(ends.begin(), ends.end(),
                       [](const TensorEnd& end) { return end.gpu.empty() || end.mpiTakesGpu; });
}

/// LibTorch works in the device's queue, MPI beside it.
void finish(const torch::Device& device)
{
    if (device.is_cuda())
        torch::cuda::synchronize(device.index());
}

} // namespace

TensorWay chooseTensorWay(const std::vector<TensorEnd>& ends, const std::string& wanted)
{
    if (wanted.empty() || wanted == names[0])
        return TensorWay::Host;
    if (wanted == names[1]) {
        if (!mpiIsPossible(ends))
            fail("LODESTONE_EXCHANGE is mpi, but this MPI does not take the memory of GPUs; without it the "
                 "numbers go through the memory of the hosts.");
        return TensorWay::Mpi;
    }
    if (wanted != names[2])
        fail("LODESTONE_EXCHANGE is \"{}\"; it can be host, mpi or nccl.", wanted);
    if (!ncclIsPossible(ends))
        fail("LODESTONE_EXCHANGE is nccl, but that needs a GPU of its own for every process, and the same "
             "LibTorch with NCCL in all of them.");
    return TensorWay::Nccl;
}

RankTensors::RankTensors(Ranks& ranks, torch::Device device) : m_ranks(ranks), m_device(device)
{
    const std::string own = device.is_cuda() ? ranks.host(ranks.rank()) + " " + addressOfGpu(device) : "";
    const auto all =
        ranks.gather(Json{own, device.is_cuda() ? ncclVersion() : 0, ranks.takesDeviceMemory()}.dump());
    Trouble trouble;
    std::string choice;
    if (ranks.leads())
        trouble.watch([&] {
            std::vector<TensorEnd> ends;
            for (const std::string& text : all) {
                const Json end = parseJson(text, "What a process says of itself");
                ends.push_back(
                    {end.at(0).get<std::string>(), end.at(1).get<std::uint64_t>(), end.at(2).get<bool>()});
            }
            const char* const wanted = std::getenv("LODESTONE_EXCHANGE");
            m_way = chooseTensorWay(ends, wanted ? wanted : "");
            choice = names[std::size_t(m_way)];
            spdlog::info("{} processes; numbers travel by: {}.", ranks.size(), choice);
        });
    if (!trouble.agreeOn(ranks))
        return;
    ranks.broadcast(choice);
    m_way = TensorWay(std::find(names.begin(), names.end(), choice) - names.begin());
    if (m_way == TensorWay::Nccl)
        together([&] { m_nccl = std::make_unique<NcclGroup>(ranks, device); });
}

RankTensors::~RankTensors() = default;

void RankTensors::together(const std::function<void()>& work)
{
    try {
        const c10::DeviceGuard guard(m_device);
        work();
    } catch (...) {
        m_ranks.abandon(); // the others may wait for the rest of it
        throw;
    }
}

torch::Tensor RankTensors::ready(const torch::Tensor& numbers) const
{
    return numbers.detach().to(travelsFrom()).contiguous();
}

torch::Tensor RankTensors::room(at::IntArrayRef shape, torch::Dtype dtype) const
{
    return torch::empty(shape, torch::TensorOptions(dtype).device(travelsFrom()));
}

void RankTensors::broadcast(torch::Tensor& numbers)
{
    together([&] {
        if (m_way == TensorWay::Host)
            m_ranks.broadcast(numbers.data_ptr(), numbers.nbytes());
        else if (m_way == TensorWay::Nccl)
            m_nccl->broadcast(numbers);
        else {
            finish(m_device);
            m_ranks.broadcastInPlace(numbers.data_ptr(), numbers.nbytes());
        }
    });
}

void RankTensors::sum(torch::Tensor& numbers)
{
    const auto by = [&](const auto& way) {
        const auto count = std::size_t(numbers.numel());
        if (numbers.scalar_type() == torch::kFloat64)
            way(numbers.data_ptr<double>(), count);
        else
            way(numbers.data_ptr<float>(), count);
    };
    together([&] {
        if (m_way == TensorWay::Nccl)
            m_nccl->sum(numbers);
        else if (m_way == TensorWay::Host)
            by([this](auto* data, std::size_t count) { m_ranks.sum(data, count); });
        else {
            finish(m_device);
            by([this](auto* data, std::size_t count) { m_ranks.sumInPlace(data, count); });
        }
    });
}

} // namespace lodestone
