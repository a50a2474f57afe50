// Runs as jobs of Slurm: what Session has to do with them.
#include "shell/session.h"
#include "shell/session_jobs.h"

#include <QtCore/QFileInfo>

namespace lodestone::gui {

void Session::setSlurm(bool used, const SlurmSite& site)
{
    if (used == m_usesSlurm && site == m_slurmSite)
        return;
    m_usesSlurm = used;
    m_slurmSite = site;
    Q_EMIT slurmChanged();
}

bool Session::canStart()
{
    const QString page = QStringLiteral("training");
    if (!m_usesSlurm) {
        if (!findEngine().isEmpty())
            return true;
        Q_EMIT problem(page, tr("The program lodestone-engine was not found, so no run can start."));
        return false;
    }
    const auto problems = siteProblems(m_slurmSite);
    if (!problems.empty())
        Q_EMIT problem(page, tr("The settings for Slurm cannot be used yet. %1")
                                 .arg(QString::fromStdString(problems.front())));
    return problems.empty();
}

void Session::submit(const QString& folder, bool resume)
{
    m_jobs->launched.insert(folder);
    Q_EMIT notice(tr("Run %1 is handed to Slurm…").arg(QFileInfo(folder).fileName()));
    m_jobs->slurm.submit(m_slurmSite, folder, configurationOf(folder), resume, this,
                         [this, folder, resume](const SlurmClient::Submission& made) {
                             if (!made.problem.isEmpty()) {
                                 neverBegan(folder, resume, made.problem);
                                 return;
                             }
                             m_jobs->launched.erase(folder);
                             m_jobs->monitor.watch(RunPaths{folder.toStdString()}, made.job);
                             Q_EMIT notice(
                                 tr("Run %1 is job %2 of Slurm.")
                                     .arg(QFileInfo(folder).fileName(), QString::fromStdString(made.job.id)));
                         });
}

void Session::followJobInView()
{
    if (m_run && m_run->history().job)
        m_jobs->monitor.watch(m_run->paths(), *m_run->history().job);
}

void Session::followJobs(const std::vector<RunSummary>& runs)
{
    for (const RunSummary& run : runs)
        if (run.job)
            m_jobs->monitor.watch(run.paths, *run.job);
}

void Session::cancelJob()
{
    if (!m_run || !m_run->history().job || hasEnded(m_run->history().job->state))
        return;
    const JobRecord job = *m_run->history().job;
    m_jobs->slurm.cancel(job, this, [this, job](const QString& sentence) {
        if (sentence.isEmpty())
            Q_EMIT notice(tr("Slurm was asked to cancel job %1.").arg(QString::fromStdString(job.id)));
        else
            Q_EMIT problem(QStringLiteral("training"), sentence);
        m_jobs->monitor.askNow();
    });
}

} // namespace lodestone::gui
