#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "engine/progress_line.h"
#include "engine/training_cost.h"

#include "crystal/elements.h"
#include "dataset/preflight.h"
#include "dataset/reference_energies.h"
#include "run/config.h"

#include <memory>

namespace lodestone {
namespace {

constexpr std::size_t mostFitted = 100; // frames that the reference energies are compared on

/// Evenly over the frames that the model can compute.
std::vector<const Frame*> someFrames(const std::vector<const Frame*>& frames, std::size_t most)
{
    if (frames.size() <= most)
        return frames;
    std::vector<const Frame*> some;
    for (std::size_t k = 0; k < most; ++k)
        some.push_back(frames[k * frames.size() / most]);
    return some;
}

std::vector<const Frame*> computable(const std::vector<const Frame*>& frames, const std::set<int>& elements)
{
    std::vector<const Frame*> known;
    for (const Frame* frame : frames)
        if (std::all_of(frame->structure.species.begin(), frame->structure.species.end(),
                        [&](int z) { return elements.count(z) != 0; }))
            known.push_back(frame);
    return known;
}

Json referenceMismatch(const Predictor& predictor, const std::vector<const Frame*>& frames,
                       const Watch& watch)
{
    std::vector<const Frame*> labelled;
    for (const Frame* frame : frames)
        if (frame->energy)
            labelled.push_back(frame);
    labelled = someFrames(labelled, mostFitted);
    if (labelled.empty())
        return nullptr;
    const std::vector<FramePrediction> predictions = predictFrames(predictor, labelled, watch);
    std::vector<std::map<int, int>> compositions;
    std::vector<double> differences;
    for (std::size_t i = 0; i < labelled.size(); ++i) {
        compositions.push_back(compositionOf(labelled[i]->structure));
        differences.push_back(*labelled[i]->energy - predictions[i].energy);
    }
    const ReferenceFit fit = fitReferenceEnergies(compositions, differences);
    Json shift = Json::object();
    for (const auto& [z, value] : fit.shift)
        shift[std::string(elementSymbol(z))] = value;
    return {{"frames", labelled.size()}, {"shift", std::move(shift)},   {"elements", fit.elements},
            {"rank", fit.rank},          {"rms_before", fit.rmsBefore}, {"rms_after", fit.rmsAfter}};
}

/// What the fit says against a run, as findings.
Json fitFindings(const Json& fit)
{
    Json findings = Json::array();
    const auto add = [&findings](const char* code, std::string text) {
        findings.push_back(
            {{"level", "warning"}, {"code", code}, {"text", std::move(text)}, {"frames", Json::array()}});
    };
    if (!fit.is_object())
        return findings;
    if (fit["rank"] < fit["elements"])
        add("undetermined-references",
            fmt::format(
                "The compositions do not determine the reference energies of all {} elements (rank {}): a "
                "fit takes the smallest corrections, and frames of other compositions may be off.",
                fit["elements"].get<int>(), fit["rank"].get<int>()));
    if (const double mismatch = fit["rms_before"].get<double>(); mismatch > largestMismatch)
        add("energy-mismatch",
            fmt::format(
                "Labels and model differ by {:.2f} eV/atom (root mean square): another reference or another "
                "functional. The fit brings it to {:.2f}.",
                mismatch, fit["rms_after"].get<double>()));
    return findings;
}

std::string labelsText(const Json& report)
{
    std::string text;
    for (const auto& [label, key] : report["keys"].items())
        if (key.is_string() && !key.get<std::string>().empty())
            text += fmt::format("{}{} from \"{}\"", text.empty() ? "" : ", ", label, key.get<std::string>());
    return "Labels: " + (text.empty() ? "none" : text) + "\n";
}

std::string reportText(const Json& report)
{
    std::string text = fmt::format("{} frames, {} atoms\n", report["frames"].get<std::size_t>(),
                                   report["atoms"].get<std::size_t>()) +
                       labelsText(report);
    for (const Json& note : report["notes"])
        text += note.get<std::string>() + "\n";
    for (const Json& finding : report["findings"])
        text +=
            fmt::format("{}: {}\n", finding["level"].get<std::string>(), finding["text"].get<std::string>());
    if (const Json& fit = report["reference_energies"]; fit.is_object()) {
        text += fmt::format(
            "Reference energies differ by {:.3g} eV/atom (after the fit {:.3g}; rank {} of {} elements):",
            fit["rms_before"].get<double>(), fit["rms_after"].get<double>(), fit["rank"].get<int>(),
            fit["elements"].get<int>());
        for (const auto& [symbol, value] : fit["shift"].items())
            text += fmt::format(" {} {:+.3f}", symbol, value.get<double>());
        text += "\n";
    }
    if (report["seconds_per_epoch"].is_number())
        text += fmt::format("Expected: {} an epoch, {:.1f} GiB of memory\n",
                            durationText(report["seconds_per_epoch"].get<double>()),
                            report["expected_memory"].get<double>() / double(1 << 30));
    return text;
}

} // namespace

Json checkData(Predictor predictor, const DataArguments& data, const Watch& watch)
{
    const ModelDescription& model = predictor.description();
    const std::set<int> elements(model.elements.begin(), model.elements.end());
    const auto part = [&watch](double from, double to) {
        return Watch{watch.stop,
                     [&watch, from, to](double share) { watch.report(from + (to - from) * share); }};
    };
    std::vector<std::string> problems;
    const Dataset dataset = readDataset(data.files, data.keys, part(0, 0.2), &problems);
    const PreflightReport found = checkDataset(dataset, elements, model.cutoff, part(0.2, 0.5));
    Json report = toJson(found);
    for (const std::string& problem : problems)
        report["findings"].push_back(
            {{"level", "error"}, {"code", "bad-frame"}, {"text", problem}, {"frames", Json::array()}});
    report["keys"] = toJson(dataset.keys);
    report["notes"] = dataset.notes;
    report["reference_energies"] = nullptr;
    report["expected_memory"] = nullptr;
    report["seconds_per_epoch"] = nullptr;
    std::vector<const Frame*> all;
    for (const Frame& frame : dataset.frames)
        all.push_back(&frame);
    const std::vector<const Frame*> frames = computable(all, elements);
    if (frames.empty())
        return report;
    prepareFor(predictor, frames, false);
    report["reference_energies"] = referenceMismatch(predictor, frames, part(0.5, 0.8));
    for (const Json& finding : fitFindings(report["reference_energies"]))
        report["findings"].push_back(finding);
    const TrainingCost cost =
        measureTrainingCost(predictor, frames, found.edges, RunConfig{}.maxEdges, part(0.8, 1));
    report["expected_memory"] = cost.memory;
    report["seconds_per_epoch"] = cost.secondsPerEpoch;
    return report;
}

void addCheck(CommandLine& line)
{
    struct Options {
        std::string model, map, head;
        std::vector<std::filesystem::path> data;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add("check", "what a run would meet: labels, outliers, elements, reference energies, cost");
    command->add_option("MODEL", options->model, "model file")->required();
    command->add_option("DATA", options->data, "structure files")->required();
    command->add_option("--map", options->map, "label keys, as energy=KEY,forces=KEY");
    addHeadOption(command, options->head);
    command->add_flag("--json", options->json, "print one JSON object");
    line.run(command, [options, &line] {
        const LabelKeys keys = labelKeysFromText(options->map);
        const Predictor predictor =
            loadPredictor({options->model, {}, options->head}, chosenComputation(line.common));
        ProgressLine bar;
        const Json report = checkData(predictor, {options->data, keys, {}},
                                      {{}, [&bar](double share) { bar.show(share, "checking"); }});
        bar.finish();
        if (options->json)
            printJson(report);
        else
            printText(reportText(report));
        return 0;
    });
}

} // namespace lodestone
