#pragma once
#include "blocks/sparsity.h"
#include "run/metrics.h"
#include "run/run_directory.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFutureWatcher>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <memory>
#include <optional>
#include <vector>

namespace lodestone::gui {

/// Everything that the events of one run tell, as plain data; the pages draw from it.
struct RunHistory {
    static constexpr std::size_t maxSteps = 20000, maxEvaluations = 4000, maxSparsity = 500,
                                 maxMessages = 1000;
    struct Step {
        double step = 0, epoch = 0, seconds = 0;
        double loss = 0, lossEnergy = 0, lossForces = 0, lossStress = 0, lossMoments = 0,
               lossMagneticForces = 0; ///< NaN where not in use
        double learningRate = 0, gradientNorm = 0, threshold = 0, changedOfModel = 0, changedOfEligible = 0;
    };
    struct Evaluation {
        double step = 0, epoch = 0, seconds = 0;
        bool best = false;
        std::map<std::string, Metrics> base, tuned; ///< by split
    };
    struct Sparsity {
        double step = 0, epoch = 0;
        SparsityRecord record;
        std::vector<LayerLCell> layers;
    };
    struct Message {
        double time = 0;
        std::string level, text;
    };
    Json started;            ///< the last `started` event; null before it
    std::vector<Step> steps; ///< thinned to at most 20,000 points (every second one dropped when full)
    std::vector<Evaluation> evaluations; ///< thinned to at most 4,000; the newest and the best are kept
    std::vector<Sparsity> sparsity;      ///< thinned to at most 500
    std::vector<Message> messages;       ///< the last 1,000
    std::string state = "empty";         ///< as RunSummary::state
    std::string endReason;
    double eta = 0, atomsPerSecond = 0, totalSteps = 0;
    double lastEvent = 0;         ///< Unix seconds
    std::optional<JobRecord> job; ///< of a scheduler that owns the run
};
/// Adds one event; unknown kinds are ignored, missing fields leave NaN (numbers) or nothing.
void apply(RunHistory& history, const Json& event);

/// Follows one run directory: reads new events in a worker thread, publishes at most twice a second,
/// and at once where the state changes or an evaluation came.
class RunWatcher : public QObject {
    Q_OBJECT
public:
    explicit RunWatcher(RunPaths paths, QObject* parent = nullptr);
    ~RunWatcher() override;
    const RunPaths& paths() const { return m_paths; }
    const RunHistory& history() const { return m_history; }
    /// An engine holds the run's lock, or a step event came and no end event: closing the desktop leaves it
    /// going.
    bool active() const { return m_history.state == "running" || m_history.state == "paused"; }
    /// A scheduler's job is to start the engine, or has started it and nothing of it is to be seen yet.
    bool waiting() const { return m_history.state == "queued" || m_history.state == "starting"; }
    void pause();
    void resume();
    void stop();

Q_SIGNALS:
    void updated();                          ///< history() has more
    void stateChanged(const QString& state); ///< as RunSummary::state
    void jobFound();                         ///< history().job is another, or says something new
    void problem(const QString& sentence);   ///< the folder cannot be read or written

private:
    struct News {
        EventReader::Batch batch;
        bool caughtUp = true; ///< nothing older is left unread
        bool engineAlive = false;
        std::optional<JobRecord> job;
        QString error, jobError;
    };
    void poll();
    void take(const News& news);
    void command(const char* name);

    RunPaths m_paths;
    RunHistory m_history;
    std::string m_eventState = "empty"; ///< what the events alone say
    QTimer m_timer;
    QElapsedTimer m_sincePublished;
    bool m_unpublished = false;
    QString m_lastError;
    QFutureWatcher<std::shared_ptr<const News>> m_worker; ///< shared: results are copied out
    EventReader m_reader;                                 ///< only touched by the worker while it runs
};

} // namespace lodestone::gui
