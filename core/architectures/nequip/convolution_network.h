#pragma once
#include "algebra/activation.h"
#include "algebra/irreps.h"
#include "algebra/radial_shapes.h"
#include "blocks/model_description.h"

#include <optional>
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
    /// The input is weighted by the attributes of the atom's element as well (one-hot where the network has
    /// none): the tensor holds [channels in][attributes][channels out] from the matrix' offset; `matrix`
    /// describes the part of one attribute.
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
    /// [elements] of the features after `first`, by the element of the atom that sends them; empty: none.
    std::vector<double> elementFactors;
    Irreps sums;             ///< of the messages, paths into the same irrep side by side
    std::string denominator; ///< tensor [1] that divides the sums; empty: nothing does
    LinearMap second;        ///< sums to the irreps before the gate
    std::vector<GateOutput> gate;
    bool residual = false; ///< the layer's input is added to what comes out of the gate
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

/// Screened Coulomb repulsion of nuclei (Ziegler, Biersack, Littmark, The Stopping and Range of Ions in
/// Matter, Pergamon 1985; numbers as in LAMMPS' pair style zbl), taken to zero by an envelope.
struct ZblRepulsion {
    std::vector<double> charges; ///< [elements] nuclear charges
    double prefactor = 0;        ///< e^2 / (4 pi epsilon_0), eV Angstrom, halved: every pair is met twice
    RadialEnvelope envelope;
};

struct ConvolutionNetwork {
    std::string family;       ///< of the description
    std::string architecture; ///< a line for people
    double cutoff = 0;        ///< Angstrom
    std::vector<int> elements;
    int harmonics = 0;         ///< largest degree of the edge harmonics
    bool unitHarmonics = true; ///< of unit vectors; otherwise Y_l carries a factor r^l
    BesselBasis basis;
    std::string frequencies;    ///< tensor of as many numbers as there are basis functions
    double frequencyFactor = 1; ///< takes the stored frequencies to 1/Angstrom
    /// [elements][elements] Angstrom, rows by the centre: distances of such a pair are stretched so that this
    /// one falls on `cutoff`, before basis, envelope and repulsion's envelope see them. Empty: none is
    /// stretched.
    std::vector<double> pairCutoffs;
    Activation radialActivation;
    LinearMap embedding; ///< of the one-hot elements
    StoredMatrix
        attributes; ///< [elements, attributes] for maps per element; without a tensor: one-hot elements
    std::vector<ConvolutionLayer> layers;
    std::vector<ReadoutStep> readout; ///< the last one's output is one scalar
    EnergyTerm scale, shift;
    std::optional<ZblRepulsion> repulsion; ///< added to the scaled and shifted energies
    EnergyTerm overall;                    ///< multiplies the energies, repulsion included
    EnergyTerm constant;                   ///< eV, added once a structure; shared out among its atoms
    std::vector<std::string> heads;        ///< modalities; empty where there is no choice
    int headIndex = 0;
    std::vector<ParameterInfo> tensors; ///< in file order; without norms
};

/// The description of the network, without file, digest, norms and dtype.
ModelDescription describe(const ConvolutionNetwork& network);

/// Throws InternalError unless every place named in the network lies within a tensor of it and the channels
/// fit.
void check(const ConvolutionNetwork& network);

} // namespace lodestone
