#pragma once
#include "base/json.h"

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QProcess>
#include <QtCore/QString>
#include <QtCore/QTemporaryDir>
#include <functional>
#include <map>

namespace lodestone::gui {

/// Path of lodestone-engine: LODESTONE_ENGINE in the environment, then beside this program, then PATH. Empty:
/// not found.
QString findEngine();

/// Talks to one long-lived `lodestone-engine serve` (docs/events-and-protocol.md). Started on the first
/// request and again after a crash (the requests then in flight fail with a sentence). An engine of another
/// version, whose protocol is another one, is ended and everything asked of it fails with a sentence.
/// Everything is asynchronous; callbacks run in the GUI thread and only while `context` lives.
class EngineClient : public QObject {
    Q_OBJECT
public:
    explicit EngineClient(QObject* parent = nullptr);
    ~EngineClient() override;

    struct Reply {
        Json ok;       ///< the answer, unless error or stopped
        QString error; ///< a sentence; empty if none
        bool stopped = false;
    };
    using Callback = std::function<void(const Reply&)>;
    using Progress = std::function<void(double)>;
    /// Returns the request's id. `arguments` are the fields of the request beside id and do.
    int request(const QString& verb, Json arguments, QObject* context, Callback done, Progress progress = {});
    void cancel(int id);
    bool busy() const { return !m_pending.empty(); }
    /// Folder for the engine's bulk answers; removed with this object.
    QString scratchFolder() const;

Q_SIGNALS:
    void stateChanged(const QString& sentence); ///< for the status bar: starting, ready, busy, stopped
    void logLine(const QString& line);          ///< the engine's standard error

private:
    struct Pending {
        QPointer<QObject> context;
        Callback done;
        Progress progress;
    };
    bool start();
    void send(const Json& line);
    void readAnswers();
    void readLog();
    void dispatch(const QByteArray& line);
    void checkVersion(const Json& answer);
    void answer(int id, const Reply& reply);
    void failAll(const QString& sentence);

    QProcess* m_process = nullptr;
    QByteArray m_buffer, m_log;
    std::map<int, Pending> m_pending;
    int m_nextId = 1;
    QTemporaryDir m_scratch;
};

} // namespace lodestone::gui
