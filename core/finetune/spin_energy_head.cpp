#include "finetune/spin_energy_head.h"
#include "base/error.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double energyScale = 0.1;     // eV: outputs of order one stand for energies of this size
constexpr double startFourth = 1e-4;    // b |m|^4 of a new head at the element's mean |m|, in energyScale
constexpr double smallestFourth = 1e-6; // keeps b above 0 where softplus gives 0
constexpr double sharpness = 10;

} // namespace

HeadParameters initialSpinEnergyHead(const HeadStart& start, double cutoff, std::uint64_t seed,
                                     torch::Device device, torch::Dtype dtype)
{
    HeadParameters head = initialNetworks(start, cutoff, {.siteOutputs = 2, .bondChannels = 1}, seed);
    // a = -2 b |m|^2 puts the minimum of the well at the mean |m|. The inverse of the sharp softplus.
    head["site_element_bias"].select(1, 0).fill_(-2 * startFourth);
    head["site_element_bias"].select(1, 1).fill_(startFourth +
                                                 std::log(-std::expm1(-sharpness * startFourth)) / sharpness);
    for (auto& [name, tensor] : head)
        tensor = tensor.to(device, dtype).contiguous();
    return head;
}

SpinTerms spinTerms(const HeadParameters& head, const torch::Tensor& invariants, const torch::Tensor& vectors,
                    const GraphBatch& batch)
{
    if (!batch.moments.defined())
        fail<InternalError>("The head spin-energy needs the moments of the batch.");
    SpinTerms terms;
    terms.moments = batch.moments;
    const torch::Tensor x = standardised(head, invariants);
    const torch::Tensor scale =
        headTensor(head, "moment_scale").to(invariants.options()).index_select(0, batch.species);
    const torch::Tensor site = siteOutputs(head, x, batch.species);
    terms.square = site.select(1, 0) * energyScale / scale.square();
    const auto positive = torch::nn::functional::softplus(
        site.select(1, 1), torch::nn::functional::SoftplusFuncOptions().beta(sharpness).threshold(30));
    terms.fourth = (positive + smallestFourth) * energyScale / scale.square().square();
    terms.bonds = spinBonds(batch.moments, vectors, batch, false);
    terms.exchange =
        bondOutputs(head, x, batch.species, terms.bonds).squeeze(1) * energyScale /
        (scale.index_select(0, terms.bonds.centre) * scale.index_select(0, terms.bonds.neighbour));
    return terms;
}

torch::Tensor spinEnergy(const SpinTerms& terms)
{
    const torch::Tensor& m = terms.moments;
    const torch::Tensor products =
        (m.index_select(0, terms.bonds.centre) * m.index_select(0, terms.bonds.neighbour)).sum(1);
    // Each bond stands there from both ends.
    torch::Tensor energy = torch::zeros({m.size(0)}, m.options())
                               .index_add(0, terms.bonds.centre, products * terms.exchange * -0.5);
    if (terms.square.defined()) {
        const torch::Tensor square = m.square().sum(1);
        energy = energy + square * (terms.square + terms.fourth * square);
    }
    return energy;
}

torch::Tensor magneticForces(const SpinTerms& terms)
{
    const torch::Tensor& m = terms.moments;
    torch::Tensor field = torch::zeros_like(m).index_add(
        0, terms.bonds.centre, m.index_select(0, terms.bonds.neighbour) * terms.exchange.unsqueeze(1));
    if (terms.square.defined()) {
        const torch::Tensor square = m.square().sum(1);
        field = field - m * (2 * terms.square + 4 * terms.fourth * square).unsqueeze(1);
    }
    return field;
}

torch::Tensor perpendicularTo(const torch::Tensor& moments, const torch::Tensor& vectors)
{
    const torch::Tensor square = moments.square().sum(1, true);
    const torch::Tensor magnetic = square > 0;
    const torch::Tensor inverse = torch::where(magnetic, square, torch::ones_like(square)).reciprocal();
    const torch::Tensor along = moments * ((moments * vectors).sum(1, true) * inverse);
    return torch::where(magnetic, vectors - along, torch::zeros_like(vectors));
}

} // namespace lodestone
