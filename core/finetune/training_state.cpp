#include "finetune/training_state.h"
#include "base/files.h"
#include "base/schema.h"
#include "run/config.h"
#include "weights/hdf5_tensors.h"

#include <algorithm>
#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr const char* formatName = "lodestone-checkpoint";

Json toJson(const LossHistory& losses)
{
    return {{"start_sum", losses.startSum},
            {"start_count", losses.startCount},
            {"high_in_row", losses.highInRow},
            {"start_validation", losses.startValidation ? Json(*losses.startValidation) : Json()}};
}

/// A number, or nothing where null stands.
std::optional<double> realOrNothing(const Json& json, const char* key, const std::string& where)
{
    const double value = jsonMember<double>(json, key, where);
    return std::isnan(value) ? std::nullopt : std::optional(value);
}

LossHistory lossesFromJson(const Json& json, const std::string& where)
{
    LossHistory losses;
    losses.startSum = jsonMember<double>(json, "start_sum", where);
    losses.startCount = jsonMember<int>(json, "start_count", where);
    losses.highInRow = jsonMember<int>(json, "high_in_row", where);
    losses.startValidation = realOrNothing(json, "start_validation", where);
    return losses;
}

Json toJson(const TrainingPosition& p)
{
    Json shift = Json::array();
    for (const auto& [z, value] : p.shift)
        shift.push_back({z, value});
    return {{"step", p.step},
            {"epoch", p.epoch},
            {"step_in_epoch", p.stepInEpoch},
            {"seconds", p.seconds},
            {"best_loss", p.bestLoss ? Json(*p.bestLoss) : Json()},
            {"best_epoch", p.bestEpoch},
            {"best_step", p.bestStep},
            {"epochs_since_best", p.epochsSinceBest},
            {"plateau_factor", p.plateauFactor},
            {"edges_at_once", p.edgesAtOnce ? Json(*p.edgesAtOnce) : Json()},
            {"next_sequence", p.nextSequence},
            {"shift", shift},
            {"losses", toJson(p.losses)},
            {"roll_backs", p.rollBacks},
            {"rate_factor", p.rateFactor}};
}

TrainingPosition positionFromJson(const Json& json, const std::string& where)
{
    TrainingPosition p;
    p.step = jsonMember<std::int64_t>(json, "step", where);
    p.epoch = jsonMember<int>(json, "epoch", where);
    p.stepInEpoch = jsonMember<std::int64_t>(json, "step_in_epoch", where);
    p.seconds = jsonMember<double>(json, "seconds", where);
    p.bestLoss = realOrNothing(json, "best_loss", where);
    p.bestEpoch = jsonMember<int>(json, "best_epoch", where);
    p.bestStep = jsonMember<std::int64_t>(json, "best_step", where);
    p.epochsSinceBest = jsonMember<int>(json, "epochs_since_best", where);
    p.plateauFactor = jsonMember<double>(json, "plateau_factor", where, 1.0);
    if (json.contains("edges_at_once") && !json["edges_at_once"].is_null())
        p.edgesAtOnce = jsonMember<std::size_t>(json, "edges_at_once", where);
    p.nextSequence = jsonMember<std::uint64_t>(json, "next_sequence", where);
    for (const Json& pair : jsonMember<Json>(json, "shift", where)) {
        const auto element = pair.is_array() && pair.size() == 2 ? jsonValue<int>(pair[0]) : std::nullopt;
        const auto energy = element ? jsonValue<double>(pair[1]) : std::nullopt;
        if (!energy || !std::isfinite(*energy))
            fail("{}: 'shift' is no list of atomic numbers and energies.", where);
        p.shift[*element] = *energy;
    }
    if (json.contains("losses")) // earlier files have none
        p.losses = lossesFromJson(json["losses"], where);
    p.rollBacks = jsonMember<int>(json, "roll_backs", where, 0);
    p.rateFactor = jsonMember<double>(json, "rate_factor", where, 1.0);
    return p;
}

/// Without its tensors.
LearnerState learnerStateFromJson(const Json& json, const std::string& where)
{
    return {positionFromJson(jsonMember<Json>(json, "position", where), where),
            jsonMember<Json>(json, "learner", where),
            {}};
}

/// The configuration without what may change between the parts of one run. Files are compared by their
/// hashes. Keys that are younger than the saved file have their defaults.
Json comparable(const Json& saved)
{
    Json config = toJson(runConfigFromJson(saved));
    for (const char* key : {"model", "device", "checkpoint_every", "provenance"})
        config.erase(key);
    if (config.contains("data"))
        for (const char* key : {"train", "test"})
            config["data"].erase(key);
    if (config.contains("data") && config["data"].contains("validation") &&
        !config["data"]["validation"].is_number())
        config["data"].erase("validation");
    return config;
}

void writeTensors(Hdf5Writer& file, const std::string& group,
                  const std::map<std::string, torch::Tensor>& tensors)
{
    for (const auto& [name, tensor] : tensors)
        writeTensor(file, group + "/" + name, tensor);
}

std::map<std::string, torch::Tensor> readTensors(const Hdf5Reader& file, const std::string& top)
{
    std::map<std::string, torch::Tensor> tensors;
    for (const char* group : {"live", "optimiser"})
        for (const auto& child : file.children(fmt::format("{}/{}", top, group)))
            tensors[fmt::format("{}/{}", group, child)] =
                readTensor(file, fmt::format("{}/{}/{}", top, group, child));
    return tensors;
}

} // namespace

void writeTrainingState(const std::filesystem::path& path, const TrainingState& state)
{
    Json text = {{"configuration", state.configuration},
                 {"model_sha256", state.modelSha256},
                 {"data_sha256", state.dataSha256},
                 {"position", toJson(state.now.position)},
                 {"learner", state.now.scalars}};
    if (state.epochStart)
        text["epoch_start"] = {{"position", toJson(state.epochStart->position)},
                               {"learner", state.epochStart->scalars}};
    replaceFileAtomically(path, [&](const std::filesystem::path& temporary) {
        auto file = Hdf5Writer::create(temporary);
        file.writeText("/format", schema::formatText(formatName, schema::checkpoint));
        file.writeText("/state", text.dump());
        writeTensors(file, "/tensors", state.now.tensors);
        if (state.epochStart)
            writeTensors(file, "/epoch_start", state.epochStart->tensors);
        file.close();
    });
}

TrainingState readTrainingState(const std::filesystem::path& path)
{
    const auto file = Hdf5Reader::open(path);
    const std::string name = path.string();
    if (!file.has("/format") || !file.has("/state"))
        fail("{}: not a checkpoint of a run.", name);
    TrainingState state;
    schema::checkFormat(file.readText("/format"), formatName, schema::checkpoint, name);
    const std::string where = name + ": /state";
    const Json text = parseJson(file.readText("/state"), where);
    state.configuration = jsonMember<Json>(text, "configuration", where);
    state.modelSha256 = jsonMember<std::string>(text, "model_sha256", where);
    const Json hashes = jsonMember<Json>(text, "data_sha256", where);
    for (const auto& [dataFile, value] : hashes.items()) {
        const auto hash = jsonValue<std::string>(value);
        if (!hash)
            fail("{}: the hash of {} is no text.", where, dataFile);
        state.dataSha256[dataFile] = *hash;
    }
    state.now = learnerStateFromJson(text, where);
    state.now.tensors = readTensors(file, "/tensors");
    if (text.contains("epoch_start")) {
        state.epochStart = learnerStateFromJson(text["epoch_start"], where);
        state.epochStart->tensors = readTensors(file, "/epoch_start");
    }
    return state;
}

void checkResumable(const TrainingState& saved, const TrainingState& now)
{
    if (saved.modelSha256 != now.modelSha256)
        fail("The run cannot go on: the model file has changed since (SHA-256 {} then, {} now).",
             saved.modelSha256, now.modelSha256);
    const auto hashes = [](const TrainingState& state) {
        std::vector<std::string> values;
        for (const auto& [file, hash] : state.dataSha256)
            values.push_back(hash);
        std::sort(values.begin(), values.end());
        return values;
    };
    if (hashes(saved) != hashes(now)) {
        for (const auto& [file, hash] : now.dataSha256) {
            const auto then = hashes(saved);
            if (std::find(then.begin(), then.end(), hash) == then.end())
                fail("The run cannot go on: the data file {} has changed since it was started.", file);
        }
        fail("The run cannot go on: it was started with other data files.");
    }
    const Json difference = Json::diff(comparable(saved.configuration), comparable(now.configuration));
    if (!difference.empty())
        fail("The run cannot go on with another configuration: {} differs from the one it was started with. "
             "Start a new "
             "run in another folder instead.",
             difference.front().at("path").get<std::string>());
}

} // namespace lodestone
