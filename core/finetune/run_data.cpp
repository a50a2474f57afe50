#include "finetune/run_data.h"
#include "base/files.h"
#include "finetune/magnetic_head.h"

#include <algorithm>
#include <cmath>

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
    const auto read = [&](const std::vector<std::string>& files) {
        Dataset set = readDataset(asPaths(files), config.data.keys, {watch.stop, {}});
        if (needsMoments(config.magneticHead))
            requireMoments(set, config.magneticHead);
        for (Frame& frame : set.frames)
            for (Vec3& field : frame.magneticForces)
                field = config.data.magneticForceFactor * field;
        data.sets.push_back(std::make_shared<Dataset>(std::move(set)));
        for (const std::string& file : files)
            data.sha256[file] = sha256OfFile(file);
        for (const std::string& note : data.sets.back()->notes)
            data.messages.push_back({"info", note});
        return data.sets.back();
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

    const auto training = read(config.data.train);
    data.keys = training->keys;
    const bool ownValidation = !config.data.validationFiles.empty();
    const Split split = splitFrames(
        training->frames.size(), ownValidation ? 0.0 : config.data.validationFraction, config.data.splitSeed);
    data.training = build("training", *training, limited(split.training, config.data.maxTrain));
    if (data.training.size() == 0)
        fail("No training frame is left: the files hold {} frames, of which none has a label of any target.",
             training->frames.size());
    checkLabels(data.training, wanted);
    if (ownValidation) {
        const auto validation = read(config.data.validationFiles);
        data.validation = build("validation", *validation,
                                limited(plainOrder(validation->frames.size()), config.data.maxValidation));
    } else {
        data.validation =
            build("validation", *training, limited(split.validation, config.data.maxValidation));
    }
    const auto test = config.data.test.empty() ? std::make_shared<const Dataset>() : read(config.data.test);
    data.test = build("test", *test, plainOrder(test->frames.size()));
    return data;
}

ElementPairs elementPairs(const RunData& data)
{
    ElementPairs pairs;
    for (const RunSplit* split : {&data.training, &data.validation, &data.test})
        for (const Frame* frame : split->graphs->frames())
            pairs.add(frame->structure);
    return pairs;
}

} // namespace lodestone
