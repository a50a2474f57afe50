#include "run/config.h"
#include "base/schema.h"
#include "base/text.h"
#include "crystal/elements.h"
#include "run/config_reader.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

namespace fs = std::filesystem;

constexpr double huge = 1e300;
constexpr const char* notNegative = "a number of at least 0";
constexpr const char* positive = "a number above 0";
constexpr double smallest = 1e-300;

std::string resolved(const std::string& file, const fs::path& folder)
{
    const fs::path path(file);
    return folder.empty() || path.is_absolute() ? file : (folder / path).lexically_normal().string();
}

/// "5 min", "30 s", "1 h" or a plain number of seconds.
std::optional<double> parseDuration(std::string_view text)
{
    const std::vector<std::string_view> fields = splitFields(text);
    if (fields.empty() || fields.size() > 2)
        return std::nullopt;
    const std::optional<double> number = parseReal(fields[0]);
    const std::string_view unit = fields.size() == 2 ? fields[1] : "s";
    const double factor = unit == "s" ? 1 : unit == "min" ? 60 : unit == "h" ? 3600 : 0;
    if (!number || !(*number > 0) || !std::isfinite(*number) || factor == 0)
        return std::nullopt;
    return *number * factor;
}

std::string formatDuration(double seconds)
{
    for (const auto& [unit, factor] : {std::pair{"h", 3600.0}, std::pair{"min", 60.0}})
        if (seconds >= factor && std::fmod(seconds, factor) == 0)
            return fmt::format("{} {}", seconds / factor, unit);
    return fmt::format("{} s", seconds);
}

void readGroupWeights(const ConfigSection& section, const Json& weights, DataConfig& data)
{
    if (!weights.is_object())
        section.refuse("group_weights", weights, "an object such as {\"config_type=slab\": 2}");
    for (const auto& [group, factor] : weights.items()) {
        if (group.find('=') == std::string::npos || group.front() == '=')
            section.refuse("data.group_weights names \"" + group +
                           "\": write the property of the frames and its value, \"config_type=slab\"");
        if (!factor.is_number() || !std::isfinite(factor.get<double>()) || factor.get<double>() < 0)
            section.refuse("group_weights", factor, "numbers of at least 0");
        data.groupWeights[group] = factor.get<double>();
    }
}

DataConfig readData(ConfigSection section, const fs::path& folder)
{
    DataConfig data;
    section.read("train", data.train);
    const auto filesOrFraction = [&section](const char* key, std::vector<std::string>& files,
                                            double& fraction) {
        const Json* value = section.find(key);
        if (value && value->is_number())
            section.read(key, fraction, 0, 0.9, "a fraction from 0 to 0.9 or a list of files");
        else
            section.read(key, files);
    };
    filesOrFraction("test", data.test, data.testFraction);
    filesOrFraction("validation", data.validationFiles, data.validationFraction);
    section.readInteger("split_seed", data.splitSeed);
    ConfigSection keys = section.section("keys");
    keys.read("energy", data.keys.energy);
    keys.read("forces", data.keys.forces);
    keys.read("stress", data.keys.stress);
    keys.read("virial", data.keys.virial);
    keys.read("moments", data.keys.moments);
    keys.read("magnetic_forces", data.keys.magneticForces);
    keys.finish();
    section.readInteger("max_train", data.maxTrain);
    section.readInteger("max_validation", data.maxValidation);
    section.readInteger("max_test", data.maxTest);
    section.read("weight_key", data.weightKey);
    if (const Json* weights = section.find("group_weights"))
        readGroupWeights(section, *weights, data);
    section.read("magnetic_force_factor", data.magneticForceFactor, -huge, huge, "a factor other than 0");
    if (data.magneticForceFactor == 0)
        section.refuse("data.magnetic_force_factor is 0: no label would be left");
    section.finish();
    if (data.train.empty())
        section.refuse("data.train is missing: name at least one file of training structures");
    for (auto* files : {&data.train, &data.test, &data.validationFiles})
        for (std::string& file : *files)
            file = resolved(file, folder);
    return data;
}

TargetWeights readTargets(ConfigSection section)
{
    TargetWeights targets;
    section.read("energy", targets.energy, 0, huge, notNegative);
    section.read("forces", targets.forces, 0, huge, notNegative);
    section.read("stress", targets.stress, 0, huge, notNegative);
    section.read("moments", targets.moments, 0, huge, notNegative);
    section.read("magnetic_forces", targets.magneticForces, 0, huge, notNegative);
    std::string part = "full";
    section.readChoice("magnetic_forces_part", part, {"full", "perpendicular"});
    targets.perpendicular = part == "perpendicular";
    section.finish();
    if (targets.energy + targets.forces + targets.stress + targets.moments + targets.magneticForces == 0)
        section.refuse("all weights in targets are 0, so there is nothing to train on");
    return targets;
}

LossConfig readLoss(ConfigSection section)
{
    LossConfig loss;
    section.readChoice("kind", loss.kind, {"huber", "mae", "mse"});
    section.read("delta", loss.delta, smallest, huge, positive);
    section.read("energy_per_atom", loss.energyPerAtom);
    section.finish();
    return loss;
}

BlockSelection readBlocks(ConfigSection section)
{
    BlockSelection blocks;
    std::vector<std::string> presets;
    for (const SelectionPreset& preset : selectionPresets())
        presets.push_back(preset.name);
    if (const Json* preset = section.find("preset"); preset && *preset != "")
        section.readChoice("preset", blocks.preset, presets);
    section.read("select", blocks.select);
    section.read("exclude", blocks.exclude);
    section.finish();
    // Without a choice of its own the section means the default preset, also where it only excludes.
    if (blocks.preset.empty() && blocks.select.empty())
        blocks.preset = RunConfig().blocks.preset;
    return blocks;
}

MethodConfig readMethod(ConfigSection section)
{
    MethodConfig method;
    section.readChoice("kind", method.kind, {"sparse", "l1", "low-rank", "dense", "full", "readout"});
    section.readChoice("preset", method.preset, {"L", "H"});
    section.read("target_fraction", method.targetFraction, smallest, 1,
                 "a fraction above 0 and at most 1, or null");
    section.read("per_path_threshold", method.perPathThreshold);
    method.sigma = usualSigma(method.targetFraction.has_value());
    section.read("sigma", method.sigma, smallest, huge, positive);
    section.read("initial_threshold", method.initialThreshold, smallest, 0.999, "above 0 and below 1");
    section.read("threshold_decay", method.thresholdDecay, 0, huge, notNegative);
    section.read("threshold_learning_rate", method.thresholdLearningRate, smallest, huge, positive);
    section.read("delta_decay", method.deltaDecay, 0, huge, notNegative);
    section.read("lambda", method.lambda, smallest, huge, positive);
    section.readInteger("rank", method.rank, 1);
    section.read("alpha", method.alpha, smallest, huge, positive);
    section.finish();
    return method;
}

OptimiserConfig readOptimiser(ConfigSection section, const std::string& method)
{
    OptimiserConfig optimiser = defaultOptimiser(method);
    section.readChoice("kind", optimiser.kind, {"schedule-free-adamw", "adamw"});
    if (optimiser.kind != "adamw")
        optimiser.ema = 0; // the method's default average belongs to adamw
    section.read("learning_rate", optimiser.learningRate, smallest, huge, positive);
    section.read("ema", optimiser.ema, 0, 0.999999, "0 (off) or a factor below 1, such as 0.999");
    section.readInteger("warmup_steps", optimiser.warmupSteps);
    section.read("clip", optimiser.clip, 0, huge, "0 (off) or a gradient norm above 0");
    section.read("weight_decay", optimiser.weightDecay, 0, huge, notNegative);
    section.readChoice("schedule", optimiser.schedule, {"constant", "cosine", "plateau"});
    section.read("final_rate", optimiser.finalRate, 0, 1, "a share of the learning rate, 0 to 1");
    section.readInteger("plateau_epochs", optimiser.plateauEpochs, 1);
    section.readInteger("roll_backs", optimiser.rollBacks);
    section.finish();
    if (optimiser.schedule != "constant" && optimiser.kind != "adamw")
        section.refuse("optimiser.schedule needs optimiser.kind adamw: schedule-free-adamw has none");
    if (optimiser.ema > 0 && optimiser.kind != "adamw")
        section.refuse("optimiser.ema needs optimiser.kind adamw: schedule-free-adamw averages by itself");
    return optimiser;
}

std::optional<ReplayConfig> readReplay(ConfigSection& top, const fs::path& folder)
{
    if (!top.find("replay"))
        return std::nullopt;
    ConfigSection section = top.section("replay");
    ReplayConfig replay;
    section.readInteger("frames", replay.frames, std::size_t{1});
    section.read("weight", replay.weight, smallest, huge, positive);
    section.read("elements", replay.elements);
    section.read("files", replay.files);
    section.readInteger("seed", replay.seed);
    section.finish();
    for (const std::string& element : replay.elements)
        if (!atomicNumber(element))
            section.refuse(fmt::format("replay.elements names '{}', which is no element symbol", element));
    for (std::string& file : replay.files)
        file = resolved(file, folder);
    return replay;
}

void readReferenceEnergies(ConfigSection& top, RunConfig& config)
{
    top.readChoice("reference_energies", config.referenceEnergies, {"keep", "estimate", "isolated"});
    if (const Json* energies = top.find("isolated_energies")) {
        if (!energies->is_object())
            top.refuse("isolated_energies", *energies,
                       "an object of element symbols and energies, {\"Fe\": -3.2}");
        for (const auto& [element, energy] : energies->items()) {
            if (!atomicNumber(element))
                top.refuse(fmt::format("isolated_energies names '{}', which is no element symbol", element));
            if (!energy.is_number() || !std::isfinite(energy.get<double>()))
                top.refuse("isolated_energies." + element, energy, "an energy in eV");
            config.isolatedEnergies[element] = energy.get<double>();
        }
    }
    if (config.referenceEnergies == "isolated" && config.isolatedEnergies.empty())
        top.refuse(
            "reference_energies is 'isolated', so isolated_energies must give the energy of each element, "
            "such as {\"Fe\": -3.2}");
}

void readDevice(ConfigSection& top, RunConfig& config)
{
    const Json* device = top.find("device");
    top.read("device", config.device);
    const std::string& name = config.device;
    const bool numbered = name.starts_with("cuda:") && parseInteger(name.substr(5)).value_or(-1) >= 0;
    if (name != "auto" && name != "cpu" && name != "cuda" && !numbered)
        top.refuse("device", *device, "auto, cpu, cuda or cuda:N");
}

void readCheckpointEvery(ConfigSection& top, RunConfig& config)
{
    const Json* every = top.find("checkpoint_every");
    if (!every)
        return;
    std::optional<double> seconds;
    if (every->is_string())
        seconds = parseDuration(every->get<std::string>());
    else if (every->is_number() && every->get<double>() > 0 && std::isfinite(every->get<double>()))
        seconds = every->get<double>();
    if (!seconds)
        top.refuse("checkpoint_every", *every, "a duration such as \"5 min\", \"30 s\" or \"1 h\"");
    config.checkpointEverySeconds = *seconds;
}

RunConfig readConfig(const Json& json, const fs::path& folder, const std::string& origin)
{
    schema::check(json, schema::configuration, origin);
    ConfigSection top(json, "", origin);
    RunConfig config;
    top.allow("schema");
    top.read("model", config.model);
    if (config.model.empty())
        top.refuse("model is missing: name the file of the model to start from");
    config.model = resolved(config.model, folder);
    top.read("head", config.head);
    config.data = readData(top.section("data"), folder);
    config.targets = readTargets(top.section("targets"));
    config.loss = readLoss(top.section("loss"));
    readReferenceEnergies(top, config);
    config.blocks = readBlocks(top.section("blocks"));
    config.method = readMethod(top.section("method"));
    ConfigSection magnetism = top.section("magnetism");
    magnetism.readChoice("head", config.magneticHead, {"none", "magnitude", "vector", "spin-energy"});
    magnetism.read("learning_rate", config.headLearningRate, smallest, huge, positive);
    magnetism.finish();
    if (const auto problem = headProblem(config))
        top.refuse(*problem);
    config.optimiser = readOptimiser(top.section("optimiser"), config.method.kind);
    if (config.method.kind == "l1" && (config.optimiser.kind != "adamw" || config.optimiser.ema > 0))
        top.refuse(
            "method.kind is l1, which needs optimiser.kind adamw and optimiser.ema 0: an average of sparse "
            "deltas is not sparse");
    config.replay = readReplay(top, folder);
    if (config.replay && config.targets.energy == 0 && config.targets.forces == 0 &&
        config.targets.stress == 0)
        top.refuse("replay repeats the base model's energies, forces and stress, but targets has weights for "
                   "none of them");
    top.readInteger("forgetting_frames", config.forgettingFrames);
    top.readInteger("epochs", config.epochs, 1);
    ConfigSection batch = top.section("batch");
    batch.readInteger("max_edges", config.maxEdges, std::size_t{1});
    batch.readInteger("max_frames", config.maxFrames);
    batch.finish();
    top.readInteger("early_stopping", config.earlyStopping);
    top.readInteger("seed", config.seed);
    readDevice(top, config);
    top.readChoice("dtype", config.dtype, {"float32", "float64"});
    top.read("radial_tables", config.radialTables);
    readCheckpointEvery(top, config);
    top.allow("provenance");
    top.finish();
    return config;
}

void applyOverride(Json& json, const std::string& text)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        fail<UsageError>("--set {}: write it as KEY=VALUE, such as optimiser.learning_rate=5e-3.", text);
    const std::string value = text.substr(equals + 1);
    Json* place = &json;
    std::size_t begin = 0;
    while (begin <= equals) {
        const std::size_t end = std::min(text.find('.', begin), equals);
        const std::string key = text.substr(begin, end - begin);
        if (key.empty() || !(place->is_object() || place->is_null()))
            fail<UsageError>("--set {}: '{}' is no key of a configuration.", text, text.substr(0, equals));
        place = &(*place)[key];
        begin = end + 1;
    }
    *place = parseJsonOrNull(value);
    if (place->is_null() && value != "null")
        *place = value;
}

Json orNull(const std::optional<double>& value)
{
    return value ? Json(*value) : Json();
}

} // namespace

RunConfig runConfigFromJson(const Json& json, const fs::path& folder)
{
    return readConfig(json, folder, "The configuration");
}

RunConfig readRunConfig(const fs::path& path, const std::vector<std::string>& overrides)
{
    Json json = readJsonFile(path);
    if (!json.is_object())
        fail("{}: a configuration is one JSON object {{...}}.", path.string());
    for (const std::string& text : overrides)
        applyOverride(json, text);
    return readConfig(json, fs::absolute(path).parent_path(), path.string());
}

OptimiserConfig defaultOptimiser(const std::string& method)
{
    OptimiserConfig optimiser;
    if (method == "l1" || method == "low-rank" || method == "full")
        optimiser.kind = "adamw";
    if (method == "low-rank") {
        optimiser.learningRate = 1e-3;
        optimiser.ema = 0.99;
    } else if (method == "full") {
        optimiser.learningRate = 5e-4;
        optimiser.ema = 0.999;
    } else if (method == "l1" || method == "dense") {
        optimiser.learningRate = 3e-3;
    } else if (method == "readout") {
        optimiser.learningRate = 1e-3;
    }
    return optimiser;
}

std::optional<std::string> headProblem(const RunConfig& config)
{
    const TargetWeights& targets = config.targets;
    const std::string& head = config.magneticHead;
    if (targets.magneticForces > 0 && head != "spin-energy")
        return fmt::format("targets.magnetic_forces is above 0, but magnetism.head is {}: only the head "
                           "spin-energy gives magnetic forces",
                           head);
    if (head == "spin-energy") {
        if (targets.moments > 0)
            return "targets.moments is above 0, but for magnetism.head spin-energy the moments are given: "
                   "set "
                   "targets.moments to 0";
        if (targets.energy == 0 && targets.magneticForces == 0)
            return "magnetism.head is spin-energy, but targets.energy and targets.magnetic_forces are 0: "
                   "give "
                   "one of them a weight, else little or nothing would train the head";
        return std::nullopt;
    }
    if (targets.moments > 0 && head == "none")
        return "targets.moments is above 0, but magnetism.head is none: set the head to magnitude or vector";
    if (targets.moments == 0 && head != "none")
        return fmt::format("magnetism.head is {}, but targets.moments is 0: give the moments a weight or set "
                           "the head to none",
                           head);
    return std::nullopt;
}

double thresholdDecay(const MethodConfig& method)
{
    return method.thresholdDecay.value_or(method.preset == "H" ? 0.3 : 0.01);
}

double thresholdLearningRate(const RunConfig& config)
{
    return config.method.thresholdLearningRate.value_or(config.optimiser.learningRate);
}

Json toJson(const RunConfig& config)
{
    const DataConfig& data = config.data;
    const MethodConfig& method = config.method;
    Json json;
    json["schema"] = schema::configuration;
    json["model"] = config.model;
    json["head"] = config.head;
    json["data"] = {{"train", data.train},
                    {"validation", data.validationFiles.empty() ? Json(data.validationFraction)
                                                                : Json(data.validationFiles)},
                    {"test", data.testFraction > 0 ? Json(data.testFraction) : Json(data.test)},
                    {"split_seed", data.splitSeed},
                    {"keys", toJson(data.keys)},
                    {"max_train", data.maxTrain},
                    {"max_validation", data.maxValidation},
                    {"max_test", data.maxTest},
                    {"weight_key", data.weightKey},
                    {"group_weights", data.groupWeights},
                    {"magnetic_force_factor", data.magneticForceFactor}};
    json["targets"] = {{"energy", config.targets.energy},
                       {"forces", config.targets.forces},
                       {"stress", config.targets.stress},
                       {"moments", config.targets.moments},
                       {"magnetic_forces", config.targets.magneticForces},
                       {"magnetic_forces_part", config.targets.perpendicular ? "perpendicular" : "full"}};
    json["loss"] = {{"kind", config.loss.kind},
                    {"delta", config.loss.delta},
                    {"energy_per_atom", config.loss.energyPerAtom}};
    json["reference_energies"] = config.referenceEnergies;
    json["isolated_energies"] = config.isolatedEnergies;
    json["blocks"] = {{"preset", config.blocks.preset},
                      {"select", config.blocks.select},
                      {"exclude", config.blocks.exclude}};
    json["method"] = {{"kind", method.kind},
                      {"preset", method.preset},
                      {"target_fraction", orNull(method.targetFraction)},
                      {"per_path_threshold", method.perPathThreshold},
                      {"sigma", method.sigma},
                      {"initial_threshold", method.initialThreshold},
                      {"threshold_decay", thresholdDecay(method)},
                      {"threshold_learning_rate", thresholdLearningRate(config)},
                      {"delta_decay", method.deltaDecay},
                      {"lambda", method.lambda},
                      {"rank", method.rank},
                      {"alpha", method.alpha}};
    json["magnetism"] = {{"head", config.magneticHead},
                         {"learning_rate", config.headLearningRate.value_or(config.optimiser.learningRate)}};
    const OptimiserConfig& optimiser = config.optimiser;
    json["optimiser"] = {{"kind", optimiser.kind},
                         {"learning_rate", optimiser.learningRate},
                         {"ema", optimiser.ema},
                         {"warmup_steps", optimiser.warmupSteps},
                         {"clip", optimiser.clip},
                         {"weight_decay", optimiser.weightDecay},
                         {"schedule", optimiser.schedule},
                         {"final_rate", optimiser.finalRate},
                         {"plateau_epochs", optimiser.plateauEpochs},
                         {"roll_backs", optimiser.rollBacks}};
    json["replay"] = nullptr;
    if (const auto& replay = config.replay)
        json["replay"] = {{"frames", replay->frames},
                          {"weight", replay->weight},
                          {"elements", replay->elements},
                          {"files", replay->files},
                          {"seed", replay->seed}};
    json["forgetting_frames"] = config.forgettingFrames;
    json["epochs"] = config.epochs;
    json["batch"] = {{"max_edges", config.maxEdges}, {"max_frames", config.maxFrames}};
    json["early_stopping"] = config.earlyStopping;
    json["seed"] = config.seed;
    json["device"] = config.device;
    json["dtype"] = config.dtype;
    json["radial_tables"] = config.radialTables;
    json["checkpoint_every"] = formatDuration(config.checkpointEverySeconds);
    return json;
}

} // namespace lodestone
