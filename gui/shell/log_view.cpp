#include "shell/log_view.h"

#include <QtCore/QTime>
#include <QtGui/QFontDatabase>
#include <QtWidgets/QScrollBar>

namespace lodestone::gui {

LogView::LogView(QWidget* parent) : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setMaximumBlockCount(maxLines);
    setUndoRedoEnabled(false);
    setLineWrapMode(NoWrap);
    setAcceptDrops(false); // files dropped here belong to the window
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setAccessibleName(tr("Log"));
    setPlaceholderText(tr("Messages of the engine and of this window."));
    m_timer.setSingleShot(true);
    m_timer.setInterval(100);
    connect(&m_timer, &QTimer::timeout, this, &LogView::flush);
}

void LogView::append(const QString& line)
{
    m_waiting << QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + line;
    if (m_waiting.size() > 2 * maxLines)
        m_waiting.erase(m_waiting.begin(), m_waiting.begin() + maxLines);
    if (!m_timer.isActive())
        m_timer.start();
}

void LogView::flush()
{
    if (m_waiting.isEmpty())
        return;
    const bool atEnd = verticalScrollBar()->value() >= verticalScrollBar()->maximum() - 1;
    appendPlainText(m_waiting.join(QLatin1Char('\n')));
    m_waiting.clear();
    if (atEnd)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

} // namespace lodestone::gui
