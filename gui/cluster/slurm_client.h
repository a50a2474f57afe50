#pragma once
#include "cluster/slurm_queue.h"
#include "cluster/slurm_site.h"

#include <QtCore/QObject>
#include <QtCore/QString>
#include <functional>

namespace lodestone::gui {

/// Calls sbatch, squeue and scancel: with lists of arguments, without a shell, never waiting in the GUI
/// thread. What they print is read up to a limit, and who does not answer in time is ended. Answers come in
/// the thread of the caller, while `context` lives, and never before the call has returned. Sentences
/// (problem) are empty where all went well.
class SlurmClient : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    ~SlurmClient() override;

    struct Submission {
        JobRecord job;
        QString problem;
    };
    /// Writes job.sh into the run directory (readable by its owner only), submits it and writes job.json. A
    /// job whose record cannot be written is cancelled again. `configuration`: file, absolute.
    void submit(const SlurmSite& site, const QString& folder, const QString& configuration, bool resume,
                QObject* context, std::function<void(const Submission&)> done);

    struct Answer {
        std::map<std::string, QueueEntry> queue; ///< a job that is missing here is not known to Slurm
        QString problem;                         ///< then the queue says nothing
    };
    /// Asks for jobs of one cluster.
    void ask(const std::vector<JobRecord>& jobs, QObject* context, std::function<void(const Answer&)> done);

    void cancel(const JobRecord& job, QObject* context, std::function<void(const QString& problem)> done);

    /// ms that a program may take.
    void setPatience(int milliseconds) { m_patience = milliseconds; }

private:
    struct Result {
        std::string out, error;
        QString problem;
    };
    void call(const char* program, const std::vector<std::string>& arguments, QObject* context,
              std::function<void(const Result&)> done);

    int m_patience = 60000;
};

} // namespace lodestone::gui
