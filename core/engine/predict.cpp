#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "engine/progress_line.h"

#include "formats/formats.h"

#include <memory>
#include <spdlog/spdlog.h>

namespace lodestone {
namespace {

struct Options {
    std::string model, delta, out, map, head;
    std::vector<std::filesystem::path> data;
    std::string bonds;
    double magneticForceFactor = 1;
    bool relaxMoments = false, keepLengths = false, json = false;
};

std::string metricsText(const Json& metrics)
{
    std::string text;
    for (const auto& [name, value] : metrics.items())
        text += fmt::format("{:<18} MAE {:.6g}  RMSE {:.6g}  largest {:.6g}  ({} numbers)\n", name,
                            value["mae"].get<double>(), value["rmse"].get<double>(),
                            value["largest"].get<double>(), value["count"].get<std::size_t>());
    return text.empty() ? "The data have no labels to compare with.\n" : text;
}

} // namespace

Json predictToFile(Predictor predictor, const DataArguments& data, const std::filesystem::path& out,
                   const std::filesystem::path& bonds, const Watch& watch)
{
    predictor.spins.bonds = !bonds.empty();
    requireWishes(predictor.spins, predictor.head.kind);
    for (const std::filesystem::path& file : data.files)
        if (std::filesystem::exists(out) && std::filesystem::equivalent(file, out))
            fail("{}: is one of the data files; name another file for the predictions.", out.string());
    Dataset dataset = readDataset(data.files, data.keys, {watch.stop, {}});
    scaleMagneticForces(dataset, data.magneticForceFactor);
    const std::vector<const Frame*> frames = chosenFrames(dataset, data.frames);
    prepareFor(predictor, frames, true);
    const std::vector<FramePrediction> predictions = predictFrames(predictor, frames, watch);
    std::vector<Structure> structures;
    structures.reserve(frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i)
        structures.push_back(predictedStructure(*frames[i], predictions[i], dataset.keys));
    writeStructures(out, structures);
    Json answer = {{"out", out.string()}, {"frames", frames.size()}, {"metrics", Json::object()}};
    if (!predictor.spins.relax) // labels belong to the given moments
        answer["metrics"] = toJson(compareWithLabels(frames, predictions));
    std::vector<const FrameSpins*> spins;
    for (const FramePrediction& prediction : predictions)
        spins.push_back(&prediction.spins);
    if (!bonds.empty()) {
        writeExchangeTable(bonds, exchangeTable(spins, predictor.head.kind));
        answer["bonds"] = bonds.string();
    }
    if (predictor.spins.relax)
        answer["relaxed"] = relaxationSummary(spins);
    return answer;
}

void addPredict(CommandLine& line)
{
    auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add("predict", "energy, forces, stress, per-atom energies and moments of structures");
    command->add_option("MODEL", options->model, "model file")->required();
    command->add_option("DATA", options->data, "structure files")->required();
    command->add_option("-o,--out", options->out, "extended XYZ file to write")->required();
    command->add_option("--delta", options->delta, "delta file to apply");
    command->add_option("--map", options->map, "label keys, as energy=KEY,forces=KEY");
    addHeadOption(command, options->head);
    command->add_flag("--relax-moments", options->relaxMoments,
                      "start from the file's moments and give those of lowest energy (head spin-energy)");
    command->add_flag("--keep-lengths", options->keepLengths, "with --relax-moments: turn moments only");
    command->add_option("--bonds", options->bonds,
                        "CSV file to write: the exchange coupling of every pair of moments");
    command
        ->add_option("--magnetic-force-factor", options->magneticForceFactor,
                     "labels of magnetic forces are multiplied by it before they are compared")
        ->capture_default_str();
    command->add_flag("--json", options->json, "print the errors against labels as one JSON object");
    line.run(command, [options, &line] {
        const LabelKeys keys = labelKeysFromText(options->map);
        Predictor predictor =
            loadPredictor({options->model, options->delta, options->head}, chosenComputation(line.common));
        if (options->keepLengths && !options->relaxMoments)
            fail<UsageError>("--keep-lengths belongs to --relax-moments.");
        predictor.spins.relax = options->relaxMoments;
        predictor.spins.keepLengths = options->keepLengths;
        ProgressLine bar;
        const Json answer =
            predictToFile(predictor, {options->data, keys, {}, options->magneticForceFactor}, options->out,
                          options->bonds, {{}, [&bar](double share) { bar.show(share, "predicting"); }});
        bar.finish();
        if (options->json)
            printJson(answer);
        else
            printText(fmt::format(
                "{} frames written to {}\n{}", answer["frames"].get<std::size_t>(), options->out,
                options->relaxMoments
                    ? fmt::format("Moments relaxed in {} of them; the largest field left is {:.3g} eV/muB.\n",
                                  answer["relaxed"]["converged"].get<std::size_t>(),
                                  answer["relaxed"]["largest_field"].get<double>())
                    : metricsText(answer["metrics"])));
        return 0;
    });
}

} // namespace lodestone
