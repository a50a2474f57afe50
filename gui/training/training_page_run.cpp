#include "cluster/slurm_dialog.h"
#include "shell/status_panel.h"
#include "training/training_curves.h"
#include "training/training_page.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QVBoxLayout>
#include <cmath>

namespace lodestone::gui {

// The right half of the page: the run in view.

namespace {

QString stateText(const std::string& state, bool starting)
{
    if (state == "running")
        return TrainingPage::tr("Running");
    if (state == "paused")
        return TrainingPage::tr("Paused");
    if (state == "finished")
        return TrainingPage::tr("Finished");
    if (state == "stopped")
        return TrainingPage::tr("Stopped");
    if (state == "failed")
        return TrainingPage::tr("Failed");
    if (state == "interrupted")
        return TrainingPage::tr("Interrupted: no engine works on it");
    if (state == "newer")
        return TrainingPage::tr("Made by a newer version of Lodestone: update to see it");
    if (state == "queued")
        return TrainingPage::tr("Waiting in the queue");
    if (state == "starting")
        return TrainingPage::tr("Its job runs; nothing of the engine is to be seen yet");
    return starting ? TrainingPage::tr("Starting") : TrainingPage::tr("Not begun: no engine works on it");
}

/// What Slurm says of the job, where that is more than the state of the run tells.
QString jobText(const JobRecord& job)
{
    const QString id = QString::fromStdString(job.id), reason = QString::fromStdString(job.reason);
    switch (job.state) {
    case JobState::Pending:
        return reason.isEmpty() ? TrainingPage::tr("job %1").arg(id)
                                : TrainingPage::tr("job %1: %2").arg(id, reason);
    case JobState::Running:
    case JobState::Finished:
        return TrainingPage::tr("job %1").arg(id);
    case JobState::Failed:
        return TrainingPage::tr("job %1 failed (%2); its slurm-%1.log in the run's folder may say why")
            .arg(id, reason);
    case JobState::Cancelled:
        return TrainingPage::tr("job %1 was cancelled").arg(id);
    case JobState::TimedOut:
        return TrainingPage::tr("job %1 ran into its time limit").arg(id);
    case JobState::NodeFailed:
        return TrainingPage::tr("job %1 lost its node (%2)").arg(id, reason);
    case JobState::OutOfMemory:
        return TrainingPage::tr("job %1 needed more memory than it had asked for").arg(id);
    case JobState::Gone:
        return TrainingPage::tr("Slurm does not know job %1 any more").arg(id);
    }
    return {};
}

} // namespace

QWidget* TrainingPage::makePlace()
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    m_place = new QComboBox;
    m_place->setObjectName(QStringLiteral("place"));
    m_place->addItem(tr("Run on this computer"));
    m_place->addItem(tr("Run as a job of Slurm"));
    m_place->setAccessibleName(tr("Where the run is computed"));
    m_place->setToolTip(tr("For Start and Resume. Slurm needs a folder of runs that the cluster's nodes see "
                           "under the same path."));
    m_slurm = new QPushButton(tr("Slurm…"));
    m_slurm->setObjectName(QStringLiteral("slurmSettings"));
    m_slurm->setToolTip(tr("Partition, account, modules, GPUs and what else the cluster wants to know."));
    layout->addWidget(m_place, 1);
    layout->addWidget(m_slurm);
    connect(m_place, &QComboBox::activated, this,
            [this](int index) { m_session.setSlurm(index == 1, m_session.slurmSite()); });
    connect(m_slurm, &QPushButton::clicked, this, [this] {
        SlurmDialog dialog(m_session.slurmSite(), this);
        if (dialog.exec() == QDialog::Accepted)
            m_session.setSlurm(m_session.usesSlurm(), dialog.site());
    });
    return row;
}

void TrainingPage::refreshPlace()
{
    m_place->setCurrentIndex(m_session.usesSlurm() ? 1 : 0);
    m_slurm->setVisible(m_session.usesSlurm());
}

QWidget* TrainingPage::makeRunView()
{
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(4, 0, 0, 0);
    column->setSpacing(6);
    auto* head = new QHBoxLayout;
    m_state = new QLabel;
    m_state->setObjectName(QStringLiteral("state"));
    QFont bold = font();
    bold.setBold(true);
    m_state->setFont(bold);
    m_state->setTextFormat(Qt::PlainText);
    m_state->setWordWrap(true);
    column->addWidget(m_state);
    m_progress = new QProgressBar;
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setMaximumHeight(8);
    m_progress->setAccessibleName(tr("Progress of the run"));
    head->addWidget(m_progress, 1);
    const auto button = [&](const QString& text, const char* name, const QString& hint, const auto& action) {
        auto* b = new QPushButton(text);
        b->setObjectName(QLatin1String(name));
        b->setToolTip(hint);
        head->addWidget(b);
        connect(b, &QPushButton::clicked, this, [this, action] {
            if (RunWatcher* run = m_session.run())
                action(*run);
        });
        return b;
    };
    m_pause = button(tr("&Pause"), "pause", tr("Waits after the step in work; nothing is lost."),
                     [](RunWatcher& run) { run.pause(); });
    m_resume = button(tr("&Resume"), "resume", tr("Goes on where the run was paused, stopped or cut off."),
                      [this](RunWatcher& run) {
                          if (run.history().state == "paused")
                              run.resume();
                          else
                              m_session.resumeRun();
                      });
    m_stop =
        button(tr("S&top"), "stop", tr("Writes a checkpoint, then ends the run; Resume goes on from there."),
               [](RunWatcher& run) { run.stop(); });
    m_cancelJob = button(tr("&Cancel the job"), "cancelJob",
                         tr("Takes the run's job out of Slurm's queue, or ends it: its engine is given time "
                            "for a checkpoint."),
                         [this](RunWatcher&) { m_session.cancelJob(); });
    column->addLayout(head);
    m_numbers = new QLabel;
    m_numbers->setTextFormat(Qt::PlainText);
    m_numbers->setObjectName(QStringLiteral("numbers"));
    m_numbers->setWordWrap(true);
    column->addWidget(m_numbers);

    auto* splitter = new QSplitter(Qt::Vertical);
    m_curves = new TrainingCurves;
    m_messages = new QPlainTextEdit;
    m_messages->setObjectName(QStringLiteral("messages"));
    m_messages->setReadOnly(true);
    m_messages->setMaximumBlockCount(1000);
    m_messages->setPlaceholderText(tr("Messages of the run appear here."));
    m_messages->setAccessibleName(tr("Messages of the run"));
    splitter->addWidget(m_curves);
    splitter->addWidget(m_messages);
    splitter->setStretchFactor(0, 1);
    splitter->setSizes({600, 90});
    column->addWidget(splitter, 1);
    connect(m_curves, &TrainingCurves::settingsChanged, this, &TrainingPage::refreshRun);
    return side;
}

void TrainingPage::refreshRun()
{
    const RunWatcher* run = m_session.run();
    const RunHistory* history = run ? &run->history() : nullptr;
    const std::string state = history ? history->state : "";
    m_pause->setEnabled(state == "running");
    m_resume->setEnabled(state == "paused" || state == "stopped" || state == "interrupted");
    m_stop->setEnabled(state == "running" || state == "paused");
    m_cancelJob->setVisible(history && history->job && !hasEnded(history->job->state));
    m_curves->setHistory(history);
    if (!history) {
        m_state->setText(tr("No run in view"));
        m_numbers->setText(tr("Start a run, or open one on the Results page."));
        m_progress->setValue(0);
        return;
    }
    QString line = tr("%1: %2").arg(QString::fromStdString(run->paths().root.filename().string()),
                                    stateText(state, m_session.runIsStarting()));
    // Why a run failed stands over the page and among the messages, in as many words as it takes.
    if (!history->endReason.empty() && state != "running" && state != "failed")
        line += QStringLiteral(" (%1)").arg(QString::fromStdString(history->endReason));
    if (history->job)
        line += QStringLiteral(" · ") + jobText(*history->job);
    m_state->setText(line);
    const QLocale locale;
    QStringList numbers;
    if (!history->steps.empty()) {
        const RunHistory::Step& step = history->steps.back();
        const bool total = history->totalSteps > 0;
        m_progress->setValue(state == "finished" ? 1000
                             : total             ? int(1000 * step.step / history->totalSteps)
                                                 : 0);
        numbers << (total ? tr("step %1 of %2").arg(step.step, 0, 'f', 0).arg(history->totalSteps, 0, 'f', 0)
                          : tr("step %1").arg(step.step, 0, 'f', 0));
        numbers << tr("epoch %1").arg(step.epoch + 1, 0, 'f', 0);
        numbers << tr("active time %1").arg(durationText(step.seconds));
        if (state == "running" || state == "paused")
            numbers << tr("%1 left").arg(durationText(history->eta));
        if (history->atomsPerSecond > 0)
            numbers << tr("%1 atoms/s").arg(locale.toString(history->atomsPerSecond, 'f', 0));
        if (std::isfinite(step.changedOfModel) && std::isfinite(step.changedOfEligible))
            numbers << tr("%1 % of the eligible and %2 % of all parameters changed")
                           .arg(locale.toString(100 * step.changedOfEligible, 'f', 2),
                                locale.toString(100 * step.changedOfModel, 'f', 2));
    } else {
        m_progress->setValue(0);
        numbers << (run->waiting() ? tr("The folder is looked at until the run begins; on a shared file "
                                        "system that may show late.")
                                   : tr("Waiting for the first step."));
    }
    m_numbers->setText(numbers.join(QStringLiteral("  ·  ")));
    refreshMessages();
}

void TrainingPage::refreshMessages()
{
    const auto& messages = m_session.run()->history().messages;
    // The list drops its oldest entries when full; then times tell which ones are new.
    std::size_t first = std::min(m_messageCount, messages.size());
    if (messages.size() >= RunHistory::maxMessages) {
        first = 0;
        while (first < messages.size() && messages[first].time <= m_lastMessage)
            ++first;
    }
    for (std::size_t i = first; i < messages.size(); ++i) {
        const auto& message = messages[i];
        const QString time =
            QDateTime::fromMSecsSinceEpoch(qint64(message.time * 1000)).toString(QStringLiteral("HH:mm:ss"));
        const QString level = message.level == "info"
                                  ? QString()
                                  : QString::fromStdString(message.level) + QStringLiteral(": ");
        m_messages->appendPlainText(
            QStringLiteral("%1  %2%3").arg(time, level, QString::fromStdString(message.text)));
        m_lastMessage = message.time;
    }
    m_messageCount = messages.size();
}

} // namespace lodestone::gui
