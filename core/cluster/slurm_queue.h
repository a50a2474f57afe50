#pragma once
#include "run/job_record.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

// What sbatch, squeue and scancel are called with and what they answer. Their output is foreign text: it is
// bounded, checked, and what does not keep to the expected form is an Error or is passed over.

/// Bytes of output beyond which nobody reads on.
inline constexpr std::size_t mostSchedulerOutput = 1 << 20;

struct SubmittedJob {
    std::string id;      ///< digits
    std::string cluster; ///< in a federation; else empty
};
/// The answer of `sbatch --parsable`: "ID" or "ID;CLUSTER", after any lines of site plugins. Error with what
/// was said.
SubmittedJob parseSubmission(std::string_view text);

struct QueueEntry {
    std::string id, name;
    JobState state = JobState::Pending;
    std::string nodes;  ///< where it runs, as Slurm writes lists of nodes
    std::string reason; ///< Slurm's word for why it waits ("Resources"); of an ended job the state's own
                        ///< word; may be empty
};
/// Jobs by id from the output of squeue called with queueArguments(). Lines of another form (warnings of
/// plugins, cut-off ends) are left out; a state that is not known counts as running, since the job is in the
/// queue.
std::map<std::string, QueueEntry> parseQueue(std::string_view text);
/// Slurm's name of a state ("PENDING", "CANCELLED by 1000"); nothing if it is none that we know.
std::optional<JobState> jobState(std::string_view word);

/// Arguments of sbatch for the script job.sh in `folder`.
std::vector<std::string> submitArguments(const std::string& folder);
/// Arguments of squeue for these jobs, which are all of one cluster.
std::vector<std::string> queueArguments(const std::vector<JobRecord>& jobs);
/// Arguments of scancel for this job and no other of the same number.
std::vector<std::string> cancelArguments(const JobRecord& job);
/// Whether squeue's error text says that it knows none of the jobs asked for, which then are gone.
bool saysUnknownJob(std::string_view errorText);

/// What became of the job by the answer of squeue, in which it may be missing (then it is gone).
JobRecord updated(const JobRecord& job, const std::map<std::string, QueueEntry>& queue, double now);

/// Of the environment of sbatch, squeue and scancel: variables that would change what is asked for or how it
/// is answered (SQUEUE_..., SLURM_TIME_FORMAT, and of SBATCH_... those that the script sets itself).
bool disturbsScheduler(std::string_view variable);

} // namespace lodestone
