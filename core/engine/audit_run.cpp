#include "engine/distance_checks.h"
#include "engine/operations.h"
#include "engine/progress_line.h"

#include "base/files.h"
#include "base/schema.h"
#include "run/run_directory.h"
#include "weights/model_numbers.h"

#include <algorithm>
#include <cmath>

#include <spdlog/spdlog.h>

namespace lodestone {
namespace {

// What rounding in float64 explains: eV/atom, eV/Angstrom, eV/Angstrom^3, Bohr magneton. Finite differences
// have errors of their own.
constexpr double symmetryLimit = 1e-7, differenceLimit = 1e-4;

// Of a run, which is audited whenever it ends: what breaks a symmetry breaks it in any frame, and each of
// them takes some thirty evaluations in float64.
constexpr std::size_t framesOfARun = 2;

/// The largest number in the members of `json` that are named; a NaN counts as infinite.
double largestOf(const Json& json, const std::vector<const char*>& names)
{
    double largest = 0;
    for (const char* name : names)
        if (json.contains(name))
            for (const auto& [quantity, value] : json[name].items())
                if (value.is_number() && !(value.get<double>() <= largest))
                    largest = std::isnan(value.get<double>()) ? INFINITY : value.get<double>();
    return largest;
}

Json judged(const char* check, bool passed, std::string text)
{
    return {{"check", check}, {"passed", passed}, {"text", std::move(text)}};
}

Json verdicts(const Json& audit)
{
    const double symmetry = largestOf(
        audit, {"rotation", "spin_rotation", "inversion", "translation", "permutation", "time_reversal"});
    const double difference = largestOf(audit, {"finite_differences"});
    const bool symmetric = symmetry <= symmetryLimit, consistent = difference <= differenceLimit;
    return {
        judged("symmetries", symmetric,
               fmt::format("{}: rotations, inversion, translations, permutations{} change no quantity by "
                           "more than {:.1e}.",
                           symmetric ? "Symmetries hold" : "Symmetries are broken",
                           audit.contains("time_reversal") ? " and time reversal" : "", symmetry)),
        judged("derivatives", consistent,
               fmt::format("{}: forces and stress differ from finite differences of the energy by at most "
                           "{:.1e}.",
                           consistent ? "Derivatives agree" : "Derivatives do not agree", difference)),
        judged("short_distance", audit["short_distance"]["passed"].get<bool>(),
               audit["short_distance"]["verdict"].get<std::string>()),
        judged("cutoff", audit["cutoff"]["passed"].get<bool>(),
               audit["cutoff"]["verdict"].get<std::string>())};
}

} // namespace

Json auditTuned(const LoadedModel& base, const std::optional<DeltaFile>& delta, torch::Device device,
                const DataArguments& data, const Watch& watch, std::size_t most)
{
    const Computation how{device, torch::kFloat64};
    const Predictor before = makePredictor(base, {}, how);
    std::optional<Predictor> tuned;
    if (delta)
        tuned = makePredictor(base, delta, how);
    const Dataset dataset = readDataset(data.files, data.keys, {watch.stop, {}});
    const std::vector<const Frame*> frames = chosenFrames(dataset, data.frames);
    std::vector<const Frame*> some;
    for (std::size_t k = 0; k < std::min(most, frames.size()); ++k)
        some.push_back(frames[k * frames.size() / std::min(most, frames.size())]);
    Json audit = auditModel(tuned ? *tuned : before, some, watch.part(0, 0.7));
    audit.update(checkDistances(before, tuned ? &*tuned : nullptr, frames, watch.part(0.7, 1)));
    audit["verdicts"] = verdicts(audit);
    return audit;
}

Json auditRun(const std::filesystem::path& run, torch::Device device, const Watch& watch)
{
    const RunPaths paths{run};
    const DeltaFile delta = deltaOfRun(run);
    const RunConfig config = readRunConfig(paths.configuration());
    const DataConfig& data = config.data;
    const std::vector<std::string>& files = !data.test.empty()              ? data.test
                                            : !data.validationFiles.empty() ? data.validationFiles
                                                                            : data.train;
    Json audit = {{"data", files}};
    audit.update(auditTuned(openModel(config.model, {delta.modelHead}), delta, device,
                            {{files.begin(), files.end()}, data.keys, {}}, watch, framesOfARun));
    makeFolder(paths.result());
    writeFileAtomically(paths.audit(), jsonText(schema::stamped(schema::audit, audit)));
    return audit;
}

void auditAfterRun(const std::filesystem::path& run, torch::Device device, const std::stop_token& stop)
{
    ProgressLine bar;
    try {
        const Json audit =
            auditRun(run, device, {stop, [&bar](double share) { bar.show(share, "auditing the result"); }});
        bar.finish();
        for (const Json& verdict : audit["verdicts"])
            if (!verdict["passed"].get<bool>())
                spdlog::warn("Audit: {}", verdict["text"].get<std::string>());
    } catch (const Stopped&) {
        spdlog::info("The audit was stopped; lodestone-engine audit {} makes it.", run.string());
    } catch (const std::exception& e) {
        spdlog::warn("The result was not audited ({}); lodestone-engine audit {} tries again.", e.what(),
                     run.string());
    }
}

} // namespace lodestone
