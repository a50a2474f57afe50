#pragma once
#include "algebra/activation.h"
#include "algebra/contraction_shape.h"
#include "algebra/linear_shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lodestone {

// A MACE model (Batatia et al., arXiv:2206.07697; github.com/ACEsuit/mace) block by block: everything that
// decides shapes and numbers except the parameters. Lengths in Angstrom, energies in eV; lists over elements
// in the order of `elements`.

/// A network of scalars along edges.
struct RadialNetwork {
    /// E3nn: matrices [in][out] times factors, activations between (e3nn.nn.FullyConnectedNet).
    /// Normed: matrices [out][in] with biases, a layer norm and an activation between (upstream's RadialMLP).
    enum class Kind { E3nn, Normed };
    Kind kind = Kind::E3nn;
    struct Layer {
        std::int64_t in = 0, out = 0;
        double factor = 1;     ///< of the matrix; E3nn only
        double epsilon = 0;    ///< of the layer norm after it; Normed only, not after the last
        Activation activation; ///< after it, Identity after the last
    };
    std::vector<Layer> layers;
    std::int64_t in() const { return layers.front().in; }
    std::int64_t out() const { return layers.back().out; }
};

/// Radial functions of the edges.
struct MaceRadial {
    enum class Basis { Bessel, Gaussian, Chebyshev };
    Basis basis = Basis::Bessel;
    std::int64_t size = 8;
    std::vector<double> centres; ///< wave numbers n pi / cutoff (Bessel) or centres (Gaussian)
    double factor = 1;           ///< sqrt(2 / cutoff) (Bessel), -1 / (2 width^2) (Gaussian)
    double cutoff = 5;           ///< of the polynomial
    int p = 5;                   ///< of the polynomial
    /// The basis functions are of a transformed distance (the cutoff of the distance itself).
    /// SoftTanh: the form of 2025, around 3/4 .. 4/3 of the bond length; SoftExponent: the one before.
    enum class Transform { None, Agnesi, SoftTanh, SoftExponent };
    Transform transform = Transform::None;
    double a = 0, b = 0, q = 0; ///< Agnesi: a, p (as b), q. SoftTanh: alpha (as a). SoftExponent: a, b
    std::vector<double> radii;  ///< covalent, of each element; with a transform
    bool applyCutoff = true;    ///< on the basis functions; false: on what the networks make of them
};

/// The screened nuclear repulsion of Ziegler, Biersack and Littmark, cut off at the sum of covalent radii.
struct MaceRepulsion {
    std::vector<double> amplitudes; ///< of the four exponentials
    double exponent = 0.3;          ///< of the charge in the screening length
    double prefactor = 0.4543;      ///< of the screening length, times 0.529 Angstrom
    int p = 6;                      ///< of the polynomial cutoff
    std::vector<double> radii;      ///< covalent, of each element
};

/// The tensor product "uvu" of features with edge harmonics, weighted per edge and channel.
struct MaceConvolution {
    struct Path {
        int in = 0, l2 = 0, out = 0; ///< block of `in`, degree of the harmonic, block of `out`
        double factor = 1;           ///< path_weight; its coupling tensor has unit Frobenius norm
    };
    Irreps in;
    Irreps out;              ///< one block a path
    std::vector<Path> paths; ///< in the order of their weights
};

/// Scalars pass an activation; the scalars after them, through another, multiply the channels of the other
/// irreps.
struct MaceGate {
    Irreps in, out; ///< merged
    std::int64_t scalars = 0, gates = 0;
    Activation scalarActivation, gateActivation;
};

struct MaceInteraction {
    std::string name; ///< upstream's class
    LinearShape linearUp;
    MaceConvolution convolution;
    RadialNetwork weights;
    std::optional<RadialNetwork>
        density; ///< its sum over edges normalises the message; absent: averageNeighbours does
    double averageNeighbours = 1;
    LinearShape linear; ///< of the message; "linear_1" with a non-linearity

    std::optional<ElementLinearShape> elementSkip; ///< skip_tp with elements
    std::optional<LinearShape> linearSkip;         ///< skip_tp or skip_linear without
    bool skipOfMessage =
        false; ///< elementSkip acts on the message; otherwise on the incoming features (residual)

    /// Scalars of both ends that are inputs of the networks besides the radial functions: of the elements
    /// (source_embedding, target_embedding) or of the features (linear_down).
    std::optional<LinearShape> sourceEmbedding, targetEmbedding, linearDown;

    /// Non-linear block only: (linear_1 of the sum) / (alpha + beta density) + linear_res, gate, linear_2.
    std::optional<LinearShape> linearResidual, linearSecond;
    std::optional<MaceGate> gate;

    Irreps out; ///< of the message; each irrep once, all with the same multiplicity
};

struct MaceProduct {
    std::vector<ContractionShape> contractions; ///< one an irrep of linear.in
    std::vector<std::vector<bool>> zeroed; ///< per contraction and order from 1: no path, weights are zero
    std::int64_t channels = 0;
    bool agnostic = false; ///< the weights do not depend on the element
    LinearShape linear;
    bool useSkip = true;
};

struct MaceReadout {
    std::size_t layer = 0; ///< whose features it reads
    LinearShape linear;    ///< "linear", or "linear_1"
    /// Not there for a plain linear readout.
    std::optional<LinearShape> second; ///< "linear_2"
    std::optional<LinearShape> middle; ///< "linear_mid", with biases
    Activation activation;
    std::int64_t heads = 1; ///< blocks of the hidden channels; all but the chosen head's are set to zero
};

struct MaceConfig {
    std::string name; ///< upstream's class: "ScaleShiftMACE"
    std::string dtype;
    double cutoff = 0;
    std::vector<int> elements;
    std::vector<std::string> heads;
    std::int64_t head = 0;                    ///< the one that is computed
    std::vector<std::int64_t> referenceShape; ///< of the reference energies: [elements] or [heads, elements]
    std::vector<double> scale = {1}, shift = {0}; ///< of all heads or of each
    MaceRadial radial;
    std::optional<MaceRepulsion> repulsion;
    int lMax = 0;          ///< of the edge harmonics
    LinearShape embedding; ///< of one-hot elements
    std::vector<MaceInteraction> interactions;
    std::vector<MaceProduct> products; ///< one an interaction
    std::vector<MaceReadout> readouts;
};

} // namespace lodestone
