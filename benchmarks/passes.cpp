#include "passes.h"

#include <torch/torch.h>

namespace lodestone {

std::string toString(Pass pass)
{
    return pass == Pass::Forward ? "forward" : pass == Pass::First ? "first_derivative" : "second_derivative";
}

std::function<void()> passOf(Pass pass, const std::function<torch::Tensor()>& output,
                             const std::vector<torch::Tensor>& inputs)
{
    if (pass == Pass::Forward)
        return [output] { output(); };
    const torch::Tensor out = output();
    torch::manual_seed(2);
    const torch::Tensor g = torch::randn_like(out.detach()).requires_grad_();
    if (pass == Pass::First)
        return [out, inputs, g] { torch::autograd::grad({out}, inputs, {g.detach()}, true, false); };
    const auto slopes = torch::autograd::grad({out}, inputs, {g}, true, true);
    std::vector<torch::Tensor> outer;
    for (const torch::Tensor& slope : slopes)
        outer.push_back(torch::randn_like(slope.detach()));
    return [slopes, outer, features = inputs.back(), g] {
        torch::autograd::grad(slopes, {features, g}, outer, true, false);
    };
}

} // namespace lodestone
