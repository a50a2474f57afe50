#pragma once
#include "algebra/irreps.h"
#include "blocks/model_description.h"

#include <vector>

namespace lodestone {

/// The settings of a Nequix model (github.com/atomicarchitects/nequix) that decide shapes and numbers.
struct NequixConfig {
    double cutoff = 6;         ///< Angstrom
    std::vector<int> elements; ///< atomic numbers in index order
    Irreps hidden;             ///< "128x0e + 64x1o"; 0e first, each irrep once, in order, no 0o
    int lMax = 3;              ///< of the edge harmonics
    int layers = 4;
    int radialBasis = 8;
    int radialMlpSize = 64;
    int radialMlpLayers = 2;
    double polynomialP = 6; ///< of the cutoff, need not be an integer
    bool layerNorm = true;
    double averageNeighbours = 1;
    double scale = 1; ///< eV
    double shift = 0; ///< eV
};

/// Throws Error (with `origin`) if the settings are outside what the architecture means.
void validate(const NequixConfig& config, const std::string& origin);

/// One path of a layer's tensor product: feature irrep x harmonic of degree l2 -> irrep of the message.
struct NequixPath {
    int input = 0; ///< index into NequixLayer::input
    int l2 = 0;
    std::int64_t radial = 0; ///< first column in the last radial matrix
    std::int64_t row = 0;    ///< first row in the block of linear_2
};

/// One block of a layer's output before the gate and what feeds it.
struct NequixOutput {
    IrrepBlock block; ///< for 0e: scalars, then one gate for each channel of the other blocks
    std::vector<NequixPath> paths;
    std::int64_t pathChannels = 0; ///< rows of linear_2's block
    int skip = -1;                 ///< index into NequixLayer::input; -1: the input has no such irrep
};

struct NequixLayer {
    Irreps input;
    std::vector<NequixOutput> outputs;
    std::int64_t scalars = 0;        ///< channels of 0e that are features, not gates
    std::int64_t radialChannels = 0; ///< columns of the last radial matrix
};

/// The layers as upstream builds them: paths sorted by output irrep (stable), radial columns in that order.
std::vector<NequixLayer> nequixLayers(const NequixConfig& config);

/// Names, shapes and blocks of all parameters in the order of the file, without file, digest and norms.
ModelDescription describeNequix(const NequixConfig& config);

} // namespace lodestone
