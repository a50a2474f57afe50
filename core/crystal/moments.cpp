#include "crystal/moments.h"
#include "base/error.h"

namespace lodestone {

std::optional<Moments> momentsFrom(const Structure& structure, const std::string& key)
{
    const auto found = structure.arrays.find(key);
    if (found == structure.arrays.end())
        return std::nullopt;
    const AtomArray& array = found->second;
    const std::size_t atoms = structure.size();
    if (array.kind == AtomArray::Kind::Text || (array.width != 1 && array.width != 3))
        fail("{}: the per-atom property '{}' cannot be read as moments; expected one number an atom "
             "(collinear) or "
             "three (vector).",
             structure.source, key);
    if (array.numbers.size() != atoms * static_cast<std::size_t>(array.width))
        throw InternalError(fmt::format("{}: '{}' holds {} numbers for {} atoms of width {}.",
                                        structure.source, key, array.numbers.size(), atoms, array.width));
    Moments moments;
    moments.kind = array.width == 3 ? Moments::Kind::Vector : Moments::Kind::Collinear;
    moments.vectors.resize(atoms);
    for (std::size_t i = 0; i < atoms; ++i) {
        const double* m = array.numbers.data() + i * static_cast<std::size_t>(array.width);
        // A missing collinear label must be missing as a vector as well: NaN in every component.
        moments.vectors[i] = array.width == 3 ? Vec3{m[0], m[1], m[2]} : Vec3{0.0 * m[0], 0.0 * m[0], m[0]};
    }
    return moments;
}

Vec3 perpendicularPart(const Vec3& axis, const Vec3& v)
{
    return v - (dot(axis, v) / dot(axis, axis)) * axis;
}

Vec3 transformMoment(const Mat3& rotation, int timeReversal, const Vec3& moment)
{
    const double sign = (determinant(rotation) < 0.0 ? -1.0 : 1.0) * (timeReversal < 0 ? -1.0 : 1.0);
    return {sign * dot(rotation[0], moment), sign * dot(rotation[1], moment),
            sign * dot(rotation[2], moment)};
}

} // namespace lodestone
