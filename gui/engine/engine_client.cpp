#include "engine/engine_client.h"
#include "protocol/messages.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QStandardPaths>
#include <QtCore/QTimer>

namespace lodestone::gui {

namespace {

constexpr int handshake = 0; ///< the id of the request that is sent before anybody's

} // namespace

QString findEngine()
{
    const auto usable = [](const QString& path) {
        const QFileInfo info(path);
        return info.isFile() && info.isExecutable();
    };
    // A path in the environment is taken at its word: falling back to another engine would hide a typing
    // error.
    const QString named = qEnvironmentVariable("LODESTONE_ENGINE");
    if (!named.isEmpty())
        return usable(named) ? QFileInfo(named).absoluteFilePath() : QString();
    const QString name = QStringLiteral("lodestone-engine");
    const QDir here(QCoreApplication::applicationDirPath());
    if (usable(here.filePath(name)))
        return here.filePath(name);
    return QStandardPaths::findExecutable(name);
}

EngineClient::EngineClient(QObject* parent)
    : QObject(parent),
      m_scratch(QDir::tempPath() + QStringLiteral("/lodestone-XXXXXX"))
{
}

EngineClient::~EngineClient()
{
    if (!m_process)
        return;
    m_process->disconnect(this);
    // Closing its input asks `serve` to end; a computation in flight is not waited for.
    m_process->closeWriteChannel();
    if (m_process->state() != QProcess::NotRunning && !m_process->waitForFinished(300)) {
        m_process->kill();
        m_process->waitForFinished(2000);
    }
}

QString EngineClient::scratchFolder() const
{
    return m_scratch.path();
}

int EngineClient::request(const QString& verb, Json arguments, QObject* context, Callback done,
                          Progress progress)
{
    const int id = m_nextId++;
    m_pending[id] = {context ? context : this, std::move(done), std::move(progress)};
    if (!start()) {
        // The caller's code after request() runs first, as with a real answer.
        QTimer::singleShot(0, this, [this] {
            failAll(
                tr("The program lodestone-engine was not found. Put it beside lodestone, or name it in the "
                   "environment variable LODESTONE_ENGINE."));
        });
        return id;
    }
    Json line = {{"id", id}, {"do", verb.toStdString()}};
    for (const auto& [key, value] : arguments.items())
        line[key] = value;
    send(line);
    Q_EMIT stateChanged(tr("Engine busy"));
    return id;
}

void EngineClient::cancel(int id)
{
    if (m_pending.count(id) && m_process && m_process->state() != QProcess::NotRunning)
        send({{"id", m_nextId++}, {"do", "cancel"}, {"request", id}});
}

void EngineClient::send(const Json& line)
{
    m_process->write(QByteArray::fromStdString(line.dump(-1, ' ', false, Json::error_handler_t::replace)) +
                     '\n');
}

bool EngineClient::start()
{
    if (m_process && m_process->state() != QProcess::NotRunning)
        return true;
    const QString program = findEngine();
    if (program.isEmpty()) {
        Q_EMIT stateChanged(tr("Engine not found"));
        return false;
    }
    if (m_process) {
        m_process->disconnect(this);
        m_process->deleteLater();
    }
    m_buffer.clear();
    m_process = new QProcess(this);
    connect(m_process, &QProcess::readyReadStandardOutput, this, &EngineClient::readAnswers);
    connect(m_process, &QProcess::readyReadStandardError, this, &EngineClient::readLog);
    connect(m_process, &QProcess::started, this, [this] { Q_EMIT stateChanged(tr("Engine ready")); });
    connect(m_process, &QProcess::errorOccurred, this, [this, program](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            failAll(tr("%1 could not be started: %2.").arg(program, m_process->errorString()));
    });
    connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        readAnswers();
        readLog();
        const QString last = QString::fromUtf8(m_log).trimmed();
        failAll((status == QProcess::CrashExit
                     ? tr("The engine ended unexpectedly; it is started again with the next "
                          "request.")
                     : tr("The engine ended with exit code %1.").arg(code)) +
                (last.isEmpty() ? QString() : QLatin1Char(' ') + last));
        Q_EMIT stateChanged(tr("Engine stopped"));
    });
    Q_EMIT stateChanged(tr("Engine starting"));
    m_process->start(program, {QStringLiteral("serve")});
    send({{"id", handshake}, {"do", "version"}});
    return true;
}

void EngineClient::readAnswers()
{
    QByteArray lines = m_buffer + m_process->readAllStandardOutput();
    m_buffer.clear();
    qsizetype begin = 0;
    for (qsizetype end; m_process && (end = lines.indexOf('\n', begin)) >= 0; begin = end + 1)
        dispatch(lines.mid(begin, end - begin));
    if (m_process) // not ended for its version
        m_buffer = lines.mid(begin);
}

void EngineClient::readLog()
{
    if (!m_process)
        return; // ended for its version
    m_log += m_process->readAllStandardError();
    qsizetype begin = 0;
    for (qsizetype end; (end = m_log.indexOf('\n', begin)) >= 0; begin = end + 1)
        Q_EMIT logLine(QString::fromUtf8(m_log.mid(begin, end - begin)));
    m_log.remove(0, begin);
}

void EngineClient::dispatch(const QByteArray& line)
{
    const Json json = parseJsonOrNull({line.constData(), std::size_t(line.size())});
    if (!json.is_object() || !json.contains("id") || !json["id"].is_number_integer()) {
        if (!line.trimmed().isEmpty())
            Q_EMIT logLine(tr("Not understood from the engine: %1").arg(QString::fromUtf8(line.left(200))));
        return;
    }
    const int id = json["id"].get<int>();
    if (id == handshake) {
        checkVersion(json);
        return;
    }
    if (const auto progress = json.find("progress"); progress != json.end() && progress->is_number()) {
        const auto pending = m_pending.find(id);
        if (pending != m_pending.end() && pending->second.context && pending->second.progress)
            pending->second.progress(progress->get<double>());
        return;
    }
    Reply reply;
    if (const auto error = json.find("error"); error != json.end()) {
        const bool hasText = error->is_object() && error->contains("text") && (*error)["text"].is_string();
        reply.error = hasText ? QString::fromStdString((*error)["text"].get<std::string>())
                              : tr("The engine reported an error without a text.");
    } else if (const auto stopped = json.find("stopped"); stopped != json.end() && *stopped == true) {
        reply.stopped = true;
    } else if (const auto ok = json.find("ok"); ok != json.end()) {
        reply.ok = *ok;
    } else {
        reply.error = tr("The engine's answer holds neither a result nor an error.");
    }
    answer(id, reply);
}

void EngineClient::checkVersion(const Json& answer)
{
    const auto ok = answer.find("ok");
    const int theirs = ok != answer.end() && ok->is_object() ? ok->value("protocol", 0) : 0;
    if (theirs == protocolVersion)
        return;
    // The next request starts the engine that is there then.
    QProcess* wrong = std::exchange(m_process, nullptr);
    wrong->disconnect(this);
    connect(wrong, &QProcess::finished, wrong, &QObject::deleteLater);
    wrong->kill();
    failAll(tr("The engine %1 is of another version than this window (its protocol is %2, not %3). Install "
               "both from the same release, or name the right engine in the environment variable "
               "LODESTONE_ENGINE.")
                .arg(wrong->program())
                .arg(theirs)
                .arg(protocolVersion));
    Q_EMIT stateChanged(tr("Engine stopped"));
}

void EngineClient::answer(int id, const Reply& reply)
{
    const auto found = m_pending.find(id);
    if (found == m_pending.end())
        return; // the answer to `cancel`, or to something already given up
    const Pending pending = std::move(found->second);
    m_pending.erase(found);
    if (m_pending.empty())
        Q_EMIT stateChanged(tr("Engine ready"));
    if (pending.context && pending.done)
        pending.done(reply);
}

void EngineClient::failAll(const QString& sentence)
{
    std::map<int, Pending> failed;
    failed.swap(m_pending); // a callback may send the next request
    for (const auto& [id, pending] : failed)
        if (pending.context && pending.done)
            pending.done({{}, sentence, false});
}

} // namespace lodestone::gui
