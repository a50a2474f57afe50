#pragma once
#include "equivariant/kernels/edge_kernels.h"

#include <functional>
#include <limits>
#include <memory>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// Where distances lie in the tables that share one grid.
struct TablePositions {
    torch::Tensor row;   ///< [edges] int32: kind x intervals + interval
    torch::Tensor t;     ///< [edges] within the row's interval, 0 to 1
    torch::Tensor slope; ///< [edges] dt/dr, 1/Angstrom
};

/// How finely a function of the distance is tabulated: in equal steps of log(r + 1 Angstrom), since learnt
/// functions vary fastest where atoms are close.
struct TableGrid {
    double nearest = 0.3; ///< Angstrom; closer distances are extrapolated by the first polynomial
    double cutoff = 6;    ///< Angstrom
    std::int64_t intervals = 128;

    double start() const; ///< of the logarithm
    double step() const;
    /// kind: [edges] int64, or undefined where there is one kind. InternalError if one is negative: no table
    /// has rows for it.
    TablePositions positions(const torch::Tensor& distance, const torch::Tensor& kind = {}) const;
};

/// Functions of the distance (the weights that a frozen radial network gives to every channel of a
/// convolution) as piecewise polynomials of degree 5 that match value, first and second derivative at the
/// ends of each interval. Value and slope are then a dozen multiplications a channel, whatever the network
/// costs. Immutable.
class RadialTable {
public:
    using Function = std::function<torch::Tensor(const torch::Tensor&)>;
    /// One function for each kind of edge (pair of elements): distances [n] (float64) -> weights [n,
    /// plan.weights], differentiable twice; smooth within each interval. Stops, unfinished, at the first
    /// function whose error is above `tolerance`.
    RadialTable(const EdgePlan& plan, const std::vector<Function>& functions, const TableGrid& grid,
                torch::Dtype dtype, double tolerance = std::numeric_limits<double>::infinity());

    /// Largest deviation of values and of slopes from f between the grid's points, relative to the largest of
    /// any channel at the same distance (at least 1e-4 of the largest at any distance), from 0.7 Angstrom (no
    /// bond is shorter) to the cutoff.
    double error() const { return m_error; }
    /// The function that error() is of.
    std::size_t roughest() const { return m_roughest; }
    const TableGrid& grid() const { return m_grid; }
    std::int64_t bytes() const { return m_polynomials.nbytes(); }
    /// Groups of tableLanes columns that a table for the plan has: every path begins a group of its own.
    static std::int64_t blocksOf(const EdgePlan& plan);

    /// [blocks, kinds x intervals, tableTerms, tableLanes]
    const torch::Tensor& polynomials() const { return m_polynomials; }
    const std::vector<std::int64_t>& firstBlocks() const { return m_firstBlocks; } ///< one a path

    /// Weights [edges, plan.weights] and their slopes by tensor operations, differentiable in the distance:
    /// the reference for the kernels and the way to third derivatives. row: of TablePositions for these
    /// distances.
    torch::Tensor weights(const torch::Tensor& distance, const torch::Tensor& row) const;
    torch::Tensor slopes(const torch::Tensor& distance, const torch::Tensor& row) const;

private:
    /// x at which the intervals first .. first + count begin.
    torch::Tensor startsOf(std::int64_t first, std::int64_t count) const;
    torch::Tensor polynomialsOf(const Function& f, std::int64_t first, std::int64_t count) const;
    class Deviation;
    /// Notes how far f is from the polynomials of those intervals, which stand in the rows from `firstRow`.
    void compare(const Function& f, std::int64_t first, std::int64_t count, std::int64_t firstRow,
                 Deviation& values, Deviation& slopes) const;
    torch::Tensor evaluate(const torch::Tensor& distance, const torch::Tensor& row, bool slope) const;

    TableGrid m_grid;
    torch::Tensor m_polynomials;
    torch::Tensor m_columns; ///< [plan.weights] place of each channel among blocks x lanes
    std::vector<std::int64_t> m_firstBlocks;
    double m_error = 0;
    std::size_t m_roughest = 0;
};

/// Weights of a convolution that are looked up: the table, and the distances of the edges with their places
/// in it.
struct TabulatedWeights {
    std::shared_ptr<const RadialTable> table;
    torch::Tensor distance; ///< [edges], Angstrom
    TablePositions positions;
};

} // namespace lodestone
