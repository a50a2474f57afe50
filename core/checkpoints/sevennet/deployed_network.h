#pragma once
#include "architectures/nequip/convolution_network.h"
#include "checkpoints/sevennet/deployed_text.h"

namespace lodestone {

/// The network that a deployed text describes. Its tensors are the constants that hold parameters, in their
/// order; ParameterInfo::stored is "CONSTANTS.cN". Parities, which the text does not tell, are such that
/// every path keeps them; where that is impossible, all irreps count as even. ScriptError where parts do not
/// fit, NotComputed where a coupling is none.
ConvolutionNetwork deployedNetwork(const DeployedModel& model, const std::vector<int>& elements,
                                   double cutoff, const DeployedConstants& constants);

/// N of each tensor of such a network.
std::vector<std::int64_t> constantsOf(const ConvolutionNetwork& network);

} // namespace lodestone
