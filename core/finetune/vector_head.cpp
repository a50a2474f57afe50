#include "finetune/vector_head.h"
#include "base/error.h"

#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double energyScale = 0.1; // eV: outputs of order one stand for energies of this size

torch::Tensor directions(const torch::Tensor& moments)
{
    const torch::Tensor length = moments.square().sum(1, true).sqrt();
    const torch::Tensor magnetic = length > 0;
    return torch::where(magnetic, moments / torch::where(magnetic, length, torch::ones_like(length)),
                        torch::zeros_like(moments));
}

} // namespace

HeadParameters initialVectorHead(const HeadStart& start, double cutoff, std::uint64_t seed,
                                 torch::Device device, torch::Dtype dtype)
{
    HeadParameters head = initialNetworks(start, cutoff, {.siteOutputs = 2, .bondChannels = 3}, seed);
    head["site_element_bias"].select(1, 0).fill_(1);
    for (auto& [name, tensor] : head)
        tensor = tensor.to(device, dtype).contiguous();
    return head;
}

VectorMoments vectorMoments(const HeadParameters& head, const torch::Tensor& invariants,
                            const torch::Tensor& vectors, const GraphBatch& batch)
{
    if (!batch.moments.defined())
        fail<InternalError>("The head vector needs the moments of the batch.");
    VectorMoments result;
    const torch::Tensor s = directions(batch.moments);
    const torch::Tensor x = standardised(head, invariants);
    const torch::Tensor site = siteOutputs(head, x, batch.species);
    const torch::Tensor scale =
        headTensor(head, "moment_scale").to(invariants.options()).index_select(0, batch.species);
    result.terms.moments = s;
    result.terms.bonds = spinBonds(s, vectors, batch, true);
    const SpinBonds& bonds = result.terms.bonds;
    const torch::Tensor outputs = bondOutputs(head, x, batch.species, bonds); // [bonds, 3]
    const torch::Tensor neighbours = s.index_select(0, bonds.neighbour);
    const torch::Tensor unit = bonds.vector / bonds.distance.unsqueeze(1);
    const torch::Tensor along = unit * (unit * neighbours).sum(1, true);
    const torch::Tensor given =
        neighbours * outputs.select(1, 0).unsqueeze(1) + along * outputs.select(1, 1).unsqueeze(1);
    const torch::Tensor sum = torch::zeros_like(s).index_add(0, bonds.centre, given);
    result.moments =
        s * (site.select(1, 0) * scale).unsqueeze(1) + sum * (site.select(1, 1) + 1).unsqueeze(1);
    result.terms.exchange = outputs.select(1, 2) * energyScale;
    return result;
}

} // namespace lodestone
