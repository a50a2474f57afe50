#pragma once
#include "finetune/evaluation.h"
#include "finetune/learner.h"
#include "finetune/rank_tensors.h"

#include <functional>

namespace lodestone {

// What all processes of a run do together, each for its share, once the leader has ordered it
// (rank_leader.h). The leader gets the result; the others get an empty one. What goes wrong in any process is
// thrown by the leader after all have come to an end of it, so that the next order finds them waiting:
// Diverged, lack of memory as std::bad_alloc, any other fault as an Error that names the process.

/// What went wrong in this process; nothing at first.
class Trouble {
public:
    /// Calls `work`; remembers what it throws.
    void watch(const std::function<void()>& work);
    /// True if no process has any. Else the leader throws, the others get false.
    bool agreeOn(Ranks& ranks) const;

private:
    enum Kind { None = -1, Fault, Memory, Loss, Stop, kinds };
    Kind m_kind = None;
    std::string m_text;
    int m_exitCode = 1;
};

/// Loss and gradient of a batch of which `parts` (called here, may throw) are this process's share. The sums
/// are those of one process up to rounding.
Learner::Step stepTogether(RankTensors& tensors, const Learner& learner,
                           const std::function<const std::vector<StepBatch>&()>& parts,
                           std::int64_t stepNumber);

/// Frames in order, cut into pieces of about as many edges, one for each process; some may be empty.
std::vector<std::vector<std::size_t>> piecesByEdges(const FrameGraphs& graphs, int processes);

SplitPrediction
predictTogether(Ranks& ranks, const FrameGraphs& graphs,
                const std::function<SplitPrediction(const std::vector<std::size_t>&)>& predict);
SurveySums surveyTogether(Ranks& ranks, const FrameGraphs& graphs,
                          const std::function<SurveySums(const std::vector<std::size_t>&)>& survey);

} // namespace lodestone
