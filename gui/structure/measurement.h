#pragma once
#include "crystal/structure.h"

#include <QtCore/QString>
#include <array>
#include <vector>

namespace lodestone::gui {

/// An atom as it was clicked: which one, and in which cell.
struct MeasuredAtom {
    int atom = 0; ///< from 0
    std::array<int, 3> image = {0, 0, 0};
    bool operator==(const MeasuredAtom&) const = default;
};

/// Up to four atoms in a row: two have a distance, three the angle at the second, four the dihedral angle
/// about the second and third (sign as in IUPAC's Gold Book: clockwise is positive, seen along the axis).
class Measurement {
public:
    /// The atom that was added last is taken away by adding it again; a fifth begins anew.
    void add(const MeasuredAtom& atom);
    void clear() { m_atoms.clear(); }
    bool empty() const { return m_atoms.empty(); }
    /// Cartesian, Angstrom; empty where the structure lacks one of the atoms.
    std::vector<Vec3> points(const Structure& structure) const;
    /// "Ni 1 – O 2: 2.085 Å"; empty for fewer than two atoms, or where one is missing.
    QString text(const Structure& structure) const;

private:
    std::vector<MeasuredAtom> m_atoms;
};

/// The atom at `position` (one of its periodic images) as a measured one.
MeasuredAtom measuredAtom(const Structure& structure, int atom, const Vec3& position);

/// Degrees, 0..180, between the arms from b to a and to c.
double angleAt(const Vec3& a, const Vec3& b, const Vec3& c);
/// Degrees, -180..180, of a-b-c-d about b-c.
double dihedral(const Vec3& a, const Vec3& b, const Vec3& c, const Vec3& d);

} // namespace lodestone::gui
