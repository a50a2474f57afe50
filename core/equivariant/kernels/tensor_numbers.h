#pragma once
// How kernels get at the numbers of tensors.
#include "equivariant/kernels/edge_couplings.h"
#include "equivariant/kernels/edge_kernels.h"

#include <torch/types.h>

namespace lodestone {

/// Calls f with a value of the tensor's real type.
template<class F>
void withRealType(const torch::Tensor& tensor, F&& f)
{
    if (tensor.scalar_type() == torch::kFloat64)
        f(double{});
    else
        f(float{});
}

/// Null if the tensor is undefined.
template<class T>
T* pointer(const torch::Tensor& tensor)
{
    return tensor.defined() ? tensor.data_ptr<T>() : nullptr;
}

/// z: of the couplings (EdgeCouplings::operand()) or of their tangents, may be undefined.
template<class T>
EdgeCouplingSource<T> couplingSource(const EdgeCouplings& couplings, const torch::Tensor& z)
{
    EdgeCouplingSource<T> source;
    const torch::Tensor& matrix = couplings.matrix();
    (matrix.defined() ? source.harmonics : source.array) = pointer<T>(z);
    source.matrix = pointer<T>(matrix);
    source.numbers = matrix.defined() ? matrix.size(0) : 0;
    return source;
}

} // namespace lodestone
