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

/// The program starts itself once more with a setting that OpenMP reads only when it is loaded.
///
/// Idle OpenMP threads spin by default. Where they share their processors with other programs the one that
/// works then has to wait: a training step of a small model on two busy cores took 180 to 980 ms, with
/// passive waiting 17 ms (on one thread 15 ms).
void startWithSettings(int argc, char** argv)
{
    if (argc < 2 || isLight(argv[1]))
        return;
    if (std::getenv("OMP_WAIT_POLICY") == nullptr && ::setenv("OMP_WAIT_POLICY", "passive", 0) == 0)
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
