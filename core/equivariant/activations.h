#pragma once
#include "algebra/activation.h"

#include <torch/types.h>

namespace lodestone {

torch::Tensor activate(const Activation& activation, const torch::Tensor& x);

} // namespace lodestone
