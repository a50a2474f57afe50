#pragma once
#include "blocks/model_description.h"
#include "equivariant/activations.h"
#include "equivariant/irreps.h"
#include "equivariant/radial_network.h"

#include <string>
#include <vector>

namespace lodestone {

// A network of the NequIP type (Batzner et al., Nat. Commun. 13, 2453, 2022) as data: which stored numbers
// take part in which operation, and with which factor. SevenNet and NequIP are two ways to fill it in. The
// table of parameters keeps the numbers as they are stored; permutations, signs and folded factors stand
// here.

/// A matrix [rows, columns] within a stored tensor (row-major from `offset`), times a constant.
struct StoredMatrix {
    std::string tensor; ///< name in the table of parameters
    std::int64_t offset = 0;
    std::int64_t rows = 0, columns = 0;
    double factor = 1;
};

/// One path of a linear map: channels of input block `input` to those of output block `output`, the same
/// irrep.
struct LinearPath {
    int input = 0, output = 0;
    StoredMatrix matrix; ///< [channels in, channels out]
    /// The input is weighted by the one-hot vector of elements as well: the tensor holds [channels
    /// in][elements] [channels out] from the matrix' offset; `matrix` describes the part of one element.
    bool perElement = false;
};

/// Numbers added to a scalar output block: a bias, or the row of a one-hot input that is the same everywhere.
struct LinearRow {
    int output = 0;
    StoredMatrix matrix; ///< [1, channels out]
};

/// An equivariant linear map. An output block without a path is zero.
struct LinearMap {
    Irreps input, output;
    std::vector<LinearPath> paths;
    std::vector<LinearRow> rows;
};

/// One path of the tensor product with the edge harmonics: input block x Y_l2 -> channels of a block of sums.
struct ConvolutionPath {
    int input = 0; ///< block of features
    int l2 = 0;
    int output = 0;           ///< block of sums
    std::int64_t channel = 0; ///< first channel within the block of sums
    std::int64_t column = 0;  ///< first column in the last radial matrix
    double factor = 1;        ///< of the coupling sqrt(2 l3 + 1) C; the sign of the file's 3j tensor is in it
};

/// Channels of a block before the gate.
struct GateChannels {
    int block = 0;
    std::int64_t first = 0, count = 0;
    Activation activation;
};
/// A block of features: scalars through an activation, or `values` times the activated `gates`.
struct GateOutput {
    GateChannels values; ///< the activation is that of scalars; None where there are gates
    GateChannels gates;  ///< count 0: none
};

struct ConvolutionLayer {
    Irreps input;
    LinearMap first;                  ///< of the features, before the neighbours are summed
    LinearMap selfConnection;         ///< of the features, to the irreps before the gate; no paths: none
    std::vector<StoredMatrix> radial; ///< the radial network's, first to last
    std::vector<ConvolutionPath> paths;
    Irreps sums;             ///< of the messages, paths into the same irrep side by side
    std::string denominator; ///< tensor [1] that divides the sums; empty: nothing does
    LinearMap second;        ///< sums to the irreps before the gate
    std::vector<GateOutput> gate;
    Irreps output;
};

/// A linear map of scalars and the activation after it.
struct ReadoutStep {
    LinearMap map;
    Activation activation;
};

/// Where the factor or the offset of an atom's energy stands; an empty name: there is none.
struct EnergyTerm {
    std::string tensor;
    std::int64_t offset = 0;
    bool perElement = false; ///< one value an element from `offset`, or one for all
};

struct ConvolutionNetwork {
    std::string family;       ///< of the description
    std::string architecture; ///< a line for people
    double cutoff = 0;        ///< Angstrom
    std::vector<int> elements;
    int harmonics = 0;         ///< largest degree of the edge harmonics
    bool unitHarmonics = true; ///< of unit vectors; otherwise Y_l carries a factor r^l
    BesselBasis basis;
    std::string frequencies; ///< tensor [basis functions]
    Activation radialActivation;
    LinearMap embedding; ///< of the one-hot elements
    std::vector<ConvolutionLayer> layers;
    std::vector<ReadoutStep> readout; ///< the last one's output is one scalar
    EnergyTerm scale, shift;
    std::vector<std::string> heads; ///< modalities; empty where there is no choice
    int headIndex = 0;
    std::vector<ParameterInfo> tensors; ///< in file order; without norms
};

/// The description of the network, without file, digest, norms and dtype.
ModelDescription describe(const ConvolutionNetwork& network);

/// Throws InternalError unless every place named in the network lies within a tensor of it and the channels
/// fit.
void check(const ConvolutionNetwork& network);

} // namespace lodestone
