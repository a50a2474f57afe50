#pragma once
#include <QtCore/QObject>
#include <memory>

class QSettings;

namespace lodestone::gui {

class MainWindow;

/// Keeps the one window, and puts a new one in its place when it asks for that: another project begins
/// without anything of the former one.
class WindowHolder : public QObject {
    Q_OBJECT
public:
    /// `settings` outlives the holder. The window is made, but not shown.
    explicit WindowHolder(QSettings& settings);
    ~WindowHolder() override;
    MainWindow& window() { return *m_window; }

Q_SIGNALS:
    void replaced();

private:
    void make();
    void replace();

    QSettings& m_settings;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace lodestone::gui
