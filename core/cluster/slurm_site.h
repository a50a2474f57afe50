#pragma once
#include "base/json.h"

#include <optional>
#include <string>
#include <vector>

namespace lodestone {

/// What a user sets once for the cluster at hand; kept in the desktop's settings, never in a run or a
/// project. Empty texts and zeros leave the choice to the site.
struct SlurmSite {
    std::string partition, account, qos;
    std::vector<std::string> modules; ///< names for `module load`, in this order
    int gpus = 0;
    std::string gpuType;              ///< as the site calls it, for example "a100"; only with gpus > 0
    int processes = 1;                ///< that share a run by MPI, 1 to 4096 (docs/distributed.md)
    int cpus = 4;                     ///< of each process, 1 to 4096
    double memory = 0;                ///< GiB of the job on each of its nodes
    int minutes = 0;                  ///< time limit
    std::string engine;               ///< absolute path of lodestone-engine on the cluster
    std::vector<std::string> options; ///< further options of sbatch, each "--NAME" or "--NAME=VALUE"
    std::vector<std::string> setup;   ///< lines of shell, run as they stand before the engine
    bool operator==(const SlurmSite&) const = default;
};

Json toJson(const SlurmSite& site);
/// Error where a value is of the wrong type, a key unknown or the schema newer; what is wrong with the values
/// themselves siteProblems() tells.
SlurmSite slurmSiteFromJson(const Json& json, const std::string& origin);
/// A sentence for each value that cannot be used. Empty: jobScript() takes the site.
std::vector<std::string> siteProblems(const SlurmSite& site);

/// What the job of one run is to do.
struct SlurmTask {
    std::string name;          ///< of the job (jobName())
    std::string folder;        ///< run directory, absolute
    std::string configuration; ///< absolute
    bool resume = false;
};

/// "lodestone-RUN-RANDOM": the run's name without what schedulers and shells take amiss, at most 60
/// characters. `random`: text of letters and digits that no other job has.
std::string jobName(const std::string& run, const std::string& random);

/// Text of job.sh: options as #SBATCH lines, then modules, the site's own lines and the engine, which takes
/// the shell's place, so that signals of Slurm reach it. Every text but the site's own lines (`setup`) is
/// checked or quoted. Error (the first of siteProblems(), or a path that is not absolute or holds a line
/// break).
std::string jobScript(const SlurmSite& site, const SlurmTask& task);

/// One word of a POSIX shell's command line, in single quotes. Error for line breaks and other control
/// characters, which no path or name needs.
std::string shellQuoted(const std::string& word);

} // namespace lodestone
