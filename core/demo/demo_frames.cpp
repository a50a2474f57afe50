#include "demo/demo_frames.h"

#include "base/error.h"
#include "crystal/neighbours.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace lodestone {
namespace {

constexpr int oxygen = 8, iron = 26, nickel = 28;
using Random = std::mt19937_64;

double uniform(Random& random, double low, double high)
{
    return std::uniform_real_distribution<double>(low, high)(random);
}

double normal(Random& random, double sigma)
{
    return std::normal_distribution<double>(0, sigma)(random);
}

int pick(Random& random, int count)
{
    return std::uniform_int_distribution<int>(0, count - 1)(random);
}

/// A conventional cell: its vectors, sites in fractions, which sites are oxygen, and how often it may be
/// repeated.
struct Prototype {
    Mat3 cell;
    std::vector<Vec3> sites;
    std::size_t metals; ///< the first so many sites; the rest is oxygen
    std::vector<std::array<int, 3>> repeats;
};

Prototype bcc(bool small)
{
    const double a = 2.87;
    return {{{{a, 0, 0}, {0, a, 0}, {0, 0, a}}},
            {{0, 0, 0}, {.5, .5, .5}},
            2,
            small ? std::vector<std::array<int, 3>>{{2, 1, 1}, {2, 2, 1}, {2, 2, 2}}
                  : std::vector<std::array<int, 3>>{{2, 2, 1}, {2, 2, 2}}};
}

Prototype fcc(bool small)
{
    const double a = 3.62;
    return {{{{a, 0, 0}, {0, a, 0}, {0, 0, a}}},
            {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}},
            4,
            small ? std::vector<std::array<int, 3>>{{1, 1, 1}, {2, 1, 1}, {2, 2, 1}}
                  : std::vector<std::array<int, 3>>{{2, 1, 1}, {2, 2, 1}}};
}

Prototype hcp()
{
    const double a = 2.56, c = 1.633 * a;
    return {{{{a, 0, 0}, {-a / 2, a * std::sqrt(0.75), 0}, {0, 0, c}}},
            {{0, 0, 0}, {1. / 3, 2. / 3, .5}},
            2,
            {{2, 1, 1}, {2, 2, 1}, {2, 2, 2}}};
}

Prototype rockSalt()
{
    const double a = 4.25;
    return {
        {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}},
        {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}, {.5, 0, 0}, {0, .5, 0}, {0, 0, .5}, {.5, .5, .5}},
        4,
        {{1, 1, 1}, {2, 1, 1}}};
}

Structure repeated(const Prototype& prototype, Random& random)
{
    const auto repeat = prototype.repeats[pick(random, int(prototype.repeats.size()))];
    // One share of iron per frame, so that pure and mixed frames both occur.
    const double ironShare = std::clamp(uniform(random, -0.2, 1.2), 0.0, 1.0);
    Structure structure;
    structure.pbc = {true, true, true};
    for (int row = 0; row < 3; ++row)
        structure.cell[row] = double(repeat[row]) * prototype.cell[row];
    for (int x = 0; x < repeat[0]; ++x)
        for (int y = 0; y < repeat[1]; ++y)
            for (int z = 0; z < repeat[2]; ++z)
                for (std::size_t site = 0; site < prototype.sites.size(); ++site) {
                    const Vec3 corner = {double(x), double(y), double(z)};
                    structure.positions.push_back((corner + prototype.sites[site]) * prototype.cell);
                    const bool metal = site < prototype.metals;
                    structure.species.push_back(metal ? (uniform(random, 0, 1) < ironShare ? iron : nickel)
                                                      : oxygen);
                }
    return structure;
}

/// Atoms thrown into a box one after another, none too close (distances are checked by the caller).
Structure randomPacking(Random& random)
{
    const int atoms = 5 + pick(random, 8);
    const double edge = std::cbrt(atoms * uniform(random, 10.5, 15));
    const double oxygenShare = uniform(random, 0, 1) < 0.5 ? 0 : uniform(random, 0, 0.5);
    Structure structure;
    structure.pbc = {true, true, true};
    structure.cell = {{{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}}};
    for (int i = 0; i < atoms; ++i) {
        structure.positions.push_back(
            {uniform(random, 0, edge), uniform(random, 0, edge), uniform(random, 0, edge)});
        structure.species.push_back(uniform(random, 0, 1) < oxygenShare ? oxygen
                                    : pick(random, 2)                   ? iron
                                                                        : nickel);
    }
    return structure;
}

/// r -> r (1 + strain), then Gaussian displacements.
void deform(Structure& structure, double scale, double shear, double rattle, Random& random)
{
    Mat3 strain = identity3;
    for (int a = 0; a < 3; ++a)
        for (int b = 0; b <= a; ++b) {
            const double s = normal(random, shear);
            strain[a][b] += s;
            if (a != b)
                strain[b][a] += s;
        }
    for (Vec3& row : strain)
        row = scale * row;
    structure.cell = structure.cell * strain;
    for (Vec3& position : structure.positions) {
        position = position * strain;
        for (double& x : position)
            x += normal(random, rattle);
    }
}

bool tooClose(const Structure& structure, const MagneticModel& model, double fraction)
{
    const NeighbourList list = neighbourList(structure, 2.4);
    for (std::size_t e = 0; e < list.size(); ++e) {
        const auto key = std::minmax(structure.species[list.centre[e]], structure.species[list.neighbour[e]]);
        const Vec3 shift = {double(list.shift[e][0]), double(list.shift[e][1]), double(list.shift[e][2])};
        const Vec3 vector = structure.positions[list.neighbour[e]] + shift * structure.cell -
                            structure.positions[list.centre[e]];
        if (norm(vector) < fraction * model.pairs.at({key.first, key.second}).distance)
            return true;
    }
    return false;
}

Structure drawStructure(char set, const MagneticModel& model, Random& random)
{
    for (;;) {
        Structure structure;
        if (set == 'A') {
            const int kind = pick(random, 6);
            structure = kind == 0   ? repeated(bcc(true), random)
                        : kind == 1 ? repeated(fcc(true), random)
                        : kind == 2 ? repeated(hcp(), random)
                        : kind == 3 ? repeated(rockSalt(), random)
                                    : randomPacking(random);
            deform(structure, uniform(random, 0.94, 1.12), 0.03, uniform(random, 0.02, 0.22), random);
        } else {
            const int kind = pick(random, 5);
            structure = kind < 2   ? repeated(bcc(false), random)
                        : kind < 4 ? repeated(fcc(false), random)
                                   : repeated(rockSalt(), random);
            deform(structure, uniform(random, 1.02, 1.09), 0.015, uniform(random, 0.04, 0.14), random);
        }
        if (!tooClose(structure, model, 0.8))
            return structure;
    }
}

/// Shoemake's uniform rotation from a random unit quaternion.
Mat3 randomRotation(Random& random)
{
    double q[4], square = 0;
    for (double& component : q) {
        component = normal(random, 1);
        square += component * component;
    }
    for (double& component : q)
        component /= std::sqrt(square);
    const auto [w, x, y, z] = q;
    return {{{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
             {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
             {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}}};
}

/// Turns the longest moment to +z. What is left across z tells whether the frame is collinear.
bool alignMoments(std::vector<Vec3>& moments)
{
    const auto longest = std::max_element(moments.begin(), moments.end(),
                                          [](const Vec3& a, const Vec3& b) { return dot(a, a) < dot(b, b); });
    const double length = norm(*longest);
    if (length < 1e-6)
        return true;
    const Vec3 u = 1 / length * *longest;
    // Householder reflections keep all angles; a reflection of a common set of classical spins costs no
    // energy either.
    const Vec3 v = u - Vec3{0, 0, 1};
    const double square = dot(v, v);
    double across = 0;
    for (Vec3& m : moments) {
        if (square > 1e-20)
            m = m - 2 * dot(v, m) / square * v;
        across = std::max({across, std::abs(m[0]), std::abs(m[1])});
    }
    if (across > 1e-4)
        return false;
    for (Vec3& m : moments)
        m = {0, 0, m[2]};
    return true;
}

} // namespace

std::vector<Structure> demoStructures(char set, std::size_t count, std::uint64_t seed)
{
    const MagneticModel model = demoModel(set);
    Random random(seed);
    std::vector<Structure> structures;
    while (structures.size() < count)
        structures.push_back(drawStructure(set, model, random));
    return structures;
}

std::vector<Structure> demoFrames(char set, std::size_t count, std::uint64_t seed, const Watch& watch,
                                  double largestForce)
{
    const MagneticModel model = demoModel(set);
    Random random(seed);
    std::vector<Structure> frames;
    while (frames.size() < count) {
        watch.report(double(frames.size()) / double(count));
        Structure structure = drawStructure(set, model, random);
        MagneticState state = magneticGroundState(model, structure, random());
        if (std::any_of(state.forces.begin(), state.forces.end(),
                        [largestForce](const Vec3& force) { return norm(force) > largestForce; }))
            continue;
        if (!alignMoments(state.moments) && pick(random, 2)) {
            const Mat3 turn = randomRotation(random);
            for (Vec3& m : state.moments)
                m = m * turn;
        }
        AtomArray forces{.kind = AtomArray::Kind::Real, .width = 3, .numbers = {}, .texts = {}};
        AtomArray moments = forces;
        for (std::size_t i = 0; i < structure.size(); ++i) {
            forces.numbers.insert(forces.numbers.end(), state.forces[i].begin(), state.forces[i].end());
            moments.numbers.insert(moments.numbers.end(), state.moments[i].begin(), state.moments[i].end());
        }
        std::vector<double> stress;
        for (const Vec3& row : state.virial)
            for (const double v : row)
                stress.push_back(v / structure.volume());
        structure.arrays["forces"] = std::move(forces);
        structure.arrays["magmoms"] = std::move(moments);
        structure.info["energy"] = state.energy;
        structure.info["stress"] = std::move(stress);
        frames.push_back(std::move(structure));
    }
    return frames;
}

} // namespace lodestone
