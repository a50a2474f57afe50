#include "base/files.h"
#include "formats/formats.h"
#include "project/project_tree.h"
#include "shell/session.h"
#include "shell/session_jobs.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <cerrno>
#include <csignal>
#include <fcntl.h>

namespace lodestone::gui {

namespace {

QString freeFolder(const QString& parent, const QString& name)
{
    QString clean;
    for (const QChar c : name.trimmed())
        clean +=
            c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_') || c == QLatin1Char('.')
                ? c
                : QLatin1Char('-');
    while (clean.startsWith(QLatin1Char('.')))
        clean.remove(0, 1);
    if (clean.isEmpty())
        clean = QStringLiteral("run");
    const QDir folder(parent);
    QString candidate = clean;
    for (int n = 2; folder.exists(candidate); ++n)
        candidate = QStringLiteral("%1-%2").arg(clean).arg(n);
    return folder.filePath(candidate);
}

std::string absolutePath(const std::string& path)
{
    return path.empty() ? path : QFileInfo(QString::fromStdString(path)).absoluteFilePath().toStdString();
}

void makeAbsolute(RunConfig& config)
{
    config.model = absolutePath(config.model);
    for (auto* files : {&config.data.train, &config.data.test, &config.data.validationFiles})
        for (std::string& file : *files)
            file = absolutePath(file);
    if (config.replay)
        for (std::string& file : config.replay->files)
            file = absolutePath(file);
}

/// The end of what an engine wrote to its standard error.
QString lastWords(const QString& folder)
{
    constexpr qint64 bytes = 4096;
    constexpr qsizetype lines = 5;
    QFile log(folder + QStringLiteral("/stderr.log"));
    if (!log.open(QIODevice::ReadOnly))
        return {};
    log.seek(std::max<qint64>(0, log.size() - bytes));
    const QStringList said = QString::fromUtf8(log.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    return said.mid(std::max<qsizetype>(0, said.size() - lines)).join(QLatin1Char('\n')).trimmed();
}

bool processLives(qint64 pid)
{
    return kill(pid_t(pid), 0) == 0 || errno != ESRCH;
}

} // namespace

QString configurationOf(const QString& folder)
{
    const QString own = folder + QStringLiteral("/config.json");
    return QFileInfo::exists(own) ? own : folder + QStringLiteral("/run.json");
}

QString Session::runsFolder() const
{
    return m_runsFolder;
}

void Session::setRunsFolder(const QString& folder)
{
    m_runsFolder = QFileInfo(folder).absoluteFilePath();
}

QString Session::startRun(const RunConfig& config, const QString& name)
{
    const QString page = QStringLiteral("training");
    if (!canStart())
        return {};
    RunConfig own = config;
    makeAbsolute(own);
    if (m_model && own.model == m_model->file && !m_model->limitation.empty()) {
        Q_EMIT problem(page, QString::fromStdString(m_model->limitation));
        return {};
    }
    const QString folder = freeFolder(m_runsFolder, name);
    const std::filesystem::path root = folder.toStdString();
    const auto writeConfiguration = [own, root] {
        writeFileAtomically(root / "config.json", toJson(own).dump(2) + "\n");
    };
    try {
        makeFolder(root);
        // Excluded frames are known to the desktop only: the run then reads a copy without them.
        std::vector<std::string> open;
        for (const QString& file : m_dataFiles)
            open.push_back(file.toStdString());
        const bool leavesOut = std::find(m_excluded.begin(), m_excluded.end(), true) != m_excluded.end();
        if (m_data && own.data.train == open && (leavesOut || !m_readProblems.isEmpty())) {
            own.data.train = {(root / "train.extxyz").string()};
            auto& job = m_jobs->copyFrames[folder]; // its own: another run's copy may be on its way
            job = std::make_unique<BackgroundJob>();
            job->start(
                this,
                [data = m_data, excluded = m_excluded, own, root](const Watch& watch) {
                    std::vector<Structure> kept;
                    for (std::size_t i = 0; i < data->frames.size(); ++i) {
                        watch.report(double(i) / double(data->frames.size()));
                        if (!excluded[i])
                            kept.push_back(data->frames[i].structure);
                    }
                    writeStructures(root / "train.extxyz", kept);
                    writeFileAtomically(root / "config.json", toJson(own).dump(2) + "\n");
                    return true;
                },
                [this, folder](bool) {
                    forgetCopy(folder);
                    launch(folder, false);
                },
                [this, folder](const QString& sentence) {
                    forgetCopy(folder);
                    neverBegan(folder, false, sentence);
                });
        } else {
            writeConfiguration();
            // First in view, then launched: opening a run clears the page's old message, not this run's.
            m_jobs->launched.insert(folder);
            openRun(folder);
            launch(folder, false);
            return folder;
        }
    } catch (const std::exception& error) {
        Q_EMIT problem(page, QString::fromUtf8(error.what()));
        return {};
    }
    openRun(folder);
    return folder;
}

void Session::resumeRun()
{
    if (m_run && !m_run->active() && !m_run->waiting() && canStart())
        launch(QString::fromStdString(m_run->paths().root.string()), true);
}

void Session::launch(const QString& folder, bool resume)
{
    if (m_usesSlurm) {
        submit(folder, resume);
        return;
    }
    const RunPaths paths{folder.toStdString()};
    std::error_code none;
    const auto before = std::filesystem::file_size(paths.events(), none);
    QProcess process;
    process.setProgram(findEngine());
    QStringList arguments{QStringLiteral("finetune"), configurationOf(folder), QStringLiteral("--run"),
                          folder};
    if (resume)
        arguments << QStringLiteral("--resume");
    process.setArguments(arguments);
    process.setWorkingDirectory(folder);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(folder + QStringLiteral("/stdout.log"));
    process.setStandardErrorFile(folder + QStringLiteral("/stderr.log"));
    qint64 pid = 0;
    try {
        // QProcess empties these two and would follow a symbolic link that whoever made the folder left
        // there.
        for (const char* name : {"stdout.log", "stderr.log"})
            openForWriting(paths.root / name, O_TRUNC);
    } catch (const Error& error) {
        neverBegan(folder, resume, QString::fromUtf8(error.what()));
        return;
    }
    m_jobs->launched.insert(folder);
    if (!process.startDetached(&pid)) {
        neverBegan(folder, resume, tr("%1 could not be started.").arg(process.program()));
        return;
    }
    Q_EMIT notice((resume ? tr("Run %1 goes on.") : tr("Run %1 started.")).arg(QFileInfo(folder).fileName()));
    checkLaunch({folder, pid, none ? 0 : before, resume}, 0);
}

void Session::forgetCopy(const QString& folder)
{
    // Not now: we are in a call that the job itself made.
    QTimer::singleShot(0, this, [this, folder] { m_jobs->copyFrames.erase(folder); });
}

bool Session::runIsStarting() const
{
    if (!m_run)
        return false;
    const QString folder = QString::fromStdString(m_run->paths().root.string());
    return m_jobs->launched.count(folder) > 0 || m_jobs->copyFrames.count(folder) > 0;
}

void Session::checkLaunch(const Launch& launch, int attempt)
{
    constexpr int patience = 600; // a minute; later, reading a very large data set, it is asked less often
    QTimer::singleShot(attempt < patience ? 100 : 1000, this, [this, launch, attempt] {
        const RunPaths paths{launch.folder.toStdString()};
        std::error_code none;
        const auto bytes = std::filesystem::file_size(paths.events(), none);
        if (!none && bytes != launch.eventBytes) {
            m_jobs->launched.erase(launch.folder); // from here on the run's own events tell
            return;
        }
        if (processLives(launch.pid)) {
            checkLaunch(launch, attempt + 1);
            return;
        }
        neverBegan(launch.folder, launch.resume,
                   tr("The engine ended before the run began. %1").arg(lastWords(launch.folder)));
    });
}

void Session::neverBegan(const QString& folder, bool resume, const QString& reason)
{
    m_jobs->launched.erase(folder);
    const RunPaths paths{folder.toStdString()};
    const bool inView = m_run && m_run->paths().root == paths.root;
    // A run that was to go on keeps its state and its checkpoint; a new one would wait for ever.
    if (!resume) {
        try {
            EventWriter events(paths);
            events.write("failed", {{"reason", reason.toStdString()},
                                    {"last_checkpoint", nullptr},
                                    {"step", 0},
                                    {"seconds", 0}});
            if (inView)
                return; // the watcher reads it and tells
        } catch (const std::exception& error) {
            Q_EMIT notice(QString::fromUtf8(error.what()));
        }
    }
    Q_EMIT problem(QStringLiteral("training"), reason);
}

void Session::setOtherRuns(const QStringList& folders)
{
    constexpr int most = 20;
    if (folders.mid(0, most) == m_otherRuns)
        return;
    m_otherRuns = folders.mid(0, most);
    Q_EMIT otherRunsChanged();
}

void Session::openRun(const QString& folder)
{
    const QString path = QFileInfo(folder).absoluteFilePath();
    if (m_run && QString::fromStdString(m_run->paths().root.string()) == path)
        return;
    closeRun();
    if (QFileInfo(path).absolutePath() != QDir::cleanPath(m_runsFolder)) {
        QStringList others = m_otherRuns;
        others.removeAll(path);
        others.prepend(path);
        setOtherRuns(others);
    }
    m_run = std::make_unique<RunWatcher>(RunPaths{path.toStdString()});
    connect(m_run.get(), &RunWatcher::updated, this, &Session::runUpdated);
    connect(m_run.get(), &RunWatcher::jobFound, this, &Session::followJobInView);
    connect(m_run.get(), &RunWatcher::problem, this,
            [this](const QString& sentence) { Q_EMIT problem(QStringLiteral("training"), sentence); });
    connect(m_run.get(), &RunWatcher::stateChanged, this, [this, path](const QString& state) {
        const QString reason = QString::fromStdString(m_run->history().endReason);
        if (state == QLatin1String("failed"))
            Q_EMIT problem(QStringLiteral("training"), reason.isEmpty() ? tr("The run failed.") : reason);
        if (state == QLatin1String("finished") || state == QLatin1String("stopped"))
            m_jobs->momentsDelay.start();
        Q_EMIT notice(tr("Run %1: %2").arg(QFileInfo(path).fileName(), stateText(state.toStdString())));
    });
    Q_EMIT runChanged();
    m_jobs->momentsDelay.start();
}

void Session::closeRun()
{
    if (!m_run)
        return;
    m_run->disconnect(this);
    m_run.release()->deleteLater(); // it may be the one whose signal brought us here
    m_jobs->elementMeans.clear();
    stopAsking();
    m_jobs->tuned = {};
    updateMoments();
    Q_EMIT runChanged();
}

} // namespace lodestone::gui
