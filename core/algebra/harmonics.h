#pragma once
#include <array>
#include <vector>

namespace lodestone {

// Real spherical harmonics in e3nn's basis (l = 1 is x, y, z) and "component" normalisation:
// |Y_l|^2 = 2l + 1.

/// The matrix [(2l - 1) * 3][2l + 1] that takes Y_(l-1) x Y_1 to Y_l; l >= 2.
std::vector<double> harmonicsStep(int l);

/// Y_0 .. Y_lMax of one vector one after another, (lMax + 1)^2 numbers. Vectors of another length than one,
/// r, give r^l times those of their direction.
std::vector<double> sphericalHarmonicsAt(int lMax, const std::array<double, 3>& vector);

} // namespace lodestone
