#include "finetune/training_state.h"
#include "base/files.h"
#include "base/schema.h"
#include "run/config.h"
#include "storage/hdf5_reader.h"
#include "storage/hdf5_writer.h"

#include <algorithm>
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

LossHistory lossesFromJson(const Json& json)
{
    LossHistory losses;
    json.at("start_sum").get_to(losses.startSum);
    json.at("start_count").get_to(losses.startCount);
    json.at("high_in_row").get_to(losses.highInRow);
    if (const Json& start = json.at("start_validation"); !start.is_null())
        losses.startValidation = start.get<double>();
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

TrainingPosition positionFromJson(const Json& json)
{
    TrainingPosition p;
    json.at("step").get_to(p.step);
    json.at("epoch").get_to(p.epoch);
    json.at("step_in_epoch").get_to(p.stepInEpoch);
    json.at("seconds").get_to(p.seconds);
    if (const Json& best = json.at("best_loss"); !best.is_null())
        p.bestLoss = best.get<double>();
    json.at("best_epoch").get_to(p.bestEpoch);
    json.at("best_step").get_to(p.bestStep);
    json.at("epochs_since_best").get_to(p.epochsSinceBest);
    p.plateauFactor = json.value("plateau_factor", 1.0);
    if (const auto edges = json.find("edges_at_once"); edges != json.end() && !edges->is_null())
        p.edgesAtOnce = edges->get<std::size_t>();
    json.at("next_sequence").get_to(p.nextSequence);
    for (const Json& pair : json.at("shift"))
        p.shift[pair.at(0).get<int>()] = pair.at(1).get<double>();
    if (const auto losses = json.find("losses"); losses != json.end()) // earlier files have none
        p.losses = lossesFromJson(*losses);
    p.rollBacks = json.value("roll_backs", 0);
    p.rateFactor = json.value("rate_factor", 1.0);
    return p;
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
    for (const auto& [name, tensor] : tensors) {
        const auto values = tensor.detach().to(torch::kCPU).contiguous();
        const auto count = static_cast<std::size_t>(values.numel());
        if (values.scalar_type() == torch::kFloat32)
            file.write(group + "/" + name, std::span<const float>(values.data_ptr<float>(), count),
                       values.sizes().vec());
        else
            file.write(group + "/" + name, std::span<const double>(values.data_ptr<double>(), count),
                       values.sizes().vec());
    }
}

std::map<std::string, torch::Tensor> readTensors(const Hdf5Reader& file, const std::string& top)
{
    std::map<std::string, torch::Tensor> tensors;
    for (const char* group : {"live", "optimiser"})
        for (const auto& child : file.children(fmt::format("{}/{}", top, group))) {
            const std::string inFile = fmt::format("{}/{}/{}", top, group, child);
            torch::Tensor tensor;
            if (file.isFloat32(inFile)) {
                auto values = file.readFloats(inFile);
                tensor = torch::from_blob(values.data(), file.shape(inFile), torch::kFloat32).clone();
            } else {
                auto values = file.readReals(inFile);
                tensor = torch::from_blob(values.data(), file.shape(inFile), torch::kFloat64).clone();
            }
            tensors[fmt::format("{}/{}", group, child)] = tensor;
        }
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
    try {
        schema::checkFormat(file.readText("/format"), formatName, schema::checkpoint, name);
        const Json text = parseJson(file.readText("/state"), name + ": /state");
        state.configuration = text.at("configuration");
        text.at("model_sha256").get_to(state.modelSha256);
        for (const auto& [key, value] : text.at("data_sha256").items())
            state.dataSha256[key] = value.get<std::string>();
        state.now.position = positionFromJson(text.at("position"));
        state.now.scalars = text.at("learner");
        if (const auto start = text.find("epoch_start"); start != text.end())
            state.epochStart =
                LearnerState{positionFromJson(start->at("position")), start->at("learner"), {}};
    } catch (const Json::exception& e) {
        fail("{}: damaged checkpoint: {}.", name, e.what());
    }
    state.now.tensors = readTensors(file, "/tensors");
    if (state.epochStart)
        state.epochStart->tensors = readTensors(file, "/epoch_start");
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
