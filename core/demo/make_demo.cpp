#include "demo/make_demo.h"

#include "base/files.h"
#include "checkpoints/nequix/random_nequix.h"
#include "demo/demo_frames.h"
#include "formats/formats.h"
#include "weights/delta_file.h"
#include "weights/model_numbers.h"

namespace lodestone {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t broadFrames = 1200, broadTestFrames = 100; // domain A
constexpr std::size_t newFrames = 80, newTestFrames = 40;        // domain B

NequixSize demoSize()
{
    NequixSize size;
    size.cutoff = 4.5;
    size.elements = {8, 26, 28};
    size.hiddenIrreps = "32x0e + 16x1o + 8x2e";
    size.lMax = 2;
    size.layers = 3;
    size.radialMlp = {32, 32};
    size.averageNeighbours = 25;
    return size;
}

RunConfig pretraining(const DemoSettings& settings, const fs::path& folder)
{
    RunConfig config;
    config.model = (folder / "random.nqx").string();
    config.data.train = {(folder / "a_train.extxyz").string()};
    config.data.test = {(folder / "a_test.extxyz").string()};
    config.data.validationFraction = 0.05;
    config.targets = {.energy = 5, .forces = 10, .stress = 1, .moments = 0};
    config.blocks = {"all", {}, {}};
    config.method.kind = "full";
    config.optimiser.learningRate = 1e-2;
    config.optimiser.warmupSteps = 100;
    config.epochs = settings.pretrainEpochs;
    config.maxEdges = 2000;
    config.earlyStopping = 0;
    config.seed = settings.seed;
    config.device = "cpu";
    return config;
}

/// What the demo's fine-tuning run does, as a user would write it.
Json tuning()
{
    return {{"model", "demo.nqx"},
            {"data",
             {{"train", {"demo_train.extxyz"}},
              {"validation", 0.15},
              {"test", {"demo_test.extxyz"}},
              {"split_seed", 1}}},
            {"targets", {{"energy", 3}, {"forces", 10}, {"stress", 0}, {"moments", 1}}},
            {"reference_energies", "estimate"},
            {"blocks", {{"preset", "linear"}}},
            {"method", {{"kind", "sparse"}, {"target_fraction", 0.08}, {"sigma", 0.003}}},
            {"magnetism", {{"head", "magnitude"}}},
            {"optimiser", {{"kind", "schedule-free-adamw"}, {"learning_rate", 5e-3}}},
            {"epochs", 40},
            {"batch", {{"max_frames", 4}}},
            {"early_stopping", 0},
            {"seed", 1}};
}

} // namespace

RunOutcome makeDemo(const DemoSettings& settings, const RunStop& stop,
                    const std::function<void(const RunProgress&)>& progress)
{
    const fs::path folder = settings.out / "pretraining";
    makeFolder(folder);
    const RunPaths run{folder / "run"};
    const bool resume = fs::exists(run.lastCheckpoint());
    if (!resume) {
        const Watch watch{stop.gentle, {}};
        // Seeds far apart: no frame of one set is drawn again in another.
        const std::uint64_t seed = settings.seed * 1000;
        writeRandomNequix(demoSize(), settings.seed, folder / "random.nqx");
        writeStructures(folder / "a_train.extxyz", demoFrames('A', broadFrames, seed + 1, watch));
        writeStructures(folder / "a_test.extxyz", demoFrames('A', broadTestFrames, seed + 2, watch));
        writeStructures(settings.out / "demo_train.extxyz", demoFrames('B', newFrames, seed + 3, watch));
        writeStructures(settings.out / "demo_test.extxyz", demoFrames('B', newTestFrames, seed + 4, watch));
    }
    const RunConfig config = pretraining(settings, folder);
    const RunOutcome outcome = runFinetune(config, run, resume, stop, progress);
    if (outcome == RunOutcome::Stopped)
        return outcome;
    const LoadedModel trained = applyDelta(openModel(config.model), readDelta(run.delta()));
    writeModel(config.model, trained.parameters, settings.out / "demo.nqx");
    writeFileAtomically(settings.out / "demo.json", tuning().dump(2) + "\n");
    return outcome;
}

} // namespace lodestone
