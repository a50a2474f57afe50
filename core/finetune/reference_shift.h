#pragma once
#include "finetune/batches.h"
#include "run/config.h"

namespace lodestone {

/// A sentence for the person who runs it; level: info | warning | error.
struct RunMessage {
    std::string level;
    std::string text;
};

/// The corrections of the model's reference energies that a run starts with, and what there is to say about
/// them.
struct ReferenceShift {
    std::map<int, double> shift; ///< atomic number -> eV/atom
    std::vector<RunMessage> messages;
};

/// config.referenceEnergies: "keep" (no correction), "estimate" (least squares of label - base energy on
/// element counts, docs/method.md), "isolated" (the model's reference energies are replaced by
/// config.isolatedEnergies; Error if an element of the data lacks one or the model keeps none). baseEnergy:
/// [frames] of the unchanged model, eV. Warns of a mismatch above 0.5 eV/atom before the correction.
ReferenceShift referenceShift(const RunConfig& config, const LoadedModel& model, const FrameGraphs& training,
                              const std::vector<double>& baseEnergy);

} // namespace lodestone
