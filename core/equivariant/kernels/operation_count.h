#pragma once
#include "equivariant/kernels/contraction_kernels.h"
#include "equivariant/kernels/edge_kernels.h"

#include <functional>

namespace lodestone {

// Floating-point operations of the kernels, counted from their loops: an addition or a multiplication is one,
// so a fused multiply-add is two. Operations that a benchmark has to count are announced to LibTorch's
// observers.

/// Name under which kernels announce their operations: one input, the number (double).
constexpr const char* operationsEvent = "lodestone::floating_point_operations";

/// Tells LibTorch's observers (at::RecordFunction), if there are any, that `operations` are about to be done.
void announceOperations(double operations);

/// Operations that `work` does in this thread: the announced ones and LibTorch's matrix products;
/// element-wise operations are left out.
double countedOperations(const std::function<void()>& work);

/// What a sum over edges multiplies: EdgeOperands without the data.
struct EdgeTerms {
    bool table = false;       ///< weights are looked up
    bool tangent = false;     ///< EdgeOperands::tangent
    bool tangentRows = false; ///< EdgeOperands::tangentRows is given
    bool back = false;        ///< convolveBack()
};
/// Of convolve() or convolveBack(), for one edge.
double operationsOfSum(const EdgePlan& plan, const EdgeTerms& terms);
/// Of edgeSlopes(), for one edge.
double operationsOfSlopes(const EdgePlan& plan, bool table, bool toCoupling, bool toWeights, bool toDistance);
/// Of edgeBackward(), for one edge.
double operationsOfBackward(const EdgePlan& plan, bool table, bool toFeatures);

enum class ContractionPass { Value, Slope, Curvature };
/// Of contract(), contractionSlope() or contractionCurvature(), for one channel of one atom.
double operationsOfContraction(const ContractionTree& tree, ContractionPass pass, bool withQ,
                               bool toCoefficients);

} // namespace lodestone
