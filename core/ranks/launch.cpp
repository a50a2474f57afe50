#include "ranks/launch.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <sched.h>
#include <thread>

namespace lodestone {
namespace {

std::optional<int> numberIn(const std::string& text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

} // namespace

Launch launchOfThisProcess(const std::function<std::string(const char*)>& variable)
{
    const auto number = [&variable](const char* name) {
        if (variable)
            return numberIn(variable(name));
        const char* const value = std::getenv(name);
        return numberIn(value ? value : "");
    };
    const auto read = [&number](const char* rank, const char* size, const char* localRank,
                                const char* localSize) -> std::optional<Launch> {
        const auto own = number(rank), all = number(size);
        if (!own || !all || *own >= *all)
            return std::nullopt;
        Launch launch{*own, *all, number(localRank).value_or(0), number(localSize).value_or(1)};
        launch.localSize = std::clamp(launch.localSize, 1, launch.size);
        launch.localRank = std::min(launch.localRank, launch.size - 1);
        return launch;
    };
    if (const auto launch = read("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
                                 "OMPI_COMM_WORLD_LOCAL_SIZE"))
        return *launch;
    // srun sets its own variables for every program; only with PMIx can the processes find each other.
    if (number("PMIX_RANK"))
        if (const auto launch =
                read("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"))
            return *launch;
    return {};
}

int threadsOf(const Launch& launch)
{
    const int machine = int(std::max(1U, std::thread::hardware_concurrency()));
    cpu_set_t set;
    CPU_ZERO(&set);
    const int allowed = ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : machine;
    if (launch.together() && allowed >= machine)
        return std::max(1, machine / launch.localSize);
    return std::clamp(allowed, 1, machine);
}

} // namespace lodestone
