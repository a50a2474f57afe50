#pragma once
#include "architectures/nequip/convolution_network.h"
#include "checkpoints/nequip/module_view.h"

namespace lodestone {

// Modules of e3nn as parts of a ConvolutionNetwork. Sizes, connections and factors are read from the modules
// themselves (irreps, instructions, path weights), so that nothing depends on how a version of e3nn sorts
// irreps or normalises. What differs from the usual form throws NotComputed.

/// Tensors of a network with their places in the file, in the order in which they were met.
struct TensorCollection {
    std::vector<ParameterInfo> tensors;
    std::vector<TensorReference> places;
    /// Takes shape and count from the place. Returns the name. NotComputed if it holds no real numbers.
    std::string add(ParameterInfo info, const TensorReference& place);
};

/// Where a tensor is put: names of our own and its kind.
struct TensorRole {
    int layer = -1;
    std::string module;
    std::string leaf;
    std::string kind;
};

/// o3.Linear from irreps `input`, all factors times `factor`. inputIsElements: the input is the one-hot of
/// elements.
LinearMap readLinear(const ModuleView& linear, const Irreps& input, const TensorRole& role, double factor,
                     bool inputIsElements, TensorCollection& tensors);

/// o3.FullyConnectedTensorProduct of features with scalar attributes of the atoms. elementAttributes: they
/// are the one-hot of the elements.
LinearMap readSelfConnection(const ModuleView& product, const Irreps& input, const Irreps& output,
                             std::int64_t attributes, bool elementAttributes, const TensorRole& role,
                             TensorCollection& tensors);

/// Paths of the o3.TensorProduct ("uvu") with the edge harmonics into `sums`, the joined blocks of its
/// output.
std::vector<ConvolutionPath> readConvolution(const ModuleView& product, const Irreps& input,
                                             const std::vector<int>& harmonics, const Irreps& sums);

/// e3nn's normalize2mom: an activation with its factor.
Activation readActivation(const ModuleView& normalised);

/// nn.Gate: what the blocks of `input` become.
struct ReadGate {
    std::vector<GateOutput> outputs;
    Irreps output;
};
ReadGate readGate(const ModuleView& gate, const Irreps& input);

/// A radial network: matrices, first to last, and the activation between them.
struct ReadRadial {
    std::vector<StoredMatrix> matrices;
    Activation activation;
};
/// nn.FullyConnectedNet.
ReadRadial readFullyConnected(const ModuleView& net, int layer, TensorCollection& tensors);
/// NequIP's ScalarMLPFunction. `role` without leaf: the matrices are numbered.
ReadRadial readScalarMlp(const ModuleView& mlp, const TensorRole& role, TensorCollection& tensors);

} // namespace lodestone
