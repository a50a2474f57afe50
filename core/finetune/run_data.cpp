#include "finetune/run_data.h"
#include "finetune/magnetic_head.h"
#include "formats/formats.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lodestone {
namespace {

/// Memory for kept graphs of a split; beyond it graphs are rebuilt at every use.
constexpr std::size_t graphCacheBytes = std::size_t{2} << 30;

std::vector<std::filesystem::path> asPaths(const std::vector<std::string>& names)
{
    return {names.begin(), names.end()};
}

bool hasMoments(const Frame& frame)
{
    if (!frame.moments)
        return false;
    const std::vector<double> lengths = momentLengths(*frame.moments);
    return std::any_of(lengths.begin(), lengths.end(), [](double m) { return std::isfinite(m); });
}

/// As files write it.
std::string textOf(const FrameValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value))
        return *text;
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return fmt::format("{}", *whole);
    if (const auto* real = std::get_if<double>(&value))
        return fmt::format("{}", *real);
    if (const auto* logical = std::get_if<bool>(&value))
        return *logical ? "T" : "F";
    return {};
}

bool hasMagneticForces(const Frame& frame)
{
    for (std::size_t a = 0; a < frame.magneticForces.size(); ++a)
        if (hasMoment(frame, a))
            return true;
    return false;
}

/// Heads that act on moments need them in every frame.
void requireMoments(const Dataset& data, const std::string& head)
{
    for (std::size_t i = 0; i < data.frames.size(); ++i)
        if (!hasMoments(data.frames[i]))
            failWithoutMoments(data.frames[i], i, head);
}

bool hasAny(const Frame& frame, const Quantities& wanted)
{
    return (wanted.energy && frame.energy) || (wanted.forces && !frame.forces.empty()) ||
           (wanted.stress && hasStress(frame)) || (wanted.moments && hasMoments(frame)) ||
           (wanted.magneticForces && hasMagneticForces(frame));
}

/// Indices of the frames that have something to learn from.
std::vector<std::size_t> usable(const Dataset& data, const std::vector<std::size_t>& which,
                                const Quantities& wanted)
{
    std::vector<std::size_t> result;
    for (const std::size_t i : which)
        if (hasAny(data.frames[i], wanted))
            result.push_back(i);
    return result;
}

/// group: "key=value" of a frame property.
bool belongsTo(const Structure& structure, const std::string& group)
{
    const auto at = group.find('=');
    const auto found = structure.info.find(group.substr(0, at));
    return found != structure.info.end() && textOf(found->second) == group.substr(at + 1);
}

/// A frame's weight by its own property and the groups it belongs to.
double weightOf(const Structure& structure, const DataConfig& data)
{
    double weight = 1;
    const auto own = structure.info.find(data.weightKey);
    if (own != structure.info.end()) {
        if (const auto* real = std::get_if<double>(&own->second))
            weight = *real;
        else if (const auto* whole = std::get_if<std::int64_t>(&own->second))
            weight = static_cast<double>(*whole);
        else
            fail("{}: {} is no number, so it cannot be the frame's weight. Name another property under "
                 "data.weight_key.",
                 structure.source, data.weightKey);
        if (!std::isfinite(weight) || weight < 0)
            fail("{}: the weight {} is {}; it must be at least 0.", structure.source, data.weightKey, weight);
    }
    for (const auto& [group, factor] : data.groupWeights)
        if (belongsTo(structure, group))
            weight *= factor;
    return weight;
}

/// Gives the training frames their weights; says which groups none belongs to.
void applyWeights(Dataset& set, const DataConfig& data, std::vector<RunMessage>& messages)
{
    for (Frame& frame : set.frames)
        frame.weight = weightOf(frame.structure, data);
    for (const auto& [group, factor] : data.groupWeights) {
        const auto belongs = [&group = group](const Frame& frame) {
            return belongsTo(frame.structure, group);
        };
        if (std::none_of(set.frames.begin(), set.frames.end(), belongs))
            messages.push_back(
                {"warning",
                 fmt::format("No frame belongs to the group \"{}\" of data.group_weights.", group)});
    }
}

void checkLabels(const RunSplit& training, const Quantities& wanted)
{
    const auto check = [&](bool target, const char* name, auto&& present) {
        const auto& frames = training.graphs->frames();
        if (target && std::none_of(frames.begin(), frames.end(), [&](const Frame* f) { return present(*f); }))
            fail("targets.{0} is above 0, but none of the {1} training frames has {0}. Name the label under "
                 "data.keys.{0} "
                 "or set targets.{0} to 0.",
                 name, frames.size());
    };
    check(wanted.energy, "energy", [](const Frame& f) { return f.energy.has_value(); });
    check(wanted.forces, "forces", [](const Frame& f) { return !f.forces.empty(); });
    check(wanted.stress, "stress", hasStress);
    check(wanted.moments, "moments", [](const Frame& f) { return hasMoments(f); });
    check(wanted.magneticForces, "magnetic_forces", [](const Frame& f) { return hasMagneticForces(f); });
}

} // namespace

RunData loadRunData(const RunConfig& config, const ModelDescription& model, torch::Dtype dtype,
                    const Watch& watch)
{
    const Quantities wanted = quantitiesOf(config.targets);
    RunData data;
    const auto read = [&](const std::vector<std::string>& files, bool withMoments) {
        const auto set =
            std::make_shared<Dataset>(readDataset(asPaths(files), config.data.keys, {watch.stop, {}}));
        if (withMoments && needsMoments(config.magneticHead))
            requireMoments(*set, config.magneticHead);
        scaleMagneticForces(*set, config.data.magneticForceFactor);
        data.sets.push_back(set);
        for (const std::string& file : files)
            data.sha256[file] = sha256OfStructures(file);
        for (const std::string& note : set->notes)
            data.messages.push_back({"info", note});
        return set;
    };
    const auto build = [&](const std::string& name, const Dataset& set,
                           const std::vector<std::size_t>& which) {
        const std::vector<std::size_t> kept = usable(set, which, wanted);
        if (kept.size() < which.size())
            data.messages.push_back(
                {"warning", fmt::format("{} of {} {} frames are left out: they have no label of any "
                                        "target.",
                                        which.size() - kept.size(), which.size(), name)});
        RunSplit split;
        split.name = name;
        std::vector<const Frame*> frames;
        for (const std::size_t i : kept) {
            frames.push_back(&set.frames[i]);
            split.index.push_back(static_cast<std::int64_t>(i));
        }
        split.graphs = std::make_unique<FrameGraphs>(std::move(frames), model, dtype, graphCacheBytes,
                                                     [&](double fraction) { watch.report(fraction); });
        return split;
    };
    const auto limited = [](std::vector<std::size_t> which, std::size_t limit) {
        if (limit > 0 && which.size() > limit)
            which.resize(limit);
        return which;
    };

    const auto training = read(config.data.train, true);
    data.keys = training->keys;
    applyWeights(*training, config.data, data.messages);
    const bool ownValidation = !config.data.validationFiles.empty();
    // Split off by another seed than the validation frames, which stay the same where nothing is.
    const Split outer =
        splitFrames(training->frames.size(), config.data.testFraction, ~config.data.splitSeed);
    const auto within = [&outer](std::vector<std::size_t> which) {
        for (std::size_t& i : which)
            i = outer.training[i];
        return which;
    };
    Split split = splitFrames(outer.training.size(), ownValidation ? 0.0 : config.data.validationFraction,
                              config.data.splitSeed);
    if (config.data.testFraction > 0)
        split = {within(split.training), within(split.validation)};
    data.training = build("training", *training, limited(split.training, config.data.maxTrain));
    if (data.training.size() == 0)
        fail("No training frame is left: the files hold {} frames, of which none has a label of any target.",
             training->frames.size());
    checkLabels(data.training, wanted);
    if (ownValidation) {
        const auto validation = read(config.data.validationFiles, true);
        data.validation = build("validation", *validation,
                                limited(plainOrder(validation->frames.size()), config.data.maxValidation));
    } else {
        data.validation =
            build("validation", *training, limited(split.validation, config.data.maxValidation));
    }
    if (config.data.testFraction > 0) {
        data.test = build("test", *training, limited(outer.validation, config.data.maxTest));
    } else {
        const auto test =
            config.data.test.empty() ? std::make_shared<Dataset>() : read(config.data.test, true);
        data.test = build("test", *test, limited(plainOrder(test->frames.size()), config.data.maxTest));
    }
    if (config.replay && !config.replay->files.empty()) {
        data.replay = read(config.replay->files, false)->frames;
    }
    return data;
}

std::vector<int> elementsOf(const RunSplit& split, bool withReplay)
{
    std::set<int> elements;
    for (std::size_t i = 0; i < split.size() - (withReplay ? 0 : split.replayed); ++i) {
        const auto& species = split.graphs->frame(i).structure.species;
        elements.insert(species.begin(), species.end());
    }
    return {elements.begin(), elements.end()};
}

ElementPairs elementPairs(const RunData& data)
{
    ElementPairs pairs;
    for (const RunSplit* split : {&data.training, &data.validation, &data.test})
        for (const Frame* frame : split->graphs->frames())
            pairs.add(frame->structure);
    for (const Frame& frame : data.replay)
        pairs.add(frame.structure);
    return pairs;
}

} // namespace lodestone
