#pragma once
// What nvcc compiles, as the host's compiler sees it.
#include "equivariant/kernels/cuda/backward_body.h"
#include "equivariant/kernels/cuda/slope_body.h"
#include "equivariant/kernels/cuda/sum_body.h"

namespace lodestone::cuda {

// Each puts its work on the stream and returns a cudaError_t, 0 for success. There must be work to do.

template<class T>
int launchSum(const SumTask<T>& task, void* stream);
template<class T>
int launchBackward(const BackwardTask<T>& task, void* stream);
template<class T>
int launchSlopes(const SlopeTask<T>& task, void* stream);

} // namespace lodestone::cuda
