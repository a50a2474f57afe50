#include "finetune/training_state.h"
#include "base/files.h"
#include "base/schema.h"
#include "run/config.h"
#include "storage/hdf5_file.h"

#include <algorithm>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr const char* formatName = "lodestone-checkpoint";

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
            {"shift", shift}};
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

} // namespace

void writeTrainingState(const std::filesystem::path& path, const TrainingState& state)
{
    const Json text = {{"configuration", state.configuration},
                       {"model_sha256", state.modelSha256},
                       {"data_sha256", state.dataSha256},
                       {"position", toJson(state.position)},
                       {"learner", state.learnerScalars}};
    replaceFileAtomically(path, [&](const std::filesystem::path& temporary) {
        auto file = Hdf5File::create(temporary);
        file.writeText("/format", schema::formatText(formatName, schema::checkpoint));
        file.writeText("/state", text.dump());
        for (const auto& [name, tensor] : state.tensors) {
            const auto values = tensor.detach().to(torch::kCPU).contiguous();
            const auto count = static_cast<std::size_t>(values.numel());
            if (values.scalar_type() == torch::kFloat32)
                file.write("/tensors/" + name, std::span<const float>(values.data_ptr<float>(), count),
                           values.sizes().vec());
            else
                file.write("/tensors/" + name, std::span<const double>(values.data_ptr<double>(), count),
                           values.sizes().vec());
        }
        file.flush();
    });
}

TrainingState readTrainingState(const std::filesystem::path& path)
{
    const auto file = Hdf5File::open(path);
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
        state.position = positionFromJson(text.at("position"));
        state.learnerScalars = text.at("learner");
    } catch (const Json::exception& e) {
        fail("{}: damaged checkpoint: {}.", name, e.what());
    }
    for (const char* group : {"live", "optimiser"})
        for (const auto& child : file.children(fmt::format("/tensors/{}", group))) {
            const std::string inFile = fmt::format("/tensors/{}/{}", group, child);
            torch::Tensor tensor;
            if (file.isFloat32(inFile)) {
                auto values = file.readFloats(inFile);
                tensor = torch::from_blob(values.data(), file.shape(inFile), torch::kFloat32).clone();
            } else {
                auto values = file.readReals(inFile);
                tensor = torch::from_blob(values.data(), file.shape(inFile), torch::kFloat64).clone();
            }
            state.tensors[fmt::format("{}/{}", group, child)] = tensor;
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
