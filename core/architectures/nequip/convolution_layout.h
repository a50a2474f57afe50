#pragma once
#include "architectures/nequip/convolution_network.h"

namespace lodestone {

// How e3nn lays out irreps and flat weights (o3/_irreps.py, o3/_linear.py, o3/_tensor_product, nn/_gate.py).

/// Sorted as Irreps.sort() does: by l, then odd before even; stable. Not simplified.
Irreps sortedIrreps(Irreps irreps);
/// Neighbouring blocks of the same irrep joined, empty ones dropped.
Irreps simplified(const Irreps& irreps);
/// All irreps of the product of features with harmonics up to `harmonics` of parity harmonicParity^l, sorted
/// and simplified, up to degree lMax; `evenOnly`: without odd ones. Multiplicities are those of the features.
Irreps productIrreps(const Irreps& features, int harmonics, int harmonicParity, int lMax, bool evenOnly);

/// The order of the columns of the last radial matrix.
enum class ColumnOrder {
    Loop,  ///< feature block, harmonic, output degree
    Sorted ///< as the messages: by output irrep, then loop order
};
/// Paths from `features` to all irreps in `wanted`; the messages in sorted order, simplified, make the sums.
struct ConvolutionLayout {
    std::vector<ConvolutionPath> paths; ///< in loop order
    Irreps sums;
    std::int64_t columns = 0;
};
ConvolutionLayout convolutionLayout(const Irreps& features, int harmonics, int harmonicParity,
                                    const Irreps& wanted, ColumnOrder order);

/// Activations of even and odd scalars.
struct ParityActivations {
    Activation even, odd;
};
struct GateLayout {
    Irreps input;
    std::vector<GateOutput> outputs; ///< one a block of the features, in their order
};
/// features: scalars first.
GateLayout gateLayout(const Irreps& features, const ParityActivations& scalars,
                      const ParityActivations& gates);

/// A one-hot input beside the features of which one row is in force (modalities).
struct OneHotInput {
    std::int64_t size = 0; ///< 0: none
    std::int64_t chosen = 0;
};

/// Fills in block, name, count of a tensor's description: layer_LAYER/MODULE/LEAF.
ParameterInfo tensorInfo(int layer, const std::string& module, const std::string& leaf,
                         const std::string& kind, const std::string& stored, std::vector<std::int64_t> shape);
/// A path over [in multiplicity, out multiplicity] values from `offset`.
ParameterPath pathInfo(const IrrepBlock& in, const IrrepBlock& out, std::int64_t offset);

/// A linear map with all its weights flat in one tensor, path after path. `info` comes with names and kind;
/// its shape, irreps and paths are filled in. elements > 0: the input is the one-hot of that many elements.
LinearMap flatLinear(const Irreps& input, const Irreps& output, const OneHotInput& oneHot,
                     ParameterInfo& info, bool inputIsElements = false);
/// Fully connected product of the features with the one-hot elements, weights [in][element][out] path after
/// path.
LinearMap flatElementProduct(const Irreps& input, std::int64_t elements, const Irreps& output,
                             ParameterInfo& info);
/// The biases of a map's scalar outputs, flat in one tensor: adds them to `map`. Shape {0} if there are none.
void addBiases(LinearMap& map, ParameterInfo& info);

} // namespace lodestone
