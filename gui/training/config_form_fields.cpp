#include "training/combo_keys.h"
#include "training/config_form.h"
#include "widgets/real_edit.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {
namespace {

constexpr double huge = 1e9;

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
    buildReplay();
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
                        {QStringLiteral("low-rank"), tr("Low-rank deltas")},
                        {QStringLiteral("dense"), tr("Dense deltas")},
                        {QStringLiteral("full"), tr("Full fine-tuning")},
                        {QStringLiteral("readout"), tr("Readout only")}},
                       tr("Sparse: the ticked blocks get a delta of which most entries become exactly zero. "
                          "L1: the same by a penalty on their size. Low-rank: the product of two thin "
                          "matrices for each coupling. Dense: without zeros. Full: every parameter trains. "
                          "Readout: only the readout trains."));
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
    m_rank =
        addInteger(form, QStringLiteral("rank"), tr("Rank"), 1, 100000,
                   tr("Columns of the thin matrices of low-rank deltas, at most; paths with fewer channels "
                      "take their own number."));
    m_alpha = addReal(form, QStringLiteral("alpha"), tr("Scale of low-rank deltas"), 1e-9, huge,
                      tr("The product of the thin matrices is multiplied by this over the rank."));
    m_perPath =
        add(form, QStringLiteral("perPath"), tr("One threshold per path"), new QCheckBox,
            tr("Learns a threshold for each coupling of l in to l out instead of one for each tensor."));
    connect(m_perPath, &QCheckBox::toggled, this, &ConfigForm::edited);
}

void ConfigForm::buildTargets()
{
    QFormLayout* form = group(tr("Targets and loss"));
    m_labelSentence = new QLabel;
    m_labelSentence->setTextFormat(Qt::PlainText);
    m_labelSentence->setObjectName(QStringLiteral("labelSentence"));
    m_labelSentence->setWordWrap(true);
    m_labelSentence->setForegroundRole(QPalette::PlaceholderText);
    form->addRow(m_labelSentence);
    m_energy = addReal(form, QStringLiteral("energy"), tr("Weight of energy"), 0, huge,
                       tr("Weight of the energy per atom (eV/atom) in the loss; 0 leaves it out."));
    m_forces = addReal(form, QStringLiteral("forces"), tr("Weight of forces"), 0, huge,
                       tr("Weight of the force components (eV/Å) in the loss; 0 leaves them out."));
    m_stress = addReal(form, QStringLiteral("stress"), tr("Weight of stress"), 0, huge,
                       tr("Weight of the stress components (eV/Å³) in the loss; 0 leaves them out."));
    m_moments = addReal(form, QStringLiteral("moments"), tr("Weight of moments"), 0, huge,
                        tr("Weight of the magnetic moments (μB) in the loss; it needs one of the heads "
                           "that predict them."));
    m_magneticForces = addReal(
        form, QStringLiteral("magneticForces"), tr("Weight of magnetic forces"), 0, huge,
        tr("Weight of the magnetic forces −dE/dm (eV/μB) in the loss; it needs the head that gives the "
           "moments an energy."));
    m_perpendicular =
        add(form, QStringLiteral("perpendicular"), tr("Compare torques only"), new QCheckBox,
            tr("Of a magnetic force only what lies across its moment enters the loss. Choose this for "
               "labels of calculations that hold the moments' lengths by a constraint."));
    connect(m_perpendicular, &QCheckBox::toggled, this, &ConfigForm::edited);
    m_head = addChoice(form, QStringLiteral("head"), tr("Magnetic head"),
                       {{QStringLiteral("none"), tr("None")},
                        {QStringLiteral("magnitude"), tr("Magnitude |m|")},
                        {QStringLiteral("vector"), tr("Moment vectors")},
                        {QStringLiteral("spin-energy"), tr("Energy of moments")}},
                       tr("A small new network on the model's invariant features, trained from scratch and "
                          "stored with the delta. "
                          "Magnitude: |m| of every atom. Moment vectors: from the directions in the file. "
                          "Energy of moments: what "
                          "given moments cost, with magnetic forces and exchange couplings."));
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
    connectHead();
}

void ConfigForm::connectHead()
{
    const auto give = [](RealEdit* weight, bool wanted) {
        if (!wanted)
            weight->setValue(0);
        else if (weight->value().value_or(0) == 0)
            weight->setValue(1);
    };
    // Choosing one sets the other, so that the pair is never contradictory.
    connect(m_head, &QComboBox::currentIndexChanged, this, [this, give] {
        if (m_filling)
            return;
        const std::string head = chosen(m_head);
        give(m_moments, head == "magnitude" || head == "vector");
        give(m_magneticForces, head == "spin-energy" && m_magneticForces->isEnabled());
        edited();
    });
    connect(m_moments, &RealEdit::edited, this, [this] {
        const QSignalBlocker quiet(m_head);
        const bool predicts = chosen(m_head) == "magnitude" || chosen(m_head) == "vector";
        if (m_moments->value() && (*m_moments->value() > 0) != predicts) {
            choose(m_head, predicts ? "none" : "magnitude");
            m_magneticForces->setValue(0);
        }
        edited();
    });
    connect(m_magneticForces, &RealEdit::edited, this, [this] {
        const QSignalBlocker quiet(m_head);
        if (m_magneticForces->value().value_or(0) > 0) {
            choose(m_head, "spin-energy");
            m_moments->setValue(0);
        }
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
    m_schedule =
        addChoice(form, QStringLiteral("schedule"), tr("Schedule"),
                  {{QStringLiteral("constant"), tr("Constant")},
                   {QStringLiteral("cosine"), tr("Cosine")},
                   {QStringLiteral("plateau"), tr("Halved on plateaus")}},
                  tr("How plain AdamW's learning rate goes down: along a cosine until the last step, or "
                     "halved whenever the validation error has not improved for some epochs."));
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

void ConfigForm::buildReplay()
{
    QFormLayout* form = group(tr("Against forgetting"));
    m_replay =
        add(form, QStringLiteral("replay"), tr("Replay the base model"), new QCheckBox,
            tr("Mixes frames that the base model labels into training, so that the tuned model keeps what "
               "the base model knew: crystals of one and two elements, strained and rattled."));
    connect(m_replay, &QCheckBox::toggled, this, &ConfigForm::edited);
    m_replayFrames = addInteger(form, QStringLiteral("replayFrames"), tr("Replayed frames"), 1, 1000000,
                                tr("How many such frames are made; they are small (2 to 8 atoms)."));
    m_replayWeight = addReal(form, QStringLiteral("replayWeight"), tr("Weight of each"), 1e-9, huge,
                             tr("Weight of a replayed frame in the loss, where a training frame has 1."));
    m_forgetting =
        addInteger(form, QStringLiteral("forgettingFrames"), tr("Frames to measure it"), 0, 1000000,
                   tr("At the end of a run, the tuned model is compared with the base model on so many other "
                      "crystals, of "
                      "elements that are not in your data where there are some."));
    m_forgetting->setSpecialValueText(tr("not measured"));
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
    m_sigma = addReal(form, QStringLiteral("sigma"), tr("Start of deltas, σ"), 1e-12, 10,
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

} // namespace lodestone::gui
