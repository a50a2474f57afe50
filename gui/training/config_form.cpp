#include "training/config_form.h"
#include "training/combo_keys.h"
#include "widgets/real_edit.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSpinBox>

namespace lodestone::gui {

namespace {

void set(RealEdit* edit, const std::optional<double>& value)
{
    if (value)
        edit->setValue(*value);
    else
        edit->clear();
}

} // namespace

void ConfigForm::setConfig(const RunConfig& config)
{
    m_filling = true;
    m_base = config;
    // Resolved files spell out the head's rate; kept as a number it would outlive a change of the other one.
    if (m_base.headLearningRate == config.optimiser.learningRate)
        m_base.headLearningRate.reset();
    m_optimiserOf = config.method.kind;
    m_sigmaOfTarget = config.method.targetFraction.has_value();
    const MethodConfig& method = config.method;
    choose(m_kind, method.kind);
    choose(m_preset, method.targetFraction ? targetPreset : method.preset);
    m_targetFraction->setValue(100 * method.targetFraction.value_or(0.05));
    m_perPath->setChecked(method.perPathThreshold);
    m_sigma->setValue(method.sigma);
    m_threshold->setValue(method.initialThreshold);
    // Resolved files spell out what the preset would give; kept as a number it would outlive a change of
    // preset.
    const double usual = method.preset == "H" ? 0.3 : 0.01;
    set(m_thresholdDecay, method.thresholdDecay == usual ? std::nullopt : method.thresholdDecay);
    set(m_thresholdRate, method.thresholdLearningRate == config.optimiser.learningRate
                             ? std::nullopt
                             : method.thresholdLearningRate);
    m_deltaDecay->setValue(method.deltaDecay);
    m_lambda->setValue(method.lambda);
    m_rank->setValue(method.rank);
    m_alpha->setValue(method.alpha);
    m_energy->setValue(config.targets.energy);
    m_forces->setValue(config.targets.forces);
    m_stress->setValue(config.targets.stress);
    m_moments->setValue(config.targets.moments);
    m_magneticForces->setValue(config.targets.magneticForces);
    m_perpendicular->setChecked(config.targets.perpendicular);
    choose(m_head, config.magneticHead);
    choose(m_loss, config.loss.kind);
    m_lossDelta->setValue(config.loss.delta);
    m_perAtom->setChecked(config.loss.energyPerAtom);
    choose(m_reference, config.referenceEnergies);
    choose(m_optimiser, config.optimiser.kind);
    m_learningRate->setValue(config.optimiser.learningRate);
    choose(m_schedule, config.optimiser.schedule);
    m_epochs->setValue(config.epochs);
    m_warmup->setValue(config.optimiser.warmupSteps);
    m_maxEdges->setValue(int(std::min<std::size_t>(config.maxEdges, 100000000)));
    m_maxFrames->setValue(config.maxFrames);
    m_clip->setValue(config.optimiser.clip);
    m_weightDecay->setValue(config.optimiser.weightDecay);
    m_ema->setValue(config.optimiser.ema);
    m_validation->setValue(config.data.validationFraction);
    m_splitSeed->setValue(int(config.data.splitSeed));
    m_maxTrain->setValue(int(config.data.maxTrain));
    m_maxValidation->setValue(int(config.data.maxValidation));
    const ReplayConfig replay = config.replay.value_or(ReplayConfig());
    m_replay->setChecked(config.replay.has_value());
    m_replayFrames->setValue(int(replay.frames));
    m_replayWeight->setValue(replay.weight);
    m_forgetting->setValue(int(config.forgettingFrames));
    m_patience->setValue(config.earlyStopping);
    m_seed->setValue(int(config.seed));
    choose(m_device, config.device);
    choose(m_dtype, config.dtype);
    m_checkpoint->setValue(config.checkpointEverySeconds / 60);
    m_filling = false;
    edited();
}

RunConfig ConfigForm::config() const
{
    RunConfig config = m_base;
    const auto take = [](const RealEdit* edit, double& value) { value = edit->value().value_or(value); };
    MethodConfig& method = config.method;
    method.kind = chosen(m_kind);
    const bool target = chosen(m_preset) == targetPreset;
    if (!target)
        method.preset = chosen(m_preset);
    method.targetFraction.reset();
    if (target && m_targetFraction->value())
        method.targetFraction = *m_targetFraction->value() / 100;
    method.perPathThreshold = m_perPath->isChecked();
    take(m_sigma, method.sigma);
    take(m_threshold, method.initialThreshold);
    method.thresholdDecay = m_thresholdDecay->value();
    method.thresholdLearningRate = m_thresholdRate->value();
    take(m_deltaDecay, method.deltaDecay);
    take(m_lambda, method.lambda);
    method.rank = m_rank->value();
    take(m_alpha, method.alpha);
    const auto weight = [](const RealEdit* edit) {
        return edit->isEnabled() ? edit->value().value_or(0) : 0;
    };
    config.targets = {weight(m_energy),  weight(m_forces),         weight(m_stress),
                      weight(m_moments), weight(m_magneticForces), m_perpendicular->isChecked()};
    config.magneticHead = m_head->isEnabled() ? chosen(m_head) : "none";
    config.loss.kind = chosen(m_loss);
    take(m_lossDelta, config.loss.delta);
    config.loss.energyPerAtom = m_perAtom->isChecked();
    config.referenceEnergies = chosen(m_reference);
    config.optimiser.kind = chosen(m_optimiser);
    take(m_learningRate, config.optimiser.learningRate);
    config.optimiser.schedule = m_schedule->isEnabled() ? chosen(m_schedule) : "constant";
    config.epochs = m_epochs->value();
    config.optimiser.warmupSteps = m_warmup->value();
    config.maxEdges = std::size_t(m_maxEdges->value());
    config.maxFrames = m_maxFrames->value();
    take(m_clip, config.optimiser.clip);
    take(m_weightDecay, config.optimiser.weightDecay);
    config.optimiser.ema = m_ema->isEnabled() ? m_ema->value().value_or(0) : 0;
    take(m_validation, config.data.validationFraction);
    config.data.splitSeed = std::uint64_t(m_splitSeed->value());
    config.data.maxTrain = std::size_t(m_maxTrain->value());
    config.data.maxValidation = std::size_t(m_maxValidation->value());
    if (!m_replay->isChecked()) {
        config.replay.reset();
    } else {
        if (!config.replay)
            config.replay.emplace();
        config.replay->frames = std::size_t(m_replayFrames->value());
        take(m_replayWeight, config.replay->weight);
    }
    config.forgettingFrames = std::size_t(m_forgetting->value());
    config.earlyStopping = m_patience->value();
    config.seed = std::uint64_t(m_seed->value());
    config.device = chosen(m_device);
    config.dtype = chosen(m_dtype);
    config.checkpointEverySeconds = 60 * m_checkpoint->value().value_or(config.checkpointEverySeconds / 60);
    return config;
}

void ConfigForm::setLabels(const AvailableLabels& labels)
{
    m_labels = labels;
    edited();
}

void ConfigForm::followPreset()
{
    const bool target = chosen(m_preset) == targetPreset;
    if (target != m_sigmaOfTarget && m_sigma->value() == usualSigma(m_sigmaOfTarget)) {
        const QSignalBlocker quiet(m_sigma);
        m_sigma->setValue(usualSigma(target));
    }
    m_sigmaOfTarget = target;
}

void ConfigForm::followMethod()
{
    const std::string kind = chosen(m_kind);
    if (kind == m_optimiserOf)
        return;
    // What the user set stays; what was the former method's usual becomes the new one's.
    const OptimiserConfig before = defaultOptimiser(m_optimiserOf);
    const OptimiserConfig now = defaultOptimiser(kind);
    const QSignalBlocker quiet(m_optimiser);
    if (chosen(m_optimiser) == before.kind || kind == "l1")
        choose(m_optimiser, now.kind);
    const auto replace = [](RealEdit* edit, double usual, double next) {
        const QSignalBlocker silent(edit);
        if (edit->value() == usual)
            edit->setValue(next);
    };
    replace(m_learningRate, before.learningRate, now.learningRate);
    replace(m_ema, before.ema, now.ema);
    m_optimiserOf = kind;
}

void ConfigForm::follow()
{
    const bool sparse = chosen(m_kind) == "sparse";
    const bool target = chosen(m_preset) == targetPreset;
    for (QWidget* field : {static_cast<QWidget*>(m_preset), static_cast<QWidget*>(m_perPath),
                           static_cast<QWidget*>(m_threshold), static_cast<QWidget*>(m_deltaDecay)})
        field->setEnabled(sparse);
    m_targetFraction->setEnabled(sparse && target);
    m_thresholdDecay->setEnabled(sparse && !target);
    m_thresholdRate->setEnabled(sparse && !target);
    m_sigma->setEnabled(sparse);
    const bool l1 = chosen(m_kind) == "l1";
    m_lambda->setEnabled(l1);
    const bool lowRank = chosen(m_kind) == "low-rank";
    m_rank->setEnabled(lowRank);
    m_alpha->setEnabled(lowRank);
    m_optimiser->setEnabled(!l1); // an average of sparse deltas would not be sparse
    followMethod();
    followPreset();
    m_schedule->setEnabled(chosen(m_optimiser) == "adamw");
    for (QWidget* field : {static_cast<QWidget*>(m_replayFrames), static_cast<QWidget*>(m_replayWeight)})
        field->setEnabled(m_replay->isChecked());
    m_lossDelta->setEnabled(chosen(m_loss) == "huber");
    m_ema->setEnabled(!l1 && chosen(m_optimiser) == "adamw");
    m_validation->setEnabled(m_base.data.validationFiles.empty());
    // Without data nothing is known, so nothing is forbidden.
    const bool unknown = m_labels.frames == 0;
    m_energy->setEnabled(unknown || m_labels.energy > 0);
    m_forces->setEnabled(unknown || m_labels.forces > 0);
    m_stress->setEnabled(unknown || m_labels.stress > 0);
    m_moments->setEnabled(unknown || m_labels.moments > 0);
    m_head->setEnabled(m_moments->isEnabled());
    m_magneticForces->setEnabled(unknown || m_labels.magneticForces > 0);
    m_perpendicular->setEnabled(m_magneticForces->value().value_or(0) > 0);
    if (unknown) {
        m_labelSentence->setText(tr("Open data to see which targets they have labels for."));
        return;
    }
    QStringList parts;
    for (const auto& [name, count] :
         {std::pair{tr("energy"), m_labels.energy}, std::pair{tr("forces"), m_labels.forces},
          std::pair{tr("stress"), m_labels.stress}, std::pair{tr("moments"), m_labels.moments},
          std::pair{tr("magnetic forces"), m_labels.magneticForces}})
        parts << (count == 0 ? tr("no %1").arg(name) : tr("%1 in %2").arg(name).arg(count));
    m_labelSentence->setText(
        tr("Labels in %n frames: %1.", nullptr, int(m_labels.frames)).arg(parts.join(QStringLiteral(", "))));
}

QStringList ConfigForm::problems() const
{
    QStringList sentences;
    for (const auto& [label, edit] : m_reals)
        if (edit->isEnabled() && !edit->acceptable())
            sentences
                << tr("%1: \"%2\" is not a number in the range of this field.").arg(label, edit->text());
    return sentences;
}

void ConfigForm::edited()
{
    if (m_filling)
        return;
    follow();
    Q_EMIT changed();
}

} // namespace lodestone::gui
