#include "models/layer_state.h"

#include <algorithm>
#include <torch/torch.h>

namespace lodestone {

std::size_t LayerState::bytes() const
{
    std::size_t sum = 0;
    for (const torch::Tensor& tensor : atoms)
        sum += tensor.nbytes();
    return sum;
}

LayerState LayerState::to(torch::Device device, torch::Dtype dtype) const
{
    LayerState moved{layers, {}};
    for (const torch::Tensor& tensor : atoms)
        moved.atoms.push_back(tensor.to(device, dtype));
    return moved;
}

LayerState concatenate(const std::vector<LayerState>& parts)
{
    if (parts.size() == 1)
        return parts.front();
    LayerState whole{parts.at(0).layers, {}};
    for (std::size_t i = 0; i < parts.front().atoms.size(); ++i) {
        std::vector<torch::Tensor> tensors;
        for (const LayerState& part : parts)
            tensors.push_back(part.atoms.at(i));
        whole.atoms.push_back(torch::cat(tensors));
    }
    return whole;
}

void LayerPass::note(std::size_t done, const std::vector<torch::Tensor>& atoms) const
{
    if (!record || static_cast<std::size_t>(record->layers) != done)
        return;
    record->atoms.clear();
    for (const torch::Tensor& tensor : atoms)
        record->atoms.push_back(
            tensor.detach().clone(at::MemoryFormat::Contiguous)); // not what it is a view of
}

int frozenLayers(const ModelDescription& description, const std::vector<bool>& trained)
{
    int frozen = description.layers;
    for (std::size_t i = 0; i < description.tensors.size(); ++i) {
        const ParameterInfo& info = description.tensors[i];
        // What belongs to no layer acts after all of them (readouts, reference energies), or on the first
        // one.
        const bool after = info.layer < 0 && (info.kind == "readout" || info.kind == "reference");
        if (trained[i] && !after)
            frozen = std::min(frozen, std::max(0, info.layer));
    }
    return frozen;
}

} // namespace lodestone
