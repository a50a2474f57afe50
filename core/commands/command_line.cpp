#include "commands/command_line.h"

#include "base/text.h"
#include "commands/boundary.h"

#include <cmath>
#include <cstdio>

namespace lodestone {

CLI::App* CommandLine::add(const std::string& name, const std::string& description)
{
    CLI::App* command = app.add_subcommand(name, description);
    command->add_option("--log-level", common.logLevel, "trace, debug, info, warning, error or off");
    command->add_option("--threads", common.threads, "threads for the computation (default: all)")
        ->check(CLI::Range(1, 4096));
    command
        ->add_option("--memory", common.memory,
                     "GiB that the computation may take on the CPU (default: nine tenths of what is free)")
        ->check(CLI::Validator(
            [](std::string& text) {
                const auto number = parseReal(text);
                return number && std::isfinite(*number) && *number > 0
                           ? std::string()
                           : fmt::format("{} is no number of GiB above 0.", text);
            },
            ""));
    command->add_option("--device", common.device, "auto, cpu or cuda[:N]");
    command->add_option("--dtype", common.dtype, "float32 or float64")
        ->check(CLI::IsMember({"float32", "float64"}));
    command->add_flag("!--no-radial-tables", common.radialTables,
                      "compute frozen radial networks instead of looking their functions up in tables");
    return command;
}

std::optional<int> CommandLine::parse(const std::vector<std::string>& arguments, bool silent)
{
    try {
        std::vector<std::string> reversed(arguments.rbegin(),
                                          arguments.rend()); // CLI11 takes them from the back
        app.parse(reversed);
    } catch (const CLI::CallForHelp& e) {
        return app.exit(e);
    } catch (const CLI::ParseError& e) {
        if (silent)
            return exitUsage;
        return complain(fmt::format("{} (lodestone-engine --help shows the commands.)", e.what()), exitUsage);
    }
    return {};
}

void CommandLine::run(CLI::App* command, std::function<int()> body)
{
    command->callback([this, body = std::move(body)] { work = body; });
}

std::vector<std::string> commonOverrides(const CommonOptions& common)
{
    std::vector<std::string> overrides;
    if (!common.device.empty())
        overrides.push_back("device=" + common.device);
    if (!common.dtype.empty())
        overrides.push_back("dtype=" + common.dtype);
    if (!common.radialTables)
        overrides.push_back("radial_tables=false");
    return overrides;
}

void addHeadOption(CLI::App* command, std::string& head)
{
    command->add_option(
        "--head", head,
        "head or modality of a model file that holds several (default: the delta's, else the file's)");
}

void printJson(const Json& json)
{
    printText(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void printText(const std::string& unchecked)
{
    const std::string text = printable(unchecked);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

} // namespace lodestone
