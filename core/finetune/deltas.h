#pragma once
#include "blocks/sparsity.h"
#include "models/parameter_table.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Soft threshold by reparameterisation (STR, Kusupati et al. 2020, eq. 3): S(x, t) = sign(x) max(|x| - t, 0)
/// with t = sigmoid(logits). values: [n]; logits: [segments]; sizes: entries of each segment, in order,
/// summing to n. Gradients, with G = dL/dS: dL/dvalues = G [|x| > t], dL/dlogit = -t (1 - t) sum over the
/// segment of G sign(x) [|x| > t].
torch::Tensor softThreshold(const torch::Tensor& values, const torch::Tensor& logits,
                            const std::vector<std::int64_t>& sizes);

/// The threshold above which exactly `keep` of the entries lie in magnitude (0 if all are to be kept; ties
/// with the threshold itself are pruned).
double thresholdKeeping(const torch::Tensor& values, std::int64_t keep);

/// How many deltas a run with a target keeps at `progress` (0..1 of all steps): exponentially from all
/// eligible to the target (a fraction of `parameters`, the whole model) over the first half, then the target
/// exactly. Never more than `eligible`.
std::int64_t scheduledKeep(std::int64_t eligible, std::int64_t parameters, double targetFraction,
                           double progress);

enum class DeltaKind {
    Dense,  ///< W0 + D, D starts at zero
    Learnt, ///< W0 + S(D, t), one learnt t per tensor or path
    Target, ///< W0 + S(D, t), one t for all that keeps a given number of entries
    /// W0 + (alpha / rank) A B path by path (ELoRA, Wang et al., ICML 2025): no path mixes with another, so
    /// the change stays equivariant. A [rows, r] ~ N(0, 1), B [r, columns] = 0, r the rank or the smaller
    /// side.
    LowRank,
};

/// A path's values as the matrix that LowRank factorises, row by row.
struct PathMatrix {
    std::int64_t rows = 0, columns = 0;
    /// Rank the factors can make use of; more would only be another way to write a full matrix.
    std::int64_t rank(std::int64_t wanted) const { return std::min({wanted, rows, columns}); }
};

/// The matrices of a tensor, in the order of its values, covering all of them. A tensor of one path or none
/// has its own last axis as columns; paths within a flat tensor have the channels of their output.
std::vector<PathMatrix> pathMatrices(const ParameterInfo& tensor);

struct DeltaOptions {
    DeltaKind kind = DeltaKind::Learnt;
    bool perPath = false; ///< Learnt: a threshold per path instead of per tensor
    double sigma = 0.01;  ///< start of D ~ N(0, sigma^2)
    double initialThreshold = 1e-3;
    std::int64_t rank = 16; ///< LowRank: at most
    double alpha = 16;      ///< LowRank
    /// [elements of the model] true: not in the training data. Values that belong to such an element alone
    /// never get a gradient; they start at zero instead of at random and so stay unchanged. Empty: none.
    std::vector<bool> absent = {};
};

/// Numbers at which the deltas are to be evaluated: the live point of the optimiser or its averaged one.
struct DeltaPoint {
    /// D of all selected tensors one after another, [eligible]; LowRank: A and B of every path, [trained]
    torch::Tensor values;
    torch::Tensor logits;  ///< Learnt: [segments]; undefined otherwise
    std::int64_t keep = 0; ///< Target: entries that stay
};

/// The deltas of the selected tensors. Holds the frozen W0 and the trainable leaves; everything else is
/// computed from a DeltaPoint. Device and dtype are those of `base`.
class DeltaSet {
public:
    /// Error if nothing is selected. The start is drawn on the CPU from `seed`, so it does not depend on the
    /// device.
    DeltaSet(const ModelDescription& model, const std::vector<bool>& selected, ParameterTable base,
             const DeltaOptions& options, std::uint64_t seed);

    const DeltaOptions& options() const { return m_options; }
    std::int64_t eligible() const { return m_eligible; }
    const torch::Tensor& values() const { return m_values; } ///< leaf, as in DeltaPoint
    const torch::Tensor& logits() const { return m_logits; } ///< leaf, [segments]; undefined unless Learnt
    DeltaPoint live(std::int64_t keep) const { return {m_values, m_logits, keep}; }

    /// W - W0 of all selected tensors, [eligible]; differentiable in the point.
    torch::Tensor delta(const DeltaPoint& point) const;
    /// Shaped as the values, 1 where an entry is not pruned at `point`: where decay of D acts.
    torch::Tensor unpruned(const DeltaPoint& point) const;
    /// W0 + delta.
    ParameterTable table(const torch::Tensor& delta) const;
    const ParameterTable& base() const { return m_base; }

    SparsityRecord record(const DeltaPoint& point) const;

    struct Part {
        std::size_t tensor = 0; ///< index into ModelDescription::tensors
        std::int64_t offset = 0;
        std::int64_t count = 0;
    };
    const std::vector<Part>& parts() const { return m_parts; }
    /// The threshold of each part at `point` (a mean where there is one per path; 0 for Dense).
    std::vector<double> thresholds(const DeltaPoint& point) const;

private:
    std::vector<double> segmentThresholds(const DeltaPoint& point) const;
    torch::Tensor startValues(const torch::TensorOptions& like, std::uint64_t seed) const;
    void clearAbsent(double* values) const;                     ///< [eligible]
    torch::Tensor products(const torch::Tensor& factors) const; ///< LowRank: the delta

    ModelDescription m_model;
    ParameterTable m_base;
    DeltaOptions m_options;
    std::int64_t m_eligible = 0;
    std::vector<Part> m_parts;
    std::vector<std::int64_t> m_partSizes;
    std::vector<std::int64_t> m_segmentSizes;
    std::vector<std::size_t> m_segmentPart; ///< the part a segment belongs to
    std::vector<PathMatrix> m_matrices;     ///< LowRank: of all parts, one after another
    std::vector<double> m_baseNorms;
    torch::Tensor m_values;
    torch::Tensor m_logits;
};

} // namespace lodestone
