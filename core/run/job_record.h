#pragma once
#include "base/json.h"

#include <optional>
#include <string>

namespace lodestone {

struct RunPaths;

/// Where a scheduler's job stands, as far as users tell the cases apart.
enum class JobState {
    Pending, ///< waits in the queue (or is held, or about to be started again)
    Running, ///< started and not yet ended; stopped and suspended jobs too
    Finished,
    Failed, ///< ended with an exit code other than 0, or could not be started
    Cancelled,
    TimedOut,
    NodeFailed,
    OutOfMemory,
    Gone, ///< the scheduler no longer knows the job: how it ended is not known
};
const char* nameOf(JobState state); ///< as in job.json: "pending", "timed-out", ...
bool hasEnded(JobState state);      ///< no engine will come of this job any more

/// job.json in a run directory: a scheduler's job works on this run, or will. Whoever opens the folder learns
/// from it why there are no events yet, and how the job ended where its engine could not say so.
struct JobRecord {
    std::string scheduler = "slurm";
    std::string id;      ///< digits
    std::string cluster; ///< of a federation, as sbatch names it; else empty
    /// The job's own name with random digits in it: a job of this number and another name is not this one
    /// (job numbers are used again, and folders are shared between clusters).
    std::string name;
    std::string host;     ///< where it was submitted
    double submitted = 0; ///< Unix seconds
    JobState state = JobState::Pending;
    std::string reason;  ///< the scheduler's word for why it waits or how it ended; may be empty
    double observed = 0; ///< Unix seconds at which the scheduler last said so
};

/// At most 18 digits.
bool isJobNumber(std::string_view text);
/// Letters, digits, '-', '_' and '.', at most 400, and no option of a command line; may be empty.
bool isJobName(std::string_view text);

Json toJson(const JobRecord& record);
/// Error naming `where` if it is no record, is of a newer schema, or holds texts that no scheduler gives
/// (control characters, an id that is no number): it may come from a stranger, and id and name end on command
/// lines.
JobRecord jobRecordFromJson(const Json& json, std::string_view where);
/// Nothing where there is no job.json; Error as above.
std::optional<JobRecord> readJobRecord(const RunPaths& paths);
void writeJobRecord(const RunPaths& paths, const JobRecord& record);

/// State of a run (RunSummary::state) from what its events, its lock and its job say. `eventState`: the
/// events alone; `lastEvent`: Unix seconds of the last one, 0 without any; `now`: Unix seconds. A folder on a
/// shared file system shows lock and events late, so that a job that was seen running not long ago counts as
/// a sign of life.
std::string stateWithJob(const std::string& eventState, bool engineAlive, double lastEvent,
                         const std::optional<JobRecord>& job, double now);

} // namespace lodestone
