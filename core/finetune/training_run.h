#pragma once
#include "finetune/divergence.h"
#include "finetune/learner.h"
#include "finetune/rank_leader.h"
#include "finetune/run_inputs.h"
#include "finetune/run_log.h"
#include "finetune/step_batches.h"
#include "finetune/training_state.h"

#include <deque>
#include <optional>

namespace lodestone {

/// One run from its configuration to result/. Owns model, data and learner; the caller owns lock, events and
/// the conversion of exceptions to the end events.
class TrainingRun {
public:
    TrainingRun(RunConfig config, RunPaths paths, RunLock& lock, RunLog& log, RunStop stop,
                std::function<void(const RunProgress&)> progress, RankLeader* leader);
    ~TrainingRun();
    TrainingRun(const TrainingRun&) = delete;
    TrainingRun& operator=(const TrainingRun&) = delete;
    RunOutcome execute(bool resume);
    /// Fields of the events finished, stopped and failed.
    Json endFields(const std::string& reason) const;

private:
    enum class Next { GoOn, Stop };

    // Preparation (training_preparation.cpp)
    void prepare(bool resume);
    void loadInputs();
    void planSteps();
    MagneticHead startHead();
    SurveySums surveySums();
    void makeBudget();
    void keepFrozenLayers(int layers);
    void announce(bool resume);
    void warnOfTarget(); ///< where it cannot do what the configuration asks for

    // Frames of the base model (training_replay.cpp)
    void addReplay();
    Json forgetting(const LearnerPoint& point);

    // The loop (training_run.cpp)
    bool trainEpoch(); ///< false: a gentle stop was asked for
    void trainStep(const std::vector<std::size_t>& batch, FedBatch fed, bool lastOfEpoch);
    /// The parts of a batch that this process computes now.
    EdgeBudget::Groups ownParts(const std::vector<std::size_t>& batch) const;
    void endEpoch();
    double scheduleFactor(double progress) const; ///< of the learning rate, progress: 0..1 of all steps
    void lowerOnPlateau();
    bool done() const; ///< all epochs, or early stopping
    std::optional<std::string> nextCommand();
    Next obeyCommands();
    Next pause();
    void reportStep(const Learner::Step& step, const std::vector<std::size_t>& batch, bool force);
    void reportProgress(double loss, const std::string& note);
    double secondsLeft() const;
    void poll() const; ///< Stopped if the run is to end now, Error if another engine has taken it over

    // After numerical trouble (training_recovery.cpp)
    void keepEpochStart();
    void watchLoss(double loss);
    void watchValidation(std::optional<double> loss);
    /// Back to the beginning of the epoch with half the learning rate; Error if that was done too often.
    void rollBack(const std::string& trouble);

    // Looking at it (training_report.cpp)
    struct Judgement {
        Json splits;
        std::optional<double> loss; ///< on validation; none without labels there
    };
    Judgement judge(const std::vector<const RunSplit*>& splits, const LearnerPoint& point);
    const SplitPrediction& baseOf(const RunSplit& split);
    SplitPrediction tunedOn(const RunSplit& split, const LearnerPoint& point);
    /// point null: the unchanged model. By all processes, where the split is one that they have.
    SplitPrediction predict(const RunSplit& split, const LearnerPoint* point);
    void writeEvaluation(const Judgement& judgement, bool best);
    SparsityRecord writeSparsity(const LearnerPoint& point);
    void writeCheckpoint(bool best);
    void noteCheckpoint(bool best); ///< its event
    void writeDeltaFile(const LearnerPoint& point);
    void writeResult();
    Evaluator evaluator();
    TrainingState state() const;
    Json resolvedConfiguration() const;

    RunConfig m_config;
    RunPaths m_paths;
    RunLock& m_lock;
    RunLog& m_log;
    RunStop m_stop;
    std::function<void(const RunProgress&)> m_progress;
    ControlReader m_control;
    std::deque<std::string> m_commands; ///< read, not yet obeyed
    RunClock m_clock{0};
    Throttle m_stepEvents{0.1}, m_sparsityEvents{2}, m_progressCalls{0.1};

    RankLeader* m_leader; ///< null: this process alone
    RunInputs m_inputs;
    std::vector<Frame> m_replay; ///< labelled; the training graphs point into it
    std::unique_ptr<StepBatches> m_batches;
    std::unique_ptr<EdgeBudget> m_budget; ///< lower than the configuration's once memory has run out
    std::unique_ptr<Learner> m_learner;
    TrainingPosition m_position;
    std::optional<LearnerState> m_epochStart;      ///< of the epoch that is being trained
    std::vector<double> m_momentMeans;             ///< per element of the model, training frames
    std::map<std::string, SplitPrediction> m_base; ///< of the unchanged model, by split
    std::int64_t m_steps = 0;                      ///< of the whole run
    std::int64_t m_firstEpochSteps = 0;
    std::int64_t m_startStep = 0; ///< where this process began
    double m_stepSeconds = 0;     ///< of the newest step
    double m_lastCheckpoint = 0;  ///< on the clock
    Json m_provenance;
};

} // namespace lodestone
