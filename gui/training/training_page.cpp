#include "training/training_page.h"
#include "base/files.h"
#include "shell/status_panel.h"
#include "training/config_form.h"
#include "training/cost_sentence.h"
#include "training/form_history.h"
#include "training/training_curves.h"
#include "widgets/plain_text.h"

#include <QtCore/QDateTime>
#include <QtCore/QFileInfo>
#include <QtCore/QLocale>
#include <QtCore/QTimer>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace lodestone::gui {

namespace {

bool sameFiles(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
        return QFileInfo(QString::fromStdString(left)) == QFileInfo(QString::fromStdString(right));
    });
}

} // namespace

QVariantMap TrainingPage::viewState() const
{
    RunConfig config = m_form->config();
    // The session keeps its files by itself; a configuration without any cannot be read back.
    const std::string none(1, '-');
    if (config.model.empty())
        config.model = none;
    if (config.data.train.empty())
        config.data.train.push_back(none);
    return {{QStringLiteral("form"), QString::fromStdString(toJson(config).dump())}};
}

void TrainingPage::restoreViewState(const QVariantMap& state)
{
    const QString form = state.value(QStringLiteral("form")).toString();
    if (form.isEmpty())
        return;
    try {
        const RunConfig config = runConfigFromJson(parseJsonOrNull(form.toStdString()));
        m_history->withoutStep([&] { m_form->setConfig(config); });
    } catch (const std::exception&) {
        // Written by another version: the form keeps its defaults.
    }
}

BlockSelection selectionFromFlags(const ModelDescription& model, const std::vector<bool>& selected)
{
    for (const SelectionPreset& preset : selectionPresets()) {
        try {
            if (resolveSelection(model, {preset.name, {}, {}}) == selected)
                return {preset.name, {}, {}};
        } catch (const Error&) {
            // This model has nothing that the preset names.
        }
    }
    BlockSelection selection;
    std::map<std::string, bool> whole; // by block: are all trainable tensors of it selected?
    for (std::size_t i = 0; i < model.tensors.size(); ++i)
        if (model.tensors[i].trainable) {
            const auto [place, fresh] = whole.try_emplace(model.tensors[i].block, true);
            place->second = place->second && selected[i];
        }
    for (std::size_t i = 0; i < model.tensors.size(); ++i) {
        if (!selected[i])
            continue;
        const ParameterInfo& tensor = model.tensors[i];
        const std::string& name = whole[tensor.block] ? tensor.block : tensor.name;
        if (selection.select.empty() || selection.select.back() != name)
            selection.select.push_back(name);
    }
    return selection;
}

TrainingPage::TrainingPage(Session& session, QWidget* parent) : Page(session, parent)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->addWidget(makeSettings());
    splitter->addWidget(makeRunView());
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({400, 900});
    splitter->setChildrenCollapsible(false);
    layout->addWidget(splitter);

    m_history = new FormHistory(*m_form, session.undoStack(), this);
    connect(m_form, &ConfigForm::changed, this, &TrainingPage::refreshForm);
    connect(m_form, &ConfigForm::changed, this, &Page::viewStateChanged);
    connect(&session, &Session::modelChanged, this, &TrainingPage::applyPendingBlocks);
    connect(&session, &Session::dataChanged, this, &TrainingPage::refreshForm);
    connect(&session, &Session::selectionChanged, this, &TrainingPage::refreshForm);
    connect(&session, &Session::excludedChanged, this, &TrainingPage::refreshForm);
    connect(&session, &Session::preflightChanged, this, [this] {
        AvailableLabels labels;
        if (const auto report = m_session.preflight())
            labels = {report->frames,     report->withEnergy,  report->withForces,
                      report->withStress, report->withMoments, report->withMagneticForces};
        m_history->withoutStep([&] { m_form->setLabels(labels); });
    });
    connect(&session, &Session::configurationSuggested, this, [this] {
        if (m_session.suggestedConfiguration())
            takeConfig(*m_session.suggestedConfiguration());
    });
    connect(&session, &Session::runChanged, this, [this] {
        m_messages->clear();
        m_lastMessage = 0;
        m_messageCount = 0;
        refreshRun();
    });
    connect(&session, &Session::runUpdated, this, &TrainingPage::refreshRun);
    connect(&session, &Session::slurmChanged, this, &TrainingPage::refreshPlace);
    connect(&session, &Session::slurmChanged, this, &TrainingPage::refreshForm);
    connect(&m_session.dataCheck(), &DataCheck::changed, this, &TrainingPage::refreshCost);
    if (session.suggestedConfiguration())
        takeConfig(*session.suggestedConfiguration());
    refreshPlace();
    refreshForm();
    refreshRun();
}

QWidget* TrainingPage::makeSettings()
{
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 4, 0);
    column->setSpacing(8);

    m_form = new ConfigForm;
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_form);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setMinimumWidth(m_form->minimumSizeHint().width() +
                            scroll->verticalScrollBar()->sizeHint().width());
    m_resolved = new QPlainTextEdit;
    m_resolved->setObjectName(QStringLiteral("resolved"));
    m_resolved->setReadOnly(true);
    m_resolved->setFont(QFont(QStringLiteral("monospace")));
    m_resolved->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_resolved->setAccessibleName(tr("Resolved configuration"));
    auto* tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->addTab(scroll, tr("Settings"));
    tabs->addTab(m_resolved, tr("Resolved configuration"));
    tabs->setTabToolTip(1,
                        tr("Every setting of the run with all defaults filled in, as it will be launched."));
    column->addWidget(tabs, 1);

    m_eligible = new QLabel;
    m_eligible->setTextFormat(Qt::PlainText);
    m_eligible->setObjectName(QStringLiteral("eligible"));
    m_eligible->setWordWrap(true);
    column->addWidget(m_eligible);
    m_expected = new QLabel;
    m_expected->setTextFormat(Qt::PlainText);
    m_expected->setObjectName(QStringLiteral("expected"));
    m_expected->setWordWrap(true);
    m_expected->setToolTip(tr("Measured by the engine on a few frames of the open data, on this machine."));
    column->addWidget(m_expected);
    m_problems = new QLabel;
    m_problems->setTextFormat(Qt::PlainText);
    m_problems->setObjectName(QStringLiteral("problems"));
    m_problems->setWordWrap(true);
    m_problems->setStyleSheet(QStringLiteral("color: #d55e00;"));
    column->addWidget(m_problems);

    auto* files = new QHBoxLayout;
    auto* open = new QPushButton(tr("Open settings…"));
    open->setToolTip(tr("Fills the form from a configuration file (JSON)."));
    auto* save = new QPushButton(tr("Save settings…"));
    save->setToolTip(tr("Writes the resolved configuration to a file that lodestone-engine finetune reads."));
    files->addWidget(open);
    files->addWidget(save);
    column->addLayout(files);
    const auto guarded = [this](auto action) {
        try {
            action();
            Q_EMIT m_session.problem(key(), QString());
        } catch (const std::exception& error) {
            Q_EMIT m_session.problem(key(), QString::fromUtf8(error.what()));
        }
    };
    connect(open, &QPushButton::clicked, this, [this, guarded] {
        const QString file =
            QFileDialog::getOpenFileName(this, tr("Open settings"), QString(), tr("JSON (*.json)"));
        if (!file.isEmpty())
            guarded([&] { openConfig(file); });
    });
    connect(save, &QPushButton::clicked, this, [this, guarded] {
        const QString file = QFileDialog::getSaveFileName(this, tr("Save settings"),
                                                          QStringLiteral("run.json"), tr("JSON (*.json)"));
        if (!file.isEmpty())
            guarded([&] { saveConfig(file); });
    });

    column->addWidget(makePlace());
    auto* launch = new QHBoxLayout;
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("runName"));
    m_name->setPlaceholderText(tr("name of the run"));
    m_name->setAccessibleName(tr("Name of the run"));
    m_name->setToolTip(tr("The run's folder gets this name; empty: the method and the time."));
    m_start = new QPushButton(tr("&Start"));
    m_start->setObjectName(QStringLiteral("start"));
    m_start->setDefault(true);
    launch->addWidget(m_name, 1);
    launch->addWidget(m_start);
    column->addLayout(launch);
    connect(m_start, &QPushButton::clicked, this, &TrainingPage::start);
    return side;
}

void TrainingPage::takeConfig(const RunConfig& config)
{
    m_pendingBlocks = config.blocks;
    m_history->withoutStep([&] { m_form->setConfig(config); });
    applyPendingBlocks();
}

void TrainingPage::openConfig(const QString& file)
{
    const RunConfig config = readRunConfig(file.toStdString());
    takeConfig(config);
    if (!m_session.model())
        m_session.openModel(QString::fromStdString(config.model), QString::fromStdString(config.head));
    if (!m_session.data()) {
        QStringList files;
        for (const std::string& name : config.data.train)
            files << QString::fromStdString(name);
        m_session.openData(files);
    }
}

void TrainingPage::saveConfig(const QString& file) const
{
    writeFileAtomically(file.toStdString(), toJson(resolvedConfig()).dump(2) + "\n");
}

void TrainingPage::applyPendingBlocks()
{
    if (m_session.model() && m_pendingBlocks) {
        const BlockSelection blocks = *m_pendingBlocks;
        m_pendingBlocks.reset();
        try {
            m_session.setSelected(resolveSelection(*m_session.model(), blocks));
        } catch (const Error& error) {
            Q_EMIT m_session.problem(key(), QString::fromUtf8(error.what()));
        }
    }
    refreshForm();
}

RunConfig TrainingPage::resolvedConfig() const
{
    RunConfig config = m_form->config();
    if (const ModelDescription* model = m_session.model()) {
        config.model = model->file;
        config.head = m_session.head().toStdString();
        config.blocks = selectionFromFlags(*model, m_session.selected());
    }
    if (m_session.data()) {
        std::vector<std::string> open;
        for (const QString& file : m_session.dataFiles())
            open.push_back(file.toStdString());
        // Test and validation files belong to the training files that they were configured with.
        if (!sameFiles(open, config.data.train)) {
            config.data.test.clear();
            config.data.validationFiles.clear();
        }
        config.data.train = open;
        config.data.keys = m_session.data()->keys;
    }
    return config;
}

QStringList TrainingPage::problems() const
{
    QStringList sentences = m_form->problems();
    const RunConfig config = resolvedConfig();
    const bool ticked = config.method.kind != "full" && config.method.kind != "readout";
    if (!m_session.model())
        sentences << tr("Open a model first.");
    else if (!m_session.model()->limitation.empty())
        sentences << QString::fromStdString(m_session.model()->limitation);
    else if (ticked && selectedCount(*m_session.model(), m_session.selected()) == 0)
        sentences << tr("Tick at least one block on the Blocks page.");
    if (!m_session.data())
        sentences << tr("Open training data first.");
    if (m_session.usesSlurm())
        for (const std::string& problem : siteProblems(m_session.slurmSite()))
            sentences << tr("Slurm: %1").arg(QString::fromStdString(problem));
    if (!sentences.isEmpty())
        return sentences;
    try {
        runConfigFromJson(toJson(config));
    } catch (const Error& error) {
        sentences << QString::fromUtf8(error.what());
    }
    return sentences;
}

QString TrainingPage::eligibleSentence() const
{
    const ModelDescription* model = m_session.model();
    if (!model)
        return {};
    const std::string kind = m_form->config().method.kind;
    std::vector<bool> selected = m_session.selected();
    if (kind == "full" || kind == "readout")
        try {
            selected = resolveSelection(*model, {kind == "full" ? "all" : "readout", {}, {}});
        } catch (const Error&) {
            selected.assign(model->tensors.size(), false);
        }
    const auto eligible = selectedCount(*model, selected);
    const QLocale locale;
    QString sentence =
        tr("%1 of %2 parameters may change (%3 %).")
            .arg(locale.toString(qlonglong(eligible)), locale.toString(qlonglong(model->parameters)),
                 locale.toString(model->parameters ? 100.0 * double(eligible) / double(model->parameters) : 0,
                                 'f', 1));
    const auto target = m_form->config().method.targetFraction;
    if (kind == "sparse" && target && model->parameters && eligible > 0) {
        const double wanted = *target * double(model->parameters);
        sentence += QLatin1Char(' ') +
                    (wanted >= double(eligible)
                         ? tr("The target fraction is larger than that, so every delta could stay.")
                         : tr("The target keeps %1 of them (%2 % of the eligible).")
                               .arg(locale.toString(qlonglong(std::llround(wanted))),
                                    locale.toString(100 * wanted / double(eligible), 'f', 1)));
    }
    return sentence;
}

void TrainingPage::refreshForm()
{
    const QStringList sentences = problems();
    m_problems->setText(sentences.join(QLatin1Char('\n')));
    m_problems->setVisible(!sentences.isEmpty());
    m_eligible->setText(eligibleSentence());
    m_eligible->setVisible(!m_eligible->text().isEmpty());
    m_resolved->setPlainText(QString::fromStdString(toJson(resolvedConfig()).dump(2)));
    refreshCost();
    m_start->setEnabled(sentences.isEmpty());
    m_start->setToolTip(sentences.isEmpty() && m_session.usesSlurm()
                            ? tr("Hands the run to Slurm as a job. It goes on when this window is closed.")
                        : sentences.isEmpty()
                            ? tr("Starts the engine on this configuration. The run goes on when this "
                                 "window is closed.")
                            : asPlainText(sentences.first()));
}

void TrainingPage::refreshCost()
{
    const auto& excluded = m_session.excluded();
    const auto kept = std::size_t(std::count(excluded.begin(), excluded.end(), false));
    const DataCheck& check = m_session.dataCheck();
    QString sentence;
    if (const auto& facts = check.facts())
        sentence = std::isfinite(facts->secondsPerEpoch)
                       ? costSentence(*facts, m_form->config(), kept)
                       : tr("Memory and time could not be measured: the model computes none of the frames.");
    else if (!check.problem().isEmpty())
        sentence = tr("Memory and time could not be measured: %1").arg(check.problem());
    else if (const auto progress = check.progress())
        sentence = tr("Measuring memory and time: %1 %").arg(int(100 * *progress));
    else if (m_session.run() && m_session.run()->active() && m_session.model() && m_session.data())
        sentence = tr("Memory and time are measured when no run is going on.");
    m_expected->setText(sentence);
    m_expected->setVisible(!sentence.isEmpty());
}

void TrainingPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_session.dataCheck().setWanted(this, true);
}

void TrainingPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_session.dataCheck().setWanted(this, false);
}

void TrainingPage::start()
{
    Q_EMIT m_session.problem(key(), QString());
    QString name = m_name->text().trimmed();
    if (name.isEmpty())
        name = QString::fromStdString(resolvedConfig().method.kind) + QLatin1Char('-') +
               QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd-HHmm"));
    m_session.startRun(resolvedConfig(), name);
    // A double click is one start.
    m_start->setEnabled(false);
    QTimer::singleShot(1000, this, &TrainingPage::refreshForm);
}

Page* makeTrainingPage(Session& session, QWidget* parent)
{
    return new TrainingPage(session, parent);
}

} // namespace lodestone::gui
