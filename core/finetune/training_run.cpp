#include "finetune/training_run.h"
#include "base/files.h"

#include <cmath>
#include <spdlog/spdlog.h>
#include <thread>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Memory for what frozen layers give for the frames of a split.
constexpr std::size_t frozenStateBytes = std::size_t{2} << 30;

} // namespace

TrainingRun::TrainingRun(RunConfig config, RunPaths paths, RunLock& lock, RunLog& log, RunStop stop,
                         std::function<void(const RunProgress&)> progress)
    : m_config(std::move(config)),
      m_paths(std::move(paths)),
      m_lock(lock),
      m_log(log),
      m_stop(std::move(stop)),
      m_progress(std::move(progress)),
      m_control(m_paths)
{
}

RunOutcome TrainingRun::execute(bool resume)
{
    const auto stopped = [this] {
        writeCheckpoint(false);
        m_log.write("stopped", endFields("stopped by the user"));
        return RunOutcome::Stopped;
    };
    prepare(resume);
    announce(resume);
    if (!resume) {
        const LearnerPoint start = m_learner->evaluationPoint();
        const Judgement judgement = judge({&m_data.validation}, start);
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

void TrainingRun::prepare(bool resume)
{
    m_how.device = resolveDevice(m_config.device);
    m_how.dtype = resolveDtype(m_config.dtype);
    m_how.radialTables = m_config.radialTables;
    m_quantities = quantitiesOf(m_config.targets);
    if (const auto problem = headProblem(m_config))
        throw Error(*problem + ".");
    m_model = openModel(m_config.model, {m_config.head});
    requireComputable(m_model.description());
    reportProgress(0, "reading data");
    m_data = loadRunData(m_config, m_model.description(), m_how.dtype, {m_stop.now, {}});
    m_how.work.pairs = elementPairs(m_data);
    m_momentMeans = meanMoments(*m_data.training.graphs, m_model.description().elements);
    m_provenance = provenanceOf(m_model.description().sha256, m_data.sha256, m_how.device);

    const std::vector<bool> selected = selectedTensors(m_config, m_model.description());
    std::optional<TrainingState> saved;
    if (resume) {
        saved = readTrainingState(m_paths.lastCheckpoint());
        checkResumable(*saved, state());
        m_position = saved->now.position;
        m_epochStart = saved->epochStart;
    }
    makeBudget();
    MagneticHead head = saved ? headFromState(m_config.magneticHead, saved->now.tensors) : startHead();
    addReplay(); // needs the corrections of the reference energies that startHead() finds
    m_learner = std::make_unique<Learner>(m_config, m_model, selected, std::move(head), m_how,
                                          elementsOf(m_data.training, true));
    if (saved) {
        m_learner->restore(saved->now.tensors, saved->now.scalars);
        // The checkpoint's own event, the last that stays, is written anew: the engine may have ended before
        // it was, or could not write it and then said in its place that the run failed.
        m_log.events().rewind(m_position.nextSequence - 1);
        noteCheckpoint(false);
    }
    planSteps();
    keepFrozenLayers(selected);
    m_clock = RunClock(m_position.seconds);
    m_lastCheckpoint = m_clock.seconds();
    m_startStep = m_position.step;
}

MagneticHead TrainingRun::startHead()
{
    const bool withHead = m_config.magneticHead != "none";
    if (!m_quantities.energy && !withHead)
        return {};
    reportProgress(0, "reference energies");
    const ParameterTable table = preparedTable(m_model, m_how);
    const FrameGraphs& graphs = *m_data.training.graphs;
    const TrainingSurvey survey = surveyTraining(evaluator(), table, graphs);
    MagneticHead head;
    if (withHead)
        head = initialHead(m_config.magneticHead, survey.head, m_model.description().cutoff,
                           m_config.seed + 1, m_how.device, m_how.dtype);
    if (m_quantities.energy) {
        ReferenceShift references = referenceShift(m_config, m_model, *m_data.training.graphs, survey.energy);
        m_position.shift = references.shift;
        m_data.messages.insert(m_data.messages.end(), references.messages.begin(), references.messages.end());
    }
    return head;
}

void TrainingRun::planSteps()
{
    m_steps = 0;
    for (int epoch = 0; epoch < m_config.epochs; ++epoch) {
        const auto count = static_cast<std::int64_t>(batchesOf(epoch).size());
        m_steps += count;
        if (epoch == 0)
            m_firstEpochSteps = count;
    }
}

std::vector<std::vector<std::size_t>> TrainingRun::batchesOf(int epoch) const
{
    return packByEdges(epochOrder(m_data.training.size(), m_config.seed, epoch),
                       m_data.training.graphs->sized(), m_config.maxEdges, m_config.maxFrames);
}

void TrainingRun::makeBudget()
{
    const std::size_t edges = m_position.edgesAtOnce.value_or(m_config.maxEdges);
    m_budget = std::make_unique<EdgeBudget>(edges, [this](const std::string& sentence) {
        m_position.edgesAtOnce = m_budget->edges();
        for (RunSplit* split : {&m_data.training, &m_data.validation})
            if (split->frozen)
                split->frozen->giveUp();
        m_log.message("warning", sentence);
    });
}

void TrainingRun::keepFrozenLayers(const std::vector<bool>& selected)
{
    const int layers = frozenLayers(m_model.description(), selected);
    if (layers == 0 || m_quantities.forces || m_quantities.stress || m_position.edgesAtOnce)
        return; // the last: a run that has run out of memory before goes on without
    reportProgress(0, "frozen layers");
    for (RunSplit* split : {&m_data.training, &m_data.validation})
        split->frozen =
            FrozenStates::make({m_model.model.get(), m_learner->table(m_learner->evaluationPoint()),
                                m_how.device, m_how.dtype, layers},
                               *split->graphs, frozenStateBytes);
    m_data.messages.push_back(
        {"info",
         m_data.training.frozen
             ? fmt::format("Nothing is trained in the first {} of {} layers and no forces are asked for: "
                           "what these layers give is computed once and kept.",
                           layers, m_model.description().layers)
             : fmt::format("Nothing is trained in the first {} of {} layers, but what they give would "
                           "need more than {} GiB for all frames: it is computed anew in every epoch.",
                           layers, m_model.description().layers, frozenStateBytes >> 30)});
}

FedBatch TrainingRun::makeBatch(const std::vector<std::size_t>& batch,
                                const std::map<int, double>& shift) const
{
    const FrameGraphs& graphs = *m_data.training.graphs;
    FedBatch made;
    made.frames = m_budget->parts(batch, graphs.sized());
    for (const auto& part : made.frames)
        made.parts.push_back({graphs.batch(part).to(m_how.device, m_how.dtype),
                              graphs.labels(part, m_quantities, shift).to(m_how.device)});
    return made;
}

Json TrainingRun::resolvedConfiguration() const
{
    Json config = toJson(m_config);
    config["provenance"] = m_provenance;
    config["provenance"]["keys"] = toJson(m_data.keys);
    return config;
}

void TrainingRun::announce(bool resume)
{
    if (!resume)
        writeFileAtomically(m_paths.configuration(), resolvedConfiguration().dump(2) + "\n");
    m_log.write("started", {{"config", resolvedConfiguration()},
                            {"eligible", m_learner->deltas().eligible()},
                            {"parameters", m_model.description().parameters},
                            {"head_parameters", m_learner->headCount()},
                            {"trained", m_learner->trainedCount()},
                            {"device", m_how.device.str()},
                            {"dtype", m_config.dtype},
                            {"frames",
                             {{"train", m_data.training.size() - m_data.training.replayed},
                              {"replay", m_data.training.replayed},
                              {"validation", m_data.validation.size()},
                              {"test", m_data.test.size()}}},
                            {"steps_per_epoch", m_firstEpochSteps},
                            {"steps", m_steps},
                            {"step", m_position.step},
                            {"resumed", resume}});
    if (!resume)
        m_log.messages(m_data.messages);
    if (m_data.validation.size() == 0 && !resume)
        m_log.message("warning", "There are no validation frames: the last epoch counts as the best.");
    if (!resume && m_config.method.kind == "sparse" && m_config.method.targetFraction)
        warnOfTarget();
}

void TrainingRun::warnOfTarget()
{
    const auto eligible = double(m_learner->deltas().eligible());
    const double reachable = eligible / double(m_model.description().parameters);
    if (reachable < *m_config.method.targetFraction)
        m_log.message(
            "warning",
            fmt::format("method.target_fraction {:g} cannot be reached: the selected blocks are {:.3g} of "
                        "the model, so all of their weights may change.",
                        *m_config.method.targetFraction, reachable));
    if (m_config.method.perPathThreshold)
        m_log.message("warning",
                      "method.per_path_threshold does nothing beside method.target_fraction, which sets "
                      "one threshold for all weights.");
}

bool TrainingRun::trainEpoch()
{
    const auto batches = batchesOf(m_position.epoch);
    const auto count = static_cast<std::int64_t>(batches.size());
    BatchFeeder feeder(static_cast<std::size_t>(m_position.stepInEpoch), batches.size(),
                       [this, &batches, shift = m_position.shift](std::size_t i) {
                           try {
                               return makeBatch(batches[i], shift);
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

void TrainingRun::trainStep(const std::vector<std::size_t>& batch, FedBatch fed, bool lastOfEpoch)
{
    const double progress = static_cast<double>(m_position.step + 1) / static_cast<double>(m_steps);
    const double before = m_clock.seconds();
    m_learner->setSchedule(scheduleFactor(progress) * m_position.rateFactor);
    Learner::Step step;
    m_budget->run(batch, m_data.training.graphs->sized(), [&](const EdgeBudget::Groups& parts) {
        if (fed.frames != parts) { // made before memory ran out
            fed = {};
            fed = makeBatch(batch, m_position.shift);
        }
        if (m_data.training.frozen)
            for (std::size_t i = 0; i < parts.size(); ++i)
                fed.parts[i].from = m_data.training.frozen->of(parts[i]);
        step = m_learner->differentiate(fed.parts, progress, m_position.step + 1);
    });
    if (step.loss.total.defined())
        watchLoss(step.loss.total.item<double>());
    m_learner->apply(step, m_position.step + 1);
    m_stepSeconds = m_clock.seconds() - before;
    ++m_position.step;
    ++m_position.stepInEpoch;
    reportStep(step, fed.parts, lastOfEpoch);
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
    const Judgement judgement = judge({&m_data.validation}, point);
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
            writeEvaluation(judge({&m_data.validation, &m_data.test}, m_learner->evaluationPoint()), false);
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

void TrainingRun::reportStep(const Learner::Step& step, const std::vector<StepBatch>& parts, bool force)
{
    const double now = m_clock.seconds();
    if (step.loss.total.defined())
        reportProgress(step.loss.total.item<double>(), "");
    if (!m_stepEvents.due(now) && !force)
        return;
    const LearnerPoint point = m_learner->evaluationPoint();
    const SparsityRecord record = m_learner->deltas().record(point.delta);
    std::int64_t atoms = 0, edges = 0;
    for (const StepBatch& part : parts) {
        atoms += part.graphs.atoms;
        edges += part.graphs.edges;
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
