#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "engine/progress_line.h"
#include "engine/stop_signals.h"

#include "base/files.h"
#include "base/log.h"
#include "base/schema.h"
#include "finetune/trainer.h"
#include "run/run_directory.h"
#include "run/sweep.h"

#include <memory>
#include <spdlog/spdlog.h>

namespace lodestone {
namespace {

struct Options {
    std::string config;
    std::filesystem::path folder;
    std::vector<std::string> vary, overrides;
    std::string seeds, bestSeeds;
    bool json = false, audit = true;
};

/// Null if the folder holds no finished run; Error if it holds one of another configuration.
Json finishedMetrics(const RunConfig& config, const RunPaths& paths)
{
    if (!std::filesystem::exists(paths.configuration()))
        return nullptr;
    if (toJson(readRunConfig(paths.configuration())) != toJson(config))
        fail("{} holds a run of another configuration: choose another folder for the sweep, or move it away.",
             paths.root.string());
    if (summariseRun(paths.root).state != "finished" || !std::filesystem::exists(paths.metrics()))
        return nullptr;
    return schema::readFile(paths.metrics(), schema::metrics);
}

class Sweep {
public:
    Sweep(Options options, const CommonOptions& common) : m_options(std::move(options)), m_common(common)
    {
        m_settings = sweepSettings(m_options.vary);
        if (!m_options.bestSeeds.empty())
            parseSeeds(m_options.bestSeeds); // a wrong list is told before the first hour is spent
        const auto seedOf = [this](const SweepSetting& setting) {
            return std::vector{configuration(setting, std::nullopt).seed};
        };
        for (std::size_t i = 0; i < m_settings.size(); ++i)
            for (const std::uint64_t seed :
                 m_options.seeds.empty() ? seedOf(m_settings[i]) : parseSeeds(m_options.seeds))
                m_runs.push_back({i, seed, runFolderName(m_settings[i], seed), nullptr, {}});
    }

    int run()
    {
        makeFolder(m_options.folder);
        // All configurations are read before the first hour is spent.
        for (SweepRun& run : m_runs)
            run.metrics = finishedMetrics(configuration(run), paths(run));
        writeSummary(); // the folder is a sweep's from now on
        const StopSignals signals;
        bool stopped = !runAll(0, signals.tokens());
        if (!stopped && !m_options.bestSeeds.empty()) {
            const std::size_t first = m_runs.size();
            addRunsOfTheBest();
            stopped = !runAll(first, signals.tokens());
        }
        if (m_options.json)
            printJson(summary());
        else
            printText(sweepTable(summary()) +
                      (stopped ? "Stopped; the same command goes on where this one ended.\n" : ""));
        const bool failed =
            std::any_of(m_runs.begin(), m_runs.end(), [](const SweepRun& r) { return !r.error.empty(); });
        return stopped ? 3 : failed ? 1 : 0;
    }

private:
    /// False: stopped by the user.
    bool runAll(std::size_t first, const RunStop& stop)
    {
        for (std::size_t i = first; i < m_runs.size(); ++i) {
            if (m_runs[i].metrics.is_null() && !runOne(i, stop))
                return false;
            writeSummary();
        }
        return true;
    }

    /// Further seeds for the setting with the lowest validation loss.
    void addRunsOfTheBest()
    {
        const Json settings = summary()["settings"];
        for (std::size_t i = 0; i < m_settings.size(); ++i) {
            if (!settings[i]["best"].get<bool>())
                continue;
            for (const std::uint64_t seed : parseSeeds(m_options.bestSeeds)) {
                SweepRun run = {i, seed, runFolderName(m_settings[i], seed), nullptr, {}};
                if (std::any_of(m_runs.begin(), m_runs.end(),
                                [&run](const SweepRun& other) { return other.folder == run.folder; }))
                    continue;
                run.metrics = finishedMetrics(configuration(run), paths(run));
                m_runs.push_back(std::move(run));
            }
        }
    }

    void writeSummary() const
    {
        writeFileAtomically(m_options.folder / "sweep.json", jsonText(summary()) + "\n");
    }

    Json summary() const { return summariseSweep(m_settings, m_runs); }
    RunPaths paths(const SweepRun& run) const { return {m_options.folder / run.folder}; }

    RunConfig configuration(const SweepSetting& setting, std::optional<std::uint64_t> seed) const
    {
        std::vector<std::string> overrides = m_options.overrides;
        for (const auto& more : {setting.overrides, commonOverrides(m_common)})
            overrides.insert(overrides.end(), more.begin(), more.end());
        if (seed)
            overrides.push_back(fmt::format("seed={}", *seed));
        return readRunConfig(m_options.config, overrides);
    }
    RunConfig configuration(const SweepRun& run) const
    {
        return configuration(m_settings[run.setting], run.seed);
    }

    /// False: stopped by the user. A run that fails is noted, and the others go on.
    bool runOne(std::size_t i, const RunStop& stop)
    {
        SweepRun& run = m_runs[i];
        const RunPaths paths = this->paths(run);
        makeFolder(paths.root);
        setUpLogging(m_common.logLevel, paths.log());
        const bool resume = std::filesystem::exists(paths.lastCheckpoint());
        ProgressLine bar;
        try {
            const RunOutcome outcome =
                runFinetune(configuration(run), paths, resume, stop, [&](const RunProgress& progress) {
                    bar.show(progress, fmt::format("run {}/{}, ", i + 1, m_runs.size()));
                });
            bar.finish();
            if (outcome == RunOutcome::Stopped)
                return false;
            run.metrics = readJsonFile(paths.metrics());
            if (m_options.audit)
                auditAfterRun(paths.root, chosenDevice(configuration(run).device), stop.gentle);
        } catch (const InternalError&) {
            throw;
        } catch (const Error& e) {
            bar.finish();
            run.error = e.what();
        }
        return true;
    }

    Options m_options;
    const CommonOptions& m_common;
    std::vector<SweepSetting> m_settings;
    std::vector<SweepRun> m_runs;
};

} // namespace

void addSweep(CommandLine& line)
{
    auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add("sweep", "several runs: seeds, and values of some keys, with mean and spread");
    command->add_option("CONFIG", options->config, "configuration (JSON)")->required();
    command->add_option("--run", options->folder, "folder of the runs; finished ones are kept, others go on")
        ->required();
    command
        ->add_option("--vary", options->vary,
                     "KEY=VALUE,VALUE,...: a run for each value; several --vary give all combinations")
        ->allow_extra_args(false)
        ->take_all();
    command->add_option("--seeds", options->seeds, "1,2,3 or 1-3 (default: the configuration's)");
    command->add_option("--best-seeds", options->bestSeeds,
                        "when all are done: these seeds for the setting with the lowest validation loss");
    command->add_option("--set", options->overrides, "override a key of the configuration, as a.b=value")
        ->allow_extra_args(false)
        ->take_all();
    command->add_flag("!--no-audit", options->audit, "leave out the audits of the results");
    command->add_flag("--json", options->json, "print the summary as one JSON object");
    line.run(command, [options, &line] {
        warnIfBlasIsSlow();
        return Sweep(*options, line.common).run();
    });
}

} // namespace lodestone
