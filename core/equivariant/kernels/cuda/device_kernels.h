#pragma once
#include "equivariant/kernels/edge_kernels.h"

#include <memory>

// The kernels of edge_kernels.h on a CUDA device. All pointers in operands lead to memory of the current
// device; `stream` is a cudaStream_t of it (null: the default one), on which the work is put without waiting
// for it. Every sum belongs to one warp, so that results do not depend on scheduling and nothing is added
// atomically. The functions throw an Error if CUDA refuses a request; failures within a kernel show at the
// next one.
//
// Tables of weights lie as RadialTable packs them; EdgeWeights::firstBlock is not read.

namespace lodestone::cuda {

struct PlanView;
struct GroupView;

/// The paths of a plan in the memory of the current device, and how their work is divided among warps.
class DevicePlan {
public:
    /// InternalError for a plan with paths that share a part of their sums, or with irreps above l = 6.
    explicit DevicePlan(const EdgePlan& plan);
    ~DevicePlan();
    DevicePlan(DevicePlan&&) noexcept;
    DevicePlan& operator=(DevicePlan&&) noexcept;

    /// For sums to centres, or (back) to neighbours.
    PlanView view(bool back) const;
    /// Numbers that BackwardSums::parts needs for so many edges.
    std::int64_t backwardParts(std::int64_t edges) const;

private:
    struct Memory;
    std::unique_ptr<Memory> m_memory;
};

/// Groups of edges in the memory of the current device.
class DeviceGroups {
public:
    explicit DeviceGroups(const EdgeGroups& groups);
    ~DeviceGroups();
    DeviceGroups(DeviceGroups&&) noexcept;
    DeviceGroups& operator=(DeviceGroups&&) noexcept;

    GroupView view() const;

private:
    struct Memory;
    std::unique_ptr<Memory> m_memory;
};

/// As lodestone::convolve(), for all groups.
template<class T>
void convolve(const DevicePlan& plan, const DeviceGroups& byCentre, const std::int64_t* other,
              const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, void* stream);

/// As lodestone::convolveBack(), for all groups.
template<class T>
void convolveBack(const DevicePlan& plan, const DeviceGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, void* stream);

/// As lodestone::edgeSlopes(). Derivatives in harmonics are those in couplings times M transposed.
template<class T>
void edgeSlopes(const DevicePlan& plan, const std::int64_t* centre, const std::int64_t* neighbour,
                const EdgeWeights<T>& weights, const EdgeCouplingSource<T>& coupling, const T* features,
                const T* slope, const EdgeSlopes<T>& to, std::int64_t first, std::int64_t last, void* stream);

/// What edgeBackward() multiplies.
template<class T>
struct BackwardOperands {
    /// Z, and its derivatives along two directions across the edge, Z1 and Z2: the same matrix applied to
    /// derivatives of the harmonics. The latter are not read where no derivatives in directions are asked
    /// for.
    EdgeCouplingSource<T> coupling[3];
    const T* features = nullptr; ///< x [atoms][plan.in]
    const T* slope = nullptr;    ///< g [atoms][plan.out], the derivative of the output
};

/// Derivatives on an edge: in the distance, along two directions and in the length of the harmonics' vector.
constexpr int backwardOutputs = 4;

/// Where the derivatives go; each may be null and is added to.
template<class T>
struct BackwardSums {
    T* features = nullptr; ///< [atoms][plan.in]
    T* weights = nullptr;  ///< [edges][plan.weights], for weights from an array
    T* distance = nullptr; ///< [edges], for weights from a table
    /// [edges][3]; the third is r d/dr of harmonics that grow with the length r of their vector as r^l. Needs
    /// a plan for which namesDegrees() holds.
    T* direction = nullptr;
    /// Room for DevicePlan::backwardParts() numbers, needed for the last two.
    T* parts = nullptr;
};

/// All first derivatives in one pass over the edges. With n_a[m] = sum_k g[i][k][u] Z_a[k][m] for each edge
/// (i, j), path and channel u:
///     features[j][m][u]  += w[u] n_0[m]
///     weights[e][u]      += sum_m n_0[m] x[j][m][u]
///     distance[e]        += sum over u of dw/dr[u] sum_m n_0[m] x[j][m][u]
///     direction[e][a-1]  += sum over u of w[u] sum_m n_a[m] x[j][m][u]
///     direction[e][2]    += sum over u of l w[u] sum_m n_0[m] x[j][m][u], l: degree of the path's harmonics.
/// Groups by neighbour, of all edges; `other` is the centre of each edge.
template<class T>
void edgeBackward(const DevicePlan& plan, const DeviceGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const BackwardOperands<T>& operands,
                  const BackwardSums<T>& to, void* stream);

} // namespace lodestone::cuda
