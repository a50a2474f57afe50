#pragma once
#include "crystal/structure.h"
#include <optional>

namespace lodestone {

/// Magnetic moments of a frame in Bohr magnetons.
struct Moments {
    enum class Kind { Magnitude, Collinear, Vector };
    Kind kind = Kind::Collinear;
    std::vector<Vec3>
        vectors; ///< [atoms]; Collinear: along z, signed; Magnitude: along z, >= 0. NaN where unlabelled
};

/// Reads per-atom moments from the array `key` (width 1: collinear, width 3: vector). Nothing if there is no
/// such array.
std::optional<Moments> momentsFrom(const Structure& structure, const std::string& key);

/// The part of v that is perpendicular to the axis, which is not zero: of an effective field on a moment, the
/// part that turns it.
Vec3 perpendicularPart(const Vec3& axis, const Vec3& v);

/// Image of an axial vector under the rotation R (acting on column vectors, Cartesian) with time reversal (+1
/// or -1): m' = det(R) * time * R m.
Vec3 transformMoment(const Mat3& rotation, int timeReversal, const Vec3& moment);

} // namespace lodestone
