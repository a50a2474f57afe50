#pragma once
#include "blocks/model_description.h"

#include <torch/types.h>
#include <vector>

namespace lodestone {

/// What the first layers of a model give for atoms: all that the later layers, the readouts and the energy
/// need of them. Kept, it saves computing layers that do not change.
struct LayerState {
    int layers = 0;                   ///< how many layers it stands for; 0: none, there is no state
    std::vector<torch::Tensor> atoms; ///< each [atoms, ...], in an order that is the model's own; no history

    std::size_t bytes() const;
    LayerState to(torch::Device device, torch::Dtype dtype) const;
};
/// Of the atoms of all parts, one after another. The parts stand for the same layers of the same model.
LayerState concatenate(const std::vector<LayerState>& parts);

/// What one forward pass takes from, or adds to, LayerStates.
struct LayerPass {
    const LayerState* from = nullptr; ///< of the batch's atoms: its layers are not computed
    LayerState* record = nullptr;     ///< after its `layers` layers its `atoms` are filled

    std::size_t first() const { return from ? static_cast<std::size_t>(from->layers) : 0; }
    /// For models, after each layer: how many are done, and what they gave.
    void note(std::size_t done, const std::vector<torch::Tensor>& atoms) const;
};

/// How many of the first layers no trained tensor acts on (`trained`: one flag a tensor of the description):
/// what they give depends on the structure alone.
int frozenLayers(const ModelDescription& description, const std::vector<bool>& trained);

} // namespace lodestone
