#include "training/config_form.h"
#include "widgets/real_edit.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

namespace {

void choose(QComboBox* box, const std::string& key)
{
    int index = box->findData(QString::fromStdString(key));
    if (index < 0) { // a value that a file may hold but the list does not offer, such as cuda:3
        box->addItem(QString::fromStdString(key), QString::fromStdString(key));
        index = box->count() - 1;
    }
    box->setCurrentIndex(index);
}

std::string chosen(const QComboBox* box)
{
    return box->currentData().toString().toStdString();
}

void set(RealEdit* edit, const std::optional<double>& value)
{
    if (value)
        edit->setValue(*value);
    else
        edit->clear();
}

constexpr double huge = 1e9;
constexpr auto targetPreset = "target";

} // namespace

ConfigForm::ConfigForm(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(10);
    buildMethod();
    buildTargets();
    buildOptimiser();
    buildData();
    buildAdvanced();
    column->addStretch(1);
    setConfig(RunConfig());
}

QFormLayout* ConfigForm::group(const QString& title)
{
    auto* box = new QGroupBox(title, this);
    auto* form = new QFormLayout(box);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setHorizontalSpacing(12);
    form->setVerticalSpacing(6);
    static_cast<QVBoxLayout*>(layout())->addWidget(box);
    return form;
}

template<class Field>
Field* ConfigForm::add(QFormLayout* form, const QString& name, const QString& label, Field* field,
                       const QString& explanation)
{
    field->setObjectName(name);
    field->setToolTip(QStringLiteral("<p>%1</p>").arg(explanation)); // rich text wraps
    field->setWhatsThis(explanation);
    field->setAccessibleDescription(explanation);
    if constexpr (std::is_same_v<Field, QCheckBox>) {
        field->setText(label);
        form->addRow(QString(), field);
    } else {
        auto* text = new QLabel(label);
        text->setBuddy(field);
        text->setToolTip(field->toolTip());
        field->setAccessibleName(label);
        form->addRow(text, field);
    }
    return field;
}

RealEdit* ConfigForm::addReal(QFormLayout* form, const QString& name, const QString& label, double least,
                              double most, const QString& explanation)
{
    auto* edit = add(form, name, label, new RealEdit(least, most), explanation);
    m_reals.emplace_back(label, edit);
    connect(edit, &RealEdit::edited, this, &ConfigForm::edited);
    return edit;
}

QSpinBox* ConfigForm::addInteger(QFormLayout* form, const QString& name, const QString& label, int least,
                                 int most, const QString& explanation)
{
    auto* box = add(form, name, label, new QSpinBox, explanation);
    box->setRange(least, most);
    connect(box, &QSpinBox::valueChanged, this, &ConfigForm::edited);
    return box;
}

QComboBox* ConfigForm::addChoice(QFormLayout* form, const QString& name, const QString& label,
                                 const QList<QPair<QString, QString>>& choices, const QString& explanation)
{
    auto* box = add(form, name, label, new QComboBox, explanation);
    for (const auto& [key, text] : choices)
        box->addItem(text, key);
    connect(box, &QComboBox::currentIndexChanged, this, &ConfigForm::edited);
    return box;
}

void ConfigForm::buildMethod()
{
    QFormLayout* form = group(tr("Method"));
    m_kind = addChoice(form, QStringLiteral("kind"), tr("Kind"),
                       {{QStringLiteral("sparse"), tr("Sparse deltas")},
                        {QStringLiteral("l1"), tr("L1-penalised deltas")},
                        {QStringLiteral("dense"), tr("Dense deltas")},
                        {QStringLiteral("full"), tr("Full fine-tuning")},
                        {QStringLiteral("readout"), tr("Readout only")}},
                       tr("Sparse: the ticked blocks get a delta of which most entries become exactly zero. "
                          "L1: the same by a penalty on their size. Dense: without zeros. Full: every "
                          "parameter trains. Readout: only the readout trains."));
    m_preset = addChoice(
        form, QStringLiteral("preset"), tr("Sparsity"),
        {{QStringLiteral("L"), tr("L: best accuracy")},
         {QStringLiteral("H"), tr("H: fewest changes")},
         {QLatin1String(targetPreset), tr("Target fraction")}},
        tr("How strongly deltas are driven to zero. L and H are the two settings of the published method; a "
           "target fraction steers the threshold so that the share you name remains."));
    m_targetFraction =
        addReal(form, QStringLiteral("targetFraction"), tr("Change at most (%)"), 1e-4, 100,
                tr("Share of the whole model's parameters that may differ from the base model at the end, in "
                   "percent. The share of the eligible parameters is larger."));
    m_lambda = addReal(
        form, QStringLiteral("lambda"), tr("L1 penalty"), 1e-9, huge,
        tr("How strongly L1 drives deltas to zero: each step takes the learning rate times this off every "
           "delta. An optimiser's step is about one learning rate, so values from 0.01 to 1 make sense."));
    m_perPath =
        add(form, QStringLiteral("perPath"), tr("One threshold per path"), new QCheckBox,
            tr("Learns a threshold for each coupling of l in to l out instead of one for each tensor."));
    connect(m_perPath, &QCheckBox::toggled, this, &ConfigForm::edited);
}

void ConfigForm::buildTargets()
{
    QFormLayout* form = group(tr("Targets and loss"));
    m_labelSentence = new QLabel;
    m_labelSentence->setObjectName(QStringLiteral("labelSentence"));
    m_labelSentence->setWordWrap(true);
    m_labelSentence->setForegroundRole(QPalette::PlaceholderText);
    form->addRow(m_labelSentence);
    m_energy = addReal(form, QStringLiteral("energy"), tr("Weight of energy"), 0, huge,
                       tr("Weight of the energy per atom (eV/atom) in the loss; 0 leaves it out."));
    m_forces = addReal(form, QStringLiteral("forces"), tr("Weight of forces"), 0, huge,
                       tr("Weight of the force components (eV/\u00c5) in the loss; 0 leaves them out."));
    m_stress =
        addReal(form, QStringLiteral("stress"), tr("Weight of stress"), 0, huge,
                tr("Weight of the stress components (eV/\u00c5\u00b3) in the loss; 0 leaves them out."));
    m_moments = addReal(
        form, QStringLiteral("moments"), tr("Weight of moments"), 0, huge,
        tr("Weight of the magnetic moments' magnitudes (\u03bcB) in the loss; it needs the magnetic head."));
    m_head =
        addChoice(form, QStringLiteral("head"), tr("Magnetic head"),
                  {{QStringLiteral("none"), tr("None")}, {QStringLiteral("magnitude"), tr("Magnitude |m|")}},
                  tr("A small new head that predicts |m| of every atom from the model's invariant features. "
                     "It is trained "
                     "from scratch and stored with the delta."));
    m_loss = addChoice(form, QStringLiteral("loss"), tr("Loss function"),
                       {{QStringLiteral("huber"), tr("Huber")},
                        {QStringLiteral("mae"), tr("Absolute (MAE)")},
                        {QStringLiteral("mse"), tr("Squared (MSE)")}},
                       tr("Huber is squared for small and absolute for large errors, so single bad labels do "
                          "not dominate."));
    m_lossDelta = addReal(
        form, QStringLiteral("lossDelta"), tr("Huber width"), 1e-9, huge,
        tr("Error at which the Huber loss turns from squared to absolute, in the units of each target."));
    m_perAtom =
        add(form, QStringLiteral("perAtom"), tr("Compare energies per atom"), new QCheckBox,
            tr("Divides energies by the number of atoms, so that large cells do not outweigh small ones."));
    connect(m_perAtom, &QCheckBox::toggled, this, &ConfigForm::edited);
    m_reference = addChoice(
        form, QStringLiteral("reference"), tr("Reference energies"),
        {{QStringLiteral("estimate"), tr("Estimate from the data")},
         {QStringLiteral("keep"), tr("Keep the model's")}},
        tr("Energies of isolated elements. Estimating them fits the offset between your calculations and "
           "the model's by least squares, before any training; keep them only if both used one setting."));
    // Head and weight belong together: choosing one sets the other, so that the pair is never contradictory.
    connect(m_head, &QComboBox::currentIndexChanged, this, [this] {
        if (m_filling)
            return;
        if (chosen(m_head) == "none")
            m_moments->setValue(0);
        else if (m_moments->value().value_or(0) == 0)
            m_moments->setValue(1);
        edited();
    });
    connect(m_moments, &RealEdit::edited, this, [this] {
        const QSignalBlocker quiet(m_head);
        if (m_moments->value())
            choose(m_head, *m_moments->value() > 0 ? "magnitude" : "none");
        edited();
    });
}

void ConfigForm::buildOptimiser()
{
    QFormLayout* form = group(tr("Optimiser"));
    m_optimiser = addChoice(
        form, QStringLiteral("optimiser"), tr("Algorithm"),
        {{QStringLiteral("schedule-free-adamw"), tr("Schedule-free AdamW")},
         {QStringLiteral("adamw"), tr("AdamW")}},
        tr("Schedule-free AdamW averages the weights by itself and needs no decaying learning rate."));
    m_learningRate =
        addReal(form, QStringLiteral("learningRate"), tr("Learning rate"), 1e-12, 10,
                tr("Size of a step. 1e-3 to 1e-2 suit sparse deltas; lower it if the loss jumps."));
    m_epochs = addInteger(form, QStringLiteral("epochs"), tr("Epochs"), 1, 1000000,
                          tr("How many times the training frames are gone through."));
    m_warmup = addInteger(form, QStringLiteral("warmup"), tr("Warm-up steps"), 0, 1000000,
                          tr("Steps over which the learning rate rises from zero."));
    m_maxEdges = addInteger(
        form, QStringLiteral("maxEdges"), tr("Edges a batch"), 1, 100000000,
        tr("A batch takes frames until their neighbour pairs reach this number (one frame at least). "
           "Memory grows with it: lower it if memory runs out."));
    m_maxFrames = addInteger(form, QStringLiteral("maxFrames"), tr("Frames a batch"), 0, 1000000,
                             tr("At most so many frames a batch; with 0 only the edges count."));
    m_maxFrames->setSpecialValueText(tr("by edges only"));
    m_clip = addReal(form, QStringLiteral("clip"), tr("Gradient clipping"), 0, huge,
                     tr("Gradients with a larger norm are scaled down to it; 0 switches this off."));
}

void ConfigForm::buildData()
{
    QFormLayout* form = group(tr("Data split"));
    m_validation = addReal(
        form, QStringLiteral("validation"), tr("Validation share"), 0, 0.9,
        tr("Share of the frames held out to measure errors and to choose the best checkpoint, 0 to 0.9."));
    m_splitSeed = addInteger(form, QStringLiteral("splitSeed"), tr("Seed of the split"), 0, 2147483647,
                             tr("The same seed holds out the same frames."));
    m_maxTrain = addInteger(form, QStringLiteral("maxTrain"), tr("Training frames"), 0, 100000000,
                            tr("Uses at most so many frames for training, for quick trials."));
    m_maxValidation = addInteger(form, QStringLiteral("maxValidation"), tr("Validation frames"), 0, 100000000,
                                 tr("Uses at most so many frames for validation."));
    m_maxTrain->setSpecialValueText(tr("all"));
    m_maxValidation->setSpecialValueText(tr("all"));
}

void ConfigForm::buildAdvanced()
{
    QFormLayout* form = group(tr("Advanced"));
    m_patience = addInteger(
        form, QStringLiteral("patience"), tr("Stop early after (epochs)"), 0, 1000000,
        tr("Ends the run when the validation error has not improved for so many epochs; 0: never."));
    m_patience->setSpecialValueText(tr("never"));
    m_seed = addInteger(form, QStringLiteral("seed"), tr("Random seed"), 0, 2147483647,
                        tr("The same seed on the same device gives the same numbers."));
    m_device = addChoice(form, QStringLiteral("device"), tr("Device"),
                         {{QStringLiteral("auto"), tr("Automatic")},
                          {QStringLiteral("cpu"), tr("CPU")},
                          {QStringLiteral("cuda"), tr("GPU (CUDA)")}},
                         tr("Where the engine computes. Automatic takes a GPU if the engine finds one."));
    m_dtype =
        addChoice(form, QStringLiteral("dtype"), tr("Precision"),
                  {{QStringLiteral("float32"), tr("32 bit")}, {QStringLiteral("float64"), tr("64 bit")}},
                  tr("32 bit is the models' own precision; 64 bit is slower and for checks."));
    m_checkpoint = addReal(form, QStringLiteral("checkpoint"), tr("Checkpoint every (min)"), 0.01, 1e6,
                           tr("A run that is stopped or killed goes on from its last checkpoint."));
    m_weightDecay = addReal(form, QStringLiteral("weightDecay"), tr("Weight decay"), 0, huge,
                            tr("Decoupled decay of parameters that train directly (full, readout, heads)."));
    m_ema =
        addReal(form, QStringLiteral("ema"), tr("Averaging (EMA)"), 0, 0.999999,
                tr("Factor of the running average of weights with plain AdamW, for example 0.999; 0: off."));
    m_sigma = addReal(form, QStringLiteral("sigma"), tr("Start of deltas, \u03c3"), 1e-12, 10,
                      tr("Deltas start from random numbers of this standard deviation: from zero they would "
                         "get no gradient."));
    m_threshold =
        addReal(form, QStringLiteral("threshold"), tr("Start of the threshold"), 1e-12, 0.999,
                tr("Deltas smaller than the threshold count as zero. It starts here and is learnt."));
    m_thresholdDecay =
        addReal(form, QStringLiteral("thresholdDecay"), tr("Decay of the threshold"), 0, huge,
                tr("How fast the threshold drifts upwards against the loss; L uses 0.01, H uses 0.3."));
    m_thresholdDecay->setOptional(tr("set by Sparsity"));
    m_thresholdRate = addReal(form, QStringLiteral("thresholdRate"), tr("Learning rate of thresholds"), 1e-12,
                              10, tr("Learning rate of the thresholds alone."));
    m_thresholdRate->setOptional(tr("the learning rate"));
    m_deltaDecay = addReal(form, QStringLiteral("deltaDecay"), tr("Decay of deltas"), 0, huge,
                           tr("Decoupled decay of the deltas that are not zero."));
}

void ConfigForm::setConfig(const RunConfig& config)
{
    m_filling = true;
    m_base = config;
    m_optimiserBefore.clear();
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
    m_energy->setValue(config.targets.energy);
    m_forces->setValue(config.targets.forces);
    m_stress->setValue(config.targets.stress);
    m_moments->setValue(config.targets.moments);
    choose(m_head, config.magneticHead);
    choose(m_loss, config.loss.kind);
    m_lossDelta->setValue(config.loss.delta);
    m_perAtom->setChecked(config.loss.energyPerAtom);
    choose(m_reference, config.referenceEnergies);
    choose(m_optimiser, config.optimiser.kind);
    m_learningRate->setValue(config.optimiser.learningRate);
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
    const auto weight = [](const RealEdit* edit) {
        return edit->isEnabled() ? edit->value().value_or(0) : 0;
    };
    config.targets = {weight(m_energy), weight(m_forces), weight(m_stress), weight(m_moments)};
    config.magneticHead = m_head->isEnabled() ? chosen(m_head) : "none";
    if (config.magneticHead == "spin-energy") { // from a file: the form has no field for them
        config.targets.magneticForces = m_base.targets.magneticForces;
        config.targets.perpendicular = m_base.targets.perpendicular;
    }
    config.loss.kind = chosen(m_loss);
    take(m_lossDelta, config.loss.delta);
    config.loss.energyPerAtom = m_perAtom->isChecked();
    config.referenceEnergies = chosen(m_reference);
    config.optimiser.kind = chosen(m_optimiser);
    take(m_learningRate, config.optimiser.learningRate);
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
    m_optimiser->setEnabled(!l1);
    if (l1 == m_optimiserBefore.empty()) { // an average of sparse deltas would not be sparse
        const QSignalBlocker quiet(m_optimiser);
        const std::string before = chosen(m_optimiser);
        choose(m_optimiser, l1 ? "adamw" : m_optimiserBefore);
        m_optimiserBefore = l1 ? before : std::string();
    }
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
    if (unknown) {
        m_labelSentence->setText(tr("Open data to see which targets they have labels for."));
        return;
    }
    QStringList parts;
    for (const auto& [name, count] :
         {std::pair{tr("energy"), m_labels.energy}, std::pair{tr("forces"), m_labels.forces},
          std::pair{tr("stress"), m_labels.stress}, std::pair{tr("moments"), m_labels.moments}})
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
