#pragma once
// Made-up convolutions over edges without LibTorch, and what they are by plain loops in float64.
#include "equivariant/kernels/edge_kernels.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace lodestone::test {

/// Every pair of the sizes is a path; paths from one size share their features, those to one size a block.
inline EdgePlan planOfSizes(const std::vector<int>& sizes, std::int64_t channels)
{
    EdgePlan plan;
    const auto count = static_cast<std::int64_t>(sizes.size());
    for (std::size_t to = 0; to < sizes.size(); ++to) {
        plan.in = 0;
        for (std::size_t from = 0; from < sizes.size(); ++from) {
            EdgePath path;
            path.sizeIn = sizes[from];
            path.sizeOut = sizes[to];
            path.channels = channels;
            path.coupling = plan.couplings;
            path.weight = plan.weights;
            path.in = plan.in;
            path.block = plan.out;
            path.blockChannels = count * channels;
            path.column = static_cast<std::int64_t>(from) * channels;
            // Some paths depend on all harmonics, some on a few.
            if ((from + to) % 2 == 1) {
                path.harmonic = 1 + static_cast<int>(from % 2);
                path.harmonics = 3;
            } else if ((from + to) % 4 == 2) {
                path.harmonics = 5;
            }
            plan.couplings += std::int64_t{path.sizeIn} * path.sizeOut;
            plan.weights += channels;
            plan.in += sizes[from] * channels;
            plan.paths.push_back(path);
        }
        plan.out += sizes[to] * count * channels;
    }
    return plan;
}

/// Random operands of type T. Numbers that nothing may read are NaN.
template<class T>
struct EdgeProblem {
    static constexpr std::int64_t atoms = 7, numbers = 5, rows = 6;

    EdgePlan plan;
    bool table, harmonics;
    std::vector<std::int64_t> centre, neighbour;
    std::mt19937 random{11};
    std::vector<T> matrix, weights, tangentWeights, polynomials, t, tSlope, tangentDistance;
    std::vector<T> couplings[3]; ///< of the edges, or their harmonics
    std::vector<T> features, tangentFeatures, slope, tangentSlope;
    std::vector<std::int32_t> row;
    std::vector<std::int64_t> firstBlocks;

    EdgeProblem(EdgePlan thePlan, bool fromTable, bool fromHarmonics)
        : plan(std::move(thePlan)),
          table(fromTable),
          harmonics(fromHarmonics)
    {
        // Atom 3 is no centre, atom 4 nobody's neighbour; the first two have more edges than a warp takes at
        // once.
        for (const auto& [i, each] :
             {std::pair(1, 19), std::pair(0, 10), std::pair(4, 1), std::pair(2, 8), std::pair(6, 3)})
            for (int n = 0; n < each; ++n) {
                centre.push_back(i);
                const std::int64_t j = static_cast<std::int64_t>(random() % (atoms - 1));
                neighbour.push_back(j == 4 ? atoms - 1 : j);
            }
        const std::int64_t edges = count();
        matrix = drawn(numbers * plan.couplings);
        for (std::vector<T>& some : couplings)
            some = drawn(edges * (harmonics ? numbers : plan.couplings));
        weights = drawn(edges * plan.weights);
        tangentWeights = drawn(edges * plan.weights);
        tangentDistance = drawn(edges);
        features = drawn(atoms * plan.in);
        tangentFeatures = drawn(atoms * plan.in);
        slope = drawn(atoms * plan.out);
        tangentSlope = drawn(atoms * plan.out);
        tSlope = drawn(edges);
        for (std::int64_t e = 0; e < edges; ++e) {
            t.push_back(static_cast<T>((random() % 1000) / 1000.));
            row.push_back(static_cast<std::int32_t>(random() % rows));
        }
        makeTable();
    }

    std::int64_t count() const { return static_cast<std::int64_t>(centre.size()); }

    std::vector<T> drawn(std::int64_t size)
    {
        std::uniform_real_distribution<double> uniform(-1, 1);
        std::vector<T> values(static_cast<std::size_t>(size));
        for (T& value : values)
            value = static_cast<T>(uniform(random));
        return values;
    }

    /// by: centre or neighbour. sorted: the edges have to be in that order. Groups without edges are kept.
    EdgeGroups groups(const std::vector<std::int64_t>& by, bool sorted) const
    {
        EdgeGroups made;
        for (std::int64_t e = 0; sorted && e < count(); ++e)
            if (const auto n = static_cast<std::size_t>(e); e == 0 || by[n] != by[n - 1]) {
                made.atom.push_back(by[n]);
                made.start.push_back(e);
            }
        for (std::int64_t atom = 0; !sorted && atom < atoms; ++atom) {
            made.atom.push_back(atom);
            made.start.push_back(static_cast<std::int64_t>(made.order.size()));
            for (std::int64_t e = 0; e < count(); ++e)
                if (by[static_cast<std::size_t>(e)] == atom)
                    made.order.push_back(e);
        }
        made.start.push_back(count());
        return made;
    }

    EdgeCouplingSource<T> source(std::size_t which) const
    {
        EdgeCouplingSource<T> made;
        (harmonics ? made.harmonics : made.array) = couplings[which].data();
        made.matrix = harmonics ? matrix.data() : nullptr;
        made.numbers = harmonics ? numbers : 0;
        return made;
    }
    EdgeWeights<T> weightSource() const
    {
        EdgeWeights<T> made;
        if (!table) {
            made.array = weights.data();
            return made;
        }
        made.table = polynomials.data();
        made.rows = rows;
        made.row = row.data();
        made.t = t.data();
        made.tSlope = tSlope.data();
        return made;
    }

    // What follows is the mathematics, number by number.

    double z(std::size_t which, std::int64_t e, const EdgePath& path, int k, int m) const
    {
        const std::int64_t c = path.coupling + k * path.sizeIn + m;
        if (!harmonics)
            return at(couplings[which], e * plan.couplings + c);
        double sum = 0;
        for (std::int64_t y = 0; y < numbers; ++y)
            if (path.harmonics == 0 || (y >= path.harmonic && y < path.harmonic + path.harmonics))
                sum += at(couplings[which], e * numbers + y) * at(matrix, y * plan.couplings + c);
        return sum;
    }
    double w(std::int64_t e, std::size_t path, std::int64_t u) const
    {
        if (!table)
            return at(weights, e * plan.weights + plan.paths[path].weight + u);
        double sum = 0, power = 1;
        for (std::int64_t q = 0; q < tableTerms; ++q, power *= at(t, e))
            sum += at(polynomials, place(path, u, e, q)) * power;
        return sum;
    }
    /// Along the tangent.
    double hw(std::int64_t e, std::size_t path, std::int64_t u) const
    {
        return table ? wSlope(e, path, u) * at(tangentDistance, e)
                     : at(tangentWeights, e * plan.weights + plan.paths[path].weight + u);
    }
    /// dw/dr; 0 for an array.
    double wSlope(std::int64_t e, std::size_t path, std::int64_t u) const
    {
        double sum = 0, power = 1;
        for (std::int64_t q = 1; table && q < tableTerms; ++q, power *= at(t, e))
            sum += static_cast<double>(q) * at(polynomials, place(path, u, e, q)) * power;
        return table ? sum * at(tSlope, e) : 0;
    }
    std::int64_t inPlace(std::int64_t e, const EdgePath& path, int m, std::int64_t u) const
    {
        return neighbour[static_cast<std::size_t>(e)] * plan.in + path.in + m * path.channels + u;
    }
    std::int64_t outPlace(std::int64_t e, const EdgePath& path, int k, std::int64_t u) const
    {
        return centre[static_cast<std::size_t>(e)] * plan.out + path.block + path.column +
               k * path.blockChannels + u;
    }
    /// Calls f(e, number of path, path, k, m, u) for all there is.
    template<class F>
    void each(const F& f) const
    {
        for (std::int64_t e = 0; e < count(); ++e)
            for (std::size_t number = 0; number < plan.paths.size(); ++number) {
                const EdgePath& path = plan.paths[number];
                for (int k = 0; k < path.sizeOut; ++k)
                    for (int m = 0; m < path.sizeIn; ++m)
                        for (std::int64_t u = 0; u < path.channels; ++u)
                            f(e, number, path, k, m, u);
            }
    }
    static double at(const std::vector<T>& values, std::int64_t n)
    {
        return static_cast<double>(values[static_cast<std::size_t>(n)]);
    }

private:
    void makeTable()
    {
        std::int64_t blocks = 0;
        for (const EdgePath& path : plan.paths) {
            firstBlocks.push_back(blocks);
            blocks += (path.channels + tableLanes - 1) / tableLanes;
        }
        polynomials.assign(static_cast<std::size_t>(blocks * rows * tableTerms * tableLanes),
                           std::numeric_limits<T>::quiet_NaN());
        std::uniform_real_distribution<double> uniform(-1, 1);
        for (std::size_t path = 0; path < plan.paths.size(); ++path)
            for (std::int64_t u = 0; u < plan.paths[path].channels; ++u)
                for (std::int64_t line = 0; line < rows * tableTerms; ++line)
                    polynomials[static_cast<std::size_t>(
                        ((firstBlocks[path] + u / tableLanes) * rows * tableTerms + line) * tableLanes +
                        u % tableLanes)] = static_cast<T>(uniform(random));
    }
    std::int64_t place(std::size_t path, std::int64_t u, std::int64_t e, std::int64_t q) const
    {
        const std::int64_t line =
            (firstBlocks[path] + u / tableLanes) * rows + row[static_cast<std::size_t>(e)];
        return (line * tableTerms + q) * tableLanes + u % tableLanes;
    }
};

/// Largest deviation, relative to the largest of the expected numbers.
template<class T>
double deviation(const std::vector<T>& found, const std::vector<double>& expected)
{
    double off = 0, size = 0;
    for (std::size_t n = 0; n < expected.size(); ++n) {
        const double difference = std::abs(static_cast<double>(found[n]) - expected[n]);
        if (!(difference <= off)) // NaN stays
            off = difference;
        size = std::max(size, std::abs(expected[n]));
    }
    return found.size() == expected.size() && size > 0 ? off / size : std::numeric_limits<double>::infinity();
}

} // namespace lodestone::test
