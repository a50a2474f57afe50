#include "equivariant/coupling_rows.h"

#include "equivariant/wigner.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {

std::int64_t CouplingRows::place(int l1, int l2, int l3, double factor)
{
    const auto [place, isNew] = m_places.emplace(std::tuple(l1, l2, l3, factor), m_width);
    if (isNew)
        m_width += std::int64_t{2 * l1 + 1} * (2 * l3 + 1);
    return place->second;
}

torch::Tensor CouplingRows::matrix(int lMax) const
{
    const torch::Tensor matrix =
        torch::zeros({std::int64_t{lMax + 1} * (lMax + 1), m_width}, torch::kFloat64);
    auto* const numbers = matrix.data_ptr<double>();
    for (const auto& [key, place] : m_places) {
        const auto [l1, l2, l3, factor] = key;
        const std::vector<double> coupling = wigner3j(l1, l2, l3);
        const int sizeIn = 2 * l1 + 1, size = 2 * l2 + 1, sizeOut = 2 * l3 + 1;
        for (int i = 0; i < sizeIn; ++i)
            for (int j = 0; j < size; ++j)
                for (int k = 0; k < sizeOut; ++k)
                    numbers[(l2 * l2 + j) * m_width + place + k * sizeIn + i] =
                        factor * std::sqrt(double(sizeOut)) *
                        coupling[static_cast<std::size_t>((i * size + j) * sizeOut + k)];
    }
    return matrix;
}

} // namespace lodestone
