#include "finetune/training_run.h"
#include "base/files.h"

#include <cmath>
#include <spdlog/spdlog.h>
#include <thread>
#include <torch/torch.h>

namespace lodestone {
TrainingRun::TrainingRun(RunConfig config, RunPaths paths, RunLock& lock, RunLog& log, RunStop stop,
                         std::function<void(const RunProgress&)> progress, RankLeader* leader)
    : m_config(std::move(config)),
      m_paths(std::move(paths)),
      m_lock(lock),
      m_log(log),
      m_stop(std::move(stop)),
      m_progress(std::move(progress)),
      m_control(m_paths),
      m_leader(leader)
{
}

TrainingRun::~TrainingRun()
{
    if (m_leader)
        m_leader->ranks().setPoll({});
}

RunOutcome TrainingRun::execute(bool resume)
{
    if (m_leader)
        m_leader->ranks().setPoll([this] { poll(); });
    const auto stopped = [this] {
        writeCheckpoint(false);
        m_log.write("stopped", endFields("stopped by the user"));
        return RunOutcome::Stopped;
    };
    prepare(resume);
    announce(resume);
    if (!resume) {
        const LearnerPoint start = m_learner->evaluationPoint();
        const Judgement judgement = judge({&m_inputs.data.validation}, start);
        if (judgement.loss && std::isfinite(*judgement.loss))
            m_position.losses.startValidation = judgement.loss;
        writeEvaluation(judgement, false);
        writeSparsity(start);
        writeCheckpoint(false); // after them: a resumed run does not evaluate its start once more
    }
    while (!done())
        try {
            keepEpochStart();
            if (!trainEpoch())
                return stopped();
            endEpoch();
        } catch (const Diverged& trouble) {
            rollBack(trouble.what());
        }
    writeResult();
    m_log.write("finished",
                endFields(m_position.epoch < m_config.epochs
                              ? fmt::format("no improvement for {} epochs", m_config.earlyStopping)
                              : "all epochs done"));
    return RunOutcome::Finished;
}

bool TrainingRun::done() const
{
    const bool enough = m_config.earlyStopping > 0 && m_position.stepInEpoch == 0 &&
                        m_position.epochsSinceBest >= m_config.earlyStopping;
    return enough || m_position.epoch >= m_config.epochs;
}

Json TrainingRun::endFields(const std::string& reason) const
{
    std::error_code unreachable; // the folder may be what the run failed on
    const bool checkpoint = std::filesystem::exists(m_paths.lastCheckpoint(), unreachable);
    return {{"reason", reason},
            {"last_checkpoint", checkpoint ? Json("checkpoints/last.h5") : Json()},
            {"step", m_position.step},
            {"seconds", m_clock.seconds()}};
}

bool TrainingRun::trainEpoch()
{
    const auto batches = m_batches->ofEpoch(m_position.epoch);
    const auto count = static_cast<std::int64_t>(batches.size());
    BatchFeeder feeder(static_cast<std::size_t>(m_position.stepInEpoch), batches.size(),
                       [this, &batches, shift = m_position.shift](std::size_t i) {
                           try {
                               return m_batches->make(ownParts(batches[i]), shift);
                           } catch (const std::exception& e) {
                               if (!saysOutOfMemory(e))
                                   throw;
                               return FedBatch(); // beside a step there is no room: made when it is over
                           }
                       });
    while (m_position.stepInEpoch < count) {
        poll();
        if (obeyCommands() == Next::Stop)
            return false;
        trainStep(batches[static_cast<std::size_t>(m_position.stepInEpoch)], feeder.take(),
                  m_position.stepInEpoch + 1 == count);
        if (m_clock.seconds() - m_lastCheckpoint >= m_config.checkpointEverySeconds)
            writeCheckpoint(false);
    }
    return true;
}

EdgeBudget::Groups TrainingRun::ownParts(const std::vector<std::size_t>& batch) const
{
    return m_budget->parts(m_batches->shares(batch).front(), m_batches->sized());
}

void TrainingRun::trainStep(const std::vector<std::size_t>& batch, FedBatch fed, bool lastOfEpoch)
{
    const double progress = static_cast<double>(m_position.step + 1) / static_cast<double>(m_steps);
    const double before = m_clock.seconds();
    m_learner->setSchedule(scheduleFactor(progress) * m_position.rateFactor);
    Learner::Step step;
    m_budget->runShares(
        m_batches->shares(batch), m_batches->sized(), [&](const std::vector<EdgeBudget::Groups>& shares) {
            const auto parts = [&]() -> const std::vector<StepBatch>& {
                if (fed.frames != shares.front()) { // made before memory ran out
                    fed = {};
                    fed = m_batches->make(shares.front(), m_position.shift);
                }
                m_batches->addFrozen(fed);
                return fed.parts;
            };
            if (!m_leader) {
                step = m_learner->differentiate(parts(), progress, m_position.step + 1);
                return;
            }
            m_learner->setProgress(progress);
            step = m_leader->step(
                *m_learner,
                {m_position.epoch, m_position.stepInEpoch, m_position.step + 1, m_budget->edges()}, parts);
        });
    if (step.loss.total.defined())
        watchLoss(step.loss.total.item<double>());
    m_learner->apply(step, m_position.step + 1);
    m_stepSeconds = m_clock.seconds() - before;
    ++m_position.step;
    ++m_position.stepInEpoch;
    reportStep(step, batch, lastOfEpoch);
}

double TrainingRun::scheduleFactor(double progress) const
{
    const OptimiserConfig& optimiser = m_config.optimiser;
    if (optimiser.schedule == "cosine")
        return cosineFactor(progress, optimiser.finalRate);
    return m_position.plateauFactor;
}

void TrainingRun::lowerOnPlateau()
{
    const OptimiserConfig& optimiser = m_config.optimiser;
    const int since = m_position.epochsSinceBest;
    if (optimiser.schedule != "plateau" || since == 0 || since % optimiser.plateauEpochs != 0)
        return;
    const double lower = std::max(optimiser.finalRate, m_position.plateauFactor / 2);
    if (lower == m_position.plateauFactor)
        return;
    m_position.plateauFactor = lower;
    m_log.message("info", fmt::format("No better validation error for {} epochs: the learning rate goes down "
                                      "to {:.3g}.",
                                      since, optimiser.learningRate * lower));
}

void TrainingRun::endEpoch()
{
    reportProgress(0, "validation");
    const LearnerPoint point = m_learner->evaluationPoint();
    const Judgement judgement = judge({&m_inputs.data.validation}, point);
    watchValidation(judgement.loss);
    ++m_position.epoch;
    m_position.stepInEpoch = 0;
    bool best = false;
    if (m_learner->targetReached()) {
        // Without validation frames the newest state is as good as any.
        best = !judgement.loss || !m_position.bestLoss || *judgement.loss < *m_position.bestLoss;
        m_position.epochsSinceBest = best ? 0 : m_position.epochsSinceBest + 1;
        lowerOnPlateau();
        if (best) {
            m_position.bestLoss = judgement.loss;
            m_position.bestEpoch = m_position.epoch;
            m_position.bestStep = m_position.step;
        }
    }
    writeEvaluation(judgement, best);
    writeSparsity(point);
    if (best) {
        writeCheckpoint(true);
        // A run that is stopped later leaves its best so far to look at and to export.
        writeDeltaFile(point);
    }
    if (done())
        writeCheckpoint(false);
}

void TrainingRun::poll() const
{
    if (m_stop.now.stop_requested())
        throw Stopped();
    m_lock.beat();
}

std::optional<std::string> TrainingRun::nextCommand()
{
    // Several may have arrived in one long step: each is taken once, by whoever waits for commands then.
    for (std::string& command : m_control.poll())
        m_commands.push_back(std::move(command));
    if (m_commands.empty())
        return std::nullopt;
    std::string first = std::move(m_commands.front());
    m_commands.pop_front();
    return first;
}

TrainingRun::Next TrainingRun::obeyCommands()
{
    if (m_stop.gentle.stop_requested())
        return Next::Stop;
    while (const std::optional<std::string> next = nextCommand()) {
        const std::string& command = *next;
        spdlog::info("command: {}", command);
        if (command == "stop")
            return Next::Stop;
        if (command == "pause" && pause() == Next::Stop)
            return Next::Stop;
        if (command == "checkpoint")
            writeCheckpoint(false);
        if (command == "evaluate")
            writeEvaluation(
                judge({&m_inputs.data.validation, &m_inputs.data.test}, m_learner->evaluationPoint()), false);
    }
    return Next::GoOn;
}

TrainingRun::Next TrainingRun::pause()
{
    const auto start = std::chrono::steady_clock::now();
    m_log.write("paused", {{"step", m_position.step}});
    // A paused run may be killed with the machine: nothing is to be lost.
    writeCheckpoint(false);
    const auto wait = [&] {
        while (true) {
            poll();
            if (m_stop.gentle.stop_requested())
                return Next::Stop;
            while (const std::optional<std::string> command = nextCommand()) {
                if (*command == "stop")
                    return Next::Stop;
                if (*command == "resume")
                    return Next::GoOn;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    };
    const Next next = wait();
    m_clock.leaveOut(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    if (next == Next::GoOn)
        m_log.write("resumed", {{"step", m_position.step}});
    return next;
}

double TrainingRun::secondsLeft() const
{
    const std::int64_t done = m_position.step - m_startStep;
    return done > 0 ? m_clock.sinceStart() / static_cast<double>(done) *
                          static_cast<double>(m_steps - m_position.step)
                    : 0;
}

void TrainingRun::reportStep(const Learner::Step& step, const std::vector<std::size_t>& batch, bool force)
{
    const double now = m_clock.seconds();
    if (step.loss.total.defined())
        reportProgress(step.loss.total.item<double>(), "");
    if (!m_stepEvents.due(now) && !force)
        return;
    const LearnerPoint point = m_learner->evaluationPoint();
    const SparsityRecord record = m_learner->deltas().record(point.delta);
    std::int64_t atoms = 0, edges = 0;
    for (const std::size_t frame : batch) {
        atoms += static_cast<std::int64_t>(m_inputs.data.training.graphs->frame(frame).structure.size());
        edges += m_inputs.data.training.graphs->edges(frame);
    }
    double threshold = 0;
    for (const TensorChange& change : record.tensors)
        threshold += change.threshold / static_cast<double>(record.tensors.size());
    m_log.write("step", {{"step", m_position.step},
                         {"epoch", m_position.epoch},
                         {"loss", step.loss.toJson()},
                         {"learning_rate", step.learningRate},
                         {"gradient_norm", step.gradientNorm},
                         {"threshold", threshold},
                         {"changed_of_model", record.changedOfModel()},
                         {"changed_of_eligible", record.changedOfEligible()},
                         {"atoms_per_second", static_cast<double>(atoms) / m_stepSeconds},
                         {"edges_per_second", static_cast<double>(edges) / m_stepSeconds},
                         {"seconds", now},
                         {"eta", secondsLeft()}});
    if (m_sparsityEvents.due(now) && !force)
        writeSparsity(point);
}

void TrainingRun::reportProgress(double loss, const std::string& note)
{
    if (!m_progress || (note.empty() && !m_progressCalls.due(m_clock.seconds())))
        return;
    m_progress({m_position.step, m_steps, m_position.epoch, m_config.epochs, loss, secondsLeft(), note});
}

} // namespace lodestone
