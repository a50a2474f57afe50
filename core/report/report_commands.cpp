#include "report/report_commands.h"

#include <algorithm>

namespace lodestone {
namespace {

/// --map as predict takes it, or nothing where all keys were detected.
std::vector<std::string> mapOption(const LabelKeys& keys)
{
    std::string map;
    for (const auto& [kind, key] : {std::pair{"energy", &keys.energy},
                                    {"forces", &keys.forces},
                                    {"stress", &keys.stress},
                                    {"virial", &keys.virial},
                                    {"moments", &keys.moments},
                                    {"magnetic_forces", &keys.magneticForces}})
        if (!key->empty())
            map += fmt::format("{}{}={}", map.empty() ? "" : ",", kind, *key);
    return map.empty() ? std::vector<std::string>() : std::vector<std::string>{"--map", map};
}

} // namespace

std::string shellLine(const std::vector<std::string>& words)
{
    std::string line;
    for (const std::string& word : words) {
        const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   std::string_view("_-./=,:+@%").find(c) != std::string_view::npos;
        });
        line += line.empty() ? "" : " ";
        if (plain) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word)
            if (c == '\'')
                line += "'\\''";
            else
                line += c;
        line += '\'';
    }
    return line;
}

ReportCommands reportCommands(const RunMaterial& material)
{
    const std::string engine = "lodestone-engine";
    const std::string run = material.run.string();
    const RunConfig& config = material.config;
    const RunPaths paths{material.run};
    ReportCommands commands;
    commands.explain = shellLine({engine, "explain", run, "--json"});
    commands.audit = shellLine({engine, "audit", run, "--json"});
    commands.compare = shellLine({engine, "compare", run, "--json"});
    commands.inspect = shellLine({engine, "inspect", config.model, "--json"});
    const std::vector<std::string>* files = nullptr;
    // A limit or a share takes frames out of the files: then predict would count others.
    if (material.paritySplit == "test" && config.data.maxTest == 0)
        files = &config.data.test;
    else if (material.paritySplit == "validation" && config.data.maxValidation == 0)
        files = &config.data.validationFiles;
    if (files && !files->empty()) {
        std::vector<std::string> words = {engine, "predict", config.model};
        words.insert(words.end(), files->begin(), files->end());
        for (const std::string& word : mapOption(config.data.keys))
            words.push_back(word);
        if (config.data.magneticForceFactor != 1)
            words.insert(words.end(),
                         {"--magnetic-force-factor", fmt::format("{}", config.data.magneticForceFactor)});
        for (const std::string& word :
             {std::string("--delta"), paths.delta().string(), std::string("--dtype"), config.dtype,
              std::string("-o"), run + "-predicted.extxyz", std::string("--json")})
            words.push_back(word);
        commands.predict = shellLine(words);
    }
    std::vector<std::string> hashed = {"sha256sum", config.model};
    for (const auto* list : {&config.data.train, &config.data.validationFiles, &config.data.test})
        for (const std::string& file : *list)
            if (std::find(hashed.begin(), hashed.end(), file) == hashed.end())
                hashed.push_back(file);
    commands.hashes = shellLine(hashed);
    commands.again = shellLine({engine, "finetune", paths.configuration().string(), "--run", run + "-again"});
    return commands;
}

} // namespace lodestone
