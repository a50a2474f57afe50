#include "demo/magnetic_model.h"

#include "base/error.h"
#include "crystal/elements.h"
#include "crystal/neighbours.h"

#include <algorithm>
#include <optional>
#include <random>

namespace lodestone {
namespace {

struct Value {
    double f = 0;
    double d = 0; ///< df/dr
};

Value product(const Value& a, const Value& b)
{
    return {a.f * b.f, a.d * b.f + a.f * b.d};
}

/// 1 below the start, 0 above the cut-off, twice differentiable between (quintic smoothstep).
Value smoothCutoff(const MagneticModel& model, double r)
{
    const double span = model.cutoff - model.switchStart;
    const double x = std::clamp((r - model.switchStart) / span, 0.0, 1.0);
    return {1 - x * x * x * (10 - 15 * x + 6 * x * x), -30 * x * x * (1 - x) * (1 - x) / span};
}

Value morse(const MagneticPair& pair, double r)
{
    const double e = std::exp(-pair.width * (r - pair.distance));
    return {pair.depth * ((1 - e) * (1 - e) - 1), 2 * pair.depth * pair.width * e * (1 - e)};
}

Value exchange(const MagneticModel& model, const MagneticPair& pair, double r)
{
    const double e = pair.exchange * std::exp(-(r - pair.distance) / model.exchangeRange);
    const double t = std::tanh((r - pair.signChange) / model.exchangeWidth);
    return product({e, -e / model.exchangeRange}, {t, (1 - t * t) / model.exchangeWidth});
}

Value density(const MagneticModel& model, double weight, double r)
{
    const double e = weight * std::exp(-model.densityDecay * (r / model.densityDistance - 1));
    return {e, -e * model.densityDecay / model.densityDistance};
}

struct Edge {
    int i = 0, j = 0;
    Vec3 vector{};
    double length = 0;
    Value pair, exchange, density;
};

/// A structure with everything that does not depend on the moments.
struct Lattice {
    std::vector<const MagneticSpecies*> species;
    std::vector<Edge> edges;
    std::vector<double> quadratic; ///< a_i
    double constant = 0;           ///< energy without moments
};

Lattice prepare(const MagneticModel& model, const Structure& structure)
{
    Lattice lattice;
    for (const int z : structure.species) {
        const auto found = model.species.find(z);
        if (found == model.species.end())
            fail("The demo's physical model has no parameters for {}.", elementSymbol(z));
        lattice.species.push_back(&found->second);
        lattice.constant += found->second.energy;
    }
    const NeighbourList list = neighbourList(structure, model.cutoff);
    std::vector<double> rho(structure.size(), 0);
    lattice.edges.reserve(list.size());
    for (std::size_t e = 0; e < list.size(); ++e) {
        Edge edge;
        edge.i = list.centre[e];
        edge.j = list.neighbour[e];
        const Vec3 shift = {double(list.shift[e][0]), double(list.shift[e][1]), double(list.shift[e][2])};
        edge.vector = structure.positions[edge.j] + shift * structure.cell - structure.positions[edge.i];
        edge.length = norm(edge.vector);
        const auto key = std::minmax(structure.species[edge.i], structure.species[edge.j]);
        const auto found = model.pairs.find({key.first, key.second});
        if (found == model.pairs.end())
            fail("The demo's physical model has no parameters for the pair {}-{}.", elementSymbol(key.first),
                 elementSymbol(key.second));
        const Value cut = smoothCutoff(model, edge.length);
        edge.pair = product(morse(found->second, edge.length), cut);
        edge.exchange = product(exchange(model, found->second, edge.length), cut);
        edge.density = product(density(model, lattice.species[edge.j]->densityWeight, edge.length), cut);
        lattice.constant += 0.5 * edge.pair.f;
        rho[edge.i] += edge.density.f;
        lattice.edges.push_back(edge);
    }
    for (std::size_t i = 0; i < structure.size(); ++i)
        lattice.quadratic.push_back(lattice.species[i]->stiffness *
                                    (rho[i] / lattice.species[i]->criticalDensity - 1));
    return lattice;
}

/// The energy as a function of the moments of the magnetic atoms, three components an atom.
class MomentEnergy {
public:
    explicit MomentEnergy(const Lattice& lattice) : m_lattice(lattice), m_slot(lattice.species.size(), -1)
    {
        for (std::size_t i = 0; i < lattice.species.size(); ++i)
            if (lattice.species[i]->magnetic)
                m_slot[i] = m_count++;
        m_exchange.assign(std::size_t(m_count) * m_count, 0);
        for (const Edge& edge : lattice.edges)
            if (m_slot[edge.i] >= 0 && m_slot[edge.j] >= 0)
                m_exchange[m_slot[edge.i] * m_count + m_slot[edge.j]] += edge.exchange.f;
        for (std::size_t i = 0; i < m_slot.size(); ++i)
            if (m_slot[i] >= 0) {
                m_quadratic.push_back(lattice.quadratic[i]);
                m_quartic.push_back(lattice.species[i]->quartic);
            }
    }

    int size() const { return 3 * m_count; }
    int slot(std::size_t atom) const { return m_slot[atom]; }

    double energy(const std::vector<double>& m) const
    {
        double sum = m_lattice.constant;
        for (int i = 0; i < m_count; ++i) {
            const double square = product(m, i, i);
            sum += m_quadratic[i] * square + m_quartic[i] * square * square;
            for (int j = 0; j < m_count; ++j)
                sum -= 0.5 * m_exchange[i * m_count + j] * product(m, i, j);
        }
        return sum;
    }

    std::vector<double> gradient(const std::vector<double>& m) const
    {
        std::vector<double> g(m.size(), 0);
        for (int i = 0; i < m_count; ++i) {
            const double factor = 2 * m_quadratic[i] + 4 * m_quartic[i] * product(m, i, i);
            for (int c = 0; c < 3; ++c) {
                g[3 * i + c] += factor * m[3 * i + c];
                for (int j = 0; j < m_count; ++j)
                    g[3 * i + c] -= m_exchange[i * m_count + j] * m[3 * j + c];
            }
        }
        return g;
    }

    /// Row-major size() x size().
    std::vector<double> hessian(const std::vector<double>& m) const
    {
        const int n = size();
        std::vector<double> h(std::size_t(n) * n, 0);
        for (int i = 0; i < m_count; ++i) {
            const double factor = 2 * m_quadratic[i] + 4 * m_quartic[i] * product(m, i, i);
            for (int c = 0; c < 3; ++c) {
                h[(3 * i + c) * n + 3 * i + c] += factor;
                for (int d = 0; d < 3; ++d)
                    h[(3 * i + c) * n + 3 * i + d] += 8 * m_quartic[i] * m[3 * i + c] * m[3 * i + d];
                for (int j = 0; j < m_count; ++j)
                    h[(3 * i + c) * n + 3 * j + c] -= m_exchange[i * m_count + j];
            }
        }
        return h;
    }

private:
    static double product(const std::vector<double>& m, int i, int j)
    {
        return m[3 * i] * m[3 * j] + m[3 * i + 1] * m[3 * j + 1] + m[3 * i + 2] * m[3 * j + 2];
    }

    const Lattice& m_lattice;
    std::vector<int> m_slot; ///< atom -> magnetic atom, -1: not magnetic
    int m_count = 0;
    std::vector<double> m_exchange, m_quadratic, m_quartic;
};

/// Solves (H + shift) x = -g by Cholesky; nothing if the matrix is not positive definite.
std::optional<std::vector<double>> newtonStep(std::vector<double> h, double shift,
                                              const std::vector<double>& g)
{
    const std::size_t n = g.size();
    for (std::size_t i = 0; i < n; ++i)
        h[i * n + i] += shift;
    for (std::size_t j = 0; j < n; ++j) {
        double pivot = h[j * n + j];
        for (std::size_t k = 0; k < j; ++k)
            pivot -= h[j * n + k] * h[j * n + k];
        if (pivot <= 1e-12)
            return {};
        h[j * n + j] = std::sqrt(pivot);
        for (std::size_t i = j + 1; i < n; ++i) {
            double sum = h[i * n + j];
            for (std::size_t k = 0; k < j; ++k)
                sum -= h[i * n + k] * h[j * n + k];
            h[i * n + j] = sum / h[j * n + j];
        }
    }
    std::vector<double> x(n);
    for (std::size_t i = 0; i < n; ++i) {
        double sum = -g[i];
        for (std::size_t k = 0; k < i; ++k)
            sum -= h[i * n + k] * x[k];
        x[i] = sum / h[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
        double sum = x[i];
        for (std::size_t k = i + 1; k < n; ++k)
            sum -= h[k * n + i] * x[k];
        x[i] = sum / h[i * n + i];
    }
    return x;
}

double largest(const std::vector<double>& values)
{
    double most = 0;
    for (const double v : values)
        most = std::max(most, std::abs(v));
    return most;
}

constexpr double momentTolerance = 1e-11; // eV/muB

/// Newton's method with a shift that grows until the step goes downhill. The free common rotation leaves the
/// Hessian singular, so the shift never quite vanishes.
double minimise(const MomentEnergy& energy, std::vector<double>& m)
{
    double shift = 1e-2;
    double current = energy.energy(m);
    std::vector<double> g = energy.gradient(m);
    for (int iteration = 0; iteration < 500 && largest(g) > momentTolerance; ++iteration) {
        const std::vector<double> h = energy.hessian(m);
        bool moved = false;
        while (!moved && shift < 1e6) {
            if (const auto step = newtonStep(h, shift, g)) {
                std::vector<double> trial = m;
                for (std::size_t k = 0; k < m.size(); ++k)
                    trial[k] += (*step)[k];
                const double value = energy.energy(trial);
                if (value <= current + 1e-13 * (1 + std::abs(current))) {
                    m = std::move(trial);
                    current = value;
                    moved = true;
                    shift = std::max(shift / 8, 1e-9);
                    continue;
                }
            }
            shift *= 4;
        }
        if (!moved)
            break;
        g = energy.gradient(m);
    }
    return largest(g);
}

MagneticState finish(const Lattice& lattice, const MomentEnergy& energy, const std::vector<double>& m,
                     double residual)
{
    MagneticState state;
    const std::size_t atoms = lattice.species.size();
    state.energy = energy.energy(m);
    state.residual = residual;
    state.forces.assign(atoms, Vec3{});
    state.moments.assign(atoms, Vec3{});
    for (std::size_t i = 0; i < atoms; ++i)
        if (const int s = energy.slot(i); s >= 0)
            state.moments[i] = {m[3 * s], m[3 * s + 1], m[3 * s + 2]};
    // At the minimum over m the explicit dependence on positions is the whole derivative (Hellmann-Feynman).
    for (const Edge& edge : lattice.edges) {
        const MagneticSpecies& centre = *lattice.species[edge.i];
        const Vec3& mi = state.moments[edge.i];
        double slope = 0.5 * edge.pair.d - 0.5 * edge.exchange.d * dot(mi, state.moments[edge.j]);
        if (centre.magnetic)
            slope += centre.stiffness / centre.criticalDensity * dot(mi, mi) * edge.density.d;
        const Vec3 pull = slope / edge.length * edge.vector;
        state.forces[edge.i] = state.forces[edge.i] + pull;
        state.forces[edge.j] = state.forces[edge.j] - pull;
        for (int a = 0; a < 3; ++a)
            for (int b = 0; b < 3; ++b)
                state.virial[a][b] += pull[a] * edge.vector[b];
    }
    return state;
}

} // namespace

MagneticState magneticStateNear(const MagneticModel& model, const Structure& structure,
                                const std::vector<Vec3>& moments)
{
    const Lattice lattice = prepare(model, structure);
    const MomentEnergy energy(lattice);
    std::vector<double> m(energy.size());
    for (std::size_t i = 0; i < structure.size(); ++i)
        if (const int s = energy.slot(i); s >= 0)
            std::copy(moments[i].begin(), moments[i].end(), m.begin() + 3 * s);
    const double residual = minimise(energy, m);
    return finish(lattice, energy, m, residual);
}

MagneticState magneticGroundState(const MagneticModel& model, const Structure& structure, std::uint64_t seed,
                                  int starts)
{
    const Lattice lattice = prepare(model, structure);
    const MomentEnergy energy(lattice);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::optional<MagneticState> best;
    for (int start = 0; start <= starts; ++start) {
        std::vector<double> m(energy.size());
        for (std::size_t k = 0; k < m.size(); ++k)
            m[k] = start == 0 ? (k % 3 == 2 ? 2.0 : 0.0) + 0.01 * normal(random) : 1.5 * normal(random);
        const double residual = minimise(energy, m);
        if (residual > 1e3 * momentTolerance)
            continue;
        MagneticState state = finish(lattice, energy, m, residual);
        // A lower minimum must be lower by more than rounding, so that equal ones keep the ferromagnetic
        // start.
        if (!best || state.energy < best->energy - 1e-9)
            best = std::move(state);
    }
    if (!best)
        fail<InternalError>("{}: the moments of the demo's physical model did not converge.",
                            structure.source);
    return *best;
}

} // namespace lodestone
