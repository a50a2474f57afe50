#pragma once
#include <memory>
#include <torch/types.h>

namespace lodestone {

/// The couplings Z [edges, couplings] of a batch, as all its layers share them. Made once a batch; copies
/// share what they keep. Not for several threads at once.
class EdgeCouplings {
public:
    /// Couplings that are given as they are.
    EdgeCouplings(const torch::Tensor& couplings); // NOLINT(google-explicit-constructor): a tensor is one
    /// Z = Y M. harmonics: Y [edges, numbers], what derivatives are taken in; matrix: M [numbers, couplings],
    /// constant, of Y's type and device. On the CPU the kernels then take Z and derivatives from and to Y, so
    /// that nothing of the size of Z is kept, or summed over layers.
    EdgeCouplings(const torch::Tensor& harmonics, const torch::Tensor& matrix);

    /// What convolutions differentiate in: Y, or Z where that was given.
    const torch::Tensor& operand() const { return m_operand; }
    /// Z as a differentiable tensor, for LibTorch's own operations.
    torch::Tensor values() const;
    /// M; undefined where Z was given.
    const torch::Tensor& matrix() const { return m_matrix; }
    /// M transposed, [couplings, numbers] with the numbers filled up with zeros to a multiple of 16;
    /// undefined where Z was given.
    const torch::Tensor& transposed() const { return m_transposed; }
    /// The same without what operand() depends on, for nodes of the graph.
    EdgeCouplings detached() const;

private:
    torch::Tensor m_operand, m_matrix, m_transposed;
    std::shared_ptr<torch::Tensor> m_values; ///< made when it is first asked for
};

} // namespace lodestone
