#include "base/process_memory.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <sys/resource.h>

namespace lodestone {
namespace {

namespace fs = std::filesystem;

/// A line "KEY:   123 kB" of a file like /proc/self/status, in bytes; nothing if it is not there.
std::optional<std::int64_t> bytesOf(const fs::path& file, const std::string& key)
{
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(key + ":", 0) == 0)
            if (const auto fields = splitFields(line); fields.size() > 1)
                if (const auto kibibytes = parseInteger(fields[1]))
                    return *kibibytes * 1024;
    return std::nullopt;
}

/// The number in a file of one line; nothing where it is missing or a word ("max").
std::optional<std::int64_t> numberIn(const fs::path& file)
{
    std::ifstream lines(file);
    std::string line;
    return std::getline(lines, line) ? parseInteger(trimmed(line)) : std::nullopt;
}

/// "KEY 123" lines of a control group's memory.stat; 0 for those that are not there.
std::int64_t sumOfStatistics(const fs::path& file, const std::array<std::string_view, 2>& keys)
{
    std::int64_t sum = 0;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        if (const auto fields = splitFields(line); fields.size() == 2)
            for (const std::string_view key : keys)
                if (fields[0] == key)
                    sum += parseInteger(fields[1]).value_or(0);
    return sum;
}

/// The names of one version of control groups (cgroups(7)).
struct GroupFiles {
    const char* most;
    const char* used;
    std::array<std::string_view, 2> filePages;
};

/// Lowers `left` to what the group and those above it leave; each of them may set a limit.
void lowerByGroups(std::int64_t& left, const fs::path& root, fs::path group, const GroupFiles& names)
{
    for (;; group = group.parent_path()) {
        const fs::path folder = root / group.relative_path();
        const auto most = numberIn(folder / names.most), used = numberIn(folder / names.used);
        if (most && used)
            left = std::min(left, *most - *used + sumOfStatistics(folder / "memory.stat", names.filePages));
        if (!group.has_relative_path())
            return;
    }
}

bool controlsMemory(std::string_view controllers)
{
    for (std::size_t from = 0; from <= controllers.size();) {
        const std::size_t end = std::min(controllers.find(',', from), controllers.size());
        if (controllers.substr(from, end - from) == "memory")
            return true;
        from = end + 1;
    }
    return false;
}

/// What a limit of this process leaves, of which the line KEY of its status is used up.
std::optional<std::int64_t> leftOfLimit(decltype(RLIMIT_AS) resource, const MemorySources& sources,
                                        const std::string& key)
{
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return std::nullopt;
    const auto used = bytesOf(sources.proc / "self/status", key);
    return used ? std::optional(static_cast<std::int64_t>(limit.rlim_cur) - *used) : std::nullopt;
}

} // namespace

std::int64_t availableMemory(const MemorySources& sources)
{
    const auto ofMachine = bytesOf(sources.proc / "meminfo", "MemAvailable");
    if (!ofMachine)
        return 0;
    std::int64_t left = *ofMachine;
    std::ifstream groups(sources.proc / "self/cgroup"); // HIERARCHY:CONTROLLERS:/PATH
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (second == std::string::npos)
            continue;
        const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
        const fs::path group = line.substr(second + 1);
        if (controllers.empty())
            lowerByGroups(left, sources.controlGroups, group,
                          {"memory.max", "memory.current", {"active_file", "inactive_file"}});
        else if (controlsMemory(controllers))
            lowerByGroups(left, sources.controlGroups / "memory", group,
                          {"memory.limit_in_bytes",
                           "memory.usage_in_bytes",
                           {"total_active_file", "total_inactive_file"}});
    }
    left = std::min(left, addressSpaceLeft(sources).value_or(left));
    left = std::min(left, leftOfLimit(RLIMIT_DATA, sources, "VmData").value_or(left));
    return std::max<std::int64_t>(1, left);
}

std::optional<std::int64_t> addressSpaceLeft(const MemorySources& sources)
{
    return leftOfLimit(RLIMIT_AS, sources, "VmSize");
}

std::int64_t residentMemory()
{
    return bytesOf("/proc/self/status", "VmRSS").value_or(0);
}

std::int64_t peakMemory()
{
    return bytesOf("/proc/self/status", "VmHWM").value_or(0);
}

bool resetPeakMemory()
{
    std::ofstream file("/proc/self/clear_refs"); // "5": reset the peak resident set (proc(5))
    file << "5" << std::flush;
    return bool(file);
}

} // namespace lodestone
