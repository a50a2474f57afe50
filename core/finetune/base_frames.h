#pragma once
#include "finetune/evaluation.h"

#include <optional>

namespace lodestone {

/// What crystals are to be made.
struct CrystalSet {
    std::vector<int> elements; ///< atomic numbers to draw from
    std::vector<int> avoid;    ///< crystals of these alone are left out where there are others
    std::size_t count = 0;
    std::uint64_t seed = 0;
};

/// Crystals of one and two elements as the base model sees them (docs/method.md): each in the volume
/// that has the lowest energy for the model among six, then strained by up to 3 % and with every coordinate
/// moved by up to 0.1 Angstrom. Crystals that have no such minimum for the model, or then forces above 20
/// eV/Angstrom, are replaced by others; so there may be fewer than `count` of a model that knows few
/// materials (none, say, of a model of molecules). Labelled by labelByBase() with `quantities` and, in any
/// case, forces. Depends on the seed, the model and the dtype alone.
std::vector<Frame> baseCrystals(const Evaluator& evaluator, const ParameterTable& base, Quantities quantities,
                                const CrystalSet& set);

/// Gives frames the base model's energy, forces and stress (of those asked for) as labels, whatever labels
/// they had; energies without any correction. Error if a frame has an element the model lacks.
void labelByBase(const Evaluator& evaluator, const ParameterTable& base, const Quantities& quantities,
                 std::vector<Frame>& frames);

/// What a run replays: crystals, or the frames `given` by replay.files, labelled by the base model. Error if
/// there is none, or an element that the model does not know.
std::vector<Frame> replayFrames(const Evaluator& evaluator, const ParameterTable& base,
                                const Quantities& quantities, const ReplayConfig& replay,
                                std::vector<Frame> given);

/// Errors of a tuned model against the base model.
struct Forgetting {
    Metrics errors; ///< energy (per atom) and forces
    std::size_t frames = 0;
};
/// {"energy": ..., "forces": ..., "frames": n}
Json toJson(const Forgetting& forgetting);

/// On `count` of baseCrystals() of the model's elements; those of `trained` elements alone are left out where
/// there are others. They depend on the model and `trained` only, so that runs can be compared. Nothing if
/// the base model knows no such crystal.
std::optional<Forgetting> measureForgetting(const Evaluator& evaluator, const ParameterTable& base,
                                            const ParameterTable& tuned, const std::vector<int>& trained,
                                            std::size_t count);

} // namespace lodestone
