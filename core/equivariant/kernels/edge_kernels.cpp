#include "equivariant/kernels/edge_kernels.h"

#include "equivariant/kernels/edge_backward.h"
#include "equivariant/kernels/edge_slopes.h"
#include "equivariant/kernels/edge_sums.h"
#include "equivariant/kernels/kernel_levels.h"

namespace lodestone {
namespace {

#define LODESTONE_LEVEL(LEVEL, NAME, T, BYTES)                                                               \
    LEVEL void sum##NAME(const loops::SumTask<T>& task)                                                      \
    {                                                                                                        \
        loops::sumOverEdges<T, BYTES>(task);                                                                 \
    }                                                                                                        \
    LEVEL void slopes##NAME(const loops::SlopeTask<T>& task)                                                 \
    {                                                                                                        \
        loops::slopesOfEdges<T, BYTES>(task);                                                                \
    }                                                                                                        \
    LEVEL void backward##NAME(const loops::BackwardTask<T>& task)                                            \
    {                                                                                                        \
        loops::backwardOnEdges<T, BYTES>(task);                                                              \
    }
LODESTONE_ALL_LEVELS(float)
LODESTONE_ALL_LEVELS(double)

template<class T>
void sumOverEdges(const loops::SumTask<T>& task)
{
    LODESTONE_RUN(sum, task);
}

} // namespace

template<class T>
void EdgeScratch<T>::reserve(std::size_t edges, std::size_t together, std::int64_t couplings)
{
    constexpr std::size_t room = 64 / sizeof(T); // whole registers are written
    const std::size_t numbers = together * static_cast<std::size_t>(couplings) + room;
    const auto atLeast = [](auto& memory, std::size_t size) {
        if (memory.size() < size)
            memory.resize(size);
    };
    atLeast(far, edges);
    atLeast(row, edges);
    atLeast(t, edges);
    atLeast(alongDistance, edges);
    atLeast(coupling, numbers);
    atLeast(tangentCoupling, numbers);
}

template<class T>
void convolve(const EdgePlan& plan, const EdgeGroups& byCentre, const std::int64_t* other,
              const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, std::int64_t first,
              std::int64_t last, EdgeScratch<T>& scratch)
{
    sumOverEdges<T>({{plan, byCentre, other, weights, first, last, scratch}, operands, out, false});
}

template<class T>
void convolveBack(const EdgePlan& plan, const EdgeGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, std::int64_t first,
                  std::int64_t last, EdgeScratch<T>& scratch)
{
    sumOverEdges<T>({{plan, byNeighbour, other, weights, first, last, scratch}, operands, out, true});
}

template<class T>
void edgeSlopes(const EdgePlan& plan, const std::int64_t* centre, const std::int64_t* neighbour,
                const EdgeWeights<T>& weights, const EdgeCouplingSource<T>& coupling, const T* features,
                const T* slope, const EdgeSlopes<T>& to, std::int64_t first, std::int64_t last,
                EdgeScratch<T>& scratch)
{
    const loops::SlopeTask<T> task = {plan,  centre, neighbour, weights, coupling, features,
                                      slope, to,     first,     last,    scratch};
    LODESTONE_RUN(slopes, task);
}

template<class T>
void edgeBackward(const EdgePlan& plan, const EdgeGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const EdgeBackwardOperands<T>& operands,
                  const EdgeBackwardSums<T>& to, std::int64_t first, std::int64_t last,
                  EdgeScratch<T>& scratch)
{
    const loops::BackwardTask<T> task = {
        {plan, byNeighbour, other, weights, first, last, scratch}, operands, to};
    LODESTONE_RUN(backward, task);
}

#define LODESTONE_ENTRY_POINTS(T)                                                                            \
    template struct EdgeScratch<T>;                                                                          \
    template void convolve<T>(const EdgePlan&, const EdgeGroups&, const std::int64_t*,                       \
                              const EdgeWeights<T>&, const EdgeOperands<T>&, T*, std::int64_t, std::int64_t, \
                              EdgeScratch<T>&);                                                              \
    template void convolveBack<T>(const EdgePlan&, const EdgeGroups&, const std::int64_t*,                   \
                                  const EdgeWeights<T>&, const EdgeOperands<T>&, T*, std::int64_t,           \
                                  std::int64_t, EdgeScratch<T>&);                                            \
    template void edgeSlopes<T>(const EdgePlan&, const std::int64_t*, const std::int64_t*,                   \
                                const EdgeWeights<T>&, const EdgeCouplingSource<T>&, const T*, const T*,     \
                                const EdgeSlopes<T>&, std::int64_t, std::int64_t, EdgeScratch<T>&);          \
    template void edgeBackward<T>(const EdgePlan&, const EdgeGroups&, const std::int64_t*,                   \
                                  const EdgeWeights<T>&, const EdgeBackwardOperands<T>&,                     \
                                  const EdgeBackwardSums<T>&, std::int64_t, std::int64_t, EdgeScratch<T>&);
LODESTONE_ENTRY_POINTS(float)
LODESTONE_ENTRY_POINTS(double)

} // namespace lodestone
