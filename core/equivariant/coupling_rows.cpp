#include "equivariant/coupling_rows.h"

#include "algebra/wigner.h"

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

CouplingBasis CouplingRows::basis(int lMax) const
{
    const std::int64_t numbers = std::int64_t{lMax + 1} * (lMax + 1);
    const torch::Tensor generators = torch::zeros({numbers, 3 * numbers}, torch::kFloat64);
    auto* const number = generators.data_ptr<double>();
    for (int l = 1; l <= lMax; ++l) {
        const std::vector<double> ofDegree = rotationGenerators(l);
        const std::int64_t first = std::int64_t{l} * l, size = 2 * l + 1;
        for (std::int64_t axis = 0; axis < 3; ++axis)
            for (std::int64_t row = 0; row < size; ++row)
                for (std::int64_t column = 0; column < size; ++column)
                    number[(first + column) * 3 * numbers + axis * numbers + first + row] =
                        ofDegree[static_cast<std::size_t>((axis * size + row) * size + column)];
    }
    return {matrix(lMax), generators};
}

} // namespace lodestone
