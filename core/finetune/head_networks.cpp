#include "finetune/head_networks.h"
#include "base/error.h"
#include "equivariant/radial_network.h"

#include <cmath>
#include <numbers>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr std::int64_t hiddenSize = 32;
constexpr std::int64_t embeddingSize = 16;
constexpr std::int64_t radialSize = 8;
constexpr double smallestMoment = 0.1; // Bohr magneton; elements below have no typical |m| of their own
constexpr double smallestInput = 1e-6; // Bohr magneton; below, an atom counts as one without a moment
constexpr double radialPrefactor = 2;  // Angstrom; radial functions of about 1 at bond lengths

torch::Tensor fitted(const HeadParameters& head, const char* name, const torch::Tensor& like)
{
    return headTensor(head, name).to(like.options());
}

} // namespace

const torch::Tensor& headTensor(const HeadParameters& head, const std::string& name)
{
    const auto it = head.find(name);
    if (it == head.end())
        fail("The magnetic head lacks the tensor \"{}\".", name);
    return it->second;
}

torch::Tensor standardised(const HeadParameters& head, const torch::Tensor& invariants)
{
    if (headTensor(head, "input_mean").numel() != invariants.size(1))
        fail("The magnetic head expects {} invariant features, but the model gives {}.",
             headTensor(head, "input_mean").numel(), invariants.size(1));
    return (invariants - fitted(head, "input_mean", invariants)) / fitted(head, "input_scale", invariants);
}

HeadParameters initialStandardisation(const HeadStart& start)
{
    const auto real = torch::dtype(torch::kFloat64);
    const auto scale = torch::tensor(start.inputScale, real);
    return {{"input_mean", torch::tensor(start.inputMean, real)},
            {"input_scale", torch::where(scale > 1e-12, scale, torch::ones_like(scale))}};
}

torch::Tensor drawnWeights(std::int64_t in, std::int64_t out, at::Generator& generator)
{
    return torch::randn({in, out}, generator, torch::dtype(torch::kFloat64)) /
           std::sqrt(static_cast<double>(in));
}

HeadParameters initialNetworks(const HeadStart& start, double cutoff, const HeadNetworkSizes& sizes,
                               std::uint64_t seed)
{
    const auto n = static_cast<std::int64_t>(start.inputMean.size());
    const auto elements = static_cast<std::int64_t>(start.elementMoment.size());
    const auto real = torch::dtype(torch::kFloat64);
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    const auto drawn = [&](std::int64_t in, std::int64_t out) { return drawnWeights(in, out, generator); };
    auto moments = torch::ones({elements}, real);
    for (std::int64_t i = 0; i < elements; ++i)
        if (const double mean = start.elementMoment[static_cast<std::size_t>(i)]; mean > smallestMoment)
            moments[i] = mean; // NaN compares false
    HeadParameters head = initialStandardisation(start);
    head["moment_scale"] = moments;
    head["cutoff"] = torch::full({1}, cutoff, real);
    head["site_hidden_weight"] = drawn(n, hiddenSize);
    head["site_hidden_bias"] = torch::zeros({hiddenSize}, real);
    head["site_output_weight"] = torch::zeros({hiddenSize, sizes.siteOutputs}, real);
    head["site_element_bias"] = torch::zeros({elements, sizes.siteOutputs}, real);
    head["bond_embedding_weight"] = drawn(n, embeddingSize);
    head["bond_embedding_element"] = torch::randn({elements, embeddingSize}, generator, real);
    head["bond_hidden_weight"] = drawn(2 * embeddingSize, hiddenSize);
    head["bond_hidden_bias"] = torch::zeros({hiddenSize}, real);
    head["bond_output_weight"] = torch::zeros({hiddenSize, sizes.bondChannels * radialSize}, real);
    return head;
}

const std::vector<std::string>& trainedNetworkNames()
{
    static const std::vector<std::string> names = {
        "site_hidden_weight", "site_hidden_bias",      "site_output_weight",
        "site_element_bias",  "bond_embedding_weight", "bond_hidden_weight",
        "bond_hidden_bias",   "bond_output_weight",    "bond_embedding_element"};
    return names;
}

torch::Tensor siteOutputs(const HeadParameters& head, const torch::Tensor& standardised,
                          const torch::Tensor& species)
{
    const auto get = [&](const char* name) { return fitted(head, name, standardised); };
    const auto hidden =
        torch::silu(torch::addmm(get("site_hidden_bias"), standardised, get("site_hidden_weight")));
    return hidden.matmul(get("site_output_weight")) + get("site_element_bias").index_select(0, species);
}

SpinBonds spinBonds(const torch::Tensor& moments, const torch::Tensor& vectors, const GraphBatch& batch,
                    bool anyCentre)
{
    const torch::Tensor magnetic = moments.square().sum(1) > smallestInput * smallestInput;
    SpinBonds bonds;
    torch::Tensor chosen = magnetic.index_select(0, batch.neighbour);
    if (!anyCentre)
        chosen = torch::logical_and(chosen, magnetic.index_select(0, batch.centre));
    bonds.edge = chosen.nonzero().squeeze(1);
    bonds.centre = batch.centre.index_select(0, bonds.edge);
    bonds.neighbour = batch.neighbour.index_select(0, bonds.edge);
    bonds.vector = vectors.index_select(0, bonds.edge);
    bonds.distance = bonds.vector.square().sum(1).sqrt();
    return bonds;
}

torch::Tensor bondOutputs(const HeadParameters& head, const torch::Tensor& standardised,
                          const torch::Tensor& species, const SpinBonds& bonds)
{
    const auto get = [&](const char* name) { return fitted(head, name, standardised); };
    const torch::Tensor embedded = torch::tanh(standardised.matmul(get("bond_embedding_weight")) +
                                               get("bond_embedding_element").index_select(0, species));
    const torch::Tensor one = embedded.index_select(0, bonds.centre);
    const torch::Tensor other = embedded.index_select(0, bonds.neighbour);
    const auto hidden = torch::silu(torch::addmm(
        get("bond_hidden_bias"), torch::cat({one + other, one * other}, 1), get("bond_hidden_weight")));
    const double cutoff = headTensor(head, "cutoff").item<double>();
    const BesselBasis basis{{RadialEnvelope::Kind::Polynomial, cutoff, 6, 0}, radialPrefactor};
    const torch::Tensor frequencies =
        torch::arange(1, radialSize + 1, standardised.options()) * (std::numbers::pi / cutoff);
    const torch::Tensor radial = besselBasis(basis, frequencies, bonds.distance);
    const torch::Tensor weights = get("bond_output_weight");
    // No -1 among the sizes: there may be no bond.
    const torch::Tensor channels =
        hidden.matmul(weights).view({bonds.edge.size(0), weights.size(1) / radialSize, radialSize});
    return (channels * radial.unsqueeze(1)).sum(2);
}

} // namespace lodestone
