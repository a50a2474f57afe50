#pragma once
#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QTimer>

namespace lodestone::gui {

class MainWindow;

/// Pictures of every page: waits until files are read, the run's events are caught up and the engine rests
/// (two minutes at most), then shows page after page and writes FOLDER/1-structure.png and so on.
class Screenshots : public QObject {
    Q_OBJECT
public:
    Screenshots(MainWindow& window, QString folder);
    QStringList files() const { return m_files; }

Q_SIGNALS:
    void finished(bool allWritten);

private:
    void wait();
    void next();
    void grab();

    MainWindow& m_window;
    QString m_folder;
    QStringList m_files;
    QTimer m_timer;
    QElapsedTimer m_waited;
    int m_quiet = 0, m_page = -1;
    bool m_ok = true;
};

} // namespace lodestone::gui
