#include "shell/screenshots.h"
#include "shell/main_window.h"
#include "shell/page_stack.h"

#include <QtCore/QDir>

namespace lodestone::gui {

namespace {

constexpr int checkInterval = 100;  // ms
constexpr int quietChecks = 12;     // so long nothing may be under way
constexpr int longestWait = 120000; // ms
constexpr int pageDelay = 900;      // ms for timers that redraw and for the questions a page asks when shown

} // namespace

Screenshots::Screenshots(MainWindow& window, QString folder) : m_window(window), m_folder(std::move(folder))
{
    m_ok = QDir().mkpath(m_folder);
    m_timer.setInterval(checkInterval);
    connect(&m_timer, &QTimer::timeout, this, &Screenshots::wait);
    m_waited.start();
    m_timer.start();
}

void Screenshots::wait()
{
    Session& session = m_window.session();
    const bool modelComes = session.openingModel();
    const bool dataComes = session.readingData() || (session.data() && !session.preflight());
    const bool runComes = session.run() && session.run()->history().state == "empty";
    m_quiet = modelComes || dataComes || runComes || session.engine().busy() ? 0 : m_quiet + 1;
    if (m_quiet < quietChecks && m_waited.elapsed() < longestWait)
        return;
    m_timer.stop();
    next();
}

void Screenshots::next()
{
    if (++m_page >= m_window.pages().count()) {
        Q_EMIT finished(m_ok);
        return;
    }
    m_window.showPage(m_window.pages().key(m_page));
    QTimer::singleShot(pageDelay, this, &Screenshots::grab);
}

void Screenshots::grab()
{
    if (m_window.session().engine().busy() && m_waited.elapsed() < longestWait) {
        QTimer::singleShot(checkInterval, this, &Screenshots::grab);
        return;
    }
    const QString file =
        QStringLiteral("%1/%2-%3.png").arg(m_folder).arg(m_page).arg(m_window.pages().key(m_page));
    if (m_window.grab().save(file))
        m_files << file;
    else
        m_ok = false;
    next();
}

} // namespace lodestone::gui
