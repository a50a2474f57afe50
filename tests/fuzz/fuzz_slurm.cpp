// Any bytes as what sbatch and squeue print, as job.json and as the settings of a cluster: what is taken ends
// on command lines, in files and in a shell's script, so it must keep to what those can hold.
#include "cluster/slurm_queue.h"
#include "cluster/slurm_site.h"
#include "fuzz_support.h"

#include <algorithm>

namespace {

using namespace lodestone;

bool plain(const std::string& text)
{
    return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void checkArguments(const JobRecord& job)
{
    for (const std::vector<std::string>& arguments : {cancelArguments(job), queueArguments({job})})
        for (const std::string& argument : arguments)
            fuzz::check(!argument.empty() && plain(argument) && argument.find(' ') == std::string::npos);
    const std::string last = cancelArguments(job).back();
    fuzz::check(std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    fuzz::answers([&] {
        const SubmittedJob submitted = parseSubmission(text);
        JobRecord job;
        job.id = submitted.id;
        job.cluster = submitted.cluster;
        job.name = "lodestone-run-0";
        checkArguments(job);
        jobRecordFromJson(toJson(job), "job.json"); // what is written can be read again
    });
    for (const auto& [id, entry] : parseQueue(text)) {
        JobRecord job;
        job.id = id;
        job.name = entry.name;
        const JobRecord after = updated(job, {{id, entry}}, 1);
        fuzz::check(after.state == entry.state && plain(after.reason) && plain(entry.nodes));
        fuzz::check(fuzz::answers([&] { jobRecordFromJson(toJson(after), "job.json"); }));
    }
    const Json json = parseJsonOrNull(text);
    if (!json.is_object())
        return 0;
    fuzz::answers([&] { checkArguments(jobRecordFromJson(json, "job.json")); });
    fuzz::answers([&] {
        const SlurmSite site = slurmSiteFromJson(json, "settings");
        const bool good = siteProblems(site).empty();
        std::string script;
        fuzz::check(good == fuzz::answers([&] {
                        script = jobScript(site, {"lodestone-run-0", "/run", "/run/config.json"});
                    }));
        const auto lines = std::size_t(std::count(script.begin(), script.end(), '\n'));
        fuzz::check(lines <= 20 + site.modules.size() + site.options.size() + site.setup.size());
    });
    return 0;
}
