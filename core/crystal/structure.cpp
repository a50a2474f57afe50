#include "crystal/structure.h"
#include "base/error.h"
#include "crystal/elements.h"

#include <algorithm>

namespace lodestone {
namespace {

/// "file, frame 3: " or nothing, to begin a sentence with.
std::string place(const Structure& structure)
{
    return structure.source.empty() ? std::string() : structure.source + ": ";
}

bool finite(const Vec3& v)
{
    return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]);
}

Vec3 unit(const Vec3& v)
{
    return (1.0 / norm(v)) * v;
}

/// A unit vector perpendicular to v.
Vec3 perpendicular(const Vec3& v)
{
    // Crossing with the axis that v leans to least keeps the length well away from zero.
    std::size_t least = 0;
    for (std::size_t k = 1; k < 3; ++k)
        if (std::abs(v[k]) < std::abs(v[least]))
            least = k;
    return unit(cross(v, identity3[least]));
}

/// Sorts the elements of organic molecules (Hill 1900): C, H, then by letter.
std::string hillRank(int z)
{
    return z == 6 ? "0" : z == 1 ? "1" : std::string(elementSymbol(z));
}

/// Sorts the elements of everything else, electropositive first.
int formulaRank(int z)
{
    if (z == 1)
        return 15 * 1000 + 999;
    TablePlace place = tablePlace(z);
    if (place.row >= 8)
        place.column = 3;
    if (place.column == 18)
        place.column = 0;
    return place.column * 1000 + (maxAtomicNumber - z);
}

} // namespace

std::string formula(const Structure& structure)
{
    std::map<int, std::size_t> counts;
    for (int z : structure.species)
        ++counts[z];
    std::vector<std::pair<int, std::size_t>> parts(counts.begin(), counts.end());
    const bool organic = counts.contains(6) && counts.contains(1);
    std::sort(parts.begin(), parts.end(), [&](const auto& a, const auto& b) {
        return organic ? hillRank(a.first) < hillRank(b.first) : formulaRank(a.first) < formulaRank(b.first);
    });
    std::string text;
    for (const auto& [z, count] : parts) {
        text += elementSymbol(z);
        if (count > 1)
            text += std::to_string(count);
    }
    return text;
}

Mat3 completedCell(const Structure& structure)
{
    static constexpr std::array<char, 3> letters = {'a', 'b', 'c'};
    Mat3 cell = structure.cell;
    std::vector<std::size_t> periodic;
    std::vector<std::size_t> open;
    for (std::size_t k = 0; k < 3; ++k) {
        (structure.pbc[k] ? periodic : open).push_back(k);
        if (!structure.pbc[k])
            continue;
        if (!finite(cell[k]))
            fail("{}cell vector {} has a number that is not finite.", place(structure), letters[k]);
        if (!(norm(cell[k]) > 1e-8))
            fail("{}the structure is periodic along {}, but that cell vector is zero. Give a lattice or set "
                 "pbc to F.",
                 place(structure), letters[k]);
    }
    constexpr double flat =
        1e-8; // smallest sine (or triple product of unit vectors) of a cell that spans something
    if (periodic.empty())
        return identity3;
    if (periodic.size() == 1) {
        cell[open[0]] = perpendicular(cell[periodic[0]]);
        cell[open[1]] = unit(cross(cell[periodic[0]], cell[open[0]]));
    } else if (periodic.size() == 2) {
        const Vec3 normal = cross(unit(cell[periodic[0]]), unit(cell[periodic[1]]));
        if (!(norm(normal) > flat))
            fail("{}cell vectors {} and {} are parallel; they do not span a plane.", place(structure),
                 letters[periodic[0]], letters[periodic[1]]);
        cell[open[0]] = unit(normal);
    } else if (!(std::abs(determinant({unit(cell[0]), unit(cell[1]), unit(cell[2])})) > flat)) {
        fail("{}the cell vectors are linearly dependent; they do not span a volume.", place(structure));
    }
    return cell;
}

void validate(const Structure& structure)
{
    const std::size_t atoms = structure.size();
    if (structure.positions.size() != atoms)
        throw InternalError(fmt::format("{}{} species but {} positions.", place(structure), atoms,
                                        structure.positions.size()));
    for (std::size_t i = 0; i < atoms; ++i) {
        if (structure.species[i] < 1 || structure.species[i] > maxAtomicNumber)
            fail("{}atom {} has atomic number {}; expected 1 to {}.", place(structure), i + 1,
                 structure.species[i], maxAtomicNumber);
        if (!finite(structure.positions[i]))
            fail("{}the position of atom {} has a number that is not finite.", place(structure), i + 1);
    }
    for (const auto& [name, array] : structure.arrays) {
        const std::size_t expected = atoms * static_cast<std::size_t>(std::max(array.width, 0));
        const std::size_t found =
            array.kind == AtomArray::Kind::Text ? array.texts.size() : array.numbers.size();
        if (array.width < 1 || found != expected)
            throw InternalError(
                fmt::format("{}the per-atom array '{}' holds {} values; {} atoms of width {} need {}.",
                            place(structure), name, found, atoms, array.width, expected));
    }
    for (const Vec3& vector : structure.cell)
        if (!finite(vector))
            fail("{}the cell has a number that is not finite.", place(structure));
    completedCell(structure);
}

} // namespace lodestone
