#include "equivariant/kernels/cuda/launching.cuh"
#include "equivariant/kernels/cuda/sum_body.h"

namespace lodestone::cuda {
namespace {

template<class T, bool tangent>
__global__ void __launch_bounds__(warpsOfBlock* warpLanes) sumKernel(SumTask<T> task)
{
    __shared__ SumStage<T, tangent> stages[warpsOfBlock];
    if (warpNumber() < task.plan.itemCount * task.groups.groups)
        sumOfWarp<WarpOnDevice, T, tangent>(task, warpNumber(), stages[threadIdx.x / warpLanes]);
}

} // namespace

template<class T>
int launchSum(const SumTask<T>& task, void* stream)
{
    return launch(task.operands.tangent ? sumKernel<T, true> : sumKernel<T, false>, task,
                  task.plan.itemCount * task.groups.groups, stream);
}

template int launchSum<float>(const SumTask<float>&, void*);
template int launchSum<double>(const SumTask<double>&, void*);

} // namespace lodestone::cuda
