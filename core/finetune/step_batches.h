#pragma once
#include "finetune/batch_feeder.h"
#include "finetune/run_data.h"
#include "models/model.h"

#include <map>

namespace lodestone {

/// The training frames as the batches of steps, and the share of each that one of several processes computes.
/// A batch depends on configuration, data and epoch alone, never on the number of processes.
class StepBatches {
public:
    /// References are kept.
    StepBatches(const RunConfig& config, const RunSplit& training, const Computation& how, int processes = 1);

    using Groups = EdgeBudget::Groups;
    Groups ofEpoch(int epoch) const; ///< frames of each step
    /// The frames of each process, balanced by edges.
    Groups shares(const std::vector<std::size_t>& batch) const;
    /// Graphs and labels of these parts on the device; shift: as FrameGraphs::labels().
    FedBatch make(const Groups& parts, const std::map<int, double>& shift) const;
    /// What frozen layers give, where it is kept. In the thread that computes.
    void addFrozen(FedBatch& batch) const;
    SizedFrames sized() const { return m_training.graphs->sized(); }

private:
    const RunConfig& m_config;
    const RunSplit& m_training;
    const Computation& m_how;
    Quantities m_quantities;
    int m_processes;
};

} // namespace lodestone
