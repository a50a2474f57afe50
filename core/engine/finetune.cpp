#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "engine/progress_line.h"
#include "engine/stop_signals.h"

#include "base/files.h"
#include "base/log.h"
#include "base/schema.h"
#include "finetune/rank_leader.h"
#include "finetune/rank_worker.h"
#include "finetune/trainer.h"
#include "ranks/launch.h"
#include "run/config.h"
#include "run/run_directory.h"

#include <csignal>
#include <memory>
#include <optional>

namespace lodestone {
namespace {

struct Options {
    std::string config, run;
    std::vector<std::string> overrides;
    bool resume = false, json = false, audit = true;
};

RunConfig configuration(const Options& options, const CommonOptions& common)
{
    std::vector<std::string> overrides = options.overrides;
    const std::vector<std::string> more = commonOverrides(common);
    overrides.insert(overrides.end(), more.begin(), more.end());
    if (!options.config.empty())
        return readRunConfig(options.config, overrides);
    if (!options.resume)
        fail<UsageError>(
            "finetune needs a configuration file (only --resume does without: it takes the run's own).");
    const RunPaths paths{options.run};
    if (!std::filesystem::exists(paths.configuration()))
        fail("{} is no run directory: it has no run.json to resume from.", options.run);
    return readRunConfig(paths.configuration(), overrides);
}

std::string summary(const RunPaths& paths)
{
    const Json metrics = schema::readFile(paths.metrics(), schema::metrics);
    std::string text = fmt::format(
        "{} of {} parameters changed ({:.2f} % of the model, {:.2f} % of the eligible)\n",
        metrics["changed"].get<std::int64_t>(), metrics["parameters"].get<std::int64_t>(),
        100 * metrics["changed_of_model"].get<double>(), 100 * metrics["changed_of_eligible"].get<double>());
    for (const auto& [split, sides] : metrics["splits"].items())
        for (const auto& [quantity, tuned] : sides["tuned"].items()) {
            const Json& base = sides["base"];
            text +=
                fmt::format("{:<12} {:<18} MAE {} -> {:.5g}\n", split, quantity,
                            base.contains(quantity)
                                ? fmt::format("{:.5g}", jsonMember<double>(base[quantity], "mae", quantity))
                                : std::string("(none)"),
                            jsonMember<double>(tuned, "mae", quantity));
        }
    if (const Json& forgetting = metrics["forgetting"]; forgetting.is_object())
        for (const char* quantity : {"energy", "forces"})
            text += fmt::format(
                "{:<12} {:<18} MAE {:.5g} against the base model on {} crystals\n", "forgetting", quantity,
                jsonMember<double>(forgetting[quantity], "mae", quantity), forgetting["frames"].get<int>());
    return text;
}

/// The other processes of a run that mpirun or srun started in several, as process 0 has them; alone: none.
struct Others {
    explicit Others(const Launch& launch)
    {
        if (launch.together())
            ranks.emplace();
        if (ranks && ranks->leads())
            leader.emplace(*ranks);
    }
    void letGo()
    {
        leader.reset();
        ranks.reset();
    }

    std::optional<Ranks> ranks;
    std::optional<RankLeader> leader;
};

int finetune(const Options& options, const CommonOptions& common)
{
    const Launch launch = launchOfThisProcess();
    Others others(launch);
    if (others.ranks && !others.leader) {
        // The leader hears of it, too, and ends all in good order.
        std::signal(SIGINT, SIG_IGN);
        std::signal(SIGTERM, SIG_IGN);
        workForLeader(*others.ranks, launch);
        return 0;
    }
    const RunConfig config = configuration(options, common);
    const RunPaths paths{options.run};
    makeFolder(paths.root);
    setUpLogging(common.logLevel, paths.log());
    warnIfBlasIsSlow();
    const StopSignals signals;
    ProgressLine bar;
    const RunOutcome outcome = runFinetune(
        config, paths, options.resume, signals.tokens(),
        [&bar](const RunProgress& progress) { bar.show(progress); },
        others.leader ? &*others.leader : nullptr);
    bar.finish();
    others.letGo();
    const bool stopped = outcome == RunOutcome::Stopped;
    if (!stopped && options.audit)
        auditAfterRun(options.run, chosenDevice(config.device), signals.tokens().gentle);
    if (options.json) {
        Json answer = {{"run", options.run}, {"outcome", stopped ? "stopped" : "finished"}};
        if (!stopped)
            answer["metrics"] = readJsonFile(paths.metrics());
        printJson(answer);
    } else if (stopped) {
        printText(
            fmt::format("Stopped; lodestone-engine finetune --run {} --resume goes on.\n", options.run));
    } else {
        printText(summary(paths));
    }
    return stopped ? 3 : 0;
}

} // namespace

void addFinetune(CommandLine& line)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = line.add("finetune", "one fine-tuning run");
    command->add_option("CONFIG", options->config,
                        "configuration (JSON); with --resume the run's own is the default");
    command->add_option("--run", options->run, "run directory")->required();
    command->add_flag("--resume", options->resume, "go on from the last checkpoint");
    command->add_option("--set", options->overrides, "override a key of the configuration, as a.b=value")
        ->allow_extra_args(false)
        ->take_all();
    command->add_flag("!--no-audit", options->audit, "leave out the audit of the result");
    command->add_flag("--json", options->json, "print the result as one JSON object");
    line.run(command, [options, &line] { return finetune(*options, line.common); });
}

} // namespace lodestone
