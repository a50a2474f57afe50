#pragma once
#include <memory>
#include <torch/types.h>

namespace lodestone {

/// What a model makes the couplings of its edges with, from harmonics Y of degrees 0 .. lMax.
struct CouplingBasis {
    torch::Tensor matrix;     ///< M [numbers, couplings]: Z = Y M
    torch::Tensor generators; ///< [numbers, 3 numbers]: the changes of Y when its vector turns about x, y, z
    CouplingBasis to(const torch::TensorOptions& options) const
    {
        return {matrix.to(options), generators.to(options)};
    }
};

/// Derivatives of harmonics when the edge's vector turns towards one of two unit vectors that are
/// perpendicular to each other and to it.
struct TurnedHarmonics {
    torch::Tensor rows; ///< [edges, 3, numbers]: Y and its derivatives along both
    /// [edges, 3, 3]: both unit vectors and that of the edge, divided by the length of Y_1.
    torch::Tensor directions;
};

/// The couplings Z [edges, couplings] of a batch, as all its layers share them. Made once a batch; copies
/// share what they keep. Not for several threads at once.
class EdgeCouplings {
public:
    /// Couplings that are given as they are.
    EdgeCouplings(const torch::Tensor& couplings); // NOLINT(google-explicit-constructor): a tensor is one
    /// Z = Y M. harmonics: Y [edges, numbers] as SphericalHarmonics gives them for vectors of any length,
    /// what derivatives are taken in; basis: of Y's type and device. On the CPU the kernels then take Z from
    /// Y, so that nothing of the size of Z is kept, or summed over layers. They give the derivative in the
    /// vector, as one in the harmonics of degree 1: what the vector gets is the same, but it cannot be
    /// differentiated in the vector again.
    EdgeCouplings(const torch::Tensor& harmonics, const CouplingBasis& basis);

    /// What convolutions differentiate in: Y, or Z where that was given.
    const torch::Tensor& operand() const { return m_operand; }
    /// Z as a differentiable tensor, for LibTorch's own operations.
    torch::Tensor values() const;
    /// M; undefined where Z was given.
    const torch::Tensor& matrix() const { return m_basis.matrix; }
    /// Made when it is first asked for; only where harmonics were given.
    const TurnedHarmonics& turned() const;
    /// The same without what operand() depends on, for nodes of the graph.
    EdgeCouplings detached() const;

private:
    struct Made {
        torch::Tensor values;
        TurnedHarmonics turned;
    };

    torch::Tensor m_operand;
    CouplingBasis m_basis;
    std::shared_ptr<Made> m_made;
};

/// The derivative in harmonics [edges, numbers] that stands for those in two angles, along turned.directions,
/// and in the logarithm of the length, [edges, 3]: the edge's vector gets the same from both.
torch::Tensor slopeInHarmonics(const TurnedHarmonics& turned, const torch::Tensor& alongDirections);

} // namespace lodestone
