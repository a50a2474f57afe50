#include "engine/all_commands.h"
#include "engine/comparison_table.h"

#include "run/run_directory.h"

#include <memory>

namespace lodestone {
namespace {

std::string table(const Json& rows)
{
    std::string text = fmt::format("{:<20} {:<11} {:<8} {:>10} {:>10} {:>8} {:>8}\n", "run", "state",
                                   "method", "eligible", "changed", "% model", "time/s");
    for (const Json& run : rows) {
        const auto number = [&run](const char* key, double factor, int digits) {
            return run[key].is_number() ? fmt::format("{:.{}f}", factor * run[key].get<double>(), digits)
                                        : std::string("-");
        };
        text += fmt::format("{:<20} {:<11} {:<8} {:>10} {:>10} {:>8} {:>8}\n", run["run"].get<std::string>(),
                            run["state"].get<std::string>(), run["method"].get<std::string>(),
                            number("eligible", 1, 0), number("changed", 1, 0),
                            number("changed_of_model", 100, 2), number("seconds", 1, 0));
        if (!run["splits"].is_object())
            continue;
        for (const auto& [split, sides] : run["splits"].items())
            for (const auto& [quantity, tuned] : sides["tuned"].items())
                text += fmt::format(
                    "    {:<11} {:<18} MAE {} -> {:.5g}\n", split, quantity,
                    sides["base"].contains(quantity)
                        ? fmt::format("{:.5g}", jsonMember<double>(sides["base"][quantity], "mae", quantity))
                        : std::string("-"),
                    jsonMember<double>(tuned, "mae", quantity));
        if (run["forgetting"].is_object())
            for (const char* quantity : {"energy", "forces"})
                text += fmt::format("    {:<11} {:<18} MAE {:.5g}\n", "forgetting", quantity,
                                    jsonMember<double>(run["forgetting"][quantity], "mae", quantity));
    }
    return text;
}

} // namespace

void addCompare(CommandLine& line)
{
    struct Options {
        std::vector<std::filesystem::path> runs;
        bool json = false, markdown = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = line.add("compare", "metrics, changed parameters and time of runs side by side");
    command->add_option("RUN", options->runs, "run directories")->required();
    command->add_flag("--json", options->json, "print one JSON object");
    command->add_flag(
        "--markdown", options->markdown,
        "print a table for a paper; a folder may be a sweep's, of which the best setting counts");
    line.run(command, [options] {
        if (options->markdown) {
            std::vector<Json> rows;
            for (const std::filesystem::path& folder : options->runs)
                rows.push_back(comparisonRow(folder));
            printText(comparisonTable(rows));
            return 0;
        }
        Json rows = Json::array();
        for (const std::filesystem::path& run : options->runs)
            rows.push_back(runRecord(run));
        if (options->json)
            printJson({{"runs", rows}});
        else
            printText(table(rows));
        return 0;
    });
}

} // namespace lodestone
