#include "cluster/slurm_queue.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace lodestone {
namespace {

constexpr std::size_t longestField = 300, mostJobs = 10000;
constexpr int fields = 5;

template<class Take>
void eachLine(std::string_view text, const Take& take)
{
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        take(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

/// At most `longestField` bytes without control characters, cut between characters of UTF-8.
std::string shortened(std::string_view text)
{
    std::size_t end = std::min(text.size(), longestField);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    std::string result = printable(text.substr(0, end));
    std::replace(result.begin(), result.end(), '\t', ' ');
    std::replace(result.begin(), result.end(), '\n', ' ');
    return result;
}

} // namespace

SubmittedJob parseSubmission(std::string_view text)
{
    std::string_view last;
    eachLine(text.substr(0, mostSchedulerOutput), [&last](std::string_view line) {
        if (!trimmed(line).empty())
            last = trimmed(line);
    });
    const std::size_t semicolon = last.find(';');
    const std::string_view id = last.substr(0, semicolon);
    const std::string_view cluster =
        semicolon == std::string_view::npos ? std::string_view() : last.substr(semicolon + 1);
    if (!isJobNumber(id) || !isJobName(cluster))
        fail("sbatch did not answer with the number of a job but with \"{}\".", shortened(last));
    return {std::string(id), std::string(cluster)};
}

std::optional<JobState> jobState(std::string_view word)
{
    static constexpr std::array<std::pair<std::string_view, JobState>, 26> states = {
        {{"PENDING", JobState::Pending},       {"CONFIGURING", JobState::Pending},
         {"REQUEUED", JobState::Pending},      {"REQUEUE_FED", JobState::Pending},
         {"REQUEUE_HOLD", JobState::Pending},  {"SPECIAL_EXIT", JobState::Pending},
         {"RESV_DEL_HOLD", JobState::Pending}, {"EXPEDITING", JobState::Pending},
         {"POWER_UP_NODE", JobState::Pending}, {"RUNNING", JobState::Running},
         {"COMPLETING", JobState::Running},    {"SUSPENDED", JobState::Running},
         {"STOPPED", JobState::Running},       {"SIGNALING", JobState::Running},
         {"STAGE_OUT", JobState::Running},     {"RESIZING", JobState::Running},
         {"COMPLETED", JobState::Finished},    {"FAILED", JobState::Failed},
         {"BOOT_FAIL", JobState::Failed},      {"LAUNCH_FAILED", JobState::Failed},
         {"RECONFIG_FAIL", JobState::Failed},  {"CANCELLED", JobState::Cancelled},
         {"REVOKED", JobState::Cancelled},     {"TIMEOUT", JobState::TimedOut},
         {"DEADLINE", JobState::TimedOut},     {"OUT_OF_MEMORY", JobState::OutOfMemory}}};
    word = word.substr(0, word.find(' ')); // "CANCELLED by 1000"
    if (word == "NODE_FAIL" || word == "PREEMPTED")
        return JobState::NodeFailed;
    const auto found =
        std::find_if(states.begin(), states.end(), [&](const auto& state) { return state.first == word; });
    return found == states.end() ? std::nullopt : std::optional(found->second);
}

std::map<std::string, QueueEntry> parseQueue(std::string_view text)
{
    std::map<std::string, QueueEntry> jobs;
    eachLine(text.substr(0, mostSchedulerOutput), [&jobs](std::string_view line) {
        std::array<std::string_view, fields> field;
        for (int i = 0; i < fields; ++i) {
            const std::size_t bar = i + 1 < fields ? line.find('|') : std::string_view::npos;
            if (bar == std::string_view::npos && i + 1 < fields)
                return;
            field[std::size_t(i)] = trimmed(line.substr(0, bar));
            line.remove_prefix(bar == std::string_view::npos ? line.size() : bar + 1);
        }
        const auto& [id, state, name, nodes, reason] = field;
        if (!isJobNumber(id) || state.empty() || name.empty() || !isJobName(name) || jobs.size() >= mostJobs)
            return;
        QueueEntry entry;
        entry.id = id;
        entry.name = name;
        entry.state = jobState(state).value_or(JobState::Running);
        entry.nodes = shortened(nodes);
        entry.reason = reason == "None" || reason == "(null)" ? std::string() : shortened(reason);
        if (hasEnded(entry.state) && entry.reason.empty() && entry.state != JobState::Finished)
            entry.reason = shortened(state);
        jobs[entry.id] = std::move(entry);
    });
    return jobs;
}

std::vector<std::string> submitArguments(const std::string& folder)
{
    return {"--parsable", "--chdir=" + folder, folder + "/job.sh"};
}

std::vector<std::string> queueArguments(const std::vector<JobRecord>& jobs)
{
    std::string ids;
    for (const JobRecord& job : jobs)
        ids += (ids.empty() ? "" : ",") + job.id;
    std::vector<std::string> arguments = {"--noheader", "--states=all", "--jobs=" + ids,
                                          "--format=%i|%T|%j|%N|%r"};
    if (!jobs.empty() && !jobs.front().cluster.empty())
        arguments.push_back("--clusters=" + jobs.front().cluster);
    return arguments;
}

std::vector<std::string> cancelArguments(const JobRecord& job)
{
    std::vector<std::string> arguments = {"--name=" + job.name};
    if (!job.cluster.empty())
        arguments.push_back("--clusters=" + job.cluster);
    arguments.push_back(job.id);
    return arguments;
}

bool saysUnknownJob(std::string_view errorText)
{
    return errorText.find("Invalid job id specified") != std::string_view::npos;
}

JobRecord updated(const JobRecord& job, const std::map<std::string, QueueEntry>& queue, double now)
{
    JobRecord result = job;
    result.observed = now;
    const auto found = queue.find(job.id);
    // Another name: the number was given to another job meanwhile, or belongs to another cluster.
    if (found == queue.end() || found->second.name != job.name) {
        result.state = JobState::Gone;
        result.reason.clear();
        return result;
    }
    result.state = found->second.state;
    result.reason = found->second.reason;
    return result;
}

bool disturbsScheduler(std::string_view variable)
{
    // What the script does not set is left to the site's or the user's environment (SBATCH_ACCOUNT and the
    // like).
    constexpr std::array<std::string_view, 10> ours = {
        "SBATCH_EXPORT",     "SBATCH_JOB_NAME", "SBATCH_OUTPUT", "SBATCH_ERROR",      "SBATCH_REQUEUE",
        "SBATCH_NO_REQUEUE", "SBATCH_SIGNAL",   "SBATCH_WAIT",   "SLURM_TIME_FORMAT", "SLURM_BITSTR_LEN"};
    return variable.starts_with("SQUEUE_") || variable.starts_with("SCANCEL_") ||
           std::find(ours.begin(), ours.end(), variable) != ours.end();
}

} // namespace lodestone
