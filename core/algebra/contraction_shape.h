#pragma once
#include "algebra/irreps.h"

#include <vector>

namespace lodestone {

/// A tensor U of generalised coupling coefficients, [2l + 1, components, ..., components, paths], of which
/// most rows over paths are zero and not kept.
struct CouplingTensor {
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t>
        rows; ///< that are kept: numbers in C order over the axes before the last, ascending
    std::vector<double> values; ///< [rows, paths]
    /// Keeps the row if one of its `shape.back()` numbers is not zero.
    void add(std::int64_t row, const double* numbers);
};
/// Of all numbers in C order. InternalError if they are not as many as the shape says.
CouplingTensor couplingTensor(std::vector<std::int64_t> shape, const std::vector<double>& numbers);

/// One output irrep of a symmetric contraction: a tensor U for each order nu = 1, 2, ..., with nu axes of
/// components.
struct ContractionShape {
    static constexpr int maxOrder = 4;
    Irrep out;
    std::vector<CouplingTensor> u;
};

} // namespace lodestone
