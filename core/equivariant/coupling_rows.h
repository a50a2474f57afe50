#pragma once
#include "equivariant/kernels/edge_couplings.h"

#include <cstdint>
#include <map>
#include <tuple>

namespace lodestone {

/// The matrices of an edge that take features (l1) with a harmonic (l2) to messages (l3), one after another
/// in a row that all layers of a model share:
///     Z[k][i] = factor sqrt(2 l3 + 1) sum_j C[i, j, k] Y[j]
/// ("component" normalisation of e3nn), C the 3j tensor of wigner3j(). Linear in the harmonics Y.
class CouplingRows {
public:
    /// Offset of (l1, l2, l3, factor) in the row, where it is added if it is not there yet.
    std::int64_t place(int l1, int l2, int l3, double factor = 1);
    /// Numbers of a row.
    std::int64_t width() const { return m_width; }
    /// M[(lMax + 1)^2, width] in double with Z = Y M, where Y holds the harmonics of degrees 0 .. lMax.
    torch::Tensor matrix(int lMax) const;
    /// matrix() and the generators of rotations of all degrees, in double.
    CouplingBasis basis(int lMax) const;

private:
    std::map<std::tuple<int, int, int, double>, std::int64_t> m_places;
    std::int64_t m_width = 0;
};

} // namespace lodestone
