#include "equivariant/kernels/cuda/backward_body.h"
#include "equivariant/kernels/cuda/launching.cuh"

namespace lodestone::cuda {
namespace {

template<class T, bool directions>
__global__ void __launch_bounds__(warpsOfBlock* warpLanes) backwardKernel(BackwardTask<T> task)
{
    __shared__ BackwardStage<T, directions> stages[warpsOfBlock];
    if (warpNumber() < task.plan.itemCount * task.groups.groups)
        backwardOfWarp<WarpOnDevice, T, directions>(task, warpNumber(), stages[threadIdx.x / warpLanes]);
}

template<class T>
__global__ void partsKernel(BackwardTask<T> task)
{
    if (warpNumber() * warpLanes < task.groups.edges)
        addParts<WarpOnDevice, T>(task, warpNumber() * warpLanes);
}

} // namespace

template<class T>
int launchBackward(const BackwardTask<T>& task, void* stream)
{
    const int error = launch(task.to.direction ? backwardKernel<T, true> : backwardKernel<T, false>, task,
                             task.plan.itemCount * task.groups.groups, stream);
    if (error || !task.to.parts)
        return error;
    return launch(partsKernel<T>, task, (task.groups.edges + warpLanes - 1) / warpLanes, stream);
}

template int launchBackward<float>(const BackwardTask<float>&, void*);
template int launchBackward<double>(const BackwardTask<double>&, void*);

} // namespace lodestone::cuda
