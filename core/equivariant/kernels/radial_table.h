#pragma once
#include "equivariant/kernels/edge_kernels.h"

#include <functional>
#include <memory>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Where distances lie in the tables that share one grid.
struct TablePositions {
    torch::Tensor row; ///< [edges] int32
    torch::Tensor t;     ///< [edges] within the row's interval, 0 to 1
    torch::Tensor slope; ///< [edges] dt/dr, 1/Angstrom
};

/// How finely a function of the distance is tabulated: in equal steps of log(r + 1 Angstrom), since learnt functions vary
/// fastest where atoms are close.
struct TableGrid {
    double nearest = 0.3; ///< Angstrom; closer distances are extrapolated by the first polynomial
    double cutoff = 6;    ///< Angstrom
    std::int64_t intervals = 128;

    double start() const; ///< of the logarithm
    double step() const;
    TablePositions positions(const torch::Tensor& distance) const;
};

/// Functions of the distance (the weights that a frozen radial network gives to every channel of a convolution) as
/// piecewise polynomials of degree 5 that match value, first and second derivative at the ends of each interval. Value and
/// slope are then a dozen multiplications a channel, whatever the network costs. Immutable.
class RadialTable {
public:
    /// f: distances [n] (float64) -> weights [n, plan.weights], differentiable twice; smooth within each interval.
    RadialTable(const EdgePlan& plan, const std::function<torch::Tensor(const torch::Tensor&)>& f, const TableGrid& grid,
                torch::Dtype dtype);

    /// Largest deviation of values and of slopes from f between the grid's points, relative to the largest of any channel
    /// at the same distance (at least 1e-4 of the largest at any distance), from 0.7 Angstrom (no bond is shorter) to the
    /// cutoff.
    double error() const { return m_error; }
    const TableGrid& grid() const { return m_grid; }
    std::int64_t bytes() const { return m_polynomials.nbytes(); }

    const torch::Tensor& polynomials() const { return m_polynomials; } ///< [blocks, intervals, tableTerms, tableLanes]
    const std::vector<std::int64_t>& firstBlocks() const { return m_firstBlocks; } ///< one a path

    /// Weights [edges, plan.weights] and their slopes by tensor operations, differentiable in the distance: the reference
    /// for the kernels and the way to third derivatives.
    torch::Tensor weights(const torch::Tensor& distance) const;
    torch::Tensor slopes(const torch::Tensor& distance) const;

private:
    torch::Tensor evaluate(const torch::Tensor& distance, bool slope) const;

    TableGrid m_grid;
    torch::Tensor m_polynomials;
    torch::Tensor m_columns; ///< [plan.weights] place of each channel among blocks x lanes
    std::vector<std::int64_t> m_firstBlocks;
    double m_error = 0;
};

/// Weights of a convolution that are looked up: the table, and the distances of the edges with their places in it.
struct TabulatedWeights {
    std::shared_ptr<const RadialTable> table;
    torch::Tensor distance; ///< [edges], Angstrom
    TablePositions positions;
};

} // namespace lodestone
