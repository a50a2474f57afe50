#pragma once
#include "blocks/model_description.h"

#include <optional>
#include <span>

namespace lodestone {

/// How some weights have changed together: sums over pairs of an old weight w and its delta d, from which
/// everything below follows without cancellation.
class WeightChange {
public:
    void add(double w, double d);

    std::int64_t eligible() const { return m_count; }
    std::int64_t changed() const { return m_changed; } ///< deltas that are not exactly zero
    double baseNorm() const;
    double deltaNorm() const;
    /// ||d|| / ||w||; nothing where all old weights are zero.
    std::optional<double> relativeChange() const;
    /// The signature 1 - R^2 (docs/method.md, after Cho et al., arXiv 2606.18691). R is Pearson's
    /// correlation of old weights w and new weights w + d: 1 - R^2 is the share of the new weights' variance
    /// that no straight line through the old ones explains, 0 (nothing new, or only a common factor and
    /// shift) to 1 (unrelated). Nothing for fewer than three weights, through which a line always passes, and
    /// for weights that are all alike.
    std::optional<double> signature() const;

private:
    std::int64_t m_count = 0, m_changed = 0;
    double m_w = 0, m_d = 0, m_ww = 0, m_wd = 0, m_dd = 0;
};

/// One tensor's old weights and deltas, flat, [count] each.
struct TensorWeights {
    const ParameterInfo* tensor = nullptr;
    std::vector<double> base;
    std::vector<double> delta;
};

struct LayerLChange {
    int layer = 0; ///< -1: belongs to no layer
    int l = 0;     ///< of the path's output; 0 for tensors without paths
    WeightChange change;
};
/// By layer (-1 last) and l, as byLayerAndL().
std::vector<LayerLChange> changeByLayerAndL(std::span<const TensorWeights> tensors);

/// A tensor whose values belong to single elements, taken apart.
struct ElementChange {
    std::string tensor;
    std::int64_t channels = 0;                      ///< 0: its values have no channel axis
    std::vector<WeightChange> rows;                 ///< [elements of the model]
    std::vector<std::vector<WeightChange>> channel; ///< [elements][channels]; of output channels
};
/// Tensors without values that belong to a single element are left out. elements: how many the model has.
std::vector<ElementChange> changeByElement(std::span<const TensorWeights> tensors, std::size_t elements);

/// {eligible, changed, relative_change, signature}; null where it is not defined.
Json toJson(const WeightChange& change);

} // namespace lodestone
