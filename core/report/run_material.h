#pragma once
#include "base/progress.h"
#include "run/run_directory.h"

#include <map>

namespace lodestone {

/// A quantity along the run, one entry an evaluation: epochs, MAE of base and tuned on the validation frames.
struct ErrorCurve {
    std::vector<double> epoch, base, tuned;
};

/// Label, base and tuned values of one quantity on one split, thinned; entries without a label are left out.
struct ParityData {
    std::vector<double> label, base, tuned;
    std::size_t total = 0;  ///< labelled entries before thinning
    std::size_t stride = 1; ///< every how many of them are kept
};

/// Everything in a run directory that a report shows. Missing files leave null or empty members.
struct RunMaterial {
    std::filesystem::path run; ///< as it was named
    RunSummary summary;
    RunConfig config;
    Json resolved;                  ///< run.json
    Json metrics;                   ///< result/metrics.json
    Json audit;                     ///< result/audit.json
    Json explanation;               ///< result/explanation.json
    std::vector<double> step, loss; ///< thinned
    std::map<std::string, ErrorCurve>
        errors;              ///< energy, forces, stress, moments, magnetic_forces[:perpendicular]
    std::string paritySplit; ///< test where there is one, else validation, else train
    /// energy (eV/atom), forces (eV/Angstrom), moments (Bohr magneton), magnetic_forces or
    /// magnetic_forces_perpendicular (eV/Bohr magneton): the part that was trained.
    std::map<std::string, ParityData> parity;
};

/// Reads a run directory; Error if it is none or a file in it is damaged. Broken lines among the events are
/// passed over, as every reader of events does.
RunMaterial readRunMaterial(const std::filesystem::path& run, const Watch& watch = {});

} // namespace lodestone
