#include "equivariant/kernels/operation_count.h"

#include <ATen/record_function.h>
#include <torch/types.h>
#include <array>
#include <string_view>

namespace lodestone {
namespace {

constexpr double valueFromTable = 2 * (tableTerms - 1); ///< Horner
/// Both Horner sums and the factor dt/dr.
constexpr double valueAndSlopeFromTable = 2 * (tableTerms - 1) + 2 * (tableTerms - 2) + 1;

thread_local double operations = 0; // LibTorch's callbacks are plain functions

/// Of a product of two matrices or of two stacks of them; `a` and `b` are the factors' places among the
/// inputs.
double operationsOfProduct(c10::ArrayRef<const c10::IValue> inputs, std::size_t a, std::size_t b)
{
    if (inputs.size() <= b || !inputs[a].isTensor() || !inputs[b].isTensor())
        return 0;
    const torch::Tensor& left = inputs[a].toTensor();
    const torch::Tensor& right = inputs[b].toTensor();
    return 2 * static_cast<double>(left.numel()) * static_cast<double>(right.dim() > 1 ? right.size(-1) : 1);
}

std::unique_ptr<at::ObserverContext> onFunction(const at::RecordFunction& function)
{
    const std::string_view name = function.name();
    if (name == operationsEvent)
        operations += function.inputs()[0].toDouble();
    else if (name == "aten::mm" || name == "aten::bmm" || name == "aten::mv" || name == "aten::dot")
        operations += operationsOfProduct(function.inputs(), 0, 1);
    else if (name == "aten::addmm" || name == "aten::baddbmm" || name == "aten::addmv")
        operations += operationsOfProduct(function.inputs(), 1, 2);
    return nullptr;
}

} // namespace

void announceOperations(double operations)
{
    RECORD_FUNCTION(operationsEvent, (std::array<c10::IValue, 1>{operations}));
}

double countedOperations(const std::function<void()>& work)
{
    const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&onFunction).needsInputs(true));
    operations = 0;
    try {
        work();
    } catch (...) {
        at::removeCallback(handle);
        throw;
    }
    at::removeCallback(handle);
    return operations;
}

double operationsOfSum(const EdgePlan& plan, const EdgeTerms& terms)
{
    double all = 0;
    for (const EdgePath& path : plan.paths) {
        const double from = terms.back ? path.sizeOut : path.sizeIn,
                     to = terms.back ? path.sizeIn : path.sizeOut;
        double channel = 0;
        if (!terms.tangent) {
            channel = to * ((2 * from - 1) + 2) + (terms.table ? valueFromTable : 0);
        } else {
            channel = to * (2 * (2 * from - 1) + 4 + (terms.tangentRows ? 2 * from : 0));
            if (terms.table)
                channel += valueAndSlopeFromTable + 1; // times the tangent of the distance
        }
        all += channel * static_cast<double>(path.channels);
    }
    return all;
}

double operationsOfSlopes(const EdgePlan& plan, bool table, bool toCoupling, bool toWeights, bool toDistance)
{
    double all = 0;
    for (const EdgePath& path : plan.paths) {
        double row = 1; // times the slope
        if (toDistance || toWeights)
            row += 2 * path.sizeIn;
        row += (toDistance ? 2 : 0) + (toWeights ? 1 : 0) + (toCoupling ? 1 + 2 * path.sizeIn : 0);
        double channel = path.sizeOut * row;
        if (table && (toCoupling || toDistance))
            channel += valueAndSlopeFromTable;
        all += channel * static_cast<double>(path.channels);
    }
    return all;
}

double operationsOfBackward(const EdgePlan& plan, bool table, bool toFeatures)
{
    double all = 0;
    for (const EdgePath& path : plan.paths) {
        // Three sums over the outputs and their products with the features; the first also goes to these.
        double channel = path.sizeIn * (3 * (2 * path.sizeOut - 1) + 3 * 2 + (toFeatures ? 2 : 0));
        // Of each product, the weight or its slope and the sum over channels.
        channel += 2 * 3 + (table ? 2 + valueAndSlopeFromTable - 1 : 0); // dt/dr is not a channel's
        all += channel * static_cast<double>(path.channels);
    }
    return all;
}

double operationsOfContraction(const ContractionTree& tree, ContractionPass pass, bool withQ,
                               bool toCoefficients)
{
    const auto firsts = static_cast<double>(tree.firsts.size()),
               seconds = static_cast<double>(tree.seconds.size()),
               thirds = static_cast<double>(tree.thirds.size());
    const double one = toCoefficients ? 1 : 0;
    switch (pass) {
    case ContractionPass::Value:
        return 2 * (firsts + seconds + thirds);
    case ContractionPass::Slope:
        return firsts * (3 + one) + seconds * (5 + one) + thirds * (4 + 2 * one);
    case ContractionPass::Curvature:
        return firsts * (8 + one) + seconds * (14 + one) + thirds * (6 + (withQ ? 4 : 0) + 4 * one);
    }
    return 0;
}

} // namespace lodestone
