#include "dataset/reference_energies.h"
#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace lodestone {
namespace {

/// The triangular factor R (row-major, n x n) of the compositions and Q^T b, built up row by row with Givens
/// rotations: unlike the normal equations this keeps full precision, and memory does not grow with the number
/// of frames.
class Triangle {
public:
    explicit Triangle(std::size_t n) : m_n(n), m_r(n * n, 0.0), m_right(n, 0.0) {}

    void add(std::vector<double>& row, double right)
    {
        for (std::size_t k = 0; k < m_n; ++k) {
            if (row[k] == 0)
                continue;
            double* pivot = &m_r[k * m_n];
            const double length = std::hypot(pivot[k], row[k]);
            const double c = pivot[k] / length;
            const double s = row[k] / length;
            for (std::size_t j = k; j < m_n; ++j) {
                const double upper = pivot[j];
                pivot[j] = c * upper + s * row[j];
                row[j] = c * row[j] - s * upper;
            }
            row[k] = 0;
            const double upper = m_right[k];
            m_right[k] = c * upper + s * right;
            right = c * right - s * upper;
        }
    }

    double entry(std::size_t i, std::size_t j) const { return m_r[i * m_n + j]; }
    double right(std::size_t i) const { return m_right[i]; }

private:
    std::size_t m_n;
    std::vector<double> m_r;
    std::vector<double> m_right;
};

double inner(const std::vector<double>& a, const std::vector<double>& b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += a[i] * b[i];
    return sum;
}

void rotate(std::vector<double>& a, std::vector<double>& b, double c, double s)
{
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double ai = a[i];
        a[i] = c * ai - s * b[i];
        b[i] = s * ai + c * b[i];
    }
}

/// Minimum-norm least squares of R x = right by one-sided Jacobi rotations (Hestenes 1958): columns of R are
/// turned until they are orthogonal; their lengths are then the singular values. `rank` receives how many are
/// not zero.
std::vector<double> minimumNormSolution(const Triangle& triangle, std::size_t n, int& rank)
{
    std::vector<std::vector<double>> us(n, std::vector<double>(n)); // columns of U * S
    std::vector<std::vector<double>> v(n, std::vector<double>(n));  // columns of V
    std::vector<double> right(n);
    for (std::size_t i = 0; i < n; ++i) {
        right[i] = triangle.right(i);
        v[i][i] = 1;
        for (std::size_t j = 0; j < n; ++j)
            us[j][i] = triangle.entry(i, j);
    }
    double scale = 0; // squared Frobenius norm
    for (const auto& column : us)
        scale += inner(column, column);
    bool turned = true;
    for (int sweep = 0; turned && sweep < 60; ++sweep) {
        turned = false;
        for (std::size_t p = 0; p + 1 < n; ++p) {
            for (std::size_t q = p + 1; q < n; ++q) {
                const double a = inner(us[p], us[p]);
                const double b = inner(us[q], us[q]);
                const double d = inner(us[p], us[q]);
                if (std::abs(d) <= 1e-15 * std::sqrt(a * b) || std::abs(d) <= 1e-30 * scale)
                    continue;
                turned = true;
                const double zeta = (b - a) / (2 * d);
                const double t = std::copysign(1.0, zeta) / (std::abs(zeta) + std::hypot(1.0, zeta));
                const double c = 1 / std::hypot(1.0, t);
                rotate(us[p], us[q], c, c * t);
                rotate(v[p], v[q], c, c * t);
            }
        }
    }
    double largest = 0;
    for (const auto& column : us)
        largest = std::max(largest, inner(column, column));
    std::vector<double> x(n, 0.0);
    rank = 0;
    for (std::size_t k = 0; k < n; ++k) {
        const double square = inner(us[k], us[k]);
        constexpr double cutoff =
            1e-10; // of the largest singular value; counts are whole numbers, so no data comes near
        if (square <= cutoff * cutoff * largest)
            continue;
        ++rank;
        const double weight = inner(us[k], right) / square;
        for (std::size_t i = 0; i < n; ++i)
            x[i] += weight * v[k][i];
    }
    return x;
}

} // namespace

ReferenceFit fitReferenceEnergies(const std::vector<std::map<int, int>>& compositions,
                                  const std::vector<double>& differences)
{
    if (compositions.empty())
        fail("Reference energies cannot be estimated: no frame has an energy.");
    if (compositions.size() != differences.size())
        fail<InternalError>("{} compositions for {} energy differences.", compositions.size(),
                            differences.size());
    std::map<int, std::size_t> index;
    for (const auto& composition : compositions)
        for (const auto& [element, count] : composition)
            if (count > 0)
                index.emplace(element, 0);
    std::size_t n = 0;
    for (auto& [element, place] : index)
        place = n++;
    if (n == 0)
        fail("Reference energies cannot be estimated: the frames have no atoms.");

    Triangle triangle(n);
    std::vector<double> row(n);
    for (std::size_t f = 0; f < compositions.size(); ++f) {
        if (!std::isfinite(differences[f]))
            fail("Reference energies cannot be estimated: the energy difference of frame {} is {}.", f + 1,
                 differences[f]);
        std::fill(row.begin(), row.end(), 0.0);
        for (const auto& [element, count] : compositions[f])
            if (count > 0)
                row[index.at(element)] = count;
        triangle.add(row, differences[f]);
    }
    ReferenceFit fit;
    fit.elements = static_cast<int>(n);
    const std::vector<double> x = minimumNormSolution(triangle, n, fit.rank);
    for (const auto& [element, place] : index)
        fit.shift[element] = x[place];

    double before = 0;
    double after = 0;
    std::size_t counted = 0;
    for (std::size_t f = 0; f < compositions.size(); ++f) {
        double atoms = 0;
        double rest = differences[f];
        for (const auto& [element, count] : compositions[f]) {
            atoms += count;
            rest -= count > 0 ? count * fit.shift.at(element) : 0;
        }
        if (atoms == 0)
            continue;
        before += (differences[f] / atoms) * (differences[f] / atoms);
        after += (rest / atoms) * (rest / atoms);
        ++counted;
    }
    fit.rmsBefore = std::sqrt(before / static_cast<double>(counted));
    fit.rmsAfter = std::sqrt(after / static_cast<double>(counted));
    return fit;
}

std::map<int, int> compositionOf(const Structure& structure)
{
    std::map<int, int> counts;
    for (const int element : structure.species)
        ++counts[element];
    return counts;
}

} // namespace lodestone
