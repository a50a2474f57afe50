#pragma once
#include "architectures/nequip/convolution_layout.h"
#include "architectures/nequip/convolution_network.h"

#include <array>
#include <map>

namespace lodestone {

/// The settings of a SevenNet model (github.com/MDIL-SNU/SevenNet, model_build.py) that decide shapes and
/// numbers.
struct SevenNetConfig {
    double cutoff = 5;         ///< Angstrom
    std::vector<int> elements; ///< atomic numbers in index order
    std::int64_t channels = 32;
    int lMax = 1;
    int lMaxEdge = -1, lMaxNode = -1; ///< not positive: lMax
    bool parity = true;               ///< false: every irrep counts as even (SO(3))
    int layers = 3;
    std::vector<Irreps>
        irreps; ///< input of the first layer and output of each; empty: from channels and lMax
    int basisFunctions = 8;
    RadialEnvelope envelope;
    std::vector<std::int64_t> radialHidden = {64, 64};
    ActivationKind radialActivation = ActivationKind::Silu;
    ActivationKind evenScalars = ActivationKind::Silu, oddScalars = ActivationKind::Tanh;
    ActivationKind evenGates = ActivationKind::Silu, oddGates = ActivationKind::Tanh;
    std::vector<bool>
        elementSelfConnection; ///< per layer: product with the one-hot elements ("nequip") or "linear"
    bool unitHarmonics = true;
    bool biases = false;
    bool trainDenominators = false;
    std::vector<std::int64_t> readoutHidden; ///< of a scalar network (readout_as_fcn); empty: two linear maps
    ActivationKind readoutActivation = ActivationKind::Relu;
    ColumnOrder columns = ColumnOrder::Sorted; ///< Loop before version 0.11

    std::vector<std::string> modalities; ///< empty: none
    int modality = 0;                    ///< the one that is computed
    bool modalEmbedding = false, modalFirst = false, modalSecond = false, modalReadout = false;
    std::vector<std::int64_t> shiftShape, scaleShape; ///< {1}, {elements} or {modalities, elements}

    /// Sign of the file's 3j tensor against wigner3j() where it is negative: (layer, l1, l2, l3).
    std::map<std::array<int, 4>, double> couplingFactors;
};

/// Throws Error (with `origin`) if the settings are outside what the architecture means.
void validate(const SevenNetConfig& config, const std::string& origin);

/// The network with its tensors in the order of upstream's state dict; ParameterInfo::stored has the names
/// there.
ConvolutionNetwork sevenNetNetwork(const SevenNetConfig& config);

/// A line for people about a SevenNet network.
std::string architectureLine(const ConvolutionNetwork& network);

} // namespace lodestone
