#include "cluster/job_monitor.h"
#include "run/run_directory.h"

#include <QtCore/QSysInfo>
#include <algorithm>
#include <chrono>

namespace lodestone::gui {

namespace {

constexpr int firstInterval = 10000, calmInterval = 60000, failedInterval = 300000; // ms
/// s after which job.json is written although nothing changed: it vouches for a run whose lock is not to be
/// seen.
constexpr double refreshed = 300;

} // namespace

JobMonitor::JobMonitor(SlurmClient& client, QObject* parent)
    : QObject(parent),
      m_client(client),
      m_first(firstInterval),
      m_interval(firstInterval)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &JobMonitor::ask);
}

void JobMonitor::setFirstInterval(int milliseconds)
{
    m_first = m_interval = milliseconds;
}

void JobMonitor::watch(const RunPaths& paths, const JobRecord& job)
{
    const auto found = m_jobs.find(paths.root);
    if (hasEnded(job.state) ||
        (found != m_jobs.end() && found->second.job.id == job.id && found->second.job.name == job.name))
        return;
    m_jobs[paths.root] = {job};
    m_interval = m_first;
    if (m_pending == 0)
        m_timer.start(std::min(1000, m_interval));
}

void JobMonitor::askNow()
{
    m_interval = m_first;
    if (m_pending == 0)
        m_timer.start(0);
}

void JobMonitor::ask()
{
    std::map<std::string, std::vector<JobRecord>> byCluster;
    for (const auto& [folder, watched] : m_jobs)
        byCluster[watched.job.cluster].push_back(watched.job);
    m_news = m_failed = false;
    m_pending = int(byCluster.size());
    for (const auto& [cluster, jobs] : byCluster)
        m_client.ask(jobs, this,
                     [this, asked = jobs](const SlurmClient::Answer& answer) { take(asked, answer); });
}

void JobMonitor::take(const std::vector<JobRecord>& asked, const SlurmClient::Answer& answer)
{
    if (!answer.problem.isEmpty()) {
        m_failed = true;
        tell(answer.problem);
    }
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const std::string here = QSysInfo::machineHostName().toStdString();
    for (auto it = m_jobs.begin(); answer.problem.isEmpty() && it != m_jobs.end();) {
        auto& [folder, watched] = *it;
        const JobRecord before = watched.job;
        JobRecord after = updated(before, answer.queue, now);
        watched.seen = watched.seen || after.state != JobState::Gone;
        // That a job is unknown says something only if it was submitted to the Slurm that answers: the folder
        // may be shared with another cluster.
        const bool known = watched.seen || before.host == here;
        const bool wasAsked = std::any_of(asked.begin(), asked.end(), [&](const JobRecord& job) {
            return job.id == before.id && job.name == before.name;
        });
        if (wasAsked && known) {
            watched.job = after;
            record(folder, before, after);
        }
        it = hasEnded(watched.job.state) ? m_jobs.erase(it) : std::next(it);
    }
    if (--m_pending > 0)
        return;
    m_interval = m_failed ? std::min(2 * m_interval, std::max(failedInterval, m_first))
                 : m_news ? m_first
                          : std::min(m_interval + m_interval / 2, std::max(calmInterval, m_first));
    if (!m_jobs.empty())
        m_timer.start(m_interval);
}

void JobMonitor::record(const std::filesystem::path& folder, const JobRecord& before, const JobRecord& after)
{
    const bool turned = before.state != after.state || before.reason != after.reason;
    if (!turned && after.observed - before.observed < refreshed) {
        m_jobs[folder].job.observed = before.observed; // as it stands in the file
        return;
    }
    m_news = m_news || turned;
    const RunPaths paths{folder};
    try {
        // Another desktop may have submitted a new job for this run since.
        const auto stored = readJobRecord(paths);
        if (!stored || stored->id != after.id || stored->name != after.name)
            return;
        writeJobRecord(paths, after);
        if (turned)
            Q_EMIT changed(QString::fromStdString(folder.string()));
    } catch (const std::exception& error) {
        tell(QString::fromUtf8(error.what())); // a colleague's run, for example
    }
}

void JobMonitor::tell(const QString& sentence)
{
    constexpr std::size_t most = 50;
    if (m_told.size() < most && m_told.insert(sentence).second)
        Q_EMIT problem(sentence);
}

} // namespace lodestone::gui
