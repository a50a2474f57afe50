#pragma once
#include "equivariant/activations.h"

#include <torch/types.h>
#include <vector>

namespace lodestone {

/// A function that takes what depends on the distance smoothly to zero at the cutoff.
struct RadialEnvelope {
    enum class Kind {
        Polynomial, ///< Gasteiger et al., arXiv:2003.03123, eq. 8, with power p
        Xplor       ///< HOOMD-blue's XPLOR smoothing: one up to `onset`
    };
    Kind kind = Kind::Polynomial;
    double cutoff = 5; ///< Angstrom
    double p = 6;
    double onset = 0; ///< Angstrom
};
/// distance: [edges] -> [edges]; zero from the cutoff on.
torch::Tensor envelope(const RadialEnvelope& envelope, const torch::Tensor& distance);
/// The same for one distance, without tensors.
double envelope(const RadialEnvelope& envelope, double distance);

/// prefactor * sin(frequency_n r) / r times the envelope.
struct BesselBasis {
    RadialEnvelope envelope;
    double prefactor = 0.4; ///< 2 / cutoff
};
/// distance: [edges], frequencies: [n] in 1/Angstrom -> [edges, n]. Differentiable in both.
torch::Tensor besselBasis(const BesselBasis& basis, const torch::Tensor& frequencies,
                          const torch::Tensor& distance);
/// The same for one distance, without tensors: one number for each frequency.
std::vector<double> besselBasis(const BesselBasis& basis, const std::vector<double>& frequencies,
                                double distance);

/// The network that makes edge weights of basis functions: matrices without bias and `activation` between
/// them. basis: [edges, rows of the first matrix] -> [edges, columns of the last].
torch::Tensor radialNetwork(const std::vector<torch::Tensor>& matrices, const Activation& activation,
                            const torch::Tensor& basis);

} // namespace lodestone
