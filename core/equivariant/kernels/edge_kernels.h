#pragma once
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
    std::int64_t blockChannels = 0; ///< of all paths into the same irrep
    std::int64_t column = 0;        ///< first channel of this path within the block
};

/// All paths of a layer and the widths of the rows.
struct EdgePlan {
    std::vector<EdgePath> paths;
    std::int64_t couplings = 0, weights = 0, in = 0, out = 0;
};

/// Edges grouped by one of their ends: those of atom t are order[start[t] .. start[t + 1]) (order empty: the
/// identity).
struct EdgeGroups {
    std::vector<std::int64_t> start;
    std::vector<std::int64_t> order;
};

// The convolution is linear in couplings Z, weights w and features x:
//     out[i][k][u] = sum over edges (i, j) and paths of w[e][u] sum_m Z[e][k][m] x[j][m][u].
// The kernels below are this form and its three partial derivatives, for rows [first, last) of the result, so
// that threads never write to the same place and the result does not depend on their number. T is float or
// double.

/// Adds to out[atoms][plan.out]. Groups by centre; `neighbour` [edges].
template<class T>
void convolve(const EdgePlan& plan, const EdgeGroups& byCentre, const std::int64_t* neighbour,
              const T* coupling, const T* weight, const T* features, T* out, std::int64_t first,
              std::int64_t last);

/// Adds the derivative with respect to the features, contracted with `slope` [atoms][plan.out], to
/// out[atoms][plan.in]. Groups by neighbour; `centre` [edges].
template<class T>
void convolveBack(const EdgePlan& plan, const EdgeGroups& byNeighbour, const std::int64_t* centre,
                  const T* coupling, const T* weight, const T* slope, T* out, std::int64_t first,
                  std::int64_t last);

/// Adds the derivatives with respect to weights and couplings of edges [first, last), contracted with
/// `slope`; either may be null.
template<class T>
void edgeSlopes(const EdgePlan& plan, const std::int64_t* centre, const std::int64_t* neighbour,
                const T* coupling, const T* weight, const T* features, const T* slope, T* toWeight,
                T* toCoupling, std::int64_t first, std::int64_t last);

} // namespace lodestone
