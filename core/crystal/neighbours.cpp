#include "crystal/neighbours.h"
#include "base/error.h"

#include <algorithm>
#include <limits>

namespace lodestone {
namespace {

using Shift = std::array<std::int32_t, 3>;

/// A bin of the grid along one direction, and the number of cell vectors that leads to its periodic image.
struct Slice {
    std::int64_t bin = 0;
    std::int32_t shift = 0;
};

struct Found {
    std::int32_t atom = 0;
    Shift shift = {};
    bool operator<(const Found& other) const
    {
        return atom != other.atom ? atom < other.atom : shift < other.shift;
    }
};

/// Atoms sorted into bins at least as wide as the cutoff (in periodic directions narrower than the cutoff:
/// one bin). Only occupied bins are stored, in a hash table, so vacuum costs nothing.
class BinGrid {
public:
    BinGrid(const Structure& structure, double cutoff);

    /// All bins that may hold neighbours of an atom in bin `bin` along direction k.
    void slices(std::size_t k, std::int64_t bin, std::vector<Slice>& result) const;
    /// Begin and end (in `order`) of the atoms in one bin.
    std::pair<std::size_t, std::size_t> atomsIn(std::int64_t x, std::int64_t y, std::int64_t z) const;

    std::vector<std::array<std::int64_t, 3>> bins; ///< [atoms]
    std::vector<Shift> wraps;                      ///< [atoms], position = wrapped + wraps * cell
    std::vector<std::int32_t> order;               ///< atoms, bin by bin
    std::vector<Vec3> wrapped;                     ///< positions inside the cell, in the order of `order`
    double margin = 0.0; ///< bound on the rounding error of a distance between wrapped positions

private:
    void wrapAtoms(const Structure& structure, const Mat3& cell);
    void chooseBins(const Structure& structure, const Mat3& cell, double cutoff);
    void sortAtoms();

    struct Bucket {
        std::int64_t key = -1;
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    static std::size_t hashed(std::int64_t key)
    {
        return static_cast<std::size_t>((static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15ull) >> 20);
    }
    std::int64_t keyOf(const std::array<std::int64_t, 3>& b) const
    {
        return (b[0] * m_bins[1] + b[1]) * m_bins[2] + b[2];
    }

    std::array<bool, 3> m_pbc;
    std::vector<Vec3> m_fractional; ///< [atoms], only while building
    std::array<std::int64_t, 3> m_bins = {1, 1, 1};
    std::array<std::int64_t, 3> m_reach = {0, 0, 0}; ///< bins to look at on either side
    std::vector<Bucket> m_table;
};

BinGrid::BinGrid(const Structure& structure, double cutoff) : m_pbc(structure.pbc)
{
    const Mat3 cell = completedCell(structure);
    wrapAtoms(structure, cell);
    chooseBins(structure, cell, cutoff);
    sortAtoms();
    wrapped.reserve(order.size());
    for (const std::int32_t atom : order) {
        const auto i = static_cast<std::size_t>(atom);
        const Vec3 home = {double(wraps[i][0]), double(wraps[i][1]), double(wraps[i][2])};
        wrapped.push_back(structure.positions[i] - home * cell);
    }
    m_fractional = {};
}

void BinGrid::wrapAtoms(const Structure& structure, const Mat3& cell)
{
    const Mat3 inverted = inverse(cell);
    const std::size_t atoms = structure.size();
    m_fractional.resize(atoms);
    wraps.resize(atoms, Shift{});
    double largest = 0.0;
    for (std::size_t i = 0; i < atoms; ++i) {
        const Vec3& r = structure.positions[i];
        largest = std::max({largest, std::abs(r[0]), std::abs(r[1]), std::abs(r[2])});
        Vec3& f = m_fractional[i] = r * inverted;
        for (std::size_t k = 0; k < 3; ++k) {
            if (!std::isfinite(f[k]))
                fail("{}: the position of atom {} has a number that is not finite.", structure.source, i + 1);
            if (!m_pbc[k])
                continue;
            const double home = std::floor(f[k]);
            if (std::abs(home) > 1e8)
                fail("{}: atom {} lies {:.3g} cells away from its cell; check the units of the positions.",
                     structure.source, i + 1, std::abs(home));
            wraps[i][k] = static_cast<std::int32_t>(home);
            f[k] -= home;
        }
    }
    const double length = norm(cell[0]) + norm(cell[1]) + norm(cell[2]);
    margin = 1e-12 * (largest + length) + 1e-12;
}

void BinGrid::chooseBins(const Structure& structure, const Mat3& cell, double cutoff)
{
    constexpr double mostBins = 1 << 20; // three of them still fit a 64-bit key
    const std::size_t atoms = structure.size();
    const double volume = std::abs(determinant(cell));
    const double reach = cutoff + 10.0 * margin;
    Vec3 first = {};
    Vec3 perBin = {};
    double images = 1.0;
    for (std::size_t k = 0; k < 3; ++k) {
        const double height = volume / norm(cross(cell[(k + 1) % 3], cell[(k + 2) % 3]));
        double extent = 1.0;
        if (!m_pbc[k]) {
            double last = first[k] = m_fractional[0][k];
            for (const Vec3& f : m_fractional) {
                first[k] = std::min(first[k], f[k]);
                last = std::max(last, f[k]);
            }
            extent = std::max(last - first[k], 1e-3);
        }
        m_bins[k] = static_cast<std::int64_t>(std::clamp(std::floor(extent * height / reach), 1.0, mostBins));
        perBin[k] = static_cast<double>(m_bins[k]) / extent;
        const double across = std::ceil(reach * perBin[k] / height);
        m_reach[k] = static_cast<std::int64_t>(std::min(across, 1e9));
        if (m_pbc[k])
            images *= std::max(1.0, 2.0 * reach / height);
    }
    if (images * static_cast<double>(atoms) > 1e8)
        fail("{}: the cell is so thin that a cutoff of {} reaches over {:.3g} of its images; check the units "
             "of the "
             "lattice.",
             structure.source, cutoff, images);
    bins.resize(atoms);
    for (std::size_t i = 0; i < atoms; ++i)
        for (std::size_t k = 0; k < 3; ++k)
            bins[i][k] = std::clamp<std::int64_t>(
                static_cast<std::int64_t>((m_fractional[i][k] - first[k]) * perBin[k]), 0, m_bins[k] - 1);
}

void BinGrid::sortAtoms()
{
    const std::size_t atoms = bins.size();
    std::vector<std::pair<std::int64_t, std::int32_t>> keyed(atoms);
    for (std::size_t i = 0; i < atoms; ++i)
        keyed[i] = {keyOf(bins[i]), static_cast<std::int32_t>(i)};
    std::sort(keyed.begin(), keyed.end());
    std::size_t size = 16;
    while (size < 2 * atoms)
        size *= 2;
    m_table.resize(size);
    order.reserve(atoms);
    for (std::size_t begin = 0; begin < atoms;) {
        std::size_t end = begin;
        for (; end < atoms && keyed[end].first == keyed[begin].first; ++end)
            order.push_back(keyed[end].second);
        std::size_t slot = hashed(keyed[begin].first) & (size - 1);
        while (m_table[slot].key >= 0)
            slot = (slot + 1) & (size - 1);
        m_table[slot] = {keyed[begin].first, begin, end};
        begin = end;
    }
}

void BinGrid::slices(std::size_t k, std::int64_t bin, std::vector<Slice>& result) const
{
    result.clear();
    for (std::int64_t b = bin - m_reach[k]; b <= bin + m_reach[k]; ++b) {
        if (b >= 0 && b < m_bins[k]) {
            result.push_back({b, 0});
        } else if (m_pbc[k]) {
            const std::int64_t image = b >= 0 ? b / m_bins[k] : -((-b - 1) / m_bins[k]) - 1;
            result.push_back({b - image * m_bins[k], static_cast<std::int32_t>(image)});
        }
    }
}

std::pair<std::size_t, std::size_t> BinGrid::atomsIn(std::int64_t x, std::int64_t y, std::int64_t z) const
{
    const std::int64_t key = keyOf({x, y, z});
    std::size_t slot = hashed(key) & (m_table.size() - 1);
    while (m_table[slot].key >= 0) {
        if (m_table[slot].key == key)
            return {m_table[slot].begin, m_table[slot].end};
        slot = (slot + 1) & (m_table.size() - 1);
    }
    return {0, 0};
}

} // namespace

NeighbourList neighbourList(const Structure& structure, double cutoff)
{
    if (!std::isfinite(cutoff) || cutoff <= 0.0)
        fail("The cutoff is {}; expected a positive number of Angstrom.", cutoff);
    if (structure.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        fail("{}: {} atoms are more than a neighbour list can number.", structure.source, structure.size());
    NeighbourList list;
    if (structure.size() == 0)
        return list;

    const BinGrid grid(structure, cutoff);
    const double exactSquare = cutoff * cutoff;
    const double nearSquare = (cutoff + 10.0 * grid.margin) * (cutoff + 10.0 * grid.margin);
    // Open directions keep shift 0, whatever vector the cell has there.
    Mat3 cell = structure.cell;
    for (std::size_t k = 0; k < 3; ++k)
        if (!structure.pbc[k])
            cell[k] = {};
    std::array<std::vector<Slice>, 3> slices;
    std::vector<Found> found;
    std::vector<std::size_t> rank(structure.size()); // atom -> place in grid.order
    for (std::size_t place = 0; place < grid.order.size(); ++place)
        rank[static_cast<std::size_t>(grid.order[place])] = place;

    for (std::size_t i = 0; i < structure.size(); ++i) {
        found.clear();
        for (std::size_t k = 0; k < 3; ++k)
            grid.slices(k, grid.bins[i][k], slices[k]);
        const Vec3 home = grid.wrapped[rank[i]];
        for (const Slice& x : slices[0])
            for (const Slice& y : slices[1])
                for (const Slice& z : slices[2]) {
                    const auto [begin, end] = grid.atomsIn(x.bin, y.bin, z.bin);
                    if (begin == end)
                        continue;
                    const Shift image = {x.shift, y.shift, z.shift};
                    const Vec3 imageCount = {double(image[0]), double(image[1]), double(image[2])};
                    const Vec3 offset = imageCount * cell - home;
                    for (std::size_t place = begin; place < end; ++place) {
                        const Vec3 near = grid.wrapped[place] + offset;
                        if (dot(near, near) > nearSquare)
                            continue;
                        // Decided on the positions as given, so that (i, j, S) and (j, i, -S) agree to the
                        // last bit.
                        const auto j = static_cast<std::size_t>(grid.order[place]);
                        Shift shift = image;
                        for (std::size_t k = 0; k < 3; ++k)
                            shift[k] += grid.wraps[i][k] - grid.wraps[j][k];
                        const Vec3 count = {double(shift[0]), double(shift[1]), double(shift[2])};
                        const Vec3 d = (structure.positions[j] - structure.positions[i]) + count * cell;
                        if (dot(d, d) >= exactSquare || (i == j && shift == Shift{}))
                            continue;
                        found.push_back({grid.order[place], shift});
                    }
                }
        std::sort(found.begin(), found.end());
        for (const Found& f : found) {
            list.centre.push_back(static_cast<std::int32_t>(i));
            list.neighbour.push_back(f.atom);
            list.shift.push_back(f.shift);
        }
    }
    return list;
}

} // namespace lodestone
