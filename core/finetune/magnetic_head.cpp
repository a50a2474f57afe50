#include "finetune/magnetic_head.h"
#include "finetune/head_networks.h"
#include "finetune/spin_energy_head.h"
#include "finetune/vector_head.h"

#include <algorithm>
#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double sharpness = 10;
constexpr double smallestStart = 1e-3; // Bohr magneton; below, softplus has no useful slope
constexpr std::int64_t hiddenSize = 64;

} // namespace

bool needsMoments(const std::string& kind)
{
    return kind == "spin-energy" || kind == "vector";
}

const std::vector<std::string>& trainedHeadNames(const std::string& kind)
{
    static const std::vector<std::string> magnitude = {"hidden_1_weight", "hidden_1_bias", "hidden_2_weight",
                                                       "hidden_2_bias",   "output_weight", "element_scale",
                                                       "element_bias"};
    if (kind == "magnitude")
        return magnitude;
    if (!needsMoments(kind))
        fail("There is no magnetic head \"{}\": this version has magnitude, vector and spin-energy.", kind);
    return trainedNetworkNames();
}

std::int64_t trainedHeadCount(const MagneticHead& head)
{
    std::int64_t count = 0;
    for (const auto& name : trainedHeadNames(head.kind))
        count += headTensor(head.numbers, name).numel();
    return count;
}

MagneticHead initialHead(const std::string& kind, const HeadStart& start, double cutoff, std::uint64_t seed,
                         torch::Device device, torch::Dtype dtype)
{
    if (kind == "spin-energy")
        return {kind, initialSpinEnergyHead(start, cutoff, seed, device, dtype)};
    if (kind == "vector")
        return {kind, initialVectorHead(start, cutoff, seed, device, dtype)};
    return {kind, initialMagnitudeHead(start, seed, device, dtype)};
}

HeadParameters initialMagnitudeHead(const HeadStart& start, std::uint64_t seed, torch::Device device,
                                    torch::Dtype dtype)
{
    const auto n = static_cast<std::int64_t>(start.inputMean.size());
    const auto elements = static_cast<std::int64_t>(start.elementMoment.size());
    const auto real = torch::dtype(torch::kFloat64);
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    auto bias = torch::empty({elements}, real);
    for (std::int64_t i = 0; i < elements; ++i) {
        const double mean = start.elementMoment[static_cast<std::size_t>(i)];
        const double m = std::isfinite(mean) ? std::max(mean, smallestStart) : smallestStart;
        // Inverse of the softplus; expm1 loses nothing for large arguments.
        bias[i] = m + std::log(-std::expm1(-sharpness * m)) / sharpness;
    }
    HeadParameters head = initialStandardisation(start);
    head["hidden_1_weight"] = drawnWeights(n, hiddenSize, generator);
    head["hidden_1_bias"] = torch::zeros({hiddenSize}, real);
    head["hidden_2_weight"] = drawnWeights(hiddenSize, hiddenSize, generator);
    head["hidden_2_bias"] = torch::zeros({hiddenSize}, real);
    head["output_weight"] = torch::zeros({hiddenSize}, real);
    head["element_scale"] = torch::ones({elements}, real);
    head["element_bias"] = bias;
    for (auto& [name, tensor] : head)
        tensor = tensor.to(device, dtype).contiguous();
    return head;
}

torch::Tensor momentMagnitudes(const HeadParameters& head, const torch::Tensor& invariants,
                               const torch::Tensor& species)
{
    const auto fitted = [&](const char* name) { return headTensor(head, name).to(invariants.options()); };
    const auto x = standardised(head, invariants);
    const auto first = torch::silu(torch::addmm(fitted("hidden_1_bias"), x, fitted("hidden_1_weight")));
    const auto second = torch::silu(torch::addmm(fitted("hidden_2_bias"), first, fitted("hidden_2_weight")));
    const auto output = torch::mv(second, fitted("output_weight"));
    const auto u = fitted("element_scale").index_select(0, species) * output +
                   fitted("element_bias").index_select(0, species);
    // The threshold keeps exp() from overflowing; beyond it softplus is the identity.
    return torch::nn::functional::softplus(
        u, torch::nn::functional::SoftplusFuncOptions().beta(sharpness).threshold(30));
}

} // namespace lodestone
