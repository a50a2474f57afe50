#include "models/nequip/zbl_repulsion.h"

#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double screeningLength = 0.46850; // Angstrom, for the sum of charges to the power below
constexpr double screeningPower = 0.23;
constexpr double amplitudes[] = {0.02817, 0.28022, 0.50986, 0.18175};
constexpr double decays[] = {0.20162, 0.40290, 0.94229, 3.19980};

} // namespace

torch::Tensor zblEnergies(const ZblRepulsion& repulsion, const GraphBatch& batch,
                          const torch::Tensor& distance, const torch::Tensor& stretched)
{
    const torch::Tensor charges = torch::tensor(repulsion.charges, torch::kFloat64).to(distance.options());
    const torch::Tensor centre = charges.index_select(0, batch.species.index_select(0, batch.centre));
    const torch::Tensor neighbour = charges.index_select(0, batch.species.index_select(0, batch.neighbour));
    const torch::Tensor x =
        (centre.pow(screeningPower) + neighbour.pow(screeningPower)) * distance / screeningLength;
    torch::Tensor screening = torch::zeros_like(x);
    for (std::size_t i = 0; i < std::size(amplitudes); ++i)
        screening = screening + amplitudes[i] * (x * -decays[i]).exp();
    return repulsion.prefactor * centre * neighbour / distance * screening *
           envelope(repulsion.envelope, stretched);
}

} // namespace lodestone
