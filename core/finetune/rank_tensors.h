#pragma once
#include "ranks/ranks.h"

#include <cstdint>
#include <memory>
#include <string>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// How trained numbers and gradients travel between the processes of a run: through the memory of the hosts,
/// from device to device by an MPI that can, or by NCCL.
enum class TensorWay { Host, Mpi, Nccl };

/// What a process knows of itself before the way is chosen.
struct TensorEnd {
    std::string gpu;        ///< which one, of all machines; empty: it computes on the processor
    std::uint64_t nccl = 0; ///< version of NCCL in its LibTorch; 0: none
    bool mpiTakesGpu = false;
};

/// wanted: "host" (also if empty), "mpi" or "nccl"; Error if that cannot be had. NCCL needs a GPU of its own
/// for every process (it refuses two on one) and the same version in all; MPI from memory to memory works for
/// processors, and for GPUs where MPI takes their memory. Neither has met GPUs yet, so that both have to be
/// asked for.
TensorWay chooseTensorWay(const std::vector<TensorEnd>& ends, const std::string& wanted);

class NcclGroup;

/// The way that the processes of a run have agreed on. Every operation is one of all, and one that fails
/// leaves the group broken, as in Ranks.
class RankTensors {
public:
    /// Error at process 0 for a way that cannot be had (environment variable LODESTONE_EXCHANGE, its alone);
    /// the others then go by the hosts, and wait for the next order.
    RankTensors(Ranks& ranks, torch::Device device);
    ~RankTensors();

    Ranks& ranks() const { return m_ranks; }

    /// The numbers, contiguous where they travel from. Made before an order is given: from then on nothing
    /// may fail but what all hear of.
    torch::Tensor ready(const torch::Tensor& numbers) const;
    /// Room for what is received there.
    torch::Tensor room(at::IntArrayRef shape, torch::Dtype dtype) const;

    /// Process 0's numbers, to all: shape and dtype (float32, float64) agree.
    void broadcast(torch::Tensor& numbers);
    /// Sums over all processes at process 0; elsewhere the numbers are lost.
    void sum(torch::Tensor& numbers);

private:
    /// Calls `work` with the device current (MPI has to find it so).
    void together(const std::function<void()>& work);
    torch::Device travelsFrom() const { return m_way == TensorWay::Host ? torch::kCPU : m_device; }

    Ranks& m_ranks;
    torch::Device m_device;
    TensorWay m_way = TensorWay::Host;
    std::unique_ptr<NcclGroup> m_nccl;
};

} // namespace lodestone
