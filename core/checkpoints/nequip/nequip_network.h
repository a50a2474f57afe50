#pragma once
#include "architectures/nequip/convolution_network.h"
#include "checkpoints/nequip/module_view.h"

namespace lodestone {

/// A NequIP model (mir-group/nequip, versions 0.5 to 0.19) as a network, read from the tree of its modules.
struct NequipNetwork {
    ConvolutionNetwork network; ///< without elements' numbers checked against chemistry: see typeNames
    std::vector<TensorReference> places; ///< one a tensor of the network
};

/// typeNames: of the model's atom types, in order; elements: their atomic numbers. NotComputed (with the
/// module that does not fit) for what is not computed.
NequipNetwork readNequip(const ModuleView& model, const std::vector<int>& elements);

/// The sequence of NequIP's modules inside its wrappers (GraphModel, RescaleOutput, StressOutput, ...).
ModuleView innermost(const ModuleView& model);

} // namespace lodestone
