#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "engine/progress_line.h"
#include "engine/training_cost.h"

#include "base/process_memory.h"
#include "blocks/selection.h"
#include "equivariant/kernels/operation_count.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <chrono>
#include <memory>

namespace lodestone {
namespace {

struct Options {
    std::string model, data, blocks, head;
    bool train = false, json = false;
    int batch = 4, steps = 10;
};

int bench(const Options& options, const CommonOptions& common)
{
    constexpr int warmUp = 2;
    warnIfBlasIsSlow();
    Predictor predictor = loadPredictor({options.model, {}, options.head}, chosenComputation(common));
    const Dataset dataset = readDataset({options.data});
    const std::vector<const Frame*> all = chosenFrames(dataset, {});
    std::vector<const Frame*> frames;
    for (int i = 0; i < options.batch; ++i)
        frames.push_back(all[std::size_t(i) % all.size()]);
    const auto start = std::chrono::steady_clock::now();
    prepareFor(predictor, frames, false);
    const double prepared = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::vector<bool> selected;
    if (options.train)
        selected = resolveSelection(predictor.description(), options.blocks.empty()
                                                                 ? BlockSelection{"linear", {}, {}}
                                                                 : BlockSelection{"", {options.blocks}, {}});
    const StepBench step = makeStepBench(predictor, frames, selected);
    std::vector<double> seconds;
    ProgressLine bar;
    for (int i = 0; i < warmUp + options.steps; ++i) {
        const double time = step.run();
        if (i >= warmUp)
            seconds.push_back(time);
        bar.show(double(i + 1) / (warmUp + options.steps), "steps");
    }
    bar.finish();
    std::sort(seconds.begin(), seconds.end());
    const std::size_t n = seconds.size();
    const double median = n % 2 ? seconds[n / 2] : 0.5 * (seconds[n / 2 - 1] + seconds[n / 2]);
    const std::int64_t peak = peakMemory();
    const double operations = countedOperations([&] { step.run(); });
    const double rate = operations / median,
                 most = matrixProductRate(predictor.how.device, predictor.how.dtype);
    const Json answer = {{"model", options.model},
                         {"task", options.train ? "train" : "predict"},
                         {"device", predictor.how.device.str()},
                         {"dtype", predictor.how.dtype == torch::kFloat64 ? "float64" : "float32"},
                         {"threads", at::get_num_threads()},
                         {"frames", step.batch.graphs},
                         {"atoms", step.batch.atoms},
                         {"edges", step.batch.edges},
                         {"steps", n},
                         {"seconds_per_step", median},
                         {"fastest", seconds.front()},
                         {"slowest", seconds.back()},
                         {"atoms_per_second", double(step.batch.atoms) / median},
                         {"edges_per_second", double(step.batch.edges) / median},
                         {"radial_tables", predictor.parameters.prepared() != nullptr},
                         {"preparation_seconds", prepared},
                         {"operations_per_step", operations},
                         {"operations_per_second", rate},
                         {"matrix_product_operations_per_second", most},
                         {"share_of_matrix_product", rate / most},
                         {"peak_memory", peak}};
    if (options.json)
        printJson(answer);
    else
        printText(fmt::format(
            "{:.4f} s a step (median of {}; {} frames, {} atoms, {} edges)\n{:.0f} atoms/s, {:.0f} "
            "edges/s, peak memory {:.2f} GiB\n{:.3g} floating-point operations a step (matrix products and "
            "kernels), "
            "{:.3g} a second, {:.0f} % of this machine's rate of matrix products ({:.3g})\n",
            median, n, step.batch.graphs, step.batch.atoms, step.batch.edges,
            double(step.batch.atoms) / median, double(step.batch.edges) / median,
            double(peak) / double(1 << 30), operations, rate, 100 * rate / most, most));
    return 0;
}

} // namespace

void addBench(CommandLine& line)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = line.add("bench", "time and memory of a prediction or a training step");
    command->add_option("MODEL", options->model, "model file")->required();
    command->add_option("DATA", options->data, "structure file")->required();
    command->add_flag("--train", options->train, "training steps (double backward) instead of predictions");
    command->add_option("--batch", options->batch, "frames a step")->check(CLI::PositiveNumber);
    command->add_option("--steps", options->steps, "steps that are timed")->check(CLI::PositiveNumber);
    command->add_option("--blocks", options->blocks,
                        "with --train: blocks to differentiate in (default: linear)");
    addHeadOption(command, options->head);
    command->add_flag("--json", options->json, "print one JSON object");
    line.run(command, [options, &line] { return bench(*options, line.common); });
}

} // namespace lodestone
