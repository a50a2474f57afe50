#pragma once
#include "base/progress.h"
#include "finetune/base_frames.h"
#include "finetune/evaluation.h"
#include "finetune/run_data.h"
#include "weights/delta_file.h"

#include <set>

namespace lodestone {

/// A run opened again: its configuration, model, frames and delta, ready to be evaluated as the run evaluated
/// itself (same splits, same dtype, same means of moments). For one thread.
class RunEvaluation {
public:
    struct Settings {
        torch::Device device = torch::kCPU;
        bool radialTables = true;
        /// Structure files that stand in for the run's validation frames; empty: the run's own.
        std::vector<std::filesystem::path> data;
    };
    /// Error if it is no run, has no delta yet, or its model is not the one it started from.
    RunEvaluation(const std::filesystem::path& run, const Settings& settings, const Watch& watch);

    const RunConfig& config() const { return m_config; }
    const ModelDescription& description() const { return m_model.description(); }
    const LoadedModel& model() const { return m_model; }
    const DeltaFile& delta() const { return m_delta; }
    const RunData& data() const { return m_data; }

    struct Errors {
        Metrics metrics;
        double loss = 0; ///< the run's own loss over the split
    };
    /// Of the unchanged model with the run's reference energies; moments: the mean |m| of each element in the
    /// training frames.
    Errors base(const RunSplit& split, const Watch& watch) const;
    /// Of the tuned model, with the delta of the tensors in `off` left out.
    Errors tuned(const RunSplit& split, const std::set<std::string>& off, const Watch& watch) const;

    /// Atomic numbers in the training frames, those that the run replays included.
    std::set<int> trainedElements(const Watch& watch) const;

    /// Of the tuned model against the base model, as the run measured it (configuration, forgetting_frames);
    /// nothing where it did not.
    std::optional<Forgetting> forgetting(const Watch& watch) const;

private:
    Evaluator evaluator(const Watch& watch) const;
    ParameterTable tunedTable(const std::set<std::string>& off) const;
    Errors errorsOf(const RunSplit& split, const SplitPrediction& prediction) const;
    SplitPrediction predicted(const RunSplit& split, const ParameterTable& table, const MagneticHead* head,
                              const Watch& watch) const;

    RunConfig m_config;
    LoadedModel m_model;
    DeltaFile m_delta;
    RunData m_data;
    Quantities m_quantities;
    Computation m_how;
    std::unique_ptr<EdgeBudget> m_budget;
    ParameterTable m_base; ///< on the device
    MagneticHead m_head;
    std::vector<double> m_momentMeans;
};

/// W - W0 of one tensor, [count] flat.
std::vector<double> denseDelta(const DeltaFile::Tensor& tensor, std::int64_t count);

} // namespace lodestone
