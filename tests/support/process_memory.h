#pragma once
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace lodestone::test {

/// What a process holds in memory (VmRSS, proc(5)), in MB of 10^6 bytes; 0 if there is no such process.
inline double residentMegabytes(long pid)
{
    std::ifstream file(fmt::format("/proc/{}/statm", pid));
    double total = 0, resident = 0;
    file >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

} // namespace lodestone::test
