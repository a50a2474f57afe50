#include "structure/moment_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone::gui {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double tiny = 1e-6; // Bohr magneton; rounding in files

bool known(const Vec3& m)
{
    return std::isfinite(m[0]) && std::isfinite(m[1]) && std::isfinite(m[2]);
}

} // namespace

bool isCollinear(const std::vector<Vec3>& moments)
{
    return std::all_of(moments.begin(), moments.end(), [](const Vec3& m) {
        return !known(m) || (std::abs(m[0]) < tiny && std::abs(m[1]) < tiny);
    });
}

Vec3 mainAxis(const std::vector<Vec3>& moments)
{
    if (isCollinear(moments))
        return {0, 0, 1};
    Mat3 sum = zero3;
    for (const Vec3& m : moments)
        if (known(m))
            for (int d = 0; d < 3; ++d)
                sum[d] = sum[d] + m[d] * m;
    // Power iteration from the largest row; where two axes are equally good either will do.
    Vec3 axis = sum[0];
    for (const Vec3& row : sum)
        if (norm(row) > norm(axis))
            axis = row;
    for (int step = 0; step < 100 && norm(axis) > 0; ++step) {
        axis = (1 / norm(axis)) * axis;
        axis = axis * sum;
    }
    if (!(norm(axis) > 0))
        return {0, 0, 1};
    axis = (1 / norm(axis)) * axis;
    double largest = 0;
    for (double component : axis)
        if (std::abs(component) > std::abs(largest) + tiny)
            largest = component;
    return largest < 0 ? -1.0 * axis : axis;
}

MomentView momentView(const std::vector<Vec3>& label, const std::vector<Vec3>& base,
                      const std::vector<Vec3>& tuned, MomentSource source, const Vec3& axis)
{
    MomentView view;
    const bool both = !label.empty() && label.size() == tuned.size();
    if (both) {
        view.errors.reserve(label.size());
        for (std::size_t i = 0; i < label.size(); ++i)
            view.errors.push_back(known(label[i]) && known(tuned[i]) ? norm(tuned[i]) - norm(label[i]) : nan);
    }
    switch (source) {
    case MomentSource::Label:
        view.vectors = label;
        break;
    case MomentSource::Base:
        view.vectors = base;
        break;
    case MomentSource::Tuned:
        view.vectors = tuned;
        break;
    case MomentSource::Difference:
        for (std::size_t i = 0; both && i < label.size(); ++i)
            view.vectors.push_back(tuned[i] - label[i]); // NaN where one is unknown
        break;
    case MomentSource::LabelField:
    case MomentSource::TunedField:
        break;
    }
    if (isCollinear(label) && isCollinear(view.vectors))
        for (Vec3& m : view.vectors)
            m = m[2] * axis;
    return view;
}

std::vector<Vec3> projectedOn(const Vec3& axis, std::vector<Vec3> vectors)
{
    for (Vec3& m : vectors)
        m = dot(m, axis) * axis;
    return vectors;
}

} // namespace lodestone::gui
