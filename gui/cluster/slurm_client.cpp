#include "cluster/slurm_client.h"
#include "base/files.h"
#include "base/text.h"
#include "run/run_directory.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QPointer>
#include <QtCore/QProcess>
#include <QtCore/QRandomGenerator>
#include <QtCore/QStandardPaths>
#include <QtCore/QSysInfo>
#include <QtCore/QTimer>
#include <chrono>
#include <memory>

namespace lodestone::gui {

namespace {

constexpr qsizetype shownOfErrors = 500; // characters

double unixNow()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

QProcessEnvironment schedulerEnvironment()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QStringList names = environment.keys();
    for (const QString& name : names)
        if (disturbsScheduler(name.toStdString()))
            environment.remove(name);
    return environment;
}

/// The last lines of what a program said against it, without what a terminal would act upon.
QString complaint(const std::string& error)
{
    return QString::fromStdString(printable(error)).trimmed().right(shownOfErrors);
}

/// Adds what there is to read, up to the limit; false if there is more.
bool take(const QByteArray& news, std::string& text)
{
    text.append(news.constData(), std::min(std::size_t(news.size()), mostSchedulerOutput - text.size()));
    return text.size() < mostSchedulerOutput;
}

} // namespace

SlurmClient::~SlurmClient()
{
    // Their answers are wanted no more; ~QProcess would end a program that still works and say so.
    for (QProcess* process : findChildren<QProcess*>())
        process->disconnect();
}

void SlurmClient::call(const char* name, const std::vector<std::string>& arguments, QObject* context,
                       std::function<void(const Result&)> done)
{
    const QString program = QString::fromLatin1(name);
    const auto finish = [done = std::move(done), context = QPointer<QObject>(context),
                         any = context != nullptr](const Result& result) {
        if (context || !any)
            done(result);
    };
    const QString path = QStandardPaths::findExecutable(program);
    if (path.isEmpty()) {
        Result missing;
        missing.problem = tr("The program %1 was not found. Slurm's commands must be in the PATH of this "
                             "computer, as they are "
                             "on a login node of the cluster.")
                              .arg(program);
        QTimer::singleShot(0, this, [finish, missing] { finish(missing); });
        return;
    }
    auto* process = new QProcess(this);
    const auto result = std::make_shared<Result>();
    const auto listen = [process, result, program] {
        if (take(process->readAllStandardOutput(), result->out) &&
            take(process->readAllStandardError(), result->error))
            return;
        result->problem = tr("%1 printed more than a mebibyte, which is no answer.").arg(program);
        process->kill();
    };
    connect(process, &QProcess::readyReadStandardOutput, this, listen);
    connect(process, &QProcess::readyReadStandardError, this, listen);
    connect(process, &QProcess::finished, this,
            [process, result, program, listen, finish](int code, QProcess::ExitStatus status) {
                listen();
                if (result->problem.isEmpty() && status != QProcess::NormalExit)
                    result->problem = tr("%1 crashed.").arg(program);
                else if (result->problem.isEmpty() && code != 0)
                    result->problem =
                        tr("%1 failed: %2")
                            .arg(program, complaint(result->error.empty() ? result->out : result->error));
                process->deleteLater();
                finish(*result);
            });
    connect(process, &QProcess::errorOccurred, this,
            [process, result, program, finish](QProcess::ProcessError error) {
                if (error != QProcess::FailedToStart)
                    return; // finished() follows
                result->problem = tr("%1 could not be started.").arg(program);
                process->deleteLater();
                finish(*result);
            });
    QTimer::singleShot(m_patience, process, [process, result, program, patience = m_patience] {
        result->problem = tr("%1 did not answer within %2 s.").arg(program).arg((patience + 999) / 1000);
        process->kill();
    });
    process->setProcessEnvironment(schedulerEnvironment());
    process->setStandardInputFile(QProcess::nullDevice());
    QStringList list;
    for (const std::string& argument : arguments)
        list << QString::fromStdString(argument);
    process->setProgram(path);
    process->setArguments(list);
    // Not now: a program that cannot be started would answer before this call returns.
    QTimer::singleShot(0, process, [process] { process->start(); });
}

void SlurmClient::submit(const SlurmSite& site, const QString& folder, const QString& configuration,
                         bool resume, QObject* context, std::function<void(const Submission&)> done)
{
    const RunPaths paths{folder.toStdString()};
    Submission made;
    made.job.host = QSysInfo::machineHostName().toStdString();
    made.job.name = jobName(paths.root.filename().string(),
                            fmt::format("{:08x}", QRandomGenerator::global()->generate()));
    try {
        const std::filesystem::path script = paths.root / "job.sh";
        writeFileAtomically(script, jobScript(site, {made.job.name, folder.toStdString(),
                                                     configuration.toStdString(), resume}));
        std::filesystem::permissions(script, std::filesystem::perms::owner_read |
                                                 std::filesystem::perms::owner_write);
    } catch (const std::exception& error) {
        made.problem = QString::fromUtf8(error.what());
        QTimer::singleShot(0, context, [done = std::move(done), made] { done(made); });
        return;
    }
    call("sbatch", submitArguments(folder.toStdString()), context,
         [this, paths, made, context, done = std::move(done)](const Result& result) mutable {
             made.problem = result.problem;
             if (made.problem.isEmpty())
                 try {
                     const SubmittedJob submitted = parseSubmission(result.out);
                     made.job.id = submitted.id;
                     made.job.cluster = submitted.cluster;
                     made.job.submitted = made.job.observed = unixNow();
                     writeJobRecord(paths, made.job);
                 } catch (const std::exception& error) {
                     made.problem = QString::fromUtf8(error.what());
                     if (!made.job.id.empty()) {
                         cancel(made.job, context, [done, made](const QString&) { done(made); });
                         return;
                     }
                 }
             done(made);
         });
}

void SlurmClient::ask(const std::vector<JobRecord>& jobs, QObject* context,
                      std::function<void(const Answer&)> done)
{
    call("squeue", queueArguments(jobs), context, [done = std::move(done)](const Result& result) {
        // Asked for one job that it has forgotten squeue fails, among several it leaves it out.
        if (!result.problem.isEmpty() && !saysUnknownJob(result.error))
            done({{}, result.problem});
        else
            done({parseQueue(result.out), {}});
    });
}

void SlurmClient::cancel(const JobRecord& job, QObject* context, std::function<void(const QString&)> done)
{
    call("scancel", cancelArguments(job), context,
         [done = std::move(done)](const Result& result) { done(result.problem); });
}

} // namespace lodestone::gui
