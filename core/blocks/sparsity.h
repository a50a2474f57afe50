#pragma once
#include "blocks/model_description.h"

namespace lodestone {

/// How far one tensor has changed.
struct TensorChange {
    std::string tensor;
    std::int64_t eligible = 0;
    std::int64_t changed = 0;              ///< entries whose delta is not exactly zero
    double threshold = 0;                  ///< soft threshold, 0 for methods without one
    double deltaNorm = 0;                  ///< ||delta||
    double baseNorm = 0;                   ///< ||W0||
    std::vector<std::int64_t> pathChanged; ///< one a path of ParameterInfo::paths
    /// One an element of the model, of the values that belong to it (elementOfValues); empty if none belongs to
    /// any.
    std::vector<std::int64_t> elementChanged = {};
};

/// A snapshot during or after a run. Fractions are always labelled: of the eligible, of the whole model.
struct SparsityRecord {
    std::vector<TensorChange> tensors; ///< the selected ones, in model order
    std::int64_t eligible = 0;
    std::int64_t changed = 0;
    std::int64_t parameters = 0; ///< of the whole model
    double changedOfEligible() const { return eligible ? double(changed) / double(eligible) : 0; }
    double changedOfModel() const { return parameters ? double(changed) / double(parameters) : 0; }
};

/// Sum over tensors by layer (row; -1 last) and l of the path's output (column).
struct LayerLCell {
    int layer = 0;
    int l = 0;
    std::int64_t eligible = 0;
    std::int64_t changed = 0;
};
/// Tensors without paths act on invariants and count as l = 0. Error if a tensor or its path counts do not
/// fit the model.
std::vector<LayerLCell> byLayerAndL(const ModelDescription& model, const SparsityRecord& record);

Json toJson(const SparsityRecord& record);
SparsityRecord sparsityRecordFromJson(const Json& json);

} // namespace lodestone
