#include "equivariant/spherical_harmonics.h"

#include "algebra/harmonics.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {

SphericalHarmonics::SphericalHarmonics(int lMax) : m_lMax(lMax)
{
    for (int l = 2; l <= lMax; ++l)
        m_steps.push_back(
            torch::tensor(harmonicsStep(l), torch::kFloat64).reshape({(2 * l - 1) * 3, 2 * l + 1}));
}

std::vector<torch::Tensor> SphericalHarmonics::operator()(const torch::Tensor& unit) const
{
    std::vector<torch::Tensor> harmonics;
    harmonics.push_back(torch::ones({unit.size(0), 1}, unit.options()));
    if (m_lMax >= 1)
        harmonics.push_back(unit * std::sqrt(3.0));
    for (int l = 2; l <= m_lMax; ++l) {
        const torch::Tensor product = harmonics.back().unsqueeze(2) * harmonics[1].unsqueeze(1);
        const torch::Tensor& step = m_steps[static_cast<std::size_t>(l - 2)];
        harmonics.push_back(product.reshape({unit.size(0), (2 * l - 1) * 3}).matmul(step.to(unit.options())));
    }
    return harmonics;
}

} // namespace lodestone
