#pragma once
#include "base/progress.h"
#include "engine/run_watcher.h"

#include <map>
#include <vector>

namespace lodestone::gui {

/// Label, base and tuned values of one quantity, entry by entry; entries without a label are left out.
struct ParityValues {
    std::vector<double> label, base, tuned;
};
/// By split ("train", "validation", "test"), then by quantity: "energy" (eV/atom), "forces" (eV/Angstrom,
/// components), "moments" (|m|, Bohr magneton), "moment_vectors" (Bohr magneton, components),
/// "magnetic_forces" (eV/Bohr magneton, components).
using Parity = std::map<std::string, std::map<std::string, ParityValues>>;

/// Reads result/predictions.h5, thinned evenly to at most maxPoints a quantity and split. Empty if there is
/// no such file; Error if it is damaged.
Parity readParity(const RunPaths& paths, std::size_t maxPoints = 20000, const Watch& watch = {});

/// One check of result/audit.json.
struct AuditVerdict {
    bool passed = false;
    std::string text; ///< a sentence
};

/// What a run has come to: errors by split, counts, its place among others.
struct RunReport {
    RunSummary summary;
    std::string model;                          ///< file of the base model
    std::string method;                         ///< "sparse (L)", "sparse (5 %)", "dense", ...
    std::map<std::string, Metrics> base, tuned; ///< by split; tuned also "forgetting"
    std::int64_t eligible = 0, changed = 0, parameters = 0;
    double seconds = 0;                              ///< active time
    std::vector<AuditVerdict> audit = {};            ///< empty: the result was not audited
    std::vector<RunHistory::Evaluation> evaluations; ///< only withCurve
    double error(const std::string& split, const std::string& quantity) const; ///< tuned MAE, NaN if unknown
};
/// From run.json and metrics.json, or, where the run has no result yet (or withCurve), from its events.
RunReport readRunReport(const std::filesystem::path& folder, bool withCurve, const Watch& watch = {});
RunReport reportFromHistory(const RunHistory& history);
std::string methodName(const Json& config);
/// "Audit passed ..." or what did not; empty for a run without an audit. Plain text.
QString auditSentence(const std::vector<AuditVerdict>& audit);

/// One line of the error table.
struct ErrorRow {
    std::string split, quantity;
    ErrorStatistics base, tuned;
    bool hasBase = false;
};
/// In the order validation, test, train, forgetting; energy, forces, stress, magnetic forces, moments, then
/// moments by element.
std::vector<ErrorRow> errorRows(const RunReport& report);

} // namespace lodestone::gui
