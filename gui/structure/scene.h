#pragma once
#include "structure/colour_sets.h"

#include "crystal/exchange.h"
#include "crystal/structure.h"

#include <QtCore/QStringList>
#include <memory>
#include <vector>

namespace lodestone::gui {

enum class ArrowColour { Direction, Magnitude, Element, Error };
enum class ArrowAnchor { Centre, Base, Head };

/// How a frame is drawn. Lengths in Angstrom, moments in Bohr magnetons.
struct SceneOptions {
    ColourSet colours = ColourSet::Jmol;
    double atomScale = 0.4; ///< sphere radius = atomScale * covalent radius
    bool bonds = true;
    bool metalBonds = false; ///< also between two metal atoms: in metals they hide everything else
    bool cell = true;
    std::array<int, 3> images = {0, 0, 0}; ///< further cells drawn along a, b, c (periodic directions only)
    bool arrows = true;
    double arrowLength = 1.0; ///< the longest moment's arrow in units of the shortest bond
    double arrowWidth = 1;    ///< 1: shaft diameter is 9 % of the shortest bond
    double hideBelow = 0.05;  ///< smaller moments get no arrow
    ArrowColour arrowColour = ArrowColour::Direction;
    ArrowAnchor arrowAnchor = ArrowAnchor::Centre;
    bool exchange = false;      ///< bonds coloured by their exchange coupling
    double exchangeAbove = 0.2; ///< weaker couplings than this share of the strongest are left out
    Vec3 axis = {0, 0, 1};      ///< unit vector; "up" of ArrowColour::Direction
    QString axisName = QStringLiteral("z");
};

/// A snapshot of what is drawn; owned by the job that builds the scene.
struct SceneInput {
    std::vector<Vec3> positions;
    std::vector<int> species;
    Mat3 cell = zero3;
    std::array<bool, 3> pbc = {false, false, false};
    std::vector<Vec3> moments;        ///< [atoms] or empty; NaN: unknown
    bool areFields = false;           ///< the "moments" are effective fields, eV/Bohr magneton
    std::vector<double> momentErrors; ///< [atoms] or empty; for ArrowColour::Error
    std::vector<ExchangeBond> exchange;
    ExchangeUnit exchangeUnit = ExchangeUnit::PerSquaredMoment;
    SceneOptions options;
};

/// Instances of one shape: the shape lies along x with unit length and unit radius and is scaled, turned to
/// `directions` and moved to its centre.
struct Glyphs {
    std::vector<float> positions;      ///< [n * 3] centres
    std::vector<float> directions;     ///< [n * 3] unit vectors
    std::vector<float> scales;         ///< [n * 3] length, radius, radius
    std::vector<std::uint8_t> colours; ///< [n * 3]
    std::size_t size() const { return positions.size() / 3; }
    void add(const Vec3& centre, const Vec3& direction, double length, double radius, const Rgb& colour);
};

/// What the arrow colours mean.
struct Legend {
    QString title;         ///< empty: no legend
    std::vector<Rgb> ramp; ///< from low to high, painted as a bar
    QStringList marks;     ///< texts at equal distances along the bar, low to high
    struct Entry {
        QString text;
        Rgb colour;
    };
    std::vector<Entry> entries; ///< swatches instead of a bar
};

/// Everything that the view needs, as flat arrays; made in a worker thread, holds no graphics object.
struct SceneArrays {
    std::vector<float> atomPositions;       ///< [spheres * 3]
    std::vector<float> atomRadii;           ///< [spheres]
    std::vector<std::uint8_t> atomColours;  ///< [spheres * 3]
    std::vector<int> atomIndex;             ///< [spheres] index of the atom in its frame (images repeat it)
    Glyphs bonds, cellEdges, shafts, heads; ///< heads are cones, the others cylinders
    Glyphs exchange;                        ///< cylinders, thicker the stronger
    Mat3 axes = zero3;                      ///< unit vectors along a, b, c (rows), or zero3 without a cell
    Vec3 centre = {0, 0, 0};
    double radius = 1;       ///< of a ball around `centre` that holds everything
    double shortestBond = 0; ///< Angstrom; 0 if no two atoms are bonded
    double arrowScale = 0;   ///< Angstrom per Bohr magneton (fields: per eV/Bohr magneton)
    Legend legend, exchangeLegend;
    QString note; ///< a sentence if something could not be drawn
    std::size_t sphereCount() const { return atomRadii.size(); }
};

/// O(atoms). Bonds: pairs closer than 1.15 times the sum of their covalent radii (see
/// SceneOptions::metalBonds), periodic images included, each half in the colour of its atom. Never throws for
/// bad cells: bonds are left out and `note` says why.
SceneArrays buildScene(const SceneInput& input);

/// The sphere first hit by the ray origin + t * direction (t > 0): its place in the scene, or -1.
int pickSphere(const SceneArrays& scene, const Vec3& origin, const Vec3& direction);

} // namespace lodestone::gui
