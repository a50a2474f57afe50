#include "shell/status_panel.h"
#include "shell/session.h"
#include "shell/theme.h"
#include "widgets/plain_text.h"

#include <QtCore/QLocale>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QStatusBar>
#include <QtWidgets/QToolButton>
#include <cmath>

namespace lodestone::gui {

QString durationText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return QStringLiteral("–");
    const auto whole = qint64(std::llround(seconds));
    if (whole < 60)
        return StatusPanel::tr("%1 s").arg(whole);
    if (whole < 3600)
        return StatusPanel::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
    return StatusPanel::tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60, 2, 10, QLatin1Char('0'));
}

StatusPanel::StatusPanel(Session& session, QStatusBar* bar)
    : QObject(bar),
      m_session(session),
      m_bar(bar),
      m_what(new QLabel(bar)),
      m_engine(new QLabel(tr("Engine not started"), bar)),
      m_device(new QLabel(bar)),
      m_progress(new QProgressBar(bar)),
      m_cancel(new QToolButton(bar))
{
    m_progress->setFixedWidth(180);
    m_progress->setMaximumHeight(14);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress"));
    m_cancel->setIcon(icon(QStringLiteral("close")));
    m_cancel->setAutoRaise(true);
    m_cancel->setToolTip(tr("Cancel reading"));
    m_cancel->setAccessibleName(m_cancel->toolTip());
    m_engine->setToolTip(tr("The background program that evaluates models"));
    m_device->setToolTip(tr("Where models are evaluated, and its memory"));
    for (QLabel* label : {m_what, m_engine, m_device}) {
        label->setTextFormat(Qt::PlainText);
        label->setContentsMargins(8, 0, 8, 0);
    }
    for (QWidget* widget : std::initializer_list<QWidget*>{m_what, m_progress, m_cancel, m_engine, m_device})
        bar->addPermanentWidget(widget);
    m_what->hide();
    m_progress->hide();
    m_cancel->hide();
    m_device->hide();

    connect(&session.engine(), &EngineClient::stateChanged, m_engine, &QLabel::setText);
    connect(&session, &Session::dataProgress, this, &StatusPanel::showReading);
    connect(&session, &Session::runUpdated, this, &StatusPanel::showRun);
    connect(&session, &Session::runChanged, this, &StatusPanel::showRun);
    connect(&session, &Session::notice, bar,
            [bar](const QString& sentence) { bar->showMessage(sentence, 8000); });
    connect(m_cancel, &QToolButton::clicked, &session, &Session::cancelReading);
}

void StatusPanel::askEngine()
{
    m_session.engine().request(
        QStringLiteral("version"), Json::object(), this, [this](const EngineClient::Reply& reply) {
            if (!reply.error.isEmpty()) {
                m_engine->setToolTip(asPlainText(reply.error));
                Q_EMIT m_session.notice(reply.error);
                return;
            }
            if (!reply.ok.is_object())
                return;
            const auto text = [](const Json& object, const char* key) {
                const auto found = object.find(key);
                return found != object.end() && found->is_string()
                           ? QString::fromStdString(found->get<std::string>())
                           : QString();
            };
            m_engine->setToolTip(tr("lodestone-engine %1, LibTorch %2")
                                     .arg(text(reply.ok, "version"), text(reply.ok, "libtorch")));
            const auto devices = reply.ok.find("devices");
            if (devices == reply.ok.end() || !devices->is_array() || devices->empty())
                return;
            // An accelerator, where there is one, is what "auto" takes.
            const Json* device = &devices->front();
            for (const Json& other : *devices)
                if (text(other, "type") == QLatin1String("cuda")) {
                    device = &other;
                    break;
                }
            const auto memory = device->find("memory");
            const double bytes = memory != device->end() && memory->is_number() ? memory->get<double>() : 0;
            QString name = text(*device, "name");
            if (bytes > 0)
                name += QStringLiteral(", %1").arg(QLocale().formattedDataSize(qint64(bytes), 1));
            m_device->setText(name);
            m_device->setVisible(!name.isEmpty());
        });
}

void StatusPanel::showReading(double fraction)
{
    if (!m_session.readingData() || fraction >= 1) {
        m_cancel->hide();
        showRun();
        return;
    }
    m_what->setText(tr("Reading data"));
    m_progress->setValue(int(1000 * fraction));
    m_what->show();
    m_progress->show();
    m_cancel->show();
}

void StatusPanel::showRun()
{
    if (m_session.readingData())
        return;
    const RunWatcher* run = m_session.run();
    const bool active = run && run->active();
    m_what->setVisible(active);
    m_progress->setVisible(active);
    if (!active)
        return;
    const RunHistory& history = run->history();
    const QString name = QString::fromStdString(run->paths().root.filename().string());
    const double step = history.steps.empty() ? 0 : history.steps.back().step;
    const bool known = history.totalSteps > 0;
    m_progress->setValue(known ? int(1000 * std::min(1.0, step / history.totalSteps)) : 0);
    m_what->setText(history.state == "paused"  ? tr("%1 paused").arg(name)
                    : known && history.eta > 0 ? tr("%1: %2 left").arg(name, durationText(history.eta))
                                               : name);
}

} // namespace lodestone::gui
