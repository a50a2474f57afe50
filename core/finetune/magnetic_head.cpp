#include "finetune/magnetic_head.h"
#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double sharpness = 10;
constexpr double smallestStart = 1e-3; // Bohr magneton; below, softplus has no useful slope
constexpr std::int64_t hiddenSize = 64;

const torch::Tensor& get(const HeadParameters& head, const std::string& name)
{
    const auto it = head.find(name);
    if (it == head.end())
        fail("The magnetic head lacks the tensor \"{}\".", name);
    return it->second;
}

} // namespace

const std::vector<std::string>& trainedHeadNames()
{
    static const std::vector<std::string> names = {"hidden_1_weight", "hidden_1_bias", "hidden_2_weight",
                                                   "hidden_2_bias",   "output_weight", "element_scale",
                                                   "element_bias"};
    return names;
}

std::int64_t trainedHeadCount(const HeadParameters& head)
{
    std::int64_t count = 0;
    for (const auto& name : trainedHeadNames())
        count += get(head, name).numel();
    return count;
}

HeadParameters initialMagnitudeHead(const HeadStart& start, std::uint64_t seed, torch::Device device,
                                    torch::Dtype dtype)
{
    const auto n = static_cast<std::int64_t>(start.inputMean.size());
    const auto elements = static_cast<std::int64_t>(start.elementMoment.size());
    const auto real = torch::dtype(torch::kFloat64);
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    const auto drawn = [&](std::int64_t in, std::int64_t out) {
        return torch::randn({in, out}, generator, real) / std::sqrt(static_cast<double>(in));
    };
    auto bias = torch::empty({elements}, real);
    for (std::int64_t i = 0; i < elements; ++i) {
        const double mean = start.elementMoment[static_cast<std::size_t>(i)];
        const double m = std::isfinite(mean) ? std::max(mean, smallestStart) : smallestStart;
        // Inverse of the softplus; expm1 loses nothing for large arguments.
        bias[i] = m + std::log(-std::expm1(-sharpness * m)) / sharpness;
    }
    auto scale = torch::tensor(start.inputScale, real);
    scale = torch::where(scale > 1e-12, scale, torch::ones_like(scale));
    HeadParameters head;
    head["input_mean"] = torch::tensor(start.inputMean, real);
    head["input_scale"] = scale;
    head["hidden_1_weight"] = drawn(n, hiddenSize);
    head["hidden_1_bias"] = torch::zeros({hiddenSize}, real);
    head["hidden_2_weight"] = drawn(hiddenSize, hiddenSize);
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
    if (get(head, "input_mean").numel() != invariants.size(1))
        fail("The magnetic head expects {} invariant features, but the model gives {}.",
             get(head, "input_mean").numel(), invariants.size(1));
    const auto fitted = [&](const char* name) { return get(head, name).to(invariants.options()); };
    const auto x = (invariants - fitted("input_mean")) / fitted("input_scale");
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
