#pragma once
#include "base/progress.h"
#include "engine/predictor.h"

#include <functional>

namespace lodestone {

// What commands of the command line and requests of `serve` share: each takes plain arguments and returns the
// JSON object that both show (docs/events-and-protocol.md).

/// How models are opened: `serve` keeps them, commands do not.
using ModelOpener = std::function<LoadedModel(const std::filesystem::path&)>;

struct DataArguments {
    std::vector<std::filesystem::path> files;
    LabelKeys keys;
    std::vector<std::size_t> frames; ///< indices; empty: all
    double magneticForceFactor = 1;  ///< labels of magnetic forces times this are compared
};
/// "energy=REF_energy,forces=..."; UsageError naming the nearest label kind otherwise.
LabelKeys labelKeysFromText(const std::string& text);
/// {"energy": "REF_energy", ...}; the same errors.
LabelKeys labelKeysFromJson(const Json& json);
/// Error if an index lies outside the data set.
std::vector<const Frame*> chosenFrames(const Dataset& data, const std::vector<std::size_t>& indices);

/// Writes what is predicted; {out, frames, metrics}. bonds (a head that acts on moments): table of the
/// exchange couplings to write, empty for none; then also "bonds". Where predictor.spins.relax is set also
/// "relaxed": {converged, largest_field}, and no metrics: labels belong to the given moments.
Json predictToFile(Predictor predictor, const DataArguments& data, const std::filesystem::path& out,
                   const std::filesystem::path& bonds = {}, const Watch& watch = {});

/// The pre-flight report with reference_energies, expected_memory (bytes) and seconds_per_epoch.
Json checkData(Predictor predictor, const DataArguments& data, const Watch& watch = {});

/// Largest deviations under rotation, inversion, translation, permutation and from finite differences on
/// these frames, in float64; with a magnetic head also under time reversal, and with one that acts on spins
/// what auditSpins() adds.
Json auditModel(const Predictor& predictor, const std::vector<const Frame*>& frames, const Watch& watch = {});
/// The whole audit of base or base + delta, in float64: auditModel(), checkDistances() and `verdicts`, a list
/// of {check, passed, text (a sentence)}.
Json auditTuned(const LoadedModel& base, const std::optional<DeltaFile>& delta, torch::Device device,
                const DataArguments& data, const Watch& watch = {}, std::size_t most = 8);
/// The same of a run's delta on two frames of its test files (else its validation files, else its training
/// files), with their names in `data`; written to result/audit.json.
Json auditRun(const std::filesystem::path& run, torch::Device device, const Watch& watch = {});

/// The same when a run has ended on the command line, with a line of progress. Its result stands, so nothing
/// that happens here is an error: the log says what was not audited.
void auditAfterRun(const std::filesystem::path& run, torch::Device device, const std::stop_token& stop);

struct ExplainSettings {
    torch::Device device = torch::kCPU;
    bool radialTables = true;
    std::vector<std::filesystem::path> data; ///< instead of the run's validation frames; empty: these
    bool sensitivity = true;                 ///< evaluate without each block
};
/// What a run has changed (docs/events-and-protocol.md, explanation.json): counts, signature and relative
/// change by layer and l, by tensor and by element with the elements that were not trained as the control,
/// errors of base and tuned on the run's splits, and those without the changes of each block. Written to
/// result/explanation.json where it is whole and of the run's own frames.
Json explainRun(const std::filesystem::path& run, const ExplainSettings& settings, const Watch& watch = {});

struct ReportSettings {
    std::filesystem::path out; ///< empty: result/report.html of the run
    torch::Device device = torch::kCPU;
    bool radialTables = true;
    bool asIs = false; ///< neither explain nor audit the run first
};
/// Writes the HTML page of a run (core/report); {out, bytes}. What is missing of explanation.json and
/// audit.json, or older than the result, is made first.
Json reportRun(const std::filesystem::path& run, const ReportSettings& settings, const Watch& watch = {});

/// The delta of a run: result/delta.h5, or that of its newest checkpoint. Error if it has neither.
DeltaFile deltaOfRun(const std::filesystem::path& run);
/// Writes base + delta in the base's format, or the delta itself where `out` ends in .delta.h5; {out,
/// changed}.
Json exportModel(const std::filesystem::path& base, const DeltaFile& delta, const std::filesystem::path& out);
/// The same for a run directory; its base model is that of its configuration.
Json exportRun(const std::filesystem::path& run, const std::filesystem::path& out);

/// One tensor as raw little-endian float32 files in `scratch`: {shape, base, tuned (with a delta), min, max,
/// norm}.
Json writeWeights(const LoadedModel& base, const std::optional<DeltaFile>& delta, const std::string& tensor,
                  const std::filesystem::path& scratch);

} // namespace lodestone
