#pragma once
#include "algebra/radial_shapes.h"
#include "equivariant/activations.h"

#include <torch/types.h>
#include <vector>

namespace lodestone {

/// distance: [edges] -> [edges]; zero from the cutoff on.
torch::Tensor envelope(const RadialEnvelope& envelope, const torch::Tensor& distance);

/// distance: [edges], frequencies: [n] in 1/Angstrom -> [edges, n]. Differentiable in both.
torch::Tensor besselBasis(const BesselBasis& basis, const torch::Tensor& frequencies,
                          const torch::Tensor& distance);

/// The network that makes edge weights of basis functions: matrices without bias and `activation` between
/// them. basis: [edges, rows of the first matrix] -> [edges, columns of the last].
torch::Tensor radialNetwork(const std::vector<torch::Tensor>& matrices, const Activation& activation,
                            const torch::Tensor& basis);

} // namespace lodestone
