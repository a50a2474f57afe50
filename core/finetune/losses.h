#pragma once
#include "base/json.h"
#include "finetune/head_prediction.h"
#include "run/config.h"

#include <torch/types.h>

namespace lodestone {

/// Labels of a batch. Missing ones have weight 0 (and an arbitrary finite value). Undefined tensors: not a
/// target.
struct BatchLabels {
    torch::Tensor energy;                   ///< [graphs] eV, corrections of the reference energies taken off
    torch::Tensor energyWeight;             ///< [graphs] frame weight or 0
    torch::Tensor forces;                   ///< [atoms, 3]
    torch::Tensor forceWeight;              ///< [atoms]
    torch::Tensor stress;                   ///< [graphs, 3, 3]
    torch::Tensor stressWeight;             ///< [graphs]
    torch::Tensor moments;                  ///< [atoms] |m|
    torch::Tensor momentWeight;             ///< [atoms]
    torch::Tensor momentVectors = {};       ///< [atoms, 3]; of moments, for heads that give vectors
    torch::Tensor magneticForces = {};      ///< [atoms, 3] -dE/dm
    torch::Tensor magneticForceWeight = {}; ///< [atoms]; 0 also where an atom has no moment
    /// [atoms, 3] given moments, where only what is perpendicular to them counts of magnetic forces.
    torch::Tensor axes = {};
    BatchLabels to(torch::Device device) const;
};

/// Sums of the labels' weights: what the means of a loss are over. Of several parts of a batch they add up.
struct LabelSums {
    double energy = 0, forces = 0, stress = 0, moments = 0, magneticForces = 0;
    bool any() const { return energy > 0 || forces > 0 || stress > 0 || moments > 0 || magneticForces > 0; }
    LabelSums& operator+=(const LabelSums& other);
};
LabelSums labelSums(const BatchLabels& labels);

/// Which quantities have to be computed.
struct Quantities {
    bool energy = false, forces = false, stress = false, moments = false, magneticForces = false;
    bool perpendicular = false; ///< magneticForces: only their parts across the moments count
};
Quantities quantitiesOf(const TargetWeights& targets);

struct LossValue {
    torch::Tensor total; ///< undefined if the batch has no label of any target
    torch::Tensor energy, forces, stress, moments, magneticForces; ///< weighted, undefined where absent
    Json toJson() const;                                           ///< {"total": ..., parts in use}
    /// Adds the numbers of a further part of the batch; the sum has no graph.
    LossValue& operator+=(const LossValue& part);
};

/// |x| -> loss: Huber with the given delta, absolute value, or square; of one number and of tensors.
double pointLoss(const LossConfig& config, double difference);
torch::Tensor pointLoss(const LossConfig& config, const torch::Tensor& difference);

/// Sum over targets of weight * (weighted mean of the point loss over the labelled entries of the batch).
/// head: what is compared with moments (vectors where both have them) and magnetic forces. sums: of the whole
/// batch, where this is a part of one; the losses of the parts then add up to the batch's.
LossValue batchLoss(const LossConfig& config, const TargetWeights& targets, const Prediction& prediction,
                    const HeadOutput& head, const torch::Tensor& atomCount, const BatchLabels& labels,
                    const LabelSums& sums);

} // namespace lodestone
