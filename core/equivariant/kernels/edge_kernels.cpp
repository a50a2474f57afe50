#include "equivariant/kernels/edge_kernels.h"

// One build serves all processors: GCC makes a version of each entry point per instruction set and picks at
// run time.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define LODESTONE_VERSIONS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LODESTONE_VERSIONS
#endif
#define LODESTONE_INLINE inline __attribute__((always_inline))

namespace lodestone {
namespace {

/// out[k][u] += w[u] sum_m c[k * cOut + m * cIn] in[m][u]
template<int In, class T>
LODESTONE_INLINE void applyPath(int sizeOut, const T* c, int cOut, int cIn, const T* w, const T* in,
                                std::int64_t inStride, T* out, std::int64_t outStride, std::int64_t channels)
{
    for (int k = 0; k < sizeOut; ++k) {
        T row[In];
        for (int m = 0; m < In; ++m)
            row[m] = c[k * cOut + m * cIn];
        T* target = out + k * outStride;
#pragma omp simd
        for (std::int64_t u = 0; u < channels; ++u) {
            T sum = row[0] * in[u];
            for (int m = 1; m < In; ++m)
                sum += row[m] * in[m * inStride + u];
            target[u] += w[u] * sum;
        }
    }
}

/// Calls applyPath with the number of components known to the compiler (l up to 6).
template<class T, class... Args>
LODESTONE_INLINE void applyAny(int sizeIn, Args... args)
{
    switch (sizeIn) {
    case 1:
        return applyPath<1, T>(args...);
    case 3:
        return applyPath<3, T>(args...);
    case 5:
        return applyPath<5, T>(args...);
    case 7:
        return applyPath<7, T>(args...);
    case 9:
        return applyPath<9, T>(args...);
    case 11:
        return applyPath<11, T>(args...);
    default:
        return applyPath<13, T>(args...);
    }
}

template<class T>
LODESTONE_INLINE void convolveAny(const EdgePlan& plan, const EdgeGroups& groups, const std::int64_t* other,
                                  bool back, const T* coupling, const T* weight, const T* from, T* to,
                                  std::int64_t first, std::int64_t last)
{
    const std::int64_t fromWidth = back ? plan.out : plan.in;
    const std::int64_t toWidth = back ? plan.in : plan.out;
    for (std::int64_t target = first; target < last; ++target) {
        T* row = to + target * toWidth;
        for (std::int64_t n = groups.start[static_cast<std::size_t>(target)];
             n < groups.start[static_cast<std::size_t>(target) + 1]; ++n) {
            const std::int64_t e = groups.order.empty() ? n : groups.order[static_cast<std::size_t>(n)];
            const T* source = from + other[e] * fromWidth;
            for (const EdgePath& path : plan.paths) {
                const T* z = coupling + e * plan.couplings + path.coupling;
                const T* w = weight + e * plan.weights + path.weight;
                if (back)
                    applyAny<T>(path.sizeOut, path.sizeIn, z, 1, path.sizeIn, w,
                                source + path.block + path.column, path.blockChannels, row + path.in,
                                path.channels, path.channels);
                else
                    applyAny<T>(path.sizeIn, path.sizeOut, z, path.sizeIn, 1, w, source + path.in,
                                path.channels, row + path.block + path.column, path.blockChannels,
                                path.channels);
            }
        }
    }
}

template<class T>
LODESTONE_INLINE void weightSlope(const EdgePath& path, const T* z, const T* x, const T* g, T* toWeight)
{
    for (int k = 0; k < path.sizeOut; ++k)
        for (int m = 0; m < path.sizeIn; ++m) {
            const T c = z[k * path.sizeIn + m];
            const T* slope = g + k * path.blockChannels;
            const T* feature = x + m * path.channels;
#pragma omp simd
            for (std::int64_t u = 0; u < path.channels; ++u)
                toWeight[u] += c * slope[u] * feature[u];
        }
}

template<class T>
LODESTONE_INLINE void couplingSlope(const EdgePath& path, const T* w, const T* x, const T* g, T* toCoupling)
{
    for (int k = 0; k < path.sizeOut; ++k)
        for (int m = 0; m < path.sizeIn; ++m) {
            const T* slope = g + k * path.blockChannels;
            const T* feature = x + m * path.channels;
            T sum = 0;
#pragma omp simd reduction(+ : sum)
            for (std::int64_t u = 0; u < path.channels; ++u)
                sum += w[u] * slope[u] * feature[u];
            toCoupling[k * path.sizeIn + m] += sum;
        }
}

template<class T>
LODESTONE_INLINE void slopesAny(const EdgePlan& plan, const std::int64_t* centre,
                                const std::int64_t* neighbour, const T* coupling, const T* weight,
                                const T* features, const T* slope, T* toWeight, T* toCoupling,
                                std::int64_t first, std::int64_t last)
{
    for (std::int64_t e = first; e < last; ++e)
        for (const EdgePath& path : plan.paths) {
            const T* x = features + neighbour[e] * plan.in + path.in;
            const T* g = slope + centre[e] * plan.out + path.block + path.column;
            const std::int64_t z = e * plan.couplings + path.coupling;
            const std::int64_t w = e * plan.weights + path.weight;
            if (toWeight)
                weightSlope(path, coupling + z, x, g, toWeight + w);
            if (toCoupling)
                couplingSlope(path, weight + w, x, g, toCoupling + z);
        }
}

} // namespace

// target_clones does not apply to templates: each type is written out.
#define LODESTONE_KERNELS(T)                                                                                 \
    template<>                                                                                               \
    LODESTONE_VERSIONS void convolve<T>(const EdgePlan& plan, const EdgeGroups& byCentre,                    \
                                        const std::int64_t* neighbour, const T* coupling, const T* weight,   \
                                        const T* features, T* out, std::int64_t first, std::int64_t last)    \
    {                                                                                                        \
        convolveAny<T>(plan, byCentre, neighbour, false, coupling, weight, features, out, first, last);      \
    }                                                                                                        \
    template<>                                                                                               \
    LODESTONE_VERSIONS void convolveBack<T>(const EdgePlan& plan, const EdgeGroups& byNeighbour,             \
                                            const std::int64_t* centre, const T* coupling, const T* weight,  \
                                            const T* slope, T* out, std::int64_t first, std::int64_t last)   \
    {                                                                                                        \
        convolveAny<T>(plan, byNeighbour, centre, true, coupling, weight, slope, out, first, last);          \
    }                                                                                                        \
    template<>                                                                                               \
    LODESTONE_VERSIONS void edgeSlopes<T>(const EdgePlan& plan, const std::int64_t* centre,                  \
                                          const std::int64_t* neighbour, const T* coupling, const T* weight, \
                                          const T* features, const T* slope, T* toWeight, T* toCoupling,     \
                                          std::int64_t first, std::int64_t last)                             \
    {                                                                                                        \
        slopesAny<T>(plan, centre, neighbour, coupling, weight, features, slope, toWeight, toCoupling,       \
                     first, last);                                                                           \
    }
LODESTONE_KERNELS(float)
LODESTONE_KERNELS(double)

} // namespace lodestone
