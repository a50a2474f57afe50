#include "shell/window_holder.h"
#include "shell/main_window.h"

namespace lodestone::gui {

WindowHolder::WindowHolder(QSettings& settings) : m_settings(settings)
{
    make();
}

WindowHolder::~WindowHolder() = default;

void WindowHolder::make()
{
    m_window = std::make_unique<MainWindow>(m_settings);
    // Not at once: the old window is in the midst of asking.
    connect(m_window.get(), &MainWindow::restartRequested, this, &WindowHolder::replace,
            Qt::QueuedConnection);
}

void WindowHolder::replace()
{
    // Shown before the old one goes: without any window the program would end.
    const std::unique_ptr<MainWindow> old = std::move(m_window);
    make();
    m_window->setAsksOnClose(old->asksOnClose());
    m_window->show();
    m_window->restore();
    Q_EMIT replaced();
}

} // namespace lodestone::gui
