#include "crystal/space_order.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace lodestone {
namespace {

constexpr double cube = 0.5; ///< Angstrom

/// Bits 0 .. 20 of a number at places 0, 3, 6 ...
std::uint64_t everyThirdBit(std::uint64_t bits)
{
    bits = (bits | bits << 32) & 0x001f00000000ffff;
    bits = (bits | bits << 16) & 0x001f0000ff0000ff;
    bits = (bits | bits << 8) & 0x100f00f00f00f00f;
    bits = (bits | bits << 4) & 0x10c30c30c30c30c3;
    return (bits | bits << 2) & 0x1249249249249249;
}

/// Distances along the three cell vectors, in open directions from the first atom on: [atoms], Angstrom.
std::vector<Vec3> placesOf(const Structure& structure, const Mat3& cell)
{
    const Mat3 inverted = inverse(cell);
    std::vector<Vec3> places;
    places.reserve(structure.size());
    for (const Vec3& position : structure.positions)
        places.push_back(position * inverted);
    for (std::size_t k = 0; k < 3; ++k) {
        double first = std::numeric_limits<double>::max();
        for (const Vec3& place : places)
            first = std::min(first, place[k]);
        for (Vec3& place : places)
            place[k] = (place[k] - (structure.pbc[k] ? std::floor(place[k]) : first)) * norm(cell[k]);
    }
    return places;
}

/// From atom to atom, in periodic directions to the nearest image.
double pathLength(const std::vector<Vec3>& places, const std::vector<std::int32_t>& order,
                  const std::array<bool, 3>& pbc, const Mat3& cell)
{
    double sum = 0;
    for (std::size_t n = 1; n < order.size(); ++n) {
        Vec3 step =
            places[static_cast<std::size_t>(order[n])] - places[static_cast<std::size_t>(order[n - 1])];
        for (std::size_t k = 0; k < 3; ++k)
            if (const double period = norm(cell[k]); pbc[k])
                step[k] -= period * std::round(step[k] / period);
        sum += norm(step);
    }
    return sum;
}

} // namespace

std::vector<std::int32_t> orderInSpace(const Structure& structure)
{
    constexpr double most = (1 << 21) - 1, farther = 1.25;
    const Mat3 cell = completedCell(structure);
    const std::vector<Vec3> places = placesOf(structure, cell);
    std::vector<std::pair<std::uint64_t, std::int32_t>> keyed;
    keyed.reserve(places.size());
    for (const Vec3& place : places) {
        std::uint64_t key = 0;
        for (std::size_t k = 0; k < 3; ++k)
            key |= everyThirdBit(static_cast<std::uint64_t>(std::min(place[k] / cube, most))) << k;
        keyed.emplace_back(key, static_cast<std::int32_t>(keyed.size()));
    }
    std::sort(keyed.begin(), keyed.end());
    std::vector<std::int32_t> given(places.size()), order;
    std::iota(given.begin(), given.end(), 0);
    order.reserve(places.size());
    for (const auto& [key, atom] : keyed)
        order.push_back(atom);
    // A crystal of repeated cells, which the file lists one after another, took a tenth longer along the
    // curve.
    const auto length = [&](const std::vector<std::int32_t>& path) {
        return pathLength(places, path, structure.pbc, cell);
    };
    return length(given) <= farther * length(order) ? given : order;
}

} // namespace lodestone
