#pragma once
#include "architectures/mace/mace_config.h"
#include "checkpoints/torch/e3nn_modules.h"

namespace lodestone {

// Blocks of a pickled MACE model, each as the architecture's description of it. Errors name file and module;
// classes that are not known are NotComputed.

/// mace.modules.blocks.RadialEmbeddingBlock. elements: atomic numbers in index order.
MaceRadial readRadial(const PickledModule& embedding, const std::vector<int>& elements);
/// mace.modules.radial.ZBLBasis.
MaceRepulsion readRepulsion(const PickledModule& zbl, const std::vector<int>& elements);
/// mace.modules.blocks.RealAgnostic...InteractionBlock.
MaceInteraction readInteraction(const PickledModule& block);
/// mace.modules.blocks.EquivariantProductBasisBlock.
MaceProduct readProduct(const PickledModule& block);
/// mace.modules.blocks.(Non)Linear(Bias)ReadoutBlock.
MaceReadout readReadout(const PickledModule& block);

} // namespace lodestone
