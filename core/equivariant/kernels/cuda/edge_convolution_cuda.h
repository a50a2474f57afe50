#pragma once
#include "equivariant/kernels/edge_convolution.h"

namespace lodestone {

// The convolution's kernels for tensors on a CUDA device, on LibTorch's current stream. What
// edge_convolution.cpp does with the kernels of the processor; only a build against a LibTorch with CUDA has
// these functions.

/// What the nodes of one convolution share. All tensors but the table's lie on the device.
struct CudaConvolution {
    const std::shared_ptr<const EdgePlan>& plan;
    const std::shared_ptr<const EdgeIndex>& edges;
    const EdgeCouplings& couplings;
    const std::shared_ptr<const RadialTable>& table; ///< null: the weights are an array
    const TablePositions& positions;
};

/// Factors of a sum over edges: couplings or harmonics, weights or distances, rows; and their tangents, which
/// are undefined for the plain convolution.
struct CudaOperands {
    torch::Tensor z, q, rows;
    torch::Tensor hz, hq, hRows;
};

/// Whether convolutions with this plan can be left to the kernels: the device's first convolutions, small
/// ones with known results, were compared with convolutionByTensors(), and the plan is none that the kernels
/// refuse. Logs a warning, once, where not.
bool cudaKernelsServe(const std::shared_ptr<const EdgePlan>& plan, const torch::Device& device);

/// The sum of products on edges, to their centres or (back) to their neighbours: [atoms, width].
torch::Tensor summedOnCuda(const CudaConvolution& of, const CudaOperands& given, bool back);

/// Adds derivatives on edges. toQ, toZ: undefined where not wanted; toZ for couplings that are an array only.
void addEdgeSlopesOnCuda(const CudaConvolution& of, const torch::Tensor& z, const torch::Tensor& q,
                         const torch::Tensor& x, const torch::Tensor& g, const torch::Tensor& toQ,
                         const torch::Tensor& toZ);

/// Where edgeBackwardOnCuda() adds its derivatives; undefined where not wanted.
struct CudaBackwardSums {
    torch::Tensor x;         ///< [atoms, plan.in]
    torch::Tensor q;         ///< as the weights or the distances
    torch::Tensor direction; ///< [edges, 3], as cuda::BackwardSums::direction
};

/// All first derivatives in one pass (cuda::edgeBackward()). along1, along2: the derivatives of z along two
/// directions, for CudaBackwardSums::direction alone.
void edgeBackwardOnCuda(const CudaConvolution& of, const torch::Tensor& z, const torch::Tensor& along1,
                        const torch::Tensor& along2, const torch::Tensor& q, const torch::Tensor& x,
                        const torch::Tensor& g, const CudaBackwardSums& to);

} // namespace lodestone
