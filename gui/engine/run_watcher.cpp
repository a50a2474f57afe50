#include "engine/run_watcher.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtCore/QDateTime>
#include <limits>

namespace lodestone::gui {

namespace {

constexpr int pollInterval = 100; // ms
// ms between two redrawings of what grows from step to step: with 200 steps a second every tenth of a second
// took 39 % of a core. A change of state and an evaluation are told at once.
constexpr int publishInterval = 500;
constexpr int restingInterval = 1000;       // ms, once a run has ended (it may be resumed)
constexpr std::size_t batchBytes = 1 << 20; // applied in one go in the GUI thread: a few milliseconds

double number(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

std::string text(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Drops every second element, the newest kept, and the one at `keep`.
template<class T>
void thin(std::vector<T>& values, std::size_t limit,
          std::size_t keep = std::numeric_limits<std::size_t>::max())
{
    if (values.size() <= limit)
        return;
    const std::size_t odd = (values.size() - 1) % 2;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % 2 != odd && i != keep)
            continue;
        if (kept != i) // moving onto itself would empty it
            values[kept] = std::move(values[i]);
        ++kept;
    }
    values.resize(kept);
}

template<class T>
void dropAfter(std::vector<T>& values, double step)
{
    while (!values.empty() && values.back().step > step)
        values.pop_back();
}

/// What came after the step that a run goes on from did not happen.
void dropUndone(RunHistory& history, const Json& event)
{
    const double from = number(event, "step");
    if (!(from >= 0))
        return;
    dropAfter(history.steps, from);
    dropAfter(history.evaluations, from);
    dropAfter(history.sparsity, from);
}

void applyStarted(RunHistory& history, const Json& event)
{
    history.started = event;
    history.state = "running";
    history.endReason.clear();
    history.totalSteps = number(event, "steps");
    dropUndone(history, event); // a resumed run goes on from a checkpoint
}

void applyStep(RunHistory& history, const Json& event)
{
    static const Json none = Json::object();
    const auto found = event.find("loss");
    const Json& loss = found != event.end() && found->is_object() ? *found : none;
    RunHistory::Step step;
    step.step = number(event, "step");
    step.epoch = number(event, "epoch");
    step.seconds = number(event, "seconds");
    step.loss = number(loss, "total");
    step.lossEnergy = number(loss, "energy");
    step.lossForces = number(loss, "forces");
    step.lossStress = number(loss, "stress");
    step.lossMoments = number(loss, "moments");
    step.lossMagneticForces = number(loss, "magnetic_forces");
    step.learningRate = number(event, "learning_rate");
    step.gradientNorm = number(event, "gradient_norm");
    step.threshold = number(event, "threshold");
    step.changedOfModel = number(event, "changed_of_model");
    step.changedOfEligible = number(event, "changed_of_eligible");
    history.steps.push_back(step);
    thin(history.steps, RunHistory::maxSteps);
    history.eta = number(event, "eta");
    history.atomsPerSecond = number(event, "atoms_per_second");
}

void applyEvaluation(RunHistory& history, const Json& event)
{
    RunHistory::Evaluation evaluation;
    evaluation.step = number(event, "step");
    evaluation.epoch = number(event, "epoch");
    evaluation.seconds = number(event, "seconds");
    evaluation.best = event.value("best", false);
    if (const auto splits = event.find("splits"); splits != event.end() && splits->is_object())
        for (const auto& [name, split] : splits->items()) {
            if (split.contains("base") && split["base"].is_object())
                evaluation.base[name] = metricsFromJson(split["base"]);
            if (split.contains("tuned") && split["tuned"].is_object())
                evaluation.tuned[name] = metricsFromJson(split["tuned"]);
        }
    history.evaluations.push_back(std::move(evaluation));
    std::size_t best = history.evaluations.size() - 1;
    while (best > 0 && !history.evaluations[best].best)
        --best; // the last one that was the best so far
    thin(history.evaluations, RunHistory::maxEvaluations, best);
}

void applySparsity(RunHistory& history, const Json& event)
{
    RunHistory::Sparsity sparsity;
    sparsity.step = number(event, "step");
    sparsity.epoch = number(event, "epoch");
    if (const auto record = event.find("record"); record != event.end())
        sparsity.record = sparsityRecordFromJson(*record);
    if (const auto layers = event.find("layers"); layers != event.end() && layers->is_array())
        for (const Json& cell : *layers)
            sparsity.layers.push_back({cell.value("layer", -1), cell.value("l", 0),
                                       cell.value("eligible", std::int64_t{0}),
                                       cell.value("changed", std::int64_t{0})});
    history.sparsity.push_back(std::move(sparsity));
    thin(history.sparsity, RunHistory::maxSparsity);
}

void addMessage(RunHistory& history, double time, std::string level, std::string sentence)
{
    if (history.messages.size() >= RunHistory::maxMessages)
        history.messages.erase(history.messages.begin(),
                               history.messages.begin() + RunHistory::maxMessages / 10);
    history.messages.push_back({time, std::move(level), std::move(sentence)});
}

bool same(const std::optional<JobRecord>& a, const std::optional<JobRecord>& b)
{
    return a.has_value() == b.has_value() &&
           (!a || (a->id == b->id && a->name == b->name && a->state == b->state && a->reason == b->reason &&
                   a->observed == b->observed));
}

} // namespace

void apply(RunHistory& history, const Json& event)
{
    if (!event.is_object())
        return;
    const std::string kind = text(event, "kind");
    if (const double time = number(event, "time"); time > 0)
        history.lastEvent = time;
    if (kind == "started") {
        applyStarted(history, event);
    } else if (kind == "step") {
        applyStep(history, event);
    } else if (kind == "evaluation") {
        applyEvaluation(history, event);
    } else if (kind == "sparsity") {
        applySparsity(history, event);
    } else if (kind == "message") {
        addMessage(history, number(event, "time"), text(event, "level"), text(event, "text"));
    } else if (kind == "rolled_back") {
        dropUndone(history, event);
    } else if (kind == "paused") {
        history.state = "paused";
    } else if (kind == "resumed") {
        history.state = "running";
    } else if (kind == "finished" || kind == "stopped" || kind == "failed") {
        history.state = kind;
        history.endReason = text(event, "reason");
        history.eta = 0;
        if (kind == "failed")
            addMessage(history, number(event, "time"), "error", history.endReason);
    }
}

RunWatcher::RunWatcher(RunPaths paths, QObject* parent)
    : QObject(parent),
      m_paths(std::move(paths)),
      m_reader(m_paths.events())
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RunWatcher::poll);
    connect(&m_worker, &QFutureWatcherBase::finished, this, [this] { take(*m_worker.result()); });
    m_sincePublished.start();
    m_timer.start(0);
}

RunWatcher::~RunWatcher()
{
    m_worker.disconnect(this);
    m_worker.waitForFinished();
}

void RunWatcher::poll()
{
    m_worker.setFuture(QtConcurrent::run([reader = &m_reader, paths = m_paths] {
        const auto made = std::make_shared<News>();
        News& news = *made;
        const auto alive = [&paths] {
            const auto holder = RunLock::holder(paths);
            return holder && holder->alive;
        };
        try {
            std::error_code none;
            const std::uintmax_t size = std::filesystem::file_size(paths.events(), none);
            news.caughtUp = none || size <= reader->offset() + batchBytes;
            // Asked before and after: an engine seen neither time wrote nothing in between.
            const bool before = alive();
            news.batch = reader->poll(batchBytes);
            news.engineAlive = before || alive();
        } catch (const std::exception& error) {
            news.error = QString::fromUtf8(error.what());
            news.caughtUp = true; // asked again in a while, not at once and for ever
        }
        try {
            news.job = readJobRecord(paths);
        } catch (const std::exception& error) {
            news.jobError = QString::fromUtf8(error.what());
        }
        return std::shared_ptr<const News>(made);
    }));
}

void RunWatcher::take(const News& news)
{
    // The next part of a long past is read while this one is taken in.
    if (!news.caughtUp)
        poll();
    // A job.json that cannot be read costs what it says, not the run's own events.
    const QString error = news.error.isEmpty() ? news.jobError : news.error;
    if (error != m_lastError) {
        m_lastError = error;
        if (!error.isEmpty())
            Q_EMIT problem(error);
    }
    const std::string before = m_history.state;
    const bool otherJob = !same(m_history.job, news.job);
    if (news.batch.restarted) {
        m_history = {};
        m_eventState = m_history.state;
    }
    m_history.job = news.job;
    m_history.state = m_eventState;
    const std::size_t evaluations = m_history.evaluations.size();
    for (const Json& event : news.batch.events) {
        try {
            apply(m_history, event);
        } catch (const std::exception&) {
            // An event that does not keep to the contract costs that event, not the run's history.
        }
    }
    m_eventState = m_history.state;
    const bool ended = m_eventState == "finished" || m_eventState == "stopped" || m_eventState == "failed";
    if (!news.caughtUp || !news.error.isEmpty())
        m_history.state = before; // the past of a long run is not news
    else // an engine that has told its end still holds the lock for a moment; before its first event it reads
         // the model
        m_history.state = stateWithJob(m_eventState, news.engineAlive && !ended, m_history.lastEvent,
                                       m_history.job, double(QDateTime::currentMSecsSinceEpoch()) / 1000);

    const bool turned = m_history.state != before;
    const bool evaluated = news.caughtUp && m_history.evaluations.size() != evaluations;
    m_unpublished = m_unpublished || turned || otherJob || !news.batch.events.empty() || news.batch.restarted;
    if (m_unpublished && (turned || otherJob || evaluated || m_sincePublished.elapsed() >= publishInterval)) {
        m_unpublished = false;
        m_sincePublished.restart();
        Q_EMIT updated();
    }
    if (otherJob)
        Q_EMIT jobFound();
    if (turned)
        Q_EMIT stateChanged(QString::fromStdString(m_history.state));
    const bool resting =
        !m_unpublished && (ended || m_history.state == "interrupted" || m_history.state == "queued");
    if (news.caughtUp)
        m_timer.start(resting ? restingInterval : pollInterval);
}

void RunWatcher::command(const char* name)
{
    try {
        sendControl(m_paths, name);
    } catch (const std::exception& error) {
        Q_EMIT problem(QString::fromUtf8(error.what()));
    }
}

void RunWatcher::pause()
{
    command("pause");
}

void RunWatcher::resume()
{
    command("resume");
}

void RunWatcher::stop()
{
    command("stop");
}

} // namespace lodestone::gui
