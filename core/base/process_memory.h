#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

namespace lodestone {

/// Where Linux tells about memory; tests name folders of their own.
struct MemorySources {
    std::filesystem::path proc = "/proc";
    std::filesystem::path controlGroups = "/sys/fs/cgroup";
};

/// Bytes that this process may still take: the least of what the machine has left, of what the control groups
/// that it runs in have left (version 2 or 1; pages of files do not count, the system gives them up), and of
/// its own limits of address space and data (ulimit -v, -d). 0 if nothing is known; else at least 1.
std::int64_t availableMemory(const MemorySources& sources = {});

/// Bytes of address space that this process's limit (ulimit -v) leaves; nothing where there is no limit.
std::optional<std::int64_t> addressSpaceLeft(const MemorySources& sources = {});

// Memory of this process in bytes.
std::int64_t residentMemory();
std::int64_t peakMemory();
/// Lets peakMemory() start anew; false where the kernel does not allow it.
bool resetPeakMemory();

} // namespace lodestone
