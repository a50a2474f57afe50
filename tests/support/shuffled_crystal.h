#pragma once
#include "crystal/structure.h"

#include <algorithm>
#include <numeric>
#include <random>

// A crystal, and its atoms in other orders.

/// Rock salt of iron and oxygen, 2.1 Angstrom apart, every coordinate off its site by up to 0.1 Angstrom;
/// cube by cube in rows, `side` atoms along each direction.
inline lodestone::Structure rockSalt(int side, std::uint64_t seed = 11)
{
    constexpr double apart = 2.1;
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> off(-0.1, 0.1);
    lodestone::Structure crystal;
    for (std::size_t k = 0; k < 3; ++k) {
        crystal.cell[k][k] = apart * side;
        crystal.pbc[k] = true;
    }
    for (int x = 0; x < side; ++x)
        for (int y = 0; y < side; ++y)
            for (int z = 0; z < side; ++z) {
                const double a = apart * x + off(random), b = apart * y + off(random);
                crystal.positions.push_back({a, b, apart * z + off(random)});
                crystal.species.push_back((x + y + z) % 2 ? 8 : 26);
            }
    return crystal;
}

inline std::vector<std::size_t> randomOrder(std::size_t atoms, std::uint64_t seed = 12)
{
    std::vector<std::size_t> order(atoms);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::mt19937_64 random(seed);
    std::shuffle(order.begin(), order.end(), random);
    return order;
}

/// Atom i of the result is atom order[i] of the structure.
inline lodestone::Structure reordered(const lodestone::Structure& structure,
                                      const std::vector<std::size_t>& order)
{
    lodestone::Structure result = structure;
    for (std::size_t i = 0; i < order.size(); ++i) {
        result.species[i] = structure.species[order[i]];
        result.positions[i] = structure.positions[order[i]];
    }
    return result;
}

/// Mean distance (Angstrom) from each atom to the next in an order; in a cell with right angles to the
/// nearest image.
template<class Order>
double meanStep(const lodestone::Structure& structure, const Order& order)
{
    using namespace lodestone;
    double sum = 0;
    for (std::size_t n = 1; n < order.size(); ++n) {
        Vec3 step = structure.positions[static_cast<std::size_t>(order[n])] -
                    structure.positions[static_cast<std::size_t>(order[n - 1])];
        for (std::size_t k = 0; k < 3; ++k)
            if (structure.pbc[k])
                step[k] -= structure.cell[k][k] * std::round(step[k] / structure.cell[k][k]);
        sum += norm(step);
    }
    return sum / static_cast<double>(order.size() - 1);
}
