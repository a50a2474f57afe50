#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "engine/progress_line.h"

#include "base/files.h"
#include "report/report_page.h"
#include "run/run_directory.h"

#include <memory>

namespace lodestone {
namespace {

/// Whether `file` was written for the run's present result.
bool isOfResult(const std::filesystem::path& file, const RunPaths& paths)
{
    return std::filesystem::exists(file) &&
           std::filesystem::last_write_time(file) >= std::filesystem::last_write_time(paths.delta());
}

} // namespace

Json reportRun(const std::filesystem::path& run, const ReportSettings& settings, const Watch& watch)
{
    const RunPaths paths{run};
    const std::filesystem::path out = settings.out.empty() ? paths.result() / "report.html" : settings.out;
    if (!settings.asIs && std::filesystem::exists(paths.delta())) {
        if (!isOfResult(paths.explanation(), paths))
            explainRun(run, {settings.device, settings.radialTables, {}, true}, watch.part(0, 0.5));
        if (!isOfResult(paths.audit(), paths))
            auditRun(run, settings.device, watch.part(0.5, 0.95));
    }
    const std::string page = reportPage(readRunMaterial(run, {watch.stop, {}}), LODESTONE_VERSION);
    makeFolder(std::filesystem::absolute(out).parent_path());
    writeFileAtomically(out, page);
    watch.report(1);
    return {{"out", out.string()}, {"bytes", page.size()}};
}

void addReport(CommandLine& line)
{
    struct Options {
        std::string run, out;
        bool json = false, asIs = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add("report", "one HTML page of a run, with the commands that compute its numbers again");
    command->add_option("RUN", options->run, "run directory")->required();
    command->add_option("-o,--out", options->out, "file to write (default: result/report.html of the run)");
    command->add_flag(
        "--as-is", options->asIs,
        "show what the run has recorded, without explaining or auditing it first where that is missing");
    command->add_flag("--json", options->json, "print one JSON object");
    line.run(command, [options, &line] {
        ProgressLine bar;
        const Json answer = reportRun(
            options->run,
            {options->out, chosenDevice(line.common.device), line.common.radialTables, options->asIs},
            {{}, [&bar](double share) { bar.show(share, "reporting"); }});
        bar.finish();
        if (options->json)
            printJson(answer);
        else
            printText(fmt::format("{} written\n", answer["out"].get<std::string>()));
        return 0;
    });
}

} // namespace lodestone
