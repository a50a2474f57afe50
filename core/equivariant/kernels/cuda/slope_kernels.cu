#include "equivariant/kernels/cuda/launching.cuh"
#include "equivariant/kernels/cuda/slope_body.h"

namespace lodestone::cuda {
namespace {

template<class T>
__global__ void __launch_bounds__(warpsOfBlock* warpLanes) slopeKernel(SlopeTask<T> task)
{
    __shared__ SlopeStage<T> stages[warpsOfBlock];
    if (warpNumber() < task.last - task.first)
        slopesOfWarp<WarpOnDevice, T>(task, warpNumber(), stages[threadIdx.x / warpLanes]);
}

} // namespace

template<class T>
int launchSlopes(const SlopeTask<T>& task, void* stream)
{
    return launch(slopeKernel<T>, task, task.last - task.first, stream);
}

template int launchSlopes<float>(const SlopeTask<float>&, void*);
template int launchSlopes<double>(const SlopeTask<double>&, void*);

} // namespace lodestone::cuda
