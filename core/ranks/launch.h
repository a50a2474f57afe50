#pragma once
#include <functional>
#include <string>

namespace lodestone {

/// What the program that started this process says of it: mpirun (Open MPI), or Slurm's srun with PMIx.
struct Launch {
    int rank = 0, size = 1;           ///< of all processes
    int localRank = 0, localSize = 1; ///< of those on this machine
    bool together() const { return size > 1; }
};

/// Reads the environment; a process that nobody launched with others is one of one. variable: value of an
/// environment variable, empty where there is none (tests give their own).
Launch launchOfThisProcess(const std::function<std::string(const char*)>& variable = {});

/// Threads for this process: the processors that it is bound to, else its part of the machine's; at least 1.
int threadsOf(const Launch& launch);

} // namespace lodestone
