// The program that people and the desktop call. It has no LibTorch in it, whose libraries take 160 MB and a
// tenth of a second to load: what needs none is done here, everything else by lodestone-compute, which takes
// this process over.
#include "commands/boundary.h"
#include "commands/inspection.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <sys/auxv.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

/// Settings that libraries read when they are loaded.
///
/// Idle OpenMP threads spin for milliseconds by default. Where other programs want the processors, the thread
/// that works then has to wait for one that spins. Threads that never spin have to be woken for each of the
/// many short loops of a step. Some thousand turns bridge the time between loops. Median training step of
/// nequix-mp-1 on 64 atoms and two cores, beside 0, 1 and 2 programs that are always busy. AMD EPYC: never
/// spinning 65, 75 and 1,116 ms; a thousand turns 42, 93 and 644; 300,000 turns (libgomp's default) 39 (with
/// 100,000), 319 and 2,756. Intel Xeon, whose turns are longer: a thousand 66, 101 and 156 ms; three thousand
/// 61, 106 and 155; ten thousand 59, 130 and 156; thirty thousand 59, 192 and 200.
void prepareLibraries()
{
    // cuBLAS gives the same numbers again only with a fixed workspace.
    ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    // The policy is for runtimes other than libgomp, and for more threads than processors.
    if (std::getenv("OMP_WAIT_POLICY") == nullptr && ::setenv("OMP_WAIT_POLICY", "passive", 0) == 0)
        ::setenv("GOMP_SPINCOUNT", "3000", 0);
}

/// The folder of this program; never a relative path, from which anybody's program might be started.
fs::path ownFolder()
{
    std::error_code unknown;
    fs::path own = fs::read_symlink("/proc/self/exe", unknown);
    if (unknown) { // no /proc: the path that the kernel was given
        const auto* const given = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
        own = given ? fs::canonical(given, unknown) : fs::path();
    }
    return own.is_absolute() ? own.parent_path() : fs::path("/");
}

/// Beside this program, or where packages put what is not for people.
fs::path computeProgram()
{
    std::error_code unknown;
    const fs::path beside = ownFolder() / "lodestone-compute";
    const fs::path packaged = (ownFolder() / LODESTONE_PRIVATE / "lodestone-compute").lexically_normal();
    return fs::exists(beside, unknown) || !fs::exists(packaged, unknown) ? beside : packaged;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc > 1 && std::string_view(argv[1]) == "inspect")
        return lodestone::runInspection(std::vector<std::string>(argv + 1, argv + argc));
    prepareLibraries();
    const fs::path program = computeProgram();
    ::execv(program.c_str(), argv);
    return lodestone::complain(
        fmt::format("The part that computes, {}, cannot be started: {}. Install the engine "
                    "again.",
                    program.string(), std::strerror(errno)),
        lodestone::exitFault);
}
