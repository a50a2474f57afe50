#include "engine/training_cost.h"

#include "base/process_memory.h"
#include "blocks/selection.h"
#include "crystal/neighbours.h"

#include <algorithm>
#include <chrono>
#include <torch/autograd.h>
#include <torch/cuda.h>

namespace lodestone {
namespace {

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

} // namespace

StepBench makeStepBench(const Predictor& predictor, const std::vector<const Frame*>& frames,
                        std::vector<bool> selected)
{
    const ModelDescription& model = predictor.description();
    std::vector<const Structure*> structures;
    for (const Frame* frame : frames)
        structures.push_back(&frame->structure);
    GraphBatch batch = makeGraphBatch(structures, model.elements, model.cutoff, predictor.how.dtype);
    return {&predictor, batch.to(predictor.how.device, predictor.how.dtype), std::move(selected)};
}

double StepBench::run() const
{
    const double start = now();
    ParameterTable table = predictor->parameters;
    std::vector<torch::Tensor> leaves;
    for (std::size_t i = 0; i < selected.size(); ++i)
        if (selected[i]) {
            const std::string& name = predictor->description().tensors[i].name;
            leaves.push_back(table.at(name).detach().clone().requires_grad_(true));
            table.set(name, leaves.back());
        }
    const Prediction answer =
        predict(*predictor->model.model, table, batch, {true, true, /*differentiable=*/!leaves.empty()});
    if (!leaves.empty()) {
        const torch::Tensor loss = answer.forces.square().mean() + answer.stress.square().mean() +
                                   (answer.energy / batch.atomCount).square().mean();
        // Not every tensor acts on every batch (an element that is absent): those have no gradient.
        torch::autograd::grad({loss}, leaves, {}, false, false, /*allow_unused=*/true);
    }
    if (predictor->how.device.is_cuda())
        torch::cuda::synchronize();
    return now() - start;
}

TrainingCost measureTrainingCost(const Predictor& predictor, const std::vector<const Frame*>& frames,
                                 std::size_t edges, std::size_t maxEdges, const Watch& watch)
{
    constexpr std::size_t sampleEdges = 4000;
    const ModelDescription& model = predictor.description();
    std::vector<const Frame*> sample;
    std::size_t sampled = 0;
    for (std::size_t k = 0; k < std::min<std::size_t>(frames.size(), 8) && sampled < sampleEdges; ++k) {
        const Frame* frame = frames[k * frames.size() / std::min<std::size_t>(frames.size(), 8)];
        sample.push_back(frame);
        sampled += neighbourList(frame->structure, model.cutoff).size();
    }
    const StepBench bench = makeStepBench(predictor, sample, resolveSelection(model, {"linear", {}, {}}));
    const std::int64_t before = residentMemory();
    const bool exact = resetPeakMemory();
    bench.run(); // first use compiles and allocates
    watch.report(0.5);
    double best = bench.run();
    watch.report(0.8);
    best = std::min(best, bench.run());
    const double used = exact ? double(peakMemory() - before) : 0;
    const double perEdge = 1 / double(std::max<std::int64_t>(1, bench.batch.edges));
    TrainingCost cost;
    cost.secondsPerEpoch = best * perEdge * double(edges);
    cost.memory = double(before) + std::max(0.0, used) * perEdge * double(std::min(edges, maxEdges));
    return cost;
}

} // namespace lodestone
