#pragma once
#include "base/progress.h"
#include "dataset/frames.h"
#include "engine/predicted_spins.h"
#include "finetune/magnetic_head.h"
#include "models/model.h"
#include "run/metrics.h"
#include "weights/delta_file.h"

#include <filesystem>
#include <optional>

namespace lodestone {

/// A model ready to answer: base, or base + delta with its magnetic head, converted to a device and dtype.
struct Predictor {
    LoadedModel model;         ///< CPU, stored dtype
    ParameterTable parameters; ///< converted
    MagneticHead head;         ///< converted; empty: no moments and no magnetic forces
    SpinWishes spins;          ///< what is wanted of heads that act on moments
    Computation how;           ///< work: that of prepareFor()
    const ModelDescription& description() const { return model.description(); }
};
/// Without tables of radial functions: prepareFor() makes them when the data are known.
Predictor makePredictor(const LoadedModel& base, const std::optional<DeltaFile>& delta,
                        const Computation& how);
/// A model file as a person names it, with what to apply to it.
struct ModelArguments {
    std::filesystem::path model;
    std::filesystem::path delta; ///< empty: none
    std::string head;            ///< empty: the delta's, else the file's default
};
Predictor loadPredictor(const ModelArguments& arguments, const Computation& how);

/// Tables of the model's radial functions (if predictor.how asks for them) for the elements of these frames.
/// Other frames give the same numbers, without the speed. once: every frame is predicted once, and few frames
/// are not worth tables.
void prepareFor(Predictor& predictor, const std::vector<const Frame*>& frames, bool once);

/// What is predicted for one frame, in the units of Frame.
struct FramePrediction {
    double energy = 0;
    std::vector<double> atomEnergies;
    std::vector<Vec3> forces;
    std::optional<Mat3> stress;  ///< for structures periodic in three directions
    std::vector<double> moments; ///< |m|, empty without a head that gives them
    std::vector<Vec3> momentVectors =
        {}; ///< head vector: as predicted; spin-energy: those it was given, or relaxed
    std::vector<Vec3> magneticForces = {}; ///< -dE/dm, eV/Bohr magneton: spin-energy
    FrameSpins spins = {};                 ///< as wished for
};
/// In the order of `frames`; batches of at most `maxEdges` edges (one frame at
/// least), smaller ones once memory has run out. Error for unknown elements, and for a frame without moments
/// where the head needs them.
std::vector<FramePrediction> predictFrames(const Predictor& predictor,
                                           const std::vector<const Frame*>& frames, const Watch& watch = {},
                                           std::size_t maxEdges = 20000);

/// Errors against the labels that the frames have.
Metrics compareWithLabels(const std::vector<const Frame*>& frames,
                          const std::vector<FramePrediction>& predictions);

/// The structure with energy, forces, stress, energies (per atom), magmoms and magnetic_forces as predicted
/// (magmoms of the head spin-energy: those the numbers belong to, given or relaxed); lengths of moments take
/// their directions from the labels where there are any. Labels stay in the file as REF_energy, REF_forces,
/// REF_stress and REF_magmoms.
Structure predictedStructure(const Frame& frame, const FramePrediction& prediction, const LabelKeys& keys);

} // namespace lodestone
