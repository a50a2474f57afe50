#pragma once
#include "base/aligned_vector.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace lodestone {

/// One path of a convolution over edges, with the places of its operands in flat rows.
struct EdgePath {
    int sizeIn = 1;  ///< 2 l1 + 1
    int sizeOut = 1; ///< 2 l3 + 1
    std::int64_t channels = 0;
    std::int64_t coupling = 0; ///< offset in an edge's couplings: Z[sizeOut][sizeIn]
    std::int64_t weight = 0;   ///< offset in an edge's weights: [channels]
    std::int64_t in = 0;       ///< offset in an atom's features: [sizeIn][channels]
    std::int64_t block = 0;    ///< offset of the output irrep in an atom's sums: [sizeOut][blockChannels]
    std::int64_t blockChannels = 0;  ///< of all paths into the same irrep
    std::int64_t column = 0;         ///< first channel of this path within the block
    int harmonic = 0, harmonics = 0; ///< those that its couplings depend on: the first, and how many (0: all)
};

/// All paths of a layer and the widths of the rows.
struct EdgePlan {
    std::vector<EdgePath> paths;
    std::int64_t couplings = 0, weights = 0, in = 0, out = 0;
};

/// Whether every path names the harmonics of one degree.
inline bool namesDegrees(const EdgePlan& plan)
{
    return std::all_of(plan.paths.begin(), plan.paths.end(), [](const EdgePath& path) {
        const int degree = (path.harmonics - 1) / 2;
        return path.harmonics == 2 * degree + 1 && path.harmonic == degree * degree;
    });
}

/// Edges grouped by one of their ends: those of atom[n] are order[start[n] .. start[n + 1]) (order empty: the
/// identity). Atoms without edges need no group.
struct EdgeGroups {
    std::vector<std::int64_t> atom;
    std::vector<std::int64_t> start;
    std::vector<std::int64_t> order;
};

/// Columns of a radial table that lie together, so that all rows of one block fit into the nearest cache.
constexpr std::int64_t tableLanes = 16;
/// Coefficients of one polynomial of a radial table.
constexpr std::int64_t tableTerms = 6;

/// Where the weights w[edge][channel] of a convolution come from: an array, or polynomials of the distance.
template<class T>
struct EdgeWeights {
    const T* array = nullptr; ///< [edges][plan.weights]; null: the table
    /// [blocks][rows][tableTerms][tableLanes]: w = sum_q table[q] t^q. Every path begins a block of its own.
    const T* table = nullptr;
    const std::int64_t* firstBlock = nullptr; ///< one a path
    std::int64_t rows = 0;
    const std::int32_t* row = nullptr; ///< [edges]
    const T* t = nullptr;              ///< [edges], within 0 .. 1
    const T* tSlope = nullptr;         ///< [edges], dt/dr in 1/Angstrom
};

// The convolution is linear in couplings Z, weights w and features x:
//     out[i][k][u] = sum over edges (i, j) and paths of w[e][u] sum_m Z[e][k][m] x[j][m][u].
// The kernels below are this form and its partial derivatives for groups or edges [first, last), so that
// threads never write to the same place and the result does not depend on their number. They gather the rows
// of the far ends, which stay in the caches where groups that follow each other are those of near atoms.
// Where derivatives of derivatives are wanted, the terms that share operands are summed in one pass. Sizes 2l
// + 1 up to 7 run in registers. T is float or double.

/// Where the couplings Z of an edge come from: an array, or harmonics Y with Z = Y M. The latter are a
/// fraction of the size, and what a path needs of Z is made for some edges at a time where it is used.
template<class T>
struct EdgeCouplingSource {
    const T* array = nullptr;     ///< [edges][plan.couplings]; null: the others
    const T* harmonics = nullptr; ///< [edges][numbers]
    const T* matrix = nullptr;    ///< M [numbers][plan.couplings]
    std::int64_t numbers = 0;
};

/// What is multiplied on an edge. Tangents may be null; the terms are
///     hZ w x  +  Z hw x  +  Z w hx
/// where hw comes from `tangentWeights` (an array like the weights) or from `tangentDistance` (hw = dw/dr
/// hr). With `x` alone and `tangent` false the one term is Z w x.
template<class T>
struct EdgeOperands {
    EdgeCouplingSource<T> coupling;
    const T* rows = nullptr; ///< x [atoms][plan.in], or, backwards, the slope g [atoms][plan.out]
    bool tangent = false;
    EdgeCouplingSource<T> tangentCoupling;
    const T* tangentWeights = nullptr;
    const T* tangentDistance = nullptr; ///< [edges]
    const T* tangentRows = nullptr;
};

/// Where the sums over edges put together what they read of each edge, kept from call to call. For one thread
/// at a time.
template<class T>
struct EdgeScratch {
    std::vector<std::int64_t> far;
    std::vector<std::int32_t> row;
    std::vector<T> t, alongDistance;
    std::vector<T> coupling, tangentCoupling; ///< of one path
    AlignedVector<T> sums;                    ///< of each edge, before their lanes are summed
    /// Makes room for so many edges, and for `couplings` numbers of each of those whose couplings are made
    /// together.
    void reserve(std::size_t edges, std::size_t together, std::int64_t couplings);
};

/// Adds to out[atoms][plan.out]. Groups by centre; `other` is the neighbour of each edge.
template<class T>
void convolve(const EdgePlan& plan, const EdgeGroups& byCentre, const std::int64_t* other,
              const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, std::int64_t first,
              std::int64_t last, EdgeScratch<T>& scratch);

/// The derivative with respect to the features: adds to out[atoms][plan.in]. Groups by neighbour; `other` is
/// the centre of each edge.
template<class T>
void convolveBack(const EdgePlan& plan, const EdgeGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const EdgeOperands<T>& operands, T* out, std::int64_t first,
                  std::int64_t last, EdgeScratch<T>& scratch);

/// Where derivatives on edges go; each may be null and is added to.
template<class T>
struct EdgeSlopes {
    T* toCoupling = nullptr; ///< [last - first][plan.couplings]: those of the kernel's edges alone
    T* toWeights = nullptr;  ///< [edges][plan.weights], for weights from an array
    T* toDistance = nullptr; ///< [edges], for weights from a table
};

/// The derivatives with respect to couplings and weights (or distances) of edges [first, last), contracted
/// with `slope` [atoms][plan.out]: for couplings from an array, and for single derivatives.
template<class T>
void edgeSlopes(const EdgePlan& plan, const std::int64_t* centre, const std::int64_t* neighbour,
                const EdgeWeights<T>& weights, const EdgeCouplingSource<T>& coupling, const T* features,
                const T* slope, const EdgeSlopes<T>& to, std::int64_t first, std::int64_t last,
                EdgeScratch<T>& scratch);

/// Operands of edgeBackward(). Couplings are made from harmonics as in EdgeCouplingSource.
template<class T>
struct EdgeBackwardOperands {
    /// [edges][3][numbers]: Y of the edge's direction and its derivatives along two directions across it.
    const T* harmonics = nullptr;
    const T* matrix = nullptr; ///< M [numbers][plan.couplings]
    std::int64_t numbers = 0;
    const T* features = nullptr; ///< x [atoms][plan.in]
    const T* slope = nullptr;    ///< g [atoms][plan.out]
};
/// Where the derivatives of <g, sums> go; all are added to, and all but toDirections may be null.
template<class T>
struct EdgeBackwardSums {
    T* toFeatures = nullptr; ///< [atoms][plan.in]
    T* toWeights = nullptr;  ///< [edges][plan.weights], for weights from an array
    T* toDistance = nullptr; ///< [edges], for weights from a table
    /// [edges][3]: along the directions of the harmonics' derivatives; and r d/dr of harmonics that grow with
    /// the length of their vector as r^l.
    T* toDirections = nullptr;
};

/// All first derivatives in one pass, for plans whose paths name the harmonics of one degree. Groups by
/// neighbour; `other` is the centre of each edge.
template<class T>
void edgeBackward(const EdgePlan& plan, const EdgeGroups& byNeighbour, const std::int64_t* other,
                  const EdgeWeights<T>& weights, const EdgeBackwardOperands<T>& operands,
                  const EdgeBackwardSums<T>& to, std::int64_t first, std::int64_t last,
                  EdgeScratch<T>& scratch);

} // namespace lodestone
