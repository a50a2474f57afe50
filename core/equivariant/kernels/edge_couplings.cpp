#include "equivariant/kernels/edge_couplings.h"

#include <array>
#include <torch/torch.h>

namespace lodestone {

struct EdgeCouplings::Kept {
    struct Entry {
        torch::Tensor operand, rows; ///< without history; `operand` keeps its memory from being used again
    };
    std::array<Entry, 2> entries; ///< of the operand itself, and of the last other one
    torch::Tensor values;
};

EdgeCouplings::EdgeCouplings(const torch::Tensor& couplings)
    : m_operand(couplings.contiguous()),
      m_kept(std::make_shared<Kept>())
{
}

EdgeCouplings::EdgeCouplings(const torch::Tensor& harmonics, const torch::Tensor& matrix)
    : m_operand(harmonics.contiguous()),
      m_matrix(matrix),
      m_kept(std::make_shared<Kept>())
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
    if (!m_kept->values.defined())
        m_kept->values = m_operand.matmul(m_matrix);
    return m_kept->values;
}

torch::Tensor EdgeCouplings::rows(const torch::Tensor& operand) const
{
    if (!m_matrix.defined())
        return operand;
    const auto isOf = [&](const torch::Tensor& other) {
        return other.defined() && other.data_ptr() == operand.data_ptr() && other.sizes() == operand.sizes();
    };
    for (const Kept::Entry& entry : m_kept->entries)
        if (isOf(entry.operand))
            return entry.rows;
    const torch::NoGradGuard guard;
    const torch::Tensor own = operand.detach();
    Kept::Entry& entry = m_kept->entries[isOf(m_operand) ? 0 : 1];
    entry = {}; // its memory may serve the new one
    entry = {own, own.matmul(m_matrix)};
    return entry.rows;
}

EdgeCouplings EdgeCouplings::detached() const
{
    EdgeCouplings copy = *this;
    copy.m_operand = m_operand.detach();
    return copy;
}

} // namespace lodestone
