#include "structure/measurement.h"

#include "crystal/elements.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QStringList>
#include <cmath>

namespace lodestone::gui {

namespace {

constexpr std::size_t most = 4;
const double degree = 180 / std::acos(-1.0);

struct Text {
    Q_DECLARE_TR_FUNCTIONS(lodestone::gui::Measurement)
};

QString nameOf(const Structure& structure, const MeasuredAtom& atom)
{
    const std::string_view symbol = elementSymbol(structure.species[std::size_t(atom.atom)]);
    return QStringLiteral("%1 %2")
        .arg(QString::fromUtf8(symbol.data(), qsizetype(symbol.size())))
        .arg(atom.atom + 1);
}

} // namespace

double angleAt(const Vec3& a, const Vec3& b, const Vec3& c)
{
    const Vec3 u = a - b, v = c - b;
    return degree * std::atan2(norm(cross(u, v)), dot(u, v));
}

double dihedral(const Vec3& a, const Vec3& b, const Vec3& c, const Vec3& d)
{
    const Vec3 axis = c - b, first = cross(b - a, axis), second = cross(axis, d - c);
    return degree * std::atan2(dot(cross(first, second), axis) / norm(axis), dot(first, second));
}

MeasuredAtom measuredAtom(const Structure& structure, int atom, const Vec3& position)
{
    MeasuredAtom measured{atom, {0, 0, 0}};
    if (std::abs(determinant(structure.cell)) > 0) {
        const Vec3 cells = (position - structure.positions[std::size_t(atom)]) * inverse(structure.cell);
        for (std::size_t k = 0; k < 3; ++k)
            measured.image[k] = int(std::lround(cells[k]));
    }
    return measured;
}

void Measurement::add(const MeasuredAtom& atom)
{
    if (!m_atoms.empty() && m_atoms.back() == atom) {
        m_atoms.pop_back();
        return;
    }
    if (m_atoms.size() == most)
        m_atoms.clear();
    m_atoms.push_back(atom);
}

std::vector<Vec3> Measurement::points(const Structure& structure) const
{
    std::vector<Vec3> points;
    for (const MeasuredAtom& atom : m_atoms) {
        if (std::size_t(atom.atom) >= structure.size())
            return {};
        const auto& image = atom.image;
        points.push_back(structure.positions[std::size_t(atom.atom)] +
                         Vec3{double(image[0]), double(image[1]), double(image[2])} * structure.cell);
    }
    return points;
}

QString Measurement::text(const Structure& structure) const
{
    const std::vector<Vec3> p = points(structure);
    if (p.size() < 2)
        return {};
    QStringList names;
    for (const MeasuredAtom& atom : m_atoms)
        names << nameOf(structure, atom);
    const QString value = p.size() == 2 ? Text::tr("%1 Å").arg(norm(p[1] - p[0]), 0, 'f', 3)
                          : p.size() == 3
                              ? Text::tr("%1°").arg(angleAt(p[0], p[1], p[2]), 0, 'f', 1)
                              : Text::tr("dihedral %1°").arg(dihedral(p[0], p[1], p[2], p[3]), 0, 'f', 1);
    return QStringLiteral("%1: %2").arg(names.join(QStringLiteral(" – ")), value);
}

} // namespace lodestone::gui
