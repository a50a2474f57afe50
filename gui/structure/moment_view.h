#pragma once
#include "base/linalg.h"

#include <vector>

namespace lodestone::gui {

// Which moments the arrows show. Pure functions on [atoms] lists in Bohr magnetons, NaN where a moment is
// missing; empty lists mean that the source has none.

/// LabelField, TunedField: effective fields -dE/dm instead of moments.
enum class MomentSource { Label, Base, Tuned, Difference, LabelField, TunedField };
inline bool isField(MomentSource source)
{
    return source == MomentSource::LabelField || source == MomentSource::TunedField;
}

/// True if every known moment lies along z, as files with one number an atom are read (crystal/moments.h).
bool isCollinear(const std::vector<Vec3>& moments);
/// Unit vector along which the moments mostly lie (largest eigenvector of sum m m^T, its largest component
/// positive); z if they are collinear or there are none.
Vec3 mainAxis(const std::vector<Vec3>& moments);

struct MomentView {
    std::vector<Vec3> vectors;  ///< [atoms] to be drawn, or empty
    std::vector<double> errors; ///< [atoms] |tuned| - |label|, NaN where one is missing; or empty
};

/// Moments to draw for `source`; Difference is tuned - label. If the labels (or, without labels, the source
/// itself) are collinear, everything is turned from z to the unit vector `axis`. A list of another length
/// than the labels counts as missing in errors and difference.
MomentView momentView(const std::vector<Vec3>& label, const std::vector<Vec3>& base,
                      const std::vector<Vec3>& tuned, MomentSource source, const Vec3& axis);

/// Every vector replaced by its component along the unit vector `axis`.
std::vector<Vec3> projectedOn(const Vec3& axis, std::vector<Vec3> vectors);

} // namespace lodestone::gui
