#pragma once
#include "checkpoints/nequix/random_nequix.h"
#include "crystal/structure.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <random>
#include <string>

// A small random model and small random data of iron and oxygen, for tests of what is built on models.

inline std::filesystem::path writeTinyNequix(const std::filesystem::path& folder, std::uint64_t seed = 3)
{
    lodestone::NequixSize size;
    size.cutoff = 4;
    size.elements = {8, 26};
    size.hiddenIrreps = "8x0e + 4x1o";
    size.lMax = 1;
    size.layers = 2;
    size.radialMlp = {8};
    size.averageNeighbours = 10;
    auto file = folder / fmt::format("tiny_{}.nqx", seed);
    lodestone::writeRandomNequix(size, seed, file);
    return file;
}

/// Cubic cells of four to six atoms, displaced at random.
inline lodestone::Structure tinyStructure(std::mt19937_64& random, bool periodic = true)
{
    std::uniform_real_distribution<double> shift(-0.25, 0.25);
    lodestone::Structure s;
    const double a = 4.1 + shift(random);
    s.cell = {{{a, 0.1, 0}, {0, a, 0.2}, {0.3, 0, a}}};
    s.pbc = {periodic, periodic, periodic};
    const int atoms = 4 + static_cast<int>(random() % 3);
    for (int i = 0; i < atoms; ++i) {
        s.species.push_back(i % 2 ? 8 : 26);
        s.positions.push_back({a * 0.5 * (i & 1) + shift(random), a * 0.5 * ((i >> 1) & 1) + shift(random),
                               a * 0.5 * ((i >> 2) & 1) + shift(random)});
    }
    return s;
}

/// Energy of each atom's repulsive pairs, A (1 - r/4)^3 below 4 Angstrom, and the forces: something that can
/// be learnt.
inline double tinyPairEnergy(const lodestone::Structure& s, std::size_t i, lodestone::Vec3& force)
{
    using namespace lodestone;
    double energy = 0;
    force = {};
    for (std::size_t j = 0; j < s.size(); ++j)
        for (int image = 0; image < 27; ++image) {
            const Vec3 shift = {double(image % 3 - 1), double(image / 3 % 3 - 1), double(image / 9 - 1)};
            if (i == j && image == 13)
                continue;
            const Vec3 d = s.positions[j] + shift * s.cell - s.positions[i];
            const double r = norm(d);
            if (r >= 4)
                continue;
            const double amplitude = s.species[i] == s.species[j] ? 2.0 : 5.0;
            const double x = 1 - r / 4;
            energy += 0.5 * amplitude * x * x * x;
            force = force + (-0.75 * amplitude * x * x / r) * d;
        }
    return energy;
}

/// Writes `frames` structures labelled with these, and moments of iron that follow the atom's energy. With
/// holes every third frame lacks energy and every fourth moments.
inline void writeTinyData(const std::filesystem::path& file, int frames, std::uint64_t seed,
                          bool holes = false)
{
    std::mt19937_64 random(seed);
    std::ofstream out(file);
    for (int f = 0; f < frames; ++f) {
        const lodestone::Structure s = tinyStructure(random);
        const bool energy = !holes || f % 3 != 2;
        const bool moments = !holes || f % 4 != 3;
        double sum = 0;
        std::string lines;
        for (std::size_t i = 0; i < s.size(); ++i) {
            const auto& r = s.positions[i];
            lodestone::Vec3 force{};
            const double e = tinyPairEnergy(s, i, force);
            sum += e - (s.species[i] == 26 ? 3.0 : 1.5);
            lines +=
                fmt::format("{} {:.8f} {:.8f} {:.8f} {:.8f} {:.8f} {:.8f}", s.species[i] == 26 ? "Fe" : "O",
                            r[0], r[1], r[2], force[0], force[1], force[2]);
            if (moments)
                lines += fmt::format(" {:.6f}", s.species[i] == 26 ? (i % 4 ? -2.0 : 2.0) + 0.3 * e : 0.05);
            lines += "\n";
        }
        out << s.size() << "\n"
            << fmt::format("Lattice=\"{} {} {} {} {} {} {} {} {}\" "
                           "Properties=species:S:1:pos:R:3:forces:R:3{} pbc=\"T T T\"{}\n",
                           s.cell[0][0], s.cell[0][1], s.cell[0][2], s.cell[1][0], s.cell[1][1], s.cell[1][2],
                           s.cell[2][0], s.cell[2][1], s.cell[2][2], moments ? ":magmoms:R:1" : "",
                           energy ? fmt::format(" energy={:.8f}", sum) : "")
            << lines;
    }
}
