#pragma once
#include "crystal/structure.h"

#include <cmath>
#include <torch/torch.h>

// What the tests of every architecture move and turn.

/// Three atoms (Fe, O, Ni) in a skewed cell smaller than most cutoffs.
inline lodestone::Structure smallCell()
{
    lodestone::Structure structure;
    structure.cell = {{{3.9, 0.2, 0.1}, {-0.3, 4.2, 0.2}, {0.4, 0.1, 3.7}}};
    structure.pbc = {true, true, true};
    structure.species = {26, 8, 28};
    structure.positions = {{0.1, 0.0, -0.1}, {1.9, 2.1, 0.3}, {0.2, 1.8, 2.0}};
    return structure;
}

/// r -> r m + t for atoms and cell.
inline lodestone::Structure transformed(const lodestone::Structure& structure, const lodestone::Mat3& m,
                                        const lodestone::Vec3& t = {})
{
    using namespace lodestone;
    Structure image = structure;
    for (Vec3& position : image.positions)
        position = position * m + t;
    for (Vec3& vector : image.cell)
        vector = vector * m;
    return image;
}

inline torch::Tensor matrix(const lodestone::Mat3& m)
{
    return torch::tensor({m[0][0], m[0][1], m[0][2], m[1][0], m[1][1], m[1][2], m[2][0], m[2][1], m[2][2]},
                         torch::kFloat64)
        .reshape({3, 3});
}

/// A rotation about (1, 2, 3) by one radian.
inline lodestone::Mat3 rotation()
{
    using namespace lodestone;
    const Vec3 n = (1 / std::sqrt(14.0)) * Vec3{1, 2, 3};
    const double c = std::cos(1.0), s = std::sin(1.0);
    Mat3 m{};
    for (std::size_t i = 0; i < 3; ++i) {
        const Vec3 e = identity3[i];
        m[i] = c * e + s * cross(n, e) + (1 - c) * dot(n, e) * n;
    }
    return m;
}
