#pragma once
#include "finetune/batch_feeder.h"
#include "finetune/deltas.h"
#include "finetune/losses.h"
#include "finetune/magnetic_head.h"
#include "finetune/optimisers.h"
#include "run/config.h"

#include <optional>

namespace lodestone {

/// Numbers at which a model under training is evaluated, counted and saved.
struct LearnerPoint {
    DeltaPoint delta;
    MagneticHead head; ///< empty without a head
};

/// Which tensors a method may change: the chosen blocks, for "full" every trainable tensor, for "readout" the
/// readouts.
std::vector<bool> selectedTensors(const RunConfig& config, const ModelDescription& model);

/// The part of a run that learns: deltas, head and optimiser. Knows nothing of files, epochs or events.
class Learner {
public:
    /// head: the magnetic head at its start (also constants), empty for none. elements: atomic numbers in the
    /// training data (DeltaOptions::absent); empty: not known.
    Learner(const RunConfig& config, const LoadedModel& model, const std::vector<bool>& selected,
            MagneticHead head, const Computation& how, const std::vector<int>& elements = {});

    struct Step {
        LossValue loss; ///< without graphs; total undefined: the batch had no label, there is nothing to do
        std::vector<torch::Tensor> gradients; ///< of the trained parameters
        double gradientNorm = 0;              ///< from apply()
        double learningRate = 0;              ///< of the deltas, as used
    };
    /// Loss and gradient at the live point, of a batch in parts whose gradients are summed: how it is divided
    /// changes the result by rounding only. progress: share of all steps done after this one (0..1), for the
    /// schedule of target_fraction. Diverged (with `stepNumber`) if the loss is not finite. May be called
    /// again, with other parts: nothing is changed but how many deltas are kept.
    Step differentiate(const std::vector<StepBatch>& parts, double progress, std::int64_t stepNumber);
    /// The same for a share of a batch: means are over the labels of the whole batch (`sums`), and the shares
    /// of all processes add up to its loss and gradient. Deltas are kept as setProgress() or setLive() said.
    Step differentiateShare(const std::vector<StepBatch>& parts, const LabelSums& sums,
                            std::int64_t stepNumber) const;
    /// How many deltas are kept at `progress`, under a target.
    void setProgress(double progress);
    std::int64_t kept() const { return m_keep; }
    /// Changes the parameters by a step. Diverged if the gradient is not finite; then nothing has changed.
    void apply(Step& step, std::int64_t stepNumber);

    /// What the steps to come multiply every learning rate with, besides the warm-up.
    void setSchedule(double factor);

    LearnerPoint evaluationPoint() const;
    // Numbers that are trained, one after another, [trainedCount()]: what processes of one run tell each
    // other.
    torch::Tensor live() const;
    torch::Tensor numbersOf(const LearnerPoint& point) const;
    void setLive(const torch::Tensor& numbers, std::int64_t keep);
    LearnerPoint pointOf(const torch::Tensor& numbers, std::int64_t keep) const;
    /// Gradients of a step in the same order; those that are not there count as zero, and as none again where
    /// `present` (of each trained parameter) is false.
    torch::Tensor gradientsOf(const Step& step) const;
    std::vector<torch::Tensor> gradientsFrom(const torch::Tensor& numbers,
                                             const std::vector<bool>& present) const;
    ParameterTable table(const LearnerPoint& point) const;
    const DeltaSet& deltas() const { return m_deltas; }
    /// True once the kept share has reached the target (always for methods without one).
    bool targetReached() const;
    bool isFinite() const; ///< every trained number
    /// Numbers that are trained: deltas or their factors, thresholds, the head.
    std::int64_t trainedCount() const;
    std::int64_t headCount() const { return m_head.empty() ? 0 : trainedHeadCount(m_head); }

    /// Everything needed to go on bit for bit: the live tensors ("live/..."), the optimiser's
    /// ("optimiser/..."), scalars.
    std::map<std::string, torch::Tensor> tensors() const;
    Json scalars() const;
    void restore(const std::map<std::string, torch::Tensor>& tensors, const Json& scalars);

private:
    std::vector<TrainedParameter> makeParameters(const RunConfig& config) const;
    std::vector<torch::Tensor> shaped(const torch::Tensor& numbers) const; ///< as the trained parameters
    LearnerPoint pointOf(const std::vector<torch::Tensor>& values, std::int64_t keep) const;
    LossValue lossOf(const StepBatch& part, const LabelSums& sums, const DeltaPoint& live) const;

    RunConfig m_config;
    std::shared_ptr<const Model> m_model;
    DeltaSet m_deltas;
    MagneticHead m_head;
    std::vector<TrainedParameter> m_parameters;
    std::unique_ptr<Optimiser> m_optimiser;
    std::int64_t m_parameterCount = 0; ///< of the whole model
    std::int64_t m_keep = 0;
};

/// The head of this kind within tensors saved by Learner::tensors(); empty if there is none.
MagneticHead headFromState(const std::string& kind, const std::map<std::string, torch::Tensor>& tensors);

} // namespace lodestone
