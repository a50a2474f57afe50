#pragma once
#include <vector>

namespace lodestone {

/// Wigner 3j tensor in the real basis of spherical harmonics, row-major [2 l1 + 1][2 l2 + 1][2 l3 + 1],
/// Frobenius norm 1, signs as in e3nn >= 0.5. Computed in double: SU(2) Clebsch-Gordan coefficients by
/// Racah's formula (Varshalovich, Moskalev, Khersonskii, Quantum Theory of Angular Momentum, eq. 8.2.1(3)),
/// then a change to the real basis. InternalError unless |l1 - l2| <= l3 <= l1 + l2 and l1 + l2 + l3 <= 24
/// (exact factorials).
std::vector<double> wigner3j(int l1, int l2, int l3);

/// Generators of rotations in the same basis, row-major [3][2l + 1][2l + 1]: harmonics change by
/// angle * G[a] Y when the vector turns about axis a (x, y, z) by a small angle. From the 3j tensor (l, 1,
/// l), which is proportional to them; scale and sign follow from [G[x], G[y]] = G[z].
std::vector<double> rotationGenerators(int l);

} // namespace lodestone
