#pragma once
#include "base/json.h"
#include "finetune/rank_tensors.h"
#include "finetune/rank_work.h"
#include "finetune/run_inputs.h"

#include <functional>
#include <map>

namespace lodestone {

/// Process 0 of a run in several processes. It alone knows of files, epochs, optimiser and events; the others
/// (rank_worker.h) wait for its orders and compute their shares at the numbers that it sends. So no two
/// processes can come to different states, and a run goes on with any other number of them.
///
/// An order is a line of JSON, for some followed by numbers; then all call the same function of rank_work.h.
/// Exchanged in a step: the trained numbers, once to all, and their gradient, summed; nothing grows with
/// model or batch.
class RankLeader {
public:
    explicit RankLeader(Ranks& ranks) : m_ranks(ranks) {}
    /// Orders the end, if the others can still be told.
    ~RankLeader();
    RankLeader(const RankLeader&) = delete;
    RankLeader& operator=(const RankLeader&) = delete;

    Ranks& ranks() const { return m_ranks; }

    /// All load model and data, the leader by `load` into `inputs`, and choose how numbers travel. Error if a
    /// process cannot, or has read something else.
    void begin(const Json& configuration, const RunInputs& inputs, const std::function<void()>& load);
    SurveySums survey(const FrameGraphs& graphs,
                      const std::function<SurveySums(const std::vector<std::size_t>&)>& own);
    /// The leader makes what is replayed; the others mix it in as well and make their learners: with this
    /// head, corrections of the reference energies, frozen layers (0: none).
    void start(const MagneticHead& head, const std::map<int, double>& shift, int frozenLayers,
               const std::function<const std::vector<Frame>&()>& replay);

    struct StepPlace {
        int epoch = 0;
        std::int64_t stepInEpoch = 0;
        std::int64_t number = 0; ///< of the whole run, from 1
        std::size_t edges = 0;   ///< at once
    };
    /// At the learner's live point. parts: the leader's own share.
    Learner::Step step(const Learner& learner, const StepPlace& place,
                       const std::function<const std::vector<StepBatch>&()>& parts);
    /// A whole split of the run, by its name; point null: of the unchanged model.
    SplitPrediction predict(const std::string& split, const FrameGraphs& graphs, const Learner& learner,
                            const LearnerPoint* point,
                            const std::function<SplitPrediction(const std::vector<std::size_t>&)>& own);

private:
    void order(const char* kind, Json fields = Json::object());

    Ranks& m_ranks;
    std::unique_ptr<RankTensors> m_tensors;
};

/// What processes of one run must have in common.
std::string fingerprintOf(const RunInputs& inputs);

} // namespace lodestone
