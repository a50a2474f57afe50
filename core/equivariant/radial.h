#pragma once
#include <memory>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Radial basis of Nequix: Bessel functions (2 / r_c) sin(n pi r / r_c) / r, n = 1 .. size, times the
/// polynomial cutoff of Gasteiger et al. (arXiv:2003.03123, eq. 8), zero from r_c on.
struct RadialBasis {
    double cutoff = 6; ///< Angstrom
    int size = 8;
    double p = 6; ///< of the cutoff polynomial
};
/// distance: [edges] -> [edges, size].
torch::Tensor radialBasis(const RadialBasis& basis, const torch::Tensor& distance);
/// Its derivative in the distance.
torch::Tensor radialBasisSlope(const RadialBasis& basis, const torch::Tensor& distance);

/// The radial network: matrices without bias, silu between them. distance [edges] -> weights [edges, columns
/// of the last matrix]. Where no matrix asks for a gradient, each weight is a function of the distance alone:
/// its derivative is found together with it by forward differentiation, and neither gradient of forces goes
/// through the network again.
torch::Tensor radialWeights(const RadialBasis& basis, const std::vector<torch::Tensor>& matrices,
                            const torch::Tensor& distance);

/// The same by tensor operations alone: the reference, and what is used for matrices that are trained.
torch::Tensor radialWeightsByTensors(const RadialBasis& basis, const std::vector<torch::Tensor>& matrices,
                                     const torch::Tensor& distance);

} // namespace lodestone
