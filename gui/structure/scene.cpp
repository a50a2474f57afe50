#include "structure/scene.h"

#include "base/error.h"
#include "crystal/elements.h"
#include "crystal/neighbours.h"
#include "structure/arrows.h"
#include "structure/exchange_bonds.h"

#include <QtCore/QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone::gui {

namespace {

constexpr double bondTolerance = 1.15; // times the sum of the covalent radii
constexpr double bondRadius = 0.05;    // Angstrom
constexpr double edgeRadius = 0.022;   // Angstrom
constexpr Rgb edgeColour = {128, 132, 140};

/// Metals in the chemist's sense; metalloids (B, Si, Ge, As, Sb, Te, Po) and non-metals bond visibly.
bool isMetal(int z)
{
    const bool nonMetal = z == 1 || z == 2 || (z >= 5 && z <= 10) || (z >= 14 && z <= 18) ||
                          (z >= 32 && z <= 36) || (z >= 51 && z <= 54) || (z >= 84 && z <= 86);
    return !nonMetal;
}

std::vector<Vec3> imageShifts(const SceneInput& input)
{
    std::array<int, 3> last{};
    for (int d = 0; d < 3; ++d)
        last[d] = input.pbc[d] ? std::max(0, input.options.images[d]) : 0;
    std::vector<Vec3> shifts;
    for (int i = 0; i <= last[0]; ++i)
        for (int j = 0; j <= last[1]; ++j)
            for (int k = 0; k <= last[2]; ++k)
                shifts.push_back(Vec3{double(i), double(j), double(k)} * input.cell);
    return shifts;
}

void addAtoms(const SceneInput& input, const std::map<int, Rgb>& colours, const std::vector<Vec3>& shifts,
              SceneArrays& scene)
{
    const std::size_t total = input.positions.size() * shifts.size();
    scene.atomPositions.reserve(3 * total);
    scene.atomRadii.reserve(total);
    scene.atomColours.reserve(3 * total);
    scene.atomIndex.reserve(total);
    for (const Vec3& shift : shifts)
        for (std::size_t i = 0; i < input.positions.size(); ++i) {
            const Vec3 r = input.positions[i] + shift;
            const Rgb& colour = colours.at(input.species[i]);
            for (int d = 0; d < 3; ++d) {
                scene.atomPositions.push_back(float(r[d]));
                scene.atomColours.push_back(colour[d]);
            }
            scene.atomRadii.push_back(float(input.options.atomScale * covalentRadius(input.species[i])));
            scene.atomIndex.push_back(int(i));
        }
}

/// Every directed pair gives the half next to its centre; bonds across a face therefore end there on both
/// sides.
void addBonds(const SceneInput& input, const std::map<int, Rgb>& colours, const std::vector<Vec3>& shifts,
              SceneArrays& scene)
{
    double largest = 0;
    for (int z : input.species)
        largest = std::max(largest, covalentRadius(z));
    Structure structure;
    structure.cell = input.cell;
    structure.pbc = input.pbc;
    structure.species = input.species;
    structure.positions = input.positions;
    NeighbourList pairs;
    try {
        pairs = neighbourList(structure, 2 * largest * bondTolerance);
    } catch (const Error& error) {
        scene.note = QCoreApplication::translate("Scene", "Bonds are not drawn: %1")
                         .arg(QString::fromUtf8(error.what()));
        return;
    }
    double shortest = std::numeric_limits<double>::infinity();
    for (std::size_t e = 0; e < pairs.size(); ++e) {
        const auto i = std::size_t(pairs.centre[e]), j = std::size_t(pairs.neighbour[e]);
        const auto& s = pairs.shift[e];
        const Vec3 to = input.positions[j] + Vec3{double(s[0]), double(s[1]), double(s[2])} * input.cell -
                        input.positions[i];
        const double length = norm(to);
        if (length < 0.1 ||
            length > bondTolerance * (covalentRadius(input.species[i]) + covalentRadius(input.species[j])))
            continue;
        shortest = std::min(shortest, length);
        if (!input.options.bonds ||
            (!input.options.metalBonds && isMetal(input.species[i]) && isMetal(input.species[j])))
            continue;
        for (const Vec3& shift : shifts)
            scene.bonds.add(input.positions[i] + shift + 0.25 * to, (1 / length) * to, 0.5 * length,
                            bondRadius, colours.at(input.species[i]));
    }
    if (std::isfinite(shortest))
        scene.shortestBond = shortest;
}

void addCell(const SceneInput& input, const std::vector<Vec3>& shifts, SceneArrays& scene)
{
    for (const Vec3& shift : shifts)
        for (int d = 0; d < 3; ++d) {
            const Vec3& edge = input.cell[d];
            const double length = norm(edge);
            if (length <= 0)
                continue;
            const Vec3 &u = input.cell[(d + 1) % 3], &v = input.cell[(d + 2) % 3];
            for (const Vec3& start : {Vec3{0, 0, 0}, u, v, u + v})
                scene.cellEdges.add(shift + start + 0.5 * edge, (1 / length) * edge, length, edgeRadius,
                                    edgeColour);
        }
}

/// What has to be in view: atoms, corners of the cells, ends of exchange bonds.
std::vector<Vec3> outline(const SceneInput& input, const std::vector<Vec3>& shifts, const SceneArrays& scene)
{
    const auto at = [](const std::vector<float>& numbers, std::size_t n) {
        return Vec3{numbers[3 * n], numbers[3 * n + 1], numbers[3 * n + 2]};
    };
    std::vector<Vec3> points;
    for (std::size_t n = 0; n < scene.sphereCount(); ++n)
        points.push_back(at(scene.atomPositions, n));
    if (input.options.cell)
        for (const Vec3& shift : shifts)
            for (int corner = 0; corner < 8; ++corner)
                points.push_back(shift +
                                 Vec3{double(corner & 1), double(corner >> 1 & 1), double(corner >> 2)} *
                                     input.cell);
    for (std::size_t n = 0; n < scene.exchange.size(); ++n)
        for (const double side : {-0.5, 0.5})
            points.push_back(at(scene.exchange.positions, n) +
                             side * scene.exchange.scales[3 * n] * at(scene.exchange.directions, n));
    return points;
}

void addBounds(const SceneInput& input, const std::vector<Vec3>& shifts, SceneArrays& scene)
{
    if (scene.sphereCount() == 0)
        return;
    const std::vector<Vec3> points = outline(input, shifts, scene);
    Vec3 low = points[0], high = points[0];
    for (const Vec3& p : points)
        for (int d = 0; d < 3; ++d) {
            low[d] = std::min(low[d], p[d]);
            high[d] = std::max(high[d], p[d]);
        }
    scene.centre = 0.5 * (low + high);
    // The ball around the points themselves: smaller than the one around their box.
    double radius = 0;
    for (const Vec3& p : points)
        radius = std::max(radius, norm(p - scene.centre));
    scene.radius = radius + 0.4; // room for spheres and arrow heads at the border
}

} // namespace

void Glyphs::add(const Vec3& centre, const Vec3& direction, double length, double radius, const Rgb& colour)
{
    for (int d = 0; d < 3; ++d) {
        positions.push_back(float(centre[d]));
        directions.push_back(float(direction[d]));
        colours.push_back(colour[d]);
    }
    scales.insert(scales.end(), {float(length), float(radius), float(radius)});
}

SceneArrays buildScene(const SceneInput& input)
{
    SceneArrays scene;
    const std::map<int, Rgb> colours = elementColours(input.options.colours, input.species);
    const std::vector<Vec3> shifts = imageShifts(input);
    addAtoms(input, colours, shifts, scene);
    if (!input.species.empty())
        addBonds(input, colours, shifts, scene);
    if (input.options.cell)
        addCell(input, shifts, scene);
    if (determinant(input.cell) != 0)
        for (int d = 0; d < 3; ++d)
            scene.axes[d] = (1 / norm(input.cell[d])) * input.cell[d];
    if (input.options.exchange)
        addExchangeBonds(input, shifts, scene);
    if (input.options.arrows)
        addArrows(input, colours, shifts, scene);
    addBounds(input, shifts, scene);
    return scene;
}

int pickSphere(const SceneArrays& scene, const Vec3& origin, const Vec3& direction)
{
    const Vec3 along = (1 / norm(direction)) * direction;
    double nearest = std::numeric_limits<double>::infinity();
    int sphere = -1;
    for (std::size_t n = 0; n < scene.sphereCount(); ++n) {
        const Vec3 to =
            Vec3{scene.atomPositions[3 * n], scene.atomPositions[3 * n + 1], scene.atomPositions[3 * n + 2]} -
            origin;
        const double closest = dot(to, along);
        const double radius = scene.atomRadii[n];
        const double inside = radius * radius - (dot(to, to) - closest * closest);
        if (inside < 0)
            continue;
        const double hit = closest - std::sqrt(inside);
        if (hit > 0 && hit < nearest) {
            nearest = hit;
            sphere = int(n);
        }
    }
    return sphere;
}

} // namespace lodestone::gui
