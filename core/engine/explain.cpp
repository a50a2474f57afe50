#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "engine/progress_line.h"
#include "engine/run_evaluation.h"

#include "base/files.h"
#include "base/schema.h"
#include "blocks/signature.h"
#include "crystal/elements.h"
#include "run/run_directory.h"

#include <memory>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr const char* signatureDefinition = "1 - R^2 with R Pearson's correlation of the old and the new "
                                            "weights of a cell (eligible ones): the share of "
                                            "the new weights' variance that no straight line through the old "
                                            "ones explains; null for fewer than three "
                                            "weights";
constexpr const char* relativeDefinition =
    "Euclidean norm of the changes / Euclidean norm of the old weights";
constexpr const char* sensitivityDefinition =
    "errors of the tuned model with the changes of one block at a time left out; loss: the run's own";

std::vector<TensorWeights> weightsOf(const RunEvaluation& run)
{
    std::map<std::string, const ParameterInfo*> known;
    for (const ParameterInfo& info : run.description().tensors)
        known[info.name] = &info;
    std::vector<TensorWeights> result;
    for (const DeltaFile::Tensor& tensor : run.delta().tensors) {
        const auto found = known.find(tensor.name);
        if (found == known.end())
            fail("The delta has a tensor {} that the model does not have.", tensor.name);
        const torch::Tensor old =
            run.model().parameters.at(tensor.name).to(torch::kCPU, torch::kFloat64).contiguous().flatten();
        result.push_back({found->second,
                          {old.data_ptr<double>(), old.data_ptr<double>() + old.numel()},
                          denseDelta(tensor, old.numel())});
    }
    return result;
}

WeightChange changeOf(const TensorWeights& weights)
{
    WeightChange change;
    for (std::size_t i = 0; i < weights.base.size(); ++i)
        change.add(weights.base[i], weights.delta[i]);
    return change;
}

Json withChange(Json json, const WeightChange& change)
{
    json.update(toJson(change));
    return json;
}

/// Rows of one value a channel, for the maps element x channel.
Json channelRows(const std::vector<WeightChange>& channels)
{
    Json changed = Json::array(), relative = Json::array(), signature = Json::array();
    for (const WeightChange& change : channels) {
        const Json values = toJson(change);
        changed.push_back(values["changed"]);
        relative.push_back(values["relative_change"]);
        signature.push_back(values["signature"]);
    }
    return {{"changed", changed}, {"relative_change", relative}, {"signature", signature}};
}

/// Adds the values that belong to elements that are not trained.
void addUntrained(const TensorWeights& weights, const std::vector<int>& elements,
                  const std::set<int>& trained, WeightChange& sum)
{
    const std::vector<int> of = elementOfValues(*weights.tensor, elements.size());
    for (std::size_t i = 0; i < of.size(); ++i)
        if (of[i] >= 0 && !trained.count(elements[std::size_t(of[i])]))
            sum.add(weights.base[i], weights.delta[i]);
}

/// The tensors that know elements, taken apart, and the control: the same over the elements that the training
/// frames lack, which nothing but chance can change.
Json elementMaps(const RunEvaluation& run, const std::vector<TensorWeights>& weights, const Watch& watch)
{
    const std::vector<int>& elements = run.description().elements;
    const std::set<int> trained = run.trainedElements(watch);
    const std::vector<ElementChange> maps = changeByElement(weights, elements.size());
    std::vector<WeightChange> all(elements.size());
    WeightChange absent;
    for (const TensorWeights& tensor : weights) {
        const std::vector<int> of = elementOfValues(*tensor.tensor, elements.size());
        for (std::size_t i = 0; i < of.size(); ++i)
            if (of[i] >= 0)
                all[std::size_t(of[i])].add(tensor.base[i], tensor.delta[i]);
        addUntrained(tensor, elements, trained, absent);
    }
    Json rows = Json::array(), tensors = Json::array(), absentNames = Json::array();
    for (std::size_t e = 0; e < elements.size(); ++e) {
        const bool present = trained.count(elements[e]) != 0;
        if (!present)
            absentNames.push_back(elementSymbol(elements[e]));
        rows.push_back(withChange({{"element", elementSymbol(elements[e])}, {"trained", present}}, all[e]));
    }
    for (const ElementChange& map : maps) {
        WeightChange mapAbsent;
        for (const TensorWeights& tensor : weights)
            if (tensor.tensor->name == map.tensor)
                addUntrained(tensor, elements, trained, mapAbsent);
        Json list = Json::array();
        for (std::size_t e = 0; e < elements.size(); ++e) {
            Json row = withChange({{"element", elementSymbol(elements[e])}}, map.rows[e]);
            if (map.rows[e].changed() > 0) // a model of many elements has few that were trained
                row["channels"] = channelRows(map.channel[e]);
            list.push_back(std::move(row));
        }
        tensors.push_back({{"tensor", map.tensor},
                           {"channels", map.channels},
                           {"rows", std::move(list)},
                           {"control", toJson(mapAbsent)}});
    }
    return {{"rows", std::move(rows)},
            {"control", withChange({{"elements", std::move(absentNames)}}, absent)},
            {"tensors", std::move(tensors)}};
}

Json sensitivity(const RunEvaluation& run, const RunSplit& split, const RunEvaluation::Errors& base,
                 const RunEvaluation::Errors& tuned, const Watch& watch)
{
    struct Block {
        std::string name;
        std::set<std::string> tensors;
        std::int64_t changed = 0;
    };
    std::vector<Block> blocks;
    for (const DeltaFile::Tensor& tensor : run.delta().tensors) {
        const auto& infos = run.description().tensors;
        const auto info = std::find_if(infos.begin(), infos.end(),
                                       [&](const ParameterInfo& known) { return known.name == tensor.name; });
        const std::string name = info == infos.end() ? tensor.name : info->block;
        if (blocks.empty() || blocks.back().name != name)
            blocks.push_back({name, {}, 0});
        blocks.back().tensors.insert(tensor.name);
        blocks.back().changed += std::int64_t(tensor.indices.size());
    }
    Json list = Json::array();
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        watch.report(double(b) / double(blocks.size()));
        const RunEvaluation::Errors without =
            blocks[b].changed ? run.tuned(split, blocks[b].tensors, watch) : tuned;
        list.push_back({{"block", blocks[b].name},
                        {"changed", blocks[b].changed},
                        {"loss", without.loss},
                        {"metrics", toJson(without.metrics)}});
    }
    return {{"split", split.name},
            {"frames", split.size()},
            {"loss_base", base.loss},
            {"loss_tuned", tuned.loss},
            {"blocks", std::move(list)}};
}

} // namespace

Json explainRun(const std::filesystem::path& run, const ExplainSettings& settings, const Watch& watch)
{
    const RunEvaluation evaluation(run, {settings.device, settings.radialTables, settings.data},
                                   watch.part(0, 0.1));
    const std::vector<TensorWeights> weights = weightsOf(evaluation);
    std::int64_t eligible = 0, changed = 0;
    Json tensors = Json::array(), layers = Json::array();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const WeightChange change = changeOf(weights[i]);
        eligible += change.eligible();
        changed += change.changed();
        tensors.push_back(withChange({{"tensor", weights[i].tensor->name},
                                      {"block", weights[i].tensor->block},
                                      {"threshold", evaluation.delta().tensors[i].threshold}},
                                     change));
    }
    for (const LayerLChange& cell : changeByLayerAndL(weights))
        layers.push_back(withChange({{"layer", cell.layer}, {"l", cell.l}}, cell.change));
    const std::int64_t parameters = evaluation.description().parameters;
    const auto share = [changed](std::int64_t of) { return of > 0 ? double(changed) / double(of) : 0.0; };
    Json explanation = {
        {"eligible", eligible},
        {"changed", changed},
        {"parameters", parameters},
        {"changed_of_eligible", share(eligible)},
        {"changed_of_model", share(parameters)},
        {"definitions", {{"signature", signatureDefinition}, {"relative_change", relativeDefinition}}},
        {"layers", std::move(layers)},
        {"tensors", std::move(tensors)},
        {"elements", elementMaps(evaluation, weights, watch)}};

    const RunData& data = evaluation.data();
    // Without validation frames blocks are judged by the training frames.
    const RunSplit& judge = data.validation.size() > 0 ? data.validation : data.training;
    Json splits = Json::object();
    for (const RunSplit* split : {&judge, &data.test}) {
        const bool isJudge = split == &judge;
        if (split->size() == 0 || (!isJudge && !settings.data.empty()))
            continue;
        watch.report(isJudge ? 0.1 : 0.2);
        const RunEvaluation::Errors base = evaluation.base(*split, watch);
        const RunEvaluation::Errors tuned = evaluation.tuned(*split, {}, watch);
        splits[split->name] = {{"base", toJson(base.metrics)}, {"tuned", toJson(tuned.metrics)}};
        if (isJudge && settings.sensitivity)
            explanation["sensitivity"] = sensitivity(evaluation, judge, base, tuned, watch.part(0.3, 1));
    }
    if (settings.sensitivity)
        explanation["definitions"]["sensitivity"] = sensitivityDefinition;
    explanation["splits"] = std::move(splits);
    const auto forgetting = evaluation.forgetting(watch);
    explanation["forgetting"] = forgetting ? toJson(*forgetting) : Json();
    watch.report(1);
    // Only a whole explanation on the run's own frames is one of the run.
    if (settings.sensitivity && settings.data.empty()) {
        const RunPaths paths{run};
        makeFolder(paths.result());
        writeFileAtomically(paths.explanation(), jsonLine(schema::stamped(schema::explanation, explanation)) +
                                                     "\n"); // indented it would be four times as long
    }
    return explanation;
}

namespace {

std::string valueText(const Json& value)
{
    return value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : std::string("-");
}

std::string explanationText(const Json& explanation)
{
    std::string text =
        fmt::format("{} of {} eligible parameters changed, {} in the whole model\n\n",
                    explanation["changed"].get<std::int64_t>(), explanation["eligible"].get<std::int64_t>(),
                    explanation["parameters"].get<std::int64_t>());
    text += fmt::format("{:<16} {:>9} {:>9} {:>10} {:>10}\n", "layer, l", "eligible", "changed", "|d|/|W0|",
                        "1 - R^2");
    const auto row = [](const std::string& name, const Json& change) {
        return fmt::format("{:<16} {:>9} {:>9} {:>10} {:>10}\n", name, change["eligible"].get<std::int64_t>(),
                           change["changed"].get<std::int64_t>(), valueText(change["relative_change"]),
                           valueText(change["signature"]));
    };
    for (const Json& cell : explanation["layers"])
        text += row(cell["layer"].get<int>() < 0
                        ? fmt::format("no layer, {}", cell["l"].get<int>())
                        : fmt::format("{}, {}", cell["layer"].get<int>(), cell["l"].get<int>()),
                    cell);
    const Json& elements = explanation["elements"];
    if (!elements["tensors"].empty()) {
        text += "\nWeights that belong to one element\n";
        for (const Json& element : elements["rows"])
            if (element["trained"].get<bool>())
                text += row(element["element"].get<std::string>(), element);
        text +=
            row(fmt::format("{} not trained", elements["control"]["elements"].size()), elements["control"]);
    }
    if (!explanation.contains("sensitivity"))
        return text;
    const Json& sensitivity = explanation["sensitivity"];
    text +=
        fmt::format("\nLoss on {} {} frames: base {:.5g}, tuned {:.5g}; with the changes of one block off\n",
                    sensitivity["frames"].get<std::size_t>(), sensitivity["split"].get<std::string>(),
                    sensitivity["loss_base"].get<double>(), sensitivity["loss_tuned"].get<double>());
    for (const Json& block : sensitivity["blocks"])
        text += fmt::format("{:<26} {:>9} changed {:>10.5g}\n", block["block"].get<std::string>(),
                            block["changed"].get<std::int64_t>(), block["loss"].get<double>());
    return text;
}

} // namespace

void addExplain(CommandLine& line)
{
    struct Options {
        std::string run;
        std::vector<std::filesystem::path> data;
        bool json = false, sensitivity = true;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add("explain", "what a run has changed: signature maps, relative change, elements, "
                            "sensitivity to each block");
    command->add_option("RUN", options->run, "run directory (result/explanation.json is written)")
        ->required();
    command->add_option(
        "DATA", options->data,
        "structure files to judge blocks by instead of the run's validation frames (nothing is "
        "written to the run)");
    command->add_flag("!--no-sensitivity", options->sensitivity,
                      "leave out the evaluation without each block (nothing is written to the run)");
    command->add_flag("--json", options->json, "print one JSON object");
    line.run(command, [options, &line] {
        ProgressLine bar;
        const Json explanation = explainRun(
            options->run,
            {chosenDevice(line.common.device), line.common.radialTables, options->data, options->sensitivity},
            {{}, [&bar](double share) { bar.show(share, "explaining"); }});
        bar.finish();
        if (options->json)
            printJson(explanation);
        else
            printText(explanationText(explanation));
        return 0;
    });
}

} // namespace lodestone
