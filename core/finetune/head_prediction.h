#pragma once
#include "finetune/spin_energy_head.h"
#include "models/model.h"

namespace lodestone {

/// What a head gives beside energies; undefined where its kind does not.
struct HeadOutput {
    torch::Tensor magnitudes = {};     ///< [atoms] |m|, Bohr magneton: magnitude and vector
    torch::Tensor moments = {};        ///< [atoms, 3] Bohr magneton: vector
    torch::Tensor magneticForces = {}; ///< [atoms, 3] -dE/dm, eV/Bohr magneton: spin-energy
};

struct HeadPrediction {
    Prediction model; ///< the head's energy included, also in forces and stress
    HeadOutput head;
    SpinTerms terms; ///< spin-energy and vector
};

/// predict() with a head (null: none). Its energy is part of the differentiated one. GraphBatch::moments must
/// be there for heads that need them.
HeadPrediction predictWithHead(const Model& model, const ParameterTable& parameters, const GraphBatch& batch,
                               PredictionRequest request, const MagneticHead* head);

} // namespace lodestone
