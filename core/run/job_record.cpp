#include "run/job_record.h"
#include "base/files.h"
#include "base/schema.h"
#include "run/run_directory.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lodestone {
namespace {

constexpr std::array<std::pair<JobState, const char*>, 9> names = {{{JobState::Pending, "pending"},
                                                                    {JobState::Running, "running"},
                                                                    {JobState::Finished, "finished"},
                                                                    {JobState::Failed, "failed"},
                                                                    {JobState::Cancelled, "cancelled"},
                                                                    {JobState::TimedOut, "timed-out"},
                                                                    {JobState::NodeFailed, "node-failed"},
                                                                    {JobState::OutOfMemory, "out-of-memory"},
                                                                    {JobState::Gone, "gone"}}};

constexpr std::uintmax_t largest = 64 << 10; // bytes of a job.json
constexpr std::size_t longestText = 400;
/// s for which a job that was seen running vouches for an engine whose lock is not to be seen: attribute
/// caches of NFS keep up to a minute, and the desktop that asks the scheduler may ask every five.
constexpr double vouching = 600;

bool isPlain(std::string_view text)
{
    return text.size() <= longestText &&
           std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

} // namespace

bool isJobNumber(std::string_view text)
{
    return !text.empty() && text.size() <= 18 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool isJobName(std::string_view text)
{
    return text.size() <= longestText && !text.starts_with('-') &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
           });
}

const char* nameOf(JobState state)
{
    return std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.first == state; })
        ->second;
}

bool hasEnded(JobState state)
{
    return state != JobState::Pending && state != JobState::Running;
}

Json toJson(const JobRecord& record)
{
    return {{"schema", schema::job},         {"scheduler", record.scheduler}, {"id", record.id},
            {"cluster", record.cluster},     {"name", record.name},           {"host", record.host},
            {"submitted", record.submitted}, {"state", nameOf(record.state)}, {"reason", record.reason},
            {"observed", record.observed}};
}

JobRecord jobRecordFromJson(const Json& json, std::string_view where)
{
    if (!json.is_object())
        fail("{}: is no record of a job.", where);
    schema::check(json, schema::job, where);
    JobRecord record;
    record.scheduler = jsonMember<std::string>(json, "scheduler", where);
    record.id = jsonMember<std::string>(json, "id", where);
    record.name = jsonMember<std::string>(json, "name", where);
    record.cluster = jsonMember<std::string>(json, "cluster", where, {});
    record.host = jsonMember<std::string>(json, "host", where, {});
    record.submitted = jsonMember<double>(json, "submitted", where, 0);
    record.reason = jsonMember<std::string>(json, "reason", where, {});
    record.observed = jsonMember<double>(json, "observed", where, 0);
    const auto state = jsonMember<std::string>(json, "state", where);
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.second == state; });
    const bool texts = isPlain(record.host) && isPlain(record.reason) && isJobName(record.cluster) &&
                       std::isfinite(record.submitted) && std::isfinite(record.observed);
    if (record.scheduler != "slurm" || !isJobNumber(record.id) || record.name.empty() ||
        !isJobName(record.name) || !texts || found == names.end())
        fail("{}: is no record of a job of Slurm as Lodestone writes it.", where);
    record.state = found->first;
    return record;
}

std::optional<JobRecord> readJobRecord(const RunPaths& paths)
{
    std::error_code none;
    if (!std::filesystem::exists(paths.job(), none))
        return std::nullopt;
    const std::string where = paths.job().string();
    return jobRecordFromJson(parseJson(readFile(paths.job(), largest), where), where);
}

void writeJobRecord(const RunPaths& paths, const JobRecord& record)
{
    writeFileAtomically(paths.job(), jsonText(toJson(record)));
}

std::string stateWithJob(const std::string& eventState, bool engineAlive, double lastEvent,
                         const std::optional<JobRecord>& job, double now)
{
    const bool ended = eventState == "finished" || eventState == "stopped" || eventState == "failed";
    const bool going = eventState == "running" || eventState == "paused";
    // What the events told before the job was submitted is the past of a run that is to go on.
    const bool news = job && lastEvent <= job->submitted;
    if (engineAlive)
        return going || eventState == "newer" ? eventState : "running";
    if (job && news && eventState != "newer") {
        if (!hasEnded(job->state))
            return job->state == JobState::Pending ? "queued" : "starting";
        if (eventState == "empty")
            return job->state == JobState::Cancelled                                  ? "stopped"
                   : job->state == JobState::Finished || job->state == JobState::Gone ? "interrupted"
                                                                                      : "failed";
        // A run that was to go on keeps its state and its checkpoint.
        return ended ? eventState : "interrupted";
    }
    if (ended || eventState == "newer" || eventState == "empty")
        return eventState;
    const bool vouched = job && !hasEnded(job->state) && now - std::max(job->observed, lastEvent) < vouching;
    return vouched ? eventState : "interrupted";
}

} // namespace lodestone
