#include "algebra/wigner.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdlib>

namespace lodestone {
namespace {

using Complex = std::complex<double>;

double factorial(int n)
{
    double product = 1;
    for (int k = 2; k <= n; ++k)
        product *= k;
    return product;
}

/// <l1 m1 l2 m2 | l3 m3>
double clebschGordan(int l1, int m1, int l2, int m2, int l3, int m3)
{
    if (m1 + m2 != m3)
        return 0;
    const double scale = (2 * l3 + 1) * factorial(l3 + l1 - l2) * factorial(l3 - l1 + l2) *
                         factorial(l1 + l2 - l3) / factorial(l1 + l2 + l3 + 1) * factorial(l3 + m3) *
                         factorial(l3 - m3) * factorial(l1 - m1) * factorial(l1 + m1) * factorial(l2 - m2) *
                         factorial(l2 + m2);
    const int first = std::max({0, l2 - l3 - m1, l1 - l3 + m2});
    const int last = std::min({l1 + l2 - l3, l1 - m1, l2 + m2});
    double sum = 0;
    for (int k = first; k <= last; ++k)
        sum += (k % 2 == 0 ? 1.0 : -1.0) /
               (factorial(k) * factorial(l1 + l2 - l3 - k) * factorial(l1 - m1 - k) * factorial(l2 + m2 - k) *
                factorial(l3 - l2 + m1 + k) * factorial(l3 - l1 - m2 + k));
    return std::sqrt(scale) * sum;
}

/// Non-zero entries of the column of a real component r in the matrix from the real to the complex basis.
struct BasisColumn {
    int count = 0;
    int m[2] = {};
    Complex value[2] = {};
};

BasisColumn realToComplex(int l, int r)
{
    // (-i)^l makes the coupling tensors real.
    static constexpr Complex phases[4] = {{1, 0}, {0, -1}, {-1, 0}, {0, 1}};
    const Complex phase = phases[l % 4];
    if (r == 0)
        return {1, {0, 0}, {phase, 0}};
    const int m = std::abs(r);
    const double half = std::sqrt(0.5);
    const double sign = m % 2 == 0 ? 1 : -1;
    if (r > 0)
        return {2, {-m, m}, {phase * half, phase * sign * half}};
    return {2, {-m, m}, {phase * Complex(0, -half), phase * Complex(0, sign * half)}};
}

} // namespace

std::vector<double> wigner3j(int l1, int l2, int l3)
{
    if (l1 < 0 || l2 < 0 || l3 < std::abs(l1 - l2) || l3 > l1 + l2 || l1 + l2 + l3 > 24)
        fail<InternalError>("There is no 3j tensor for l = {}, {}, {}.", l1, l2, l3);
    std::vector<double> tensor;
    tensor.reserve(static_cast<std::size_t>((2 * l1 + 1) * (2 * l2 + 1) * (2 * l3 + 1)));
    double square = 0;
    for (int i = -l1; i <= l1; ++i) {
        const BasisColumn a = realToComplex(l1, i);
        for (int j = -l2; j <= l2; ++j) {
            const BasisColumn b = realToComplex(l2, j);
            for (int k = -l3; k <= l3; ++k) {
                const BasisColumn c = realToComplex(l3, k);
                Complex sum = 0;
                for (int p = 0; p < a.count; ++p)
                    for (int q = 0; q < b.count; ++q)
                        for (int s = 0; s < c.count; ++s)
                            sum += a.value[p] * b.value[q] * std::conj(c.value[s]) *
                                   clebschGordan(l1, a.m[p], l2, b.m[q], l3, c.m[s]);
                tensor.push_back(sum.real());
                square += sum.real() * sum.real();
            }
        }
    }
    const double scale = 1 / std::sqrt(square);
    for (double& value : tensor)
        // Rounding leaves values of 1e-17 where the coupling vanishes by symmetry.
        value = std::abs(value * scale) < 1e-15 ? 0 : value * scale;
    return tensor;
}

std::vector<double> rotationGenerators(int l)
{
    const auto size = static_cast<std::size_t>(2 * l + 1);
    std::vector<double> generators(3 * size * size);
    if (l == 0)
        return generators;
    const std::vector<double> coupling = wigner3j(l, 1, l);
    const auto at = [size](std::size_t axis, std::size_t row, std::size_t column) {
        return (axis * size + row) * size + column;
    };
    for (std::size_t axis = 0; axis < 3; ++axis)
        for (std::size_t row = 0; row < size; ++row)
            for (std::size_t column = 0; column < size; ++column)
                generators[at(axis, row, column)] = coupling[(column * 3 + axis) * size + row];
    double ofCommutator = 0, ofGenerator = 0; // products with the generator of z
    for (std::size_t row = 0; row < size; ++row)
        for (std::size_t column = 0; column < size; ++column) {
            double commutator = 0;
            for (std::size_t k = 0; k < size; ++k)
                commutator += generators[at(0, row, k)] * generators[at(1, k, column)] -
                              generators[at(1, row, k)] * generators[at(0, k, column)];
            const double ofZ = generators[at(2, row, column)];
            ofCommutator += commutator * ofZ;
            ofGenerator += ofZ * ofZ;
        }
    for (double& number : generators)
        number *= ofGenerator / ofCommutator;
    return generators;
}

} // namespace lodestone
