#pragma once
#include <QtCore/QObject>

class QLabel;
class QProgressBar;
class QStatusBar;
class QToolButton;

namespace lodestone::gui {

class Session;

/// What the status bar says: the engine and its device, how far reading or the run in view is.
class StatusPanel : public QObject {
    Q_OBJECT
public:
    StatusPanel(Session& session, QStatusBar* bar);
    /// Asks the engine for its version and devices (starts it).
    void askEngine();

private:
    void showReading(double fraction);
    void showRun();

    Session& m_session;
    QStatusBar* m_bar;
    QLabel *m_what, *m_engine, *m_device;
    QProgressBar* m_progress;
    QToolButton* m_cancel;
};

/// "2 h 05 min", "3 min 20 s", "12 s"; a dash for negative or unknown times.
QString durationText(double seconds);

} // namespace lodestone::gui
