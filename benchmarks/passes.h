#pragma once
#include <functional>
#include <string>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// The passes of a training step on forces through one operation: its value; the gradient in its inputs; and
/// the gradient of that gradient in the features and in the outer gradient.
enum class Pass { Forward, First, Second };
constexpr Pass allPasses[] = {Pass::Forward, Pass::First, Pass::Second};
/// "forward", "first_derivative", "second_derivative".
std::string toString(Pass pass);

/// One pass alone; the passes before it are done once, here. output: the operation. inputs: leaves that ask
/// for gradients, the last of which is the features.
std::function<void()> passOf(Pass pass, const std::function<torch::Tensor()>& output,
                             const std::vector<torch::Tensor>& inputs);

} // namespace lodestone
