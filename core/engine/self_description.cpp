#include "engine/self_description.h"

#include "manual/manual_page.h"

#include <sstream>

namespace lodestone {
namespace {

/// "float32,float64" of CLI11's "TEXT:{float32,float64}".
std::vector<std::string> choices(const std::string& type)
{
    const std::size_t open = type.find('{'), close = type.find('}');
    std::vector<std::string> out;
    if (open == std::string::npos || close == std::string::npos)
        return out;
    std::istringstream list(type.substr(open + 1, close - open - 1));
    for (std::string choice; std::getline(list, choice, ',');)
        out.push_back(choice);
    return out;
}

ArgumentDescription describe(const CLI::Option& option)
{
    ArgumentDescription out;
    if (option.get_positional())
        out.names = {option.get_name(true)};
    for (const std::string& name : option.get_snames())
        out.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        out.names.push_back("--" + name);
    out.text = option.get_description();
    out.required = option.get_required();
    if (option.get_items_expected_max() == 0)
        return out; // a flag
    const std::string type = option.get_type_name();
    out.value = type.substr(0, type.find(':'));
    out.choices = choices(type);
    out.repeated = option.get_items_expected_max() > 1;
    return out;
}

} // namespace

CommandDescription describe(const CLI::App& app)
{
    CommandDescription out{app.get_name(), app.get_description(), {}, {}, {}};
    for (const CLI::Option* option : app.get_options())
        (option->get_positional() ? out.positionals : out.options).push_back(describe(*option));
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        out.commands.push_back(describe(*command));
    return out;
}

std::string engineManual(const CommandDescription& engine)
{
    return manualPage(
        engine, {LODESTONE_VERSION,
                 LODESTONE_DATE,
                 {{"EXIT STATUS",
                   {{"0", "All went well."},
                    {"1", "A file or a value is bad; the sentence says which."},
                    {"2", "The command line is wrong."},
                    {"3", "The user stopped it."},
                    {"4", "A fault of the program or of a library, or not enough memory."}}},
                  {"ENVIRONMENT",
                   {{"OMP_NUM_THREADS", "Threads for the computation, unless --threads names them."},
                    {"LODESTONE_EXCHANGE",
                     "How numbers travel between the processes of a run: host (the memory of the hosts, the "
                     "usual way), mpi (from GPU to GPU) or nccl."},
                    {"OMP_WAIT_POLICY", "Where it is set, the program leaves it and GOMP_SPINCOUNT alone; "
                                        "otherwise it makes idle threads sleep "
                                        "after some ten microseconds."},
                    {"CUBLAS_WORKSPACE_CONFIG",
                     "Set to :4096:8 unless it is there: CUDA then gives the same numbers again."}}},
                  {"FILES",
                   {{"", "A run is a folder: run.json (configuration), events.jsonl, checkpoints/ and "
                         "result/ with the delta "
                         "and the metrics. The keys of a configuration are described in configuration.md in "
                         "/usr/share/doc/lodestone-engine."}}},
                  {"SEE ALSO", {{"", "lodestone(1)"}}}}});
}

} // namespace lodestone
