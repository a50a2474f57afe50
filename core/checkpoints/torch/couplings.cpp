#include "checkpoints/torch/couplings.h"

#include "algebra/wigner.h"
#include "checkpoints/torch/not_computed.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>

namespace lodestone {

double couplingFactor(const std::vector<double>& stored, const std::vector<std::int64_t>& shape, int l1,
                      int l2, int l3, const std::string& name)
{
    const std::vector<std::int64_t> expected = {2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1};
    const std::vector<double> own = wigner3j(l1, l2, l3); // its norm is one
    if (shape != expected || stored.size() != own.size())
        fail<NotComputed>("The coupling tensor {} has the shape ({}), expected ({}).", name,
                          fmt::join(shape, ", "), fmt::join(expected, ", "));
    double factor = 0, square = 0;
    for (std::size_t i = 0; i < own.size(); ++i)
        factor += own[i] * stored[i];
    for (std::size_t i = 0; i < own.size(); ++i) {
        const double rest = stored[i] - factor * own[i];
        square += rest * rest;
    }
    if (!(std::abs(factor) > 0) || !(std::sqrt(square) <= 1e-5 * std::abs(factor)))
        fail<NotComputed>("The coupling tensor {} is no multiple of the 3j tensor ({}, {}, {}).", name, l1,
                          l2, l3);
    return factor;
}

} // namespace lodestone
