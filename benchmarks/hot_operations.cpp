// lodestone-hot-operations NAME...: runs hot operations once each on one thread, on little input. Under
//     valgrind --tool=callgrind --instr-atstart=no
// only the operations themselves are counted, and each leaves a dump with its name.
#include "build_facts.h"
#include "operation.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cstdio>
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name) static_cast<void>(name)
#endif

using namespace lodestone;

namespace {

constexpr const char* usage = "Usage: lodestone-hot-operations --list | --describe | NAME...\n"
                              "  --list      the operations whose instructions are kept, one a line\n"
                              "  --describe  compiler, libraries and instruction set, as JSON\n"
                              "  NAME        an operation of lodestone-bench, run once on little input\n";

void runOnce(const OperationMaker& maker)
{
    const Operation operation = maker.make(Size::Small);
    operation.run(); // what only the first run does (lazy binding, first allocations) is not counted
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    operation.run();
    CALLGRIND_DUMP_STATS_AT(maker.name.c_str());
    CALLGRIND_STOP_INSTRUMENTATION;
    std::printf("%s\n", maker.name.c_str());
}

} // namespace

int main(int argc, char** argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty()) {
        std::fputs(usage, stderr);
        return 2;
    }
    at::set_num_threads(1);
    const std::vector<OperationMaker> all = allOperations();
    for (const std::string& argument : arguments) {
        if (argument == "--list") {
            for (const OperationMaker& maker : all)
                if (maker.counted)
                    std::printf("%s\n", maker.name.c_str());
            continue;
        }
        if (argument == "--describe") {
            std::printf("%s\n", jsonLine(buildFacts()).c_str());
            continue;
        }
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const OperationMaker& m) { return m.name == argument; });
        if (found == all.end()) {
            std::fprintf(stderr, "There is no operation '%s'.\n%s", argument.c_str(), usage);
            return 2;
        }
        runOnce(*found);
    }
}
