#pragma once
#include <cstdint>
#include <vector>

namespace lodestone {

/// Features of an atom that are normalised and gated: blocks [2l + 1][channels], of which the first has l = 0
/// and holds the scalars that stay, then one gate for each channel of the blocks that follow. With x the
/// features, w the weights, a_b = 1 / (size_b^2 blocks) and r = (sum over blocks of a_b |x_b|^2 +
/// epsilon)^-1/2,
///     y = x w r;   scalars: factor silu(y);   other blocks: y factor silu(gate).
/// Without `normalises` y is x itself.
struct GateShape {
    struct Block {
        int size = 1; ///< 2l + 1
        std::int64_t channels = 0;
    };
    std::vector<Block> blocks;
    std::int64_t scalars = 0;
    double factor = 1;
    bool normalises = false;
    double epsilon = 1e-12;

    std::int64_t channels() const; ///< of all blocks
    std::int64_t gates() const;    ///< of all blocks but the first
};

/// Where the numbers of each block begin: features and their like [atoms][size][channels] (the first block of
/// what is gated has `scalars` channels), weights [channels].
template<class T>
struct GateBlocks {
    std::vector<T*> blocks;
};

/// What the kernels read. The tangents are those along which derivatives of derivatives are taken.
template<class T>
struct GateOperands {
    GateBlocks<const T> features, weights; ///< weights: none without `normalises`
    GateBlocks<const T> slopes;            ///< g, of the gated blocks
    GateBlocks<const T> alongFeatures, alongWeights;
};

// T is float or double; atoms [first, last). Results are set, but toWeights [channels of all blocks] is added
// to and may be null.

/// The gated blocks.
template<class T>
void gate(const GateShape& shape, const GateOperands<T>& operands, const GateBlocks<T>& out,
          std::int64_t first, std::int64_t last);

/// Derivatives of the sum of g out.
template<class T>
void gateSlope(const GateShape& shape, const GateOperands<T>& operands, const GateBlocks<T>& toFeatures,
               T* toWeights, std::int64_t first, std::int64_t last);

/// With s the derivative of that sum along the tangents: the derivatives of s with respect to g, features and
/// weights.
template<class T>
void gateCurvature(const GateShape& shape, const GateOperands<T>& operands, const GateBlocks<T>& toSlopes,
                   const GateBlocks<T>& toFeatures, T* toWeights, std::int64_t first, std::int64_t last);

} // namespace lodestone
