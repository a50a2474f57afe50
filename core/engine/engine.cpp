#include "commands/boundary.h"
#include "commands/inspection.h"
#include "engine/all_commands.h"
#include "engine/commands.h"
#include "engine/devices.h"
#include "engine/self_description.h"
#include "engine/tensor_memory.h"

#include "base/error.h"
#include "base/log.h"
#include "base/process_memory.h"
#include "finetune/edge_budget.h"
#include "manual/completion.h"
#include "ranks/launch.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>

namespace lodestone {
namespace {

/// What the program says of itself, without a command.
struct Questions {
    bool version = false, json = false, manual = false;
    std::string shell; ///< --completion
};

void addQuestions(CommandLine& line, Questions& asked)
{
    line.app.add_flag("--version", asked.version,
                      "print the versions of program, LibTorch and protocol, and the devices");
    line.app.add_flag("--json", asked.json, "with --version: as one JSON object");
    line.app.add_flag("--man", asked.manual, "print the manual page, for man(1)");
    line.app.add_option("--completion", asked.shell, "print the completion for a shell")
        ->check(CLI::IsMember(completionShells()));
}

int printVersion(bool json)
{
    const Json about = aboutEngine();
    if (json) {
        printJson(about);
        return 0;
    }
    printText(fmt::format("lodestone-engine {}\nLibTorch {}\nprotocol {}\n",
                          about["version"].get<std::string>(), about["libtorch"].get<std::string>(),
                          about["protocol"].get<int>()));
    for (const Json& device : about["devices"])
        printText(
            fmt::format("{}: {}\n", device["type"].get<std::string>(), device["name"].get<std::string>()));
    return 0;
}

int printSelf(const CommandLine& line, const Questions& asked)
{
    const CommandDescription engine = describe(line.app);
    printText(asked.manual ? engineManual(engine) : completionScript(engine, asked.shell));
    return 0;
}

/// Of so many bytes, what large tensors may take: a tenth, and where that is little more, stays for the rest.
double shareOfTensors(double bytes)
{
    constexpr double rest = 64 << 20;
    return std::max(0.25 * bytes, std::min(0.9 * bytes, bytes - rest));
}

/// A computation that needs more memory than there is gets an exception, and goes on in smaller parts, before
/// the system ends the whole process, or the BLAS waits for address space for ever.
/// That of the machine is shared with the processes on it that belong to the same run.
void limitMemory(double gibibytes, const Launch& launch)
{
    constexpr double gibibyte = 1 << 30, mebibyte = 1 << 20;
    double limit =
        gibibytes > 0 ? gibibytes * gibibyte : shareOfTensors(double(availableMemory()) / launch.localSize);
    if (const auto space = addressSpaceLeft()) {
        constexpr double least = 64 * mebibyte;
        const double ofBlas = double(addressSpaceOfBlas()), room = double(*space) - ofBlas;
        if (room < least)
            fail("The limit of address space (ulimit -v) leaves {:.0f} MiB, but {:.0f} MiB of memory are "
                 "needed "
                 "with {} thread{}: raise the limit, or lower --threads.",
                 std::max(0.0, double(*space)) / mebibyte, (ofBlas + least) / mebibyte, at::get_num_threads(),
                 at::get_num_threads() == 1 ? "" : "s");
        limit = limit > 0 ? std::min(limit, shareOfTensors(room)) : shareOfTensors(room);
    }
    if (limit > 0)
        limitTensorMemory(static_cast<std::size_t>(limit));
}

/// A sentence for what LibTorch throws; empty for other exceptions.
std::string sentenceOfTorch(const std::exception& e)
{
    if (saysOutOfMemory(e))
        return "There is not enough memory: use fewer frames (or a larger --memory).";
    if (const auto* const torchError = dynamic_cast<const c10::Error*>(&e))
        return fmt::format("LibTorch failed: {}", torchError->what_without_backtrace());
    return {};
}

} // namespace

int runEngine(const std::vector<std::string>& arguments)
{
    const Launch launch = launchOfThisProcess();
    CommandLine line;
    Questions asked;
    addQuestions(line, asked);
    line.app.require_subcommand(0, 1);
    for (const auto add : {addInspect, addCheck, addPredict, addFinetune, addSweep, addExport, addAudit,
                           addCompare, addBench, addServe, addDemo, addExplain, addReport})
        add(line);
    if (const std::optional<int> code =
            line.parse(arguments, launch.rank > 0)) // process 0 says what is wrong
        return *code;
    if (asked.version)
        return guarded([&asked] { return printVersion(asked.json); }, sentenceOfTorch);
    if (asked.manual || !asked.shell.empty())
        return guarded([&] { return printSelf(line, asked); });
    if (!line.work)
        return complain("No command given; lodestone-engine --help shows them.", exitUsage);
    return guarded(
        [&] {
            setUpLogging(line.common.logLevel);
            keepTensorMemory();
            setUpTorch(line.common.threads);
            limitMemory(line.common.memory, launch);
            if (launch.together() && launch.rank == 0 &&
                line.app.get_subcommands().front()->get_name() != "finetune")
                spdlog::warn(
                    "Only finetune divides its work among processes: each of these {} does all of it.",
                    launch.size);
            return line.work();
        },
        sentenceOfTorch);
}

} // namespace lodestone
