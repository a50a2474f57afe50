#pragma once
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Real spherical harmonics of unit vectors in e3nn's basis (l = 1 is x, y, z) and "component" normalisation,
/// |Y_l|^2 = 2l + 1. Built by the recursion Y_(l+1) ~ Y_l x Y_1 coupled to l + 1, which is a polynomial of
/// the vector: smooth in every direction, differentiable any number of times. Immutable.
class SphericalHarmonics {
public:
    explicit SphericalHarmonics(int lMax);
    /// unit: [n, 3]. Returns Y_l as [n, 2l + 1] for l = 0 .. lMax.
    std::vector<torch::Tensor> operator()(const torch::Tensor& unit) const;
    int lMax() const { return m_lMax; }

private:
    int m_lMax;
    std::vector<torch::Tensor> m_steps; ///< for l >= 2: [(2l - 1) * 3, 2l + 1] in double
};

} // namespace lodestone
