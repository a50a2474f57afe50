#include "equivariant/kernels/cuda/device_kernels.h"

#include "base/error.h"
#include "equivariant/kernels/cuda/launches.h"
#include "equivariant/kernels/cuda/plan_tables.h"

#include <cuda_runtime_api.h>

namespace lodestone::cuda {
namespace {

/// attempt: completes "CUDA could not ...".
void check(int result, const char* attempt)
{
    if (result != cudaSuccess)
        fail<Error>("CUDA could not {}: {}.", attempt, cudaGetErrorString(static_cast<cudaError_t>(result)));
}

/// Numbers in the memory of the device that was current when they were copied.
template<class T>
class DeviceArray {
public:
    explicit DeviceArray(const std::vector<T>& values)
    {
        if (values.empty())
            return;
        const std::size_t bytes = values.size() * sizeof(T);
        void* memory = nullptr;
        check(cudaMalloc(&memory, bytes), "reserve memory for the plan of a convolution");
        m_memory.reset(static_cast<T*>(memory));
        check(cudaMemcpy(memory, values.data(), bytes, cudaMemcpyHostToDevice),
              "copy the plan of a convolution to the device");
        // cudaMemcpy may return while small copies are under way, and other streams do not wait for them.
        check(cudaStreamSynchronize(nullptr), "copy the plan of a convolution to the device");
    }
    const T* data() const { return m_memory.get(); }

private:
    struct Freed {
        void operator()(T* memory) const { cudaFree(memory); } // waits for kernels that still read it
    };
    std::unique_ptr<T, Freed> m_memory;
};

template<class T>
SumTask<T> sumTask(const DevicePlan& plan, const DeviceGroups& groups, const std::int64_t* other,
                   const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, bool back)
{
    SumTask<T> task;
    task.plan = plan.view(back);
    task.groups = groups.view();
    task.other = other;
    task.weights = weights;
    task.operands = operands;
    task.out = out;
    task.back = back;
    return task;
}

template<class T>
void sum(const SumTask<T>& task, void* stream)
{
    if (task.groups.groups > 0 && task.plan.itemCount > 0)
        check(launchSum(task, stream), "start the sums over edges");
}

} // namespace

struct DevicePlan::Memory {
    struct Direction {
        DeviceArray<PathEntry> paths;
        DeviceArray<WorkItem> items;
        PlanView view;

        Direction(const EdgePlan& plan, const PlanTables& tables) : paths(tables.paths), items(tables.items)
        {
            view = viewOf(plan, tables);
            view.paths = paths.data();
            view.items = items.data();
        }
    };
    Direction forward, back;

    explicit Memory(const EdgePlan& plan)
        : forward(plan, planTables(plan, false)),
          back(plan, planTables(plan, true))
    {
    }
};

DevicePlan::DevicePlan(const EdgePlan& plan) : m_memory(std::make_unique<Memory>(plan)) {}
DevicePlan::~DevicePlan() = default;
DevicePlan::DevicePlan(DevicePlan&&) noexcept = default;
DevicePlan& DevicePlan::operator=(DevicePlan&&) noexcept = default;

PlanView DevicePlan::view(bool back) const
{
    return back ? m_memory->back.view : m_memory->forward.view;
}

std::int64_t DevicePlan::backwardParts(std::int64_t edges) const
{
    return m_memory->back.view.itemCount * backwardOutputs * edges;
}

struct DeviceGroups::Memory {
    DeviceArray<std::int64_t> atom, start, order;
    GroupView view;

    explicit Memory(const EdgeGroups& groups)
        : atom(groups.atom),
          start(groups.start),
          order(groups.order),
          view{atom.data(), start.data(), order.data(), static_cast<std::int64_t>(groups.atom.size()),
               groups.start.empty() ? 0 : groups.start.back()}
    {
    }
};

DeviceGroups::DeviceGroups(const EdgeGroups& groups) : m_memory(std::make_unique<Memory>(groups)) {}
DeviceGroups::~DeviceGroups() = default;
DeviceGroups::DeviceGroups(DeviceGroups&&) noexcept = default;
DeviceGroups& DeviceGroups::operator=(DeviceGroups&&) noexcept = default;

GroupView DeviceGroups::view() const
{
    return m_memory->view;
}

template<class T>
void convolve(const DevicePlan& plan, const DeviceGroups& byCentre, const std::int64_t* other,
              const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, void* stream)
{
    sum(sumTask(plan, byCentre, other, weights, operands, out, false), stream);
}

template<class T>
void convolveBack(const DevicePlan& plan, const DeviceGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, void* stream)
{
    sum(sumTask(plan, byNeighbour, other, weights, operands, out, true), stream);
}

template<class T>
void edgeSlopes(const DevicePlan& plan, const std::int64_t* centre, const std::int64_t* neighbour,
                const EdgeWeights<T>& weights, const EdgeCouplingSource<T>& coupling, const T* features,
                const T* slope, const EdgeSlopes<T>& to, std::int64_t first, std::int64_t last, void* stream)
{
    if (first >= last)
        return;
    SlopeTask<T> task;
    task.plan = plan.view(false);
    task.centre = centre;
    task.neighbour = neighbour;
    task.weights = weights;
    task.coupling = coupling;
    task.features = features;
    task.slope = slope;
    task.to = to;
    task.first = first;
    task.last = last;
    check(launchSlopes(task, stream), "start the derivatives on edges");
}

template<class T>
void edgeBackward(const DevicePlan& plan, const DeviceGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const BackwardOperands<T>& operands,
                  const BackwardSums<T>& to, void* stream)
{
    if ((to.distance || to.direction) && !to.parts)
        fail<InternalError>("Derivatives in distances and directions need room for their parts.");
    BackwardTask<T> task;
    task.plan = plan.view(true);
    task.groups = byNeighbour.view();
    task.other = other;
    task.weights = weights;
    task.operands = operands;
    task.to = to;
    if (!to.distance && !to.direction)
        task.to.parts = nullptr;
    if (task.groups.edges > 0 && task.plan.itemCount > 0)
        check(launchBackward(task, stream), "start the first derivatives of a convolution");
}

#define LODESTONE_ENTRY_POINTS(T)                                                                            \
    template void convolve<T>(const DevicePlan&, const DeviceGroups&, const std::int64_t*,                   \
                              const EdgeWeights<T>&, const EdgeOperands<T>&, T*, void*);                     \
    template void convolveBack<T>(const DevicePlan&, const DeviceGroups&, const std::int64_t*,               \
                                  const EdgeWeights<T>&, const EdgeOperands<T>&, T*, void*);                 \
    template void edgeSlopes<T>(const DevicePlan&, const std::int64_t*, const std::int64_t*,                 \
                                const EdgeWeights<T>&, const EdgeCouplingSource<T>&, const T*, const T*,     \
                                const EdgeSlopes<T>&, std::int64_t, std::int64_t, void*);                    \
    template void edgeBackward<T>(const DevicePlan&, const DeviceGroups&, const std::int64_t*,               \
                                  const EdgeWeights<T>&, const BackwardOperands<T>&, const BackwardSums<T>&, \
                                  void*);
LODESTONE_ENTRY_POINTS(float)
LODESTONE_ENTRY_POINTS(double)

} // namespace lodestone::cuda
