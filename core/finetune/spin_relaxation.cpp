#include "finetune/spin_relaxation.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace lodestone {
namespace {

constexpr std::size_t memory = 12;          // pairs of steps and changes of the slope
constexpr double longestStep = 0.3;         // Bohr magnetons, or moment lengths, of one moment
constexpr double sufficientDecrease = 1e-4; // Armijo
constexpr int mostHalvings = 40;

using Numbers = std::vector<Vec3>;

double product(const Numbers& a, const Numbers& b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += dot(a[i], b[i]);
    return sum;
}

double largest(const Numbers& values)
{
    double most = 0;
    for (const Vec3& v : values)
        most = std::max(most, norm(v));
    return most;
}

Numbers combined(const Numbers& a, double factor, const Numbers& b)
{
    Numbers sum = a;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum[i] = a[i] + factor * b[i];
    return sum;
}

/// The energy as a function of what is varied: the moments, or vectors x whose directions count (m = L x /
/// |x|).
class Landscape {
public:
    Landscape(const SpinSystem& system, const Numbers& start, bool keepLengths)
        : m_system(system),
          m_keepLengths(keepLengths)
    {
        for (const Vec3& m : start)
            m_lengths.push_back(norm(m));
    }
    Numbers variables(const Numbers& moments) const
    {
        Numbers x = moments;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (m_keepLengths && m_lengths[i] > 0)
                x[i] = 1 / norm(x[i]) * x[i];
        return x;
    }
    Numbers moments(const Numbers& x) const
    {
        Numbers m = x;
        for (std::size_t i = 0; i < m.size(); ++i)
            if (m_keepLengths && m_lengths[i] > 0)
                m[i] = m_lengths[i] / norm(x[i]) * x[i];
        return m;
    }
    double energy(const Numbers& x, Numbers& slope) const
    {
        const Numbers m = moments(x);
        Numbers fields;
        const double energy = spinSystemEnergy(m_system, m, &fields);
        slope.assign(x.size(), Vec3{});
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (m_lengths[i] == 0)
                continue;
            slope[i] = -1 * fields[i];
            if (!m_keepLengths)
                continue;
            const Vec3 u = 1 / norm(x[i]) * x[i];
            slope[i] = m_lengths[i] / norm(x[i]) * (slope[i] - dot(slope[i], u) * u);
        }
        return energy;
    }
    /// The largest field (across the moments if lengths are kept) that belongs to a slope.
    double largestField(const Numbers& slope) const
    {
        double most = 0;
        for (std::size_t i = 0; i < slope.size(); ++i)
            if (m_lengths[i] > 0)
                most = std::max(most, norm(slope[i]) / (m_keepLengths ? m_lengths[i] : 1));
        return most;
    }

private:
    const SpinSystem& m_system;
    bool m_keepLengths;
    std::vector<double> m_lengths;
};

/// Newton-like directions from what former steps told of the curvature.
class Curvature {
public:
    void learn(Numbers step, Numbers change)
    {
        const double curvature = product(step, change);
        if (!(curvature > 1e-12 * product(change, change)))
            return; // uphill curvature would spoil the directions
        m_pairs.push_back({std::move(step), std::move(change), 1 / curvature});
        if (m_pairs.size() > memory)
            m_pairs.pop_front();
    }
    void forget() { m_pairs.clear(); }
    bool empty() const { return m_pairs.empty(); }
    Numbers direction(const Numbers& slope) const
    {
        Numbers q = combined(Numbers(slope.size(), Vec3{}), -1, slope);
        std::vector<double> alpha(m_pairs.size());
        for (std::size_t k = m_pairs.size(); k-- > 0;) {
            alpha[k] = m_pairs[k].inverse * product(m_pairs[k].step, q);
            q = combined(q, -alpha[k], m_pairs[k].change);
        }
        if (!m_pairs.empty()) {
            const Pair& newest = m_pairs.back();
            const double scale = 1 / (newest.inverse * product(newest.change, newest.change));
            for (Vec3& v : q)
                v = scale * v;
        }
        for (std::size_t k = 0; k < m_pairs.size(); ++k) {
            const double beta = m_pairs[k].inverse * product(m_pairs[k].change, q);
            q = combined(q, alpha[k] - beta, m_pairs[k].step);
        }
        return q;
    }

private:
    struct Pair {
        Numbers step, change;
        double inverse = 0;
    };
    std::deque<Pair> m_pairs;
};

} // namespace

double spinSystemEnergy(const SpinSystem& system, const std::vector<Vec3>& moments, std::vector<Vec3>* fields)
{
    double energy = 0;
    if (fields)
        fields->assign(moments.size(), Vec3{});
    for (std::size_t i = 0; i < moments.size(); ++i) {
        const double square = dot(moments[i], moments[i]);
        energy += square * (system.square[i] + system.fourth[i] * square);
        if (fields)
            (*fields)[i] = -(2 * system.square[i] + 4 * system.fourth[i] * square) * moments[i];
    }
    for (const SpinSystem::Bond& bond : system.bonds) {
        energy -= 0.5 * bond.exchange * dot(moments[bond.centre], moments[bond.neighbour]);
        if (fields)
            (*fields)[bond.centre] = (*fields)[bond.centre] + bond.exchange * moments[bond.neighbour];
    }
    return energy;
}

RelaxedSpins relaxSpins(const SpinSystem& system, const std::vector<Vec3>& start, const SpinRelaxation& how)
{
    const Landscape landscape(system, start, how.keepLengths);
    Numbers x = landscape.variables(start), slope;
    double energy = landscape.energy(x, slope);
    Curvature curvature;
    RelaxedSpins result;
    for (; result.steps < how.mostSteps && landscape.largestField(slope) > how.tolerance; ++result.steps) {
        if (largest(landscape.moments(x)) > how.longest)
            break;
        Numbers direction = curvature.direction(slope);
        double along = product(direction, slope);
        if (!(along < 0)) {
            curvature.forget();
            direction = curvature.direction(slope);
            along = product(direction, slope);
        }
        double length = std::min(1.0, longestStep / largest(direction));
        Numbers next, nextSlope;
        double nextEnergy = 0;
        bool lower = false;
        for (int halving = 0; halving < mostHalvings && !lower; ++halving, length *= 0.5) {
            next = combined(x, length, direction);
            nextEnergy = landscape.energy(next, nextSlope);
            lower = nextEnergy <= energy + sufficientDecrease * length * along;
        }
        if (!lower) {
            if (curvature.empty())
                break; // rounding hides any further decrease
            curvature.forget();
            continue;
        }
        curvature.learn(combined(next, -1, x), combined(nextSlope, -1, slope));
        x = std::move(next);
        slope = std::move(nextSlope);
        energy = nextEnergy;
    }
    result.moments = landscape.moments(x);
    result.energy = energy;
    result.largestField = landscape.largestField(slope);
    result.converged = result.largestField <= how.tolerance;
    return result;
}

} // namespace lodestone
