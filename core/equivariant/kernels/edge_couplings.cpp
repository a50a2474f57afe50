#include "equivariant/kernels/edge_couplings.h"

#include <ATen/core/grad_mode.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Two unit vectors that complete each of `unit` [n, 3] to a right-handed frame, [n, 2, 3] (Duff et al.,
/// J. Comput. Graph. Tech. 6, 1, 2017).
torch::Tensor perpendicular(const torch::Tensor& unit)
{
    const std::vector<torch::Tensor> parts = unit.unbind(1);
    const torch::Tensor &x = parts[0], &y = parts[1], &z = parts[2];
    const torch::Tensor sign = torch::copysign(torch::ones_like(z), z), a = -1 / (sign + z), b = x * y * a;
    return torch::stack({1 + sign * x * x * a, sign * b, -sign * x, b, sign + y * y * a, -y}, 1)
        .view({-1, 2, 3});
}

TurnedHarmonics turnedOf(const torch::Tensor& harmonics, const torch::Tensor& generators)
{
    const std::int64_t numbers = harmonics.size(1);
    if (numbers == 1) // no direction to depend on
        return {torch::constant_pad_nd(harmonics.unsqueeze(1), {0, 0, 0, 2}).contiguous(),
                harmonics.new_zeros({harmonics.size(0), 3, 3})};
    const torch::Tensor vector = harmonics.slice(1, 1, 4), length = vector.norm(2, 1, true),
                        unit = vector / length;
    const torch::Tensor directions = perpendicular(unit);
    // A vector moves along the first direction when it turns about the second, and along the second when it
    // turns about the first, backwards.
    const torch::Tensor axes = torch::stack({directions.select(1, 1), -directions.select(1, 0)}, 1);
    const torch::Tensor turned = axes.bmm(harmonics.mm(generators).view({-1, 3, numbers}));
    return {torch::cat({harmonics.unsqueeze(1), turned}, 1),
            torch::cat({directions, unit.unsqueeze(1)}, 1) / length.unsqueeze(1)};
}

} // namespace

EdgeCouplings::EdgeCouplings(const torch::Tensor& couplings) : m_operand(couplings.contiguous()) {}

EdgeCouplings::EdgeCouplings(const torch::Tensor& harmonics, const CouplingBasis& basis)
    : m_operand(harmonics.contiguous()),
      m_basis({basis.matrix.contiguous(), basis.generators}),
      m_made(std::make_shared<Made>())
{
}

torch::Tensor EdgeCouplings::values() const
{
    if (!m_basis.matrix.defined())
        return m_operand;
    if (!m_made->values.defined())
        m_made->values = m_operand.matmul(m_basis.matrix);
    return m_made->values;
}

const TurnedHarmonics& EdgeCouplings::turned() const
{
    if (!m_made->turned.rows.defined()) {
        const at::NoGradGuard none;
        m_made->turned = turnedOf(m_operand.detach(), m_basis.generators);
    }
    return m_made->turned;
}

EdgeCouplings EdgeCouplings::detached() const
{
    EdgeCouplings copy = *this;
    copy.m_operand = m_operand.detach();
    return copy;
}

torch::Tensor slopeInHarmonics(const TurnedHarmonics& turned, const torch::Tensor& alongDirections)
{
    const std::int64_t numbers = turned.rows.size(2);
    if (numbers == 1)
        return alongDirections.new_zeros({alongDirections.size(0), 1});
    const torch::Tensor ofVector = alongDirections.unsqueeze(1).bmm(turned.directions).squeeze(1);
    return torch::constant_pad_nd(ofVector, {1, numbers - 4});
}

} // namespace lodestone
