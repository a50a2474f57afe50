#include "equivariant/kernels/cuda/edge_convolution_cuda.h"

#include "base/error.h"
#include "equivariant/kernels/cuda/device_kernels.h"
#include "equivariant/kernels/cuda/kernel_check.h"
#include "equivariant/kernels/tensor_numbers.h"

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <map>
#include <mutex>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// What was made of an immutable object for a device, kept as long as the object lives. The caches themselves
/// are never destroyed: at the end of the process CUDA may be gone before them.
template<class Key, class Made>
class KeptOnDevice {
public:
    template<class Make>
    std::shared_ptr<const Made> find(const std::shared_ptr<const Key>& key, const torch::Device& device,
                                     const Make& make)
    {
        const std::lock_guard lock(m_mutex);
        const auto place = std::pair(key.get(), device.index());
        if (const auto found = m_entries.find(place);
            found != m_entries.end() && found->second.key.lock() == key)
            return found->second.made;
        for (auto entry = m_entries.begin(); entry != m_entries.end();)
            entry = entry->second.key.expired() ? m_entries.erase(entry) : std::next(entry);
        return (m_entries[place] = {key, make()}).made;
    }

private:
    struct Entry {
        std::weak_ptr<const Key> key;
        std::shared_ptr<const Made> made;
    };
    std::mutex m_mutex;
    std::map<std::pair<const Key*, c10::DeviceIndex>, Entry> m_entries;
};

/// Null for a plan that the kernels refuse.
std::shared_ptr<const cuda::DevicePlan> planOn(const torch::Device& device,
                                               const std::shared_ptr<const EdgePlan>& plan)
{
    static auto& kept = *new KeptOnDevice<EdgePlan, cuda::DevicePlan>;
    return kept.find(plan, device, [&]() -> std::shared_ptr<const cuda::DevicePlan> {
        try {
            return std::make_shared<const cuda::DevicePlan>(*plan);
        } catch (const InternalError& error) {
            spdlog::warn("{} LibTorch's own operations are used instead, which are slower.", error.what());
            return nullptr;
        }
    });
}

struct GroupsOfBothEnds {
    cuda::DeviceGroups byCentre, byNeighbour;
};

std::shared_ptr<const GroupsOfBothEnds> groupsOn(const torch::Device& device,
                                                 const std::shared_ptr<const EdgeIndex>& edges)
{
    static auto& kept = *new KeptOnDevice<EdgeIndex, GroupsOfBothEnds>;
    return kept.find(edges, device, [&] {
        const auto onHost = makeEdgeIndex(edges->centre.cpu(), edges->neighbour.cpu(), edges->atoms);
        return std::make_shared<const GroupsOfBothEnds>(
            GroupsOfBothEnds{cuda::DeviceGroups(onHost->byCentre), cuda::DeviceGroups(onHost->byNeighbour)});
    });
}

torch::Tensor polynomialsOn(const torch::Device& device, const std::shared_ptr<const RadialTable>& table)
{
    static auto& kept = *new KeptOnDevice<RadialTable, torch::Tensor>;
    return *kept.find(table, device,
                      [&] { return std::make_shared<const torch::Tensor>(table->polynomials().to(device)); });
}

/// polynomials: on the device, or undefined for an array.
template<class T>
EdgeWeights<T> weightsOf(const CudaConvolution& of, const torch::Tensor& polynomials, const torch::Tensor& q)
{
    EdgeWeights<T> weights;
    if (!polynomials.defined()) {
        weights.array = pointer<T>(q);
        return weights;
    }
    weights.table = pointer<T>(polynomials);
    weights.rows = polynomials.size(1);
    weights.row = of.positions.row.data_ptr<std::int32_t>();
    weights.t = pointer<T>(of.positions.t);
    weights.tSlope = pointer<T>(of.positions.slope);
    return weights;
}

/// What every call needs on the device of a tensor.
struct OnDevice {
    c10::cuda::CUDAGuard guard;
    std::shared_ptr<const cuda::DevicePlan> plan;
    torch::Tensor polynomials;
    void* stream;

    OnDevice(const CudaConvolution& of, const torch::Device& device)
        : guard(device),
          plan(planOn(device, of.plan)),
          polynomials(of.table ? polynomialsOn(device, of.table) : torch::Tensor()),
          stream(c10::cuda::getCurrentCUDAStream(device.index()).stream())
    {
        if (!plan)
            fail<InternalError>("A convolution was left to CUDA kernels that refuse its plan.");
    }
};

} // namespace

torch::Tensor summedOnCuda(const CudaConvolution& of, const CudaOperands& given, bool back)
{
    const OnDevice device(of, given.rows.device());
    torch::Tensor out =
        torch::zeros({of.edges->atoms, back ? of.plan->in : of.plan->out}, given.rows.options());
    if (of.edges->centre.size(0) == 0)
        return out;
    const auto groups = groupsOn(given.rows.device(), of.edges);
    withRealType(given.rows, [&](auto real) {
        using T = decltype(real);
        EdgeOperands<T> operands;
        operands.coupling = couplingSource<T>(of.couplings, given.z);
        operands.rows = pointer<T>(given.rows);
        operands.tangent = given.hz.defined();
        operands.tangentCoupling = couplingSource<T>(of.couplings, given.hz);
        (of.table ? operands.tangentDistance : operands.tangentWeights) = pointer<T>(given.hq);
        operands.tangentRows = pointer<T>(given.hRows);
        const auto* other = (back ? of.edges->centre : of.edges->neighbour).data_ptr<std::int64_t>();
        (back ? cuda::convolveBack<T>
              : cuda::convolve<T>)(*device.plan, back ? groups->byNeighbour : groups->byCentre, other,
                                   weightsOf<T>(of, device.polynomials, given.q), operands, out.data_ptr<T>(),
                                   device.stream);
    });
    return out;
}

void addEdgeSlopesOnCuda(const CudaConvolution& of, const torch::Tensor& z, const torch::Tensor& q,
                         const torch::Tensor& x, const torch::Tensor& g, const torch::Tensor& toQ,
                         const torch::Tensor& toZ)
{
    const OnDevice device(of, x.device());
    withRealType(x, [&](auto real) {
        using T = decltype(real);
        EdgeSlopes<T> slopes;
        slopes.toWeights = toQ.defined() && !of.table ? toQ.data_ptr<T>() : nullptr;
        slopes.toDistance = toQ.defined() && of.table ? toQ.data_ptr<T>() : nullptr;
        slopes.toCoupling = toZ.defined() ? toZ.data_ptr<T>() : nullptr;
        cuda::edgeSlopes<T>(*device.plan, of.edges->centre.data_ptr<std::int64_t>(),
                            of.edges->neighbour.data_ptr<std::int64_t>(),
                            weightsOf<T>(of, device.polynomials, q), couplingSource<T>(of.couplings, z),
                            pointer<T>(x), pointer<T>(g), slopes, 0, of.edges->centre.size(0), device.stream);
    });
}

void edgeBackwardOnCuda(const CudaConvolution& of, const torch::Tensor& z, const torch::Tensor& along1,
                        const torch::Tensor& along2, const torch::Tensor& q, const torch::Tensor& x,
                        const torch::Tensor& g, const CudaBackwardSums& to)
{
    const std::int64_t edges = of.edges->centre.size(0);
    if (edges == 0)
        return;
    const OnDevice device(of, x.device());
    const auto groups = groupsOn(x.device(), of.edges);
    // LibTorch may hand the memory of the parts on at once, but only to work behind this on the same stream.
    const torch::Tensor parts = to.direction.defined() || (to.q.defined() && of.table)
                                    ? torch::empty({device.plan->backwardParts(edges)}, x.options())
                                    : torch::Tensor();
    // The three may be slices of one tensor.
    const auto whole = [](const torch::Tensor& tensor) {
        return tensor.defined() ? tensor.contiguous() : tensor;
    };
    const torch::Tensor own = whole(z), first = whole(along1), second = whole(along2);
    withRealType(x, [&](auto real) {
        using T = decltype(real);
        cuda::BackwardOperands<T> operands;
        operands.coupling[0] = couplingSource<T>(of.couplings, own);
        operands.coupling[1] = couplingSource<T>(of.couplings, first);
        operands.coupling[2] = couplingSource<T>(of.couplings, second);
        operands.features = pointer<T>(x);
        operands.slope = pointer<T>(g);
        cuda::BackwardSums<T> sums;
        sums.features = pointer<T>(to.x);
        (of.table ? sums.distance : sums.weights) = pointer<T>(to.q);
        sums.direction = pointer<T>(to.direction);
        sums.parts = pointer<T>(parts);
        cuda::edgeBackward<T>(*device.plan, groups->byNeighbour, of.edges->centre.data_ptr<std::int64_t>(),
                              weightsOf<T>(of, device.polynomials, q), operands, sums, device.stream);
    });
}

bool cudaKernelsServe(const std::shared_ptr<const EdgePlan>& plan, const torch::Device& device)
{
    static std::mutex mutex;
    static auto& answers = *new std::map<c10::DeviceIndex, bool>;
    const c10::cuda::CUDAGuard guard(device);
    {
        const std::lock_guard lock(mutex);
        if (const auto known = answers.find(device.index()); known == answers.end()) {
            const std::string fault = faultOfCudaKernels(device);
            if (!fault.empty())
                spdlog::warn("Convolutions on {} are left to LibTorch's own operations, which are slower: {}",
                             device.str(), fault);
            answers[device.index()] = fault.empty();
        }
        if (!answers[device.index()])
            return false;
    }
    return planOn(device, plan) != nullptr;
}

} // namespace lodestone
