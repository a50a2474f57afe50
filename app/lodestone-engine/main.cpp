#include "engine/commands.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace {

/// Commands that compute nothing and should start at once.
bool isLight(std::string_view command)
{
    constexpr std::array<std::string_view, 3> light = {"inspect", "export", "compare"};
    return command.starts_with('-') || std::find(light.begin(), light.end(), command) != light.end();
}

/// The program starts itself once more with settings that OpenMP reads only when it is loaded.
///
/// Idle OpenMP threads spin for milliseconds by default. Where other programs want the processors, the thread
/// that works then has to wait for one that spins. Threads that never spin have to be woken for each of the
/// many short loops of a step. A thousand turns, some ten microseconds, bridge the time between loops. Median
/// training step of nequix-mp-1 on 64 atoms and two cores, beside 0, 1 and 2 programs that are always busy:
/// never spinning 65, 75 and 1,116 ms; a thousand turns 42, 93 and 644 ms; 300,000 turns (libgomp's default)
/// 39 (with 100,000), 319 and 2,756 ms.
void startWithSettings(int argc, char** argv)
{
    if (argc < 2 || isLight(argv[1]))
        return;
    // The policy is for runtimes other than libgomp, and for more threads than processors.
    if (std::getenv("OMP_WAIT_POLICY") == nullptr && ::setenv("OMP_WAIT_POLICY", "passive", 0) == 0 &&
        ::setenv("GOMP_SPINCOUNT", "1000", 0) == 0)
        ::execv("/proc/self/exe", argv); // comes back only if it fails; then all works, if slower
}

} // namespace

int main(int argc, char** argv)
{
    // cuBLAS gives the same numbers again only with a fixed workspace; it reads this when it starts.
    ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    startWithSettings(argc, argv);
    return lodestone::runEngine(std::vector<std::string>(argv + 1, argv + argc));
}
