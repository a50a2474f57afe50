#include "finetune/base_frames.h"
#include "crystal/elements.h"
#include "dataset/crystal_recipes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace lodestone {
namespace {

constexpr double largestStrain = 0.03;
constexpr double largestMove = 0.1; // Angstrom
/// Nearest distances as multiples of the sum of the covalent radii.
constexpr std::array<double, 6> scales = {0.9, 1.0, 1.1, 1.2, 1.35, 1.5};
/// Its own seed: none of these crystals is replayed.
constexpr std::uint64_t forgettingSeed = 0x10de5704e;
constexpr double largestForce = 20;     // eV/Angstrom
constexpr std::uint64_t mostRounds = 6; // of drawing new recipes for those that were of no use

Frame unlabelled(Structure structure)
{
    Frame frame;
    frame.structure = std::move(structure);
    return frame;
}

SplitPrediction predictFrames(const Evaluator& evaluator, const ParameterTable& base,
                              const Quantities& quantities, const std::vector<Frame>& frames)
{
    std::vector<const Frame*> pointers;
    for (const Frame& frame : frames)
        pointers.push_back(&frame);
    const FrameGraphs graphs(std::move(pointers), evaluator.model->description(), evaluator.dtype, 0);
    return predictSplit(evaluator, base, nullptr, graphs, quantities, {});
}

/// Frames of the recipes that have an equilibrium volume for the model, disturbed.
std::vector<Frame> equilibria(const Evaluator& evaluator, const ParameterTable& base,
                              const std::vector<CrystalRecipe>& recipes, std::uint64_t seed)
{
    std::vector<Frame> trials;
    for (const CrystalRecipe& recipe : recipes)
        for (const double scale : scales)
            trials.push_back(unlabelled(makeCrystal(recipe, scale)));
    const std::vector<double> energy = predictFrames(evaluator, base, {.energy = true}, trials).energy;
    std::vector<Frame> frames;
    for (std::size_t i = 0; i < recipes.size(); ++i) {
        const auto first = energy.begin() + static_cast<std::ptrdiff_t>(i * scales.size());
        const auto lowest = std::min_element(first, first + scales.size());
        if (lowest == first || lowest + 1 == first + scales.size() || !std::isfinite(*lowest))
            continue; // no minimum: the model was never taught this material
        Frame frame = std::move(trials[static_cast<std::size_t>(lowest - energy.begin())]);
        disturb(frame.structure, largestStrain, largestMove, seed + i);
        frames.push_back(std::move(frame));
    }
    return frames;
}

bool sensible(const Frame& frame)
{
    return std::all_of(frame.forces.begin(), frame.forces.end(), [](const Vec3& force) {
        return std::all_of(force.begin(), force.end(), [](double f) { return std::abs(f) < largestForce; });
    });
}

std::vector<int> numbersOf(const std::vector<std::string>& symbols, const ModelDescription& model)
{
    std::vector<int> numbers;
    for (const std::string& symbol : symbols) {
        const int number = atomicNumber(symbol).value_or(0);
        if (std::find(model.elements.begin(), model.elements.end(), number) == model.elements.end())
            fail("replay.elements names {}, which the model does not know.", symbol);
        numbers.push_back(number);
    }
    return numbers.empty() ? model.elements : numbers;
}

} // namespace

void labelByBase(const Evaluator& evaluator, const ParameterTable& base, const Quantities& quantities,
                 std::vector<Frame>& frames)
{
    for (Frame& frame : frames) // moments and magnetic forces must not outlive the other labels
        frame = unlabelled(std::move(frame.structure));
    const SplitPrediction numbers = predictFrames(evaluator, base, quantities, frames);
    std::size_t atom = 0;
    for (std::size_t f = 0; f < frames.size(); ++f) {
        Frame& frame = frames[f];
        if (quantities.energy)
            frame.energy = numbers.energy[f];
        if (quantities.stress) {
            frame.stress.emplace();
            for (std::size_t k = 0; k < 9; ++k)
                (*frame.stress)[k / 3][k % 3] = numbers.stress[9 * f + k];
        }
        for (std::size_t a = 0; a < frame.structure.size(); ++a, ++atom)
            if (quantities.forces)
                frame.forces.push_back(
                    {numbers.forces[3 * atom], numbers.forces[3 * atom + 1], numbers.forces[3 * atom + 2]});
    }
}

std::vector<Frame> baseCrystals(const Evaluator& evaluator, const ParameterTable& base, Quantities quantities,
                                const CrystalSet& set)
{
    quantities.forces = true; // judge what is sensible
    std::vector<Frame> frames;
    for (std::uint64_t round = 0; round < mostRounds && frames.size() < set.count; ++round) {
        const std::uint64_t seed = set.seed + round * 1000003;
        auto more = equilibria(evaluator, base,
                               drawRecipes(set.elements, set.avoid, set.count - frames.size(), seed), seed);
        labelByBase(evaluator, base, quantities, more);
        std::copy_if(more.begin(), more.end(), std::back_inserter(frames), sensible);
    }
    return frames;
}

std::vector<Frame> replayFrames(const Evaluator& evaluator, const ParameterTable& base,
                                const Quantities& quantities, const ReplayConfig& replay,
                                std::vector<Frame> given)
{
    std::vector<Frame> frames;
    if (!replay.files.empty()) {
        frames = std::move(given);
        labelByBase(evaluator, base, quantities, frames);
    } else {
        frames = baseCrystals(
            evaluator, base, quantities,
            {numbersOf(replay.elements, evaluator.model->description()), {}, replay.frames, replay.seed});
    }
    if (frames.empty())
        fail(
            "There is nothing to replay: the base model knows no crystal of these elements that has a lowest "
            "energy at some volume and forces below 20 eV/\u00c5. Name structures under replay.files.");
    return frames;
}

Json toJson(const Forgetting& forgetting)
{
    Json json = toJson(forgetting.errors);
    json["frames"] = forgetting.frames;
    return json;
}

std::optional<Forgetting> measureForgetting(const Evaluator& evaluator, const ParameterTable& base,
                                            const ParameterTable& tuned, const std::vector<int>& trained,
                                            std::size_t count)
{
    const ModelDescription& model = evaluator.model->description();
    const Quantities quantities = {.energy = true, .forces = true};
    const std::vector<Frame> frames =
        baseCrystals(evaluator, base, quantities, {model.elements, trained, count, forgettingSeed});
    if (frames.empty())
        return std::nullopt;
    std::vector<const Frame*> pointers;
    for (const Frame& frame : frames)
        pointers.push_back(&frame);
    const FrameGraphs graphs(std::move(pointers), model, evaluator.dtype, 0);
    const SplitPrediction prediction = predictSplit(evaluator, tuned, nullptr, graphs, quantities, {});
    return Forgetting{metricsOf(graphs, prediction, quantities), frames.size()};
}

} // namespace lodestone
