#pragma once
#include <QtCore/QTimer>
#include <QtWidgets/QPlainTextEdit>

namespace lodestone::gui {

/// The last 5,000 lines of what the engine and the desktop said. Lines are appended in batches, so that a
/// talkative engine costs one repaint a tenth of a second.
class LogView : public QPlainTextEdit {
    Q_OBJECT
public:
    static constexpr int maxLines = 5000;
    explicit LogView(QWidget* parent = nullptr);
    void append(const QString& line); ///< with the time of day before it
    void flush();

private:
    QStringList m_waiting;
    QTimer m_timer;
};

} // namespace lodestone::gui
