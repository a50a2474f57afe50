#include "equivariant/kernels/edge_couplings.h"

#include <torch/torch.h>

namespace lodestone {

EdgeCouplings::EdgeCouplings(const torch::Tensor& couplings) : m_operand(couplings.contiguous()) {}

EdgeCouplings::EdgeCouplings(const torch::Tensor& harmonics, const torch::Tensor& matrix)
    : m_operand(harmonics.contiguous()),
      m_matrix(matrix.contiguous()),
      m_values(std::make_shared<torch::Tensor>())
{
    constexpr std::int64_t unit = 16;
    const std::int64_t numbers = matrix.size(0);
    m_transposed =
        torch::constant_pad_nd(matrix.t(), {0, (numbers + unit - 1) / unit * unit - numbers}).contiguous();
}

torch::Tensor EdgeCouplings::values() const
{
    if (!m_matrix.defined())
        return m_operand;
    if (!m_values->defined())
        *m_values = m_operand.matmul(m_matrix);
    return *m_values;
}

EdgeCouplings EdgeCouplings::detached() const
{
    EdgeCouplings copy = *this;
    copy.m_operand = m_operand.detach();
    return copy;
}

} // namespace lodestone
