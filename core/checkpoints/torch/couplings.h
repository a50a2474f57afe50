#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lodestone {

/// Factor by which the coupling tensor `stored`, row-major, is a multiple of wigner3j(l1, l2, l3).
/// NotComputed (naming the tensor) if it has another shape than [2 l1 + 1, 2 l2 + 1, 2 l3 + 1] or is no
/// multiple.
double couplingFactor(const std::vector<double>& stored, const std::vector<std::int64_t>& shape, int l1,
                      int l2, int l3, const std::string& name);

} // namespace lodestone
