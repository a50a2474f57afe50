#include "cluster/slurm_site.h"
#include "base/schema.h"
#include "base/text.h"
#include "run/config_reader.h"

#include <algorithm>

namespace lodestone {
namespace {

constexpr std::size_t longestText = 1000, mostLines = 100;
constexpr int mostMinutes = 366 * 24 * 60;
constexpr double mostMemory = 1 << 20; // GiB
constexpr int noticeSeconds = 120;     // before the time limit: enough for a checkpoint, little of an hour

bool hasControl(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Only letters, digits and `signs`; no leading '-', which would make an option of it.
bool isWord(std::string_view text, std::string_view signs)
{
    return !text.starts_with('-') && text.size() <= longestText &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      signs.find(c) != std::string_view::npos;
           });
}

/// "--NAME" or "--NAME=VALUE" without white space, quotes and '#', which sbatch reads in ways of its own.
bool isOption(std::string_view text)
{
    if (!text.starts_with("--") || text.size() < 4)
        return false;
    return isWord(text.substr(2), "-_=.,:;@%+/*&|!()[]~");
}

/// Options that the script gives itself; another value would contradict the record of the job.
bool isOurOption(std::string_view option)
{
    const std::string_view name = option.substr(2, option.find('=') - 2);
    constexpr std::string_view ours[] = {"job-name", "output",  "error",     "chdir", "parsable",
                                         "array",    "wrap",    "ntasks",    "wait",  "export",
                                         "signal",   "requeue", "no-requeue"};
    return std::find(std::begin(ours), std::end(ours), name) != std::end(ours);
}

/// HH:MM:SS, or DAYS-HH:MM:SS
std::string timeLimit(int minutes)
{
    const int days = minutes / (24 * 60), hours = minutes / 60 % 24;
    const std::string clock = fmt::format("{:02}:{:02}:00", hours, minutes % 60);
    return days > 0 ? fmt::format("{}-{}", days, clock) : clock;
}

void checkPath(const std::string& path, const char* what)
{
    if (!path.starts_with('/'))
        fail("The path of {} must be absolute to be found on the cluster: {}", what, printable(path));
    if (hasControl(path))
        fail("The path of {} holds a line break or another control character: {}", what, jsonLine(path));
}

} // namespace

Json toJson(const SlurmSite& site)
{
    Json json = {{"schema", schema::slurmSite}, {"partition", site.partition},
                 {"account", site.account},     {"qos", site.qos},
                 {"modules", site.modules},     {"gpus", site.gpus},
                 {"gpu_type", site.gpuType},    {"cpus", site.cpus},
                 {"memory", site.memory},       {"minutes", site.minutes},
                 {"engine", site.engine},       {"options", site.options},
                 {"setup", site.setup}};
    if (site.processes != 1) // readers from before there was more than one refuse what they do not know
        json["processes"] = site.processes;
    return json;
}

SlurmSite slurmSiteFromJson(const Json& json, const std::string& origin)
{
    schema::check(json, schema::slurmSite, origin);
    ConfigSection section(json, "", origin);
    SlurmSite site;
    section.allow("schema");
    section.read("partition", site.partition);
    section.read("account", site.account);
    section.read("qos", site.qos);
    section.read("modules", site.modules);
    section.readInteger("gpus", site.gpus, 0, 64);
    section.read("gpu_type", site.gpuType);
    section.readInteger("processes", site.processes, 1, 4096);
    section.readInteger("cpus", site.cpus, 1, 4096);
    section.read("memory", site.memory, 0, mostMemory, "GiB from 0 to 1048576");
    section.readInteger("minutes", site.minutes, 0, mostMinutes);
    section.read("engine", site.engine);
    section.read("options", site.options);
    section.read("setup", site.setup);
    section.finish();
    return site;
}

std::vector<std::string> siteProblems(const SlurmSite& site)
{
    std::vector<std::string> problems;
    const auto want = [&problems](bool good, auto&&... sentence) {
        if (!good)
            problems.push_back(fmt::format(std::forward<decltype(sentence)>(sentence)...));
    };
    const auto shown = [](const std::string& text) { return jsonLine(text.substr(0, 80)); };
    for (const auto& [name, value] :
         {std::pair{"partition", &site.partition}, {"account", &site.account}, {"QOS", &site.qos}})
        want(isWord(*value, "-_.,+@/:"),
             fmt::runtime("The {} {} holds signs that Slurm does not use in such names."), name,
             shown(*value));
    want(site.gpus >= 0 && site.gpus <= 64,
         fmt::runtime("The number of GPUs is {}, but it must be from 0 to 64."), site.gpus);
    want(isWord(site.gpuType, "-_."),
         fmt::runtime("The kind of GPU {} holds signs that Slurm does not use in such names."),
         shown(site.gpuType));
    want(site.gpuType.empty() || site.gpus > 0,
         fmt::runtime("A kind of GPU is named, but no number of them."));
    want(site.processes >= 1 && site.processes <= 4096,
         fmt::runtime("The number of processes is {}, but it must be from 1 to 4096."), site.processes);
    want(site.cpus >= 1 && site.cpus <= 4096,
         fmt::runtime("The number of processors is {}, but it must be from 1 to 4096."), site.cpus);
    want(site.memory >= 0 && site.memory <= mostMemory && (site.memory == 0 || site.memory >= 0.25),
         fmt::runtime("The memory is {} GiB, but it must be at least 0.25 (or 0: as the site gives)."),
         site.memory);
    want(site.minutes >= 0 && site.minutes <= mostMinutes,
         fmt::runtime("The time limit is {} minutes, but it must be from 0 (as the site gives) to a year."),
         site.minutes);
    want(site.engine.starts_with('/') && !hasControl(site.engine) && site.engine.size() <= longestText,
         fmt::runtime(
             "The engine's path on the cluster must be absolute, such as /home/me/bin/lodestone-engine."));
    want(site.modules.size() <= mostLines && site.options.size() <= mostLines &&
             site.setup.size() <= mostLines,
         fmt::runtime("There are more than {} modules, options or lines."), mostLines);
    for (const std::string& module : site.modules)
        want(!module.empty() && isWord(module, "-_.+/:@"), fmt::runtime("{} is no name of a module."),
             shown(module));
    for (const std::string& option : site.options)
        if (!isOption(option))
            want(false,
                 fmt::runtime(
                     "{} is no option of sbatch: write --NAME or --NAME=VALUE, without spaces and quotes."),
                 shown(option));
        else
            want(!isOurOption(option), fmt::runtime("The option {} is set by Lodestone itself."),
                 shown(option));
    for (const std::string& line : site.setup)
        want(!hasControl(line) && line.size() <= longestText && !trimmed(line).starts_with("#SBATCH"),
             fmt::runtime("The line {} is too long, holds a control character or is an #SBATCH line (which "
                          "belong to the options)."),
             shown(line));
    return problems;
}

std::string jobName(const std::string& run, const std::string& random)
{
    constexpr std::size_t longestRun = 36, longestRandom = 12;
    std::string name;
    for (const char c : run.substr(0, longestRun))
        name += isWord(std::string(1, c), "_.") || c == '-' ? c : '-';
    return fmt::format("lodestone-{}-{}", name, random.substr(0, longestRandom));
}

std::string shellQuoted(const std::string& word)
{
    if (hasControl(word))
        fail("A line break or another control character stands in {}, which cannot be put into a job script.",
             jsonLine(word));
    std::string quoted = "'";
    for (const char c : word)
        if (c == '\'')
            quoted += "'\\''";
        else
            quoted += c;
    return quoted + "'";
}

std::string jobScript(const SlurmSite& site, const SlurmTask& task)
{
    if (const auto problems = siteProblems(site); !problems.empty())
        throw Error(problems.front());
    checkPath(task.folder, "the run directory");
    checkPath(task.configuration, "the configuration");
    if (task.name.empty() || !isWord(task.name, "-_."))
        fail("{} is no name of a job.", jsonLine(task.name));
    // A login shell: sites define `module` there. Without the desktop's environment (--export=NONE), in which
    // libraries and displays of another machine may be named.
    std::string text =
        "#!/bin/bash -l\n# Written by Lodestone for this run; `sbatch job.sh` here submits it again.\n";
    const auto option = [&text](const std::string& line) { text += "#SBATCH " + line + "\n"; };
    option("--job-name=" + task.name);
    option("--output=slurm-%j.log");
    option("--export=NONE");
    option(fmt::format("--ntasks={}", site.processes));
    option(fmt::format("--cpus-per-task={}", site.cpus));
    // Run again from its beginning it would find a run that has begun; a person resumes it instead.
    option("--no-requeue");
    if (!site.partition.empty())
        option("--partition=" + site.partition);
    if (!site.account.empty())
        option("--account=" + site.account);
    if (!site.qos.empty())
        option("--qos=" + site.qos);
    if (site.gpus > 0)
        option(fmt::format("--gres=gpu:{}{}", site.gpuType.empty() ? "" : site.gpuType + ":", site.gpus));
    if (site.memory > 0)
        option(fmt::format("--mem={}M", static_cast<long long>(site.memory * 1024)));
    if (site.minutes > 0) {
        option("--time=" + timeLimit(site.minutes));
        // The engine then writes a checkpoint and stops.
        if (site.minutes * 60 > 2 * noticeSeconds)
            option(fmt::format("--signal=B:TERM@{}", noticeSeconds));
    }
    for (const std::string& line : site.options)
        option(line);
    text += "\n";
    for (const std::string& module : site.modules)
        text += "module load " + shellQuoted(module) + " || exit 1\n";
    for (const std::string& line : site.setup)
        text += line + "\n";
    std::string limits = fmt::format(" --threads {}", site.cpus);
    // What the engine counts are large tensors; the rest of the process needs its part of the job's memory.
    if (site.memory > 0 && site.gpus == 0)
        limits += fmt::format(" --memory {:.2f}", std::max(0.1, (site.memory * 0.8) / site.processes - 0.2));
    std::string launcher;
    if (site.processes > 1) {
        // mpirun starts its helpers on other nodes by srun, which would hand on --export=NONE. After a signal
        // the processes get as long to write their checkpoint as Slurm gives before its own end of them.
        text += "export SLURM_EXPORT_ENV=ALL\n";
        launcher = fmt::format("mpirun -n {} --bind-to none --mca odls_base_sigkill_timeout {} ",
                               site.processes, noticeSeconds - 20);
    }
    text += fmt::format("exec {}{} finetune {} --run {}{}{}\n", launcher, shellQuoted(site.engine),
                        shellQuoted(task.configuration), shellQuoted(task.folder), limits,
                        task.resume ? " --resume" : "");
    return text;
}

} // namespace lodestone
