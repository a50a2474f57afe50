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

/// Sets a variable that libraries read when they are loaded; false if the user has decided already.
bool setIfUndecided(const char* name, const char* value)
{
    return std::getenv(name) == nullptr && ::setenv(name, value, 0) == 0;
}

/// The program starts itself once more with settings that libraries read only when they are loaded.
///
/// Idle OpenMP threads spin by default. Where they share their processors with other programs the one that
/// works then has to wait: a training step of a small model on two busy cores took 180 to 980 ms, with
/// passive waiting 17 ms (on one thread 15 ms).
///
/// A training step makes and drops hundreds of megabytes. glibc asks for them in pages of 2 MiB (madvise, so
/// that the kernel's own setting still decides): a step of nequix-mp-1 on 512 atoms took 30 microseconds an
/// edge so, 47 to 56 in pages of 4 KiB.
void startWithSettings(int argc, char** argv)
{
    if (argc < 2 || isLight(argv[1]))
        return;
    const bool waiting = setIfUndecided("OMP_WAIT_POLICY", "passive");
    const bool pages = setIfUndecided("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    if (waiting || pages)
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
