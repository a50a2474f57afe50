#pragma once
#include "base/json.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lodestone {

/// Options that every command accepts. Empty or 0: the command's own default.
struct CommonOptions {
    std::string logLevel = "info";
    int threads = 0;   ///< 0: all hardware threads
    double memory = 0; ///< GiB that tensors may take on the CPU; 0: most of what is free at the start
    std::string device;
    std::string dtype;
    bool radialTables = true; ///< Computation::radialTables
};

/// The command line of lodestone-engine: CLI11's parser and the work that parsing has chosen. Commands only
/// register here; the work runs after parsing, inside guarded().
struct CommandLine {
    CLI::App app{"sparse fine-tuning of equivariant interatomic models", "lodestone-engine"};
    CommonOptions common;
    std::function<int()> work;

    /// A sub-command with the common options and, if wanted, --json.
    CLI::App* add(const std::string& name, const std::string& description);
    /// Reads the arguments (without the program's name) and chooses the work. An exit code if that was all:
    /// help was printed, or, unless `silent`, what is wrong with them.
    std::optional<int> parse(const std::vector<std::string>& arguments, bool silent = false);
    /// Makes `body` (no arguments, returns the exit code) the work if `command` is chosen.
    void run(CLI::App* command, std::function<int()> body);
};

/// The common options that are keys of a run's configuration, as "a.b=value".
std::vector<std::string> commonOverrides(const CommonOptions& common);

/// --head NAME, for commands that open a model file.
void addHeadOption(CLI::App* command, std::string& head);

/// One JSON object and a line end on standard output.
void printJson(const Json& json);
/// Text for people on standard output.
void printText(const std::string& text);

} // namespace lodestone
