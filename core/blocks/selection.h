#pragma once
#include "blocks/model_description.h"

namespace lodestone {

/// Which tensors may change. A pattern matches a tensor by its name, its block, its module, or any leading
/// part of its name up to a '/'; '*' crosses '/'. Presets (exact names) come first, then select adds and
/// exclude removes.
struct BlockSelection {
    std::string preset; ///< "", or one of selectionPresets()
    std::vector<std::string> select;
    std::vector<std::string> exclude;
};

struct SelectionPreset {
    std::string name;        ///< "linear"
    std::string description; ///< a sentence
};
/// linear (the paper's: every equivariant linear layer, not the readout), all-paths (linear and
/// tensor-product), readout, last-layer, l=0, l=1, l=2, l=3 (tensors whose paths end in that l), all.
const std::vector<SelectionPreset>& selectionPresets();

/// One flag a tensor of `model.tensors`. UsageError if a pattern matches nothing (naming the nearest block)
/// or the preset is unknown. Tensors that are not trainable are never selected.
std::vector<bool> resolveSelection(const ModelDescription& model, const BlockSelection& selection);

/// Sum of counts of the selected tensors.
std::int64_t selectedCount(const ModelDescription& model, const std::vector<bool>& selected);

} // namespace lodestone
