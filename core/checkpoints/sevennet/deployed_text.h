#pragma once
#include "algebra/activation.h"
#include "algebra/radial_shapes.h"
#include "checkpoints/torch/script_program.h"
#include "checkpoints/torch/script_tensor.h"

#include <functional>
#include <string>
#include <vector>

namespace lodestone {

// What the text of a deployed SevenNet model says, still in terms of columns of rows and numbers of
// constants.

/// multiplicity x (2l + 1) columns of a row.
struct DeployedBlock {
    std::int64_t first = 0;
    std::int64_t multiplicity = 0;
    int l = 0;
    std::int64_t size() const { return multiplicity * (2 * l + 1); }
};

/// One matrix product of a linear map.
struct DeployedPath {
    DeployedBlock input, output;
    bool modality = false;   ///< the input is the one-hot modality
    bool perElement = false; ///< weighted by the one-hot element as well: [in][element][out]
    std::int64_t constant = 0, offset = 0;
    double factor = 1;
};
struct DeployedLinear {
    std::vector<DeployedPath> paths;
    std::int64_t width = 0; ///< of the output
};

/// One message: columns of the features x harmonic x columns of the radial weights -> columns of the sums.
struct DeployedMessage {
    DeployedBlock input, output;
    int l2 = 0;
    std::int64_t column = 0;
    double scalar = 1;
    std::int64_t constant = -1;    ///< the 3j tensor; -1: it is a number because a degree is zero
    std::vector<int> constantAxes; ///< which of (l1, l2, l3) each of its axes is
};

struct DeployedChannels {
    std::int64_t first = 0, count = 0; ///< columns of the row before the gate; count of channels
    Activation activation;
};
struct DeployedGate {
    DeployedBlock values;   ///< columns of the row before the gate
    Activation activation;  ///< of scalars
    DeployedChannels gates; ///< count 0: none
};

struct DeployedLayer {
    DeployedLinear selfConnection, first, second;
    std::vector<std::int64_t> radial; ///< constants
    std::vector<double> radialFactors;
    Activation radialActivation;
    std::vector<DeployedMessage> messages;
    std::int64_t denominator = 0; ///< constant
    std::vector<DeployedGate> gate;
};

struct DeployedEnergyTerm {
    std::int64_t constant = 0;
    bool perElement = false, perModality = false;
};

struct DeployedModel {
    std::int64_t elements = 0;
    std::int64_t modalities = 0; ///< 0: none
    std::int64_t modality = 0;
    std::int64_t frequencies = 0; ///< constant
    BesselBasis basis;
    int harmonics = 0;
    bool unitHarmonics = true;
    DeployedLinear embedding;
    std::vector<DeployedLayer> layers;
    std::vector<DeployedLinear> readout;
    DeployedEnergyTerm scale, shift;
};

/// Access to the constants of the archive.
struct DeployedConstants {
    std::function<std::vector<std::int64_t>(std::int64_t)> shape;
    std::function<std::vector<double>(std::int64_t)> values;
};

/// ScriptError with the line where the text is not that of a SevenNet model as upstream writes it.
DeployedModel readDeployedText(std::string_view text, double cutoff, const DeployedConstants& constants);

} // namespace lodestone
