#pragma once
#include "architectures/mace/mace_config.h"
#include "equivariant/activations.h"
#include "models/parameter_table.h"

#include <torch/types.h>

namespace lodestone {

/// Polynomial cutoff of Gasteiger et al. (arXiv:2003.03123, eq. 8): 1 at x = 0, 0 from x = 1 on.
torch::Tensor polynomialCutoff(const torch::Tensor& x, int p);

/// Basis functions [edges, size] and the cutoff [edges, 1] of edges of the given length [edges] between
/// elements (indices [edges]) of the ends. With radial.applyCutoff the cutoff is in the functions already.
struct RadialFeatures {
    torch::Tensor functions;
    torch::Tensor cutoff;
};
RadialFeatures radialFeatures(const MaceRadial& radial, const torch::Tensor& distance,
                              const torch::Tensor& centre, const torch::Tensor& neighbour);

/// Half of the screened repulsion of each edge, [edges] in eV. atomicNumbers: of the model's elements.
torch::Tensor pairRepulsion(const MaceRepulsion& repulsion, const std::vector<int>& atomicNumbers,
                            const torch::Tensor& distance, const torch::Tensor& centre,
                            const torch::Tensor& neighbour);

/// x: [edges, network.in()]. Returns [edges, network.out()].
torch::Tensor evaluate(const RadialNetwork& network, const ParameterTable& parameters, std::size_t layer,
                       const std::string& module, const torch::Tensor& x);

} // namespace lodestone
