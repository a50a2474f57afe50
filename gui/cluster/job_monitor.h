#pragma once
#include "cluster/slurm_client.h"

#include <QtCore/QTimer>
#include <map>
#include <set>

namespace lodestone::gui {

/// Asks Slurm from time to time what became of jobs and writes it into their job.json, from which run lists
/// and watchers learn it. All jobs of a cluster in one question: every ten seconds, less often (up to a
/// minute) while nothing happens, up to five minutes where Slurm cannot be asked.
class JobMonitor : public QObject {
    Q_OBJECT
public:
    explicit JobMonitor(SlurmClient& client, QObject* parent = nullptr);
    /// Follows the job of this run until it has ended; one that is followed already (same id and name) is
    /// left as it is.
    void watch(const RunPaths& paths, const JobRecord& job);
    /// Asks at once, for example after a cancellation.
    void askNow();
    std::size_t watched() const { return m_jobs.size(); }
    int interval() const { return m_interval; } ///< ms to the next question
    /// ms between two questions at first.
    void setFirstInterval(int milliseconds);

Q_SIGNALS:
    void changed(const QString& folder);   ///< job.json says something new
    void problem(const QString& sentence); ///< Slurm cannot be asked, or job.json not be written; each once

private:
    struct Watched {
        JobRecord job;
        bool seen = false; ///< in the queue of the Slurm that answers here
    };
    void ask();
    void take(const std::vector<JobRecord>& asked, const SlurmClient::Answer& answer);
    void record(const std::filesystem::path& folder, const JobRecord& before, const JobRecord& after);
    void tell(const QString& sentence);

    SlurmClient& m_client;
    std::map<std::filesystem::path, Watched> m_jobs; ///< by run directory
    QTimer m_timer;
    int m_first, m_interval;
    int m_pending = 0; ///< questions without an answer
    bool m_news = false, m_failed = false;
    std::set<QString> m_told;
};

} // namespace lodestone::gui
