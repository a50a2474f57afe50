#pragma once
#include "crystal/structure.h"

#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <random>
#include <string>

// Small random frames of iron and oxygen whose labels follow a spin Hamiltonian, for tests of the heads that
// act on spins. Without LibTorch.

struct SpinFrame {
    lodestone::Structure structure;
    std::vector<lodestone::Vec3> moments, forces, fields; ///< oxygen has no moment
    double energy = 0;
};

/// Energy, forces and fields of the frame: pairs A (1 - r/4)^3 below 4 Angstrom, for each iron atom
/// -0.06 |m|^2 + 0.01 |m|^4 eV, between iron atoms -J m . m with J = -0.15 (1 - r/4)^3 eV.
inline void labelSpins(SpinFrame& frame)
{
    using namespace lodestone;
    const Structure& s = frame.structure;
    frame.energy = 0;
    frame.forces.assign(s.size(), Vec3{});
    frame.fields.assign(s.size(), Vec3{});
    for (std::size_t i = 0; i < s.size(); ++i) {
        const Vec3& m = frame.moments[i];
        const double square = dot(m, m);
        frame.energy += (s.species[i] == 26 ? -3.0 : -1.5) - 0.06 * square + 0.01 * square * square;
        frame.fields[i] = frame.fields[i] + (0.12 - 0.04 * square) * m;
        for (std::size_t j = 0; j < s.size(); ++j)
            for (int image = 0; image < 27; ++image) {
                if (i == j && image == 13)
                    continue;
                const Vec3 shift = {double(image % 3 - 1), double(image / 3 % 3 - 1), double(image / 9 - 1)};
                const Vec3 d = s.positions[j] + shift * s.cell - s.positions[i];
                const double r = norm(d);
                if (r >= 4)
                    continue;
                const double x = 1 - r / 4;
                const double amplitude =
                    (s.species[i] == s.species[j] ? 2.0 : 5.0) + 0.15 * dot(m, frame.moments[j]);
                frame.energy += 0.5 * amplitude * x * x * x;
                frame.forces[i] = frame.forces[i] + (-0.75 * amplitude * x * x / r) * d;
                frame.fields[i] = frame.fields[i] + (-0.15 * x * x * x) * frame.moments[j];
            }
    }
}

inline SpinFrame randomSpinFrame(std::mt19937_64& random)
{
    using namespace lodestone;
    std::uniform_real_distribution<double> shift(-0.2, 0.2);
    std::normal_distribution<double> normal;
    SpinFrame frame;
    Structure& s = frame.structure;
    const double a = 4.1 + shift(random);
    s.cell = {{{a, 0.1, 0}, {0, a, 0.2}, {0.3, 0, a}}};
    s.pbc = {true, true, true};
    for (int i = 0; i < 6; ++i) {
        const bool oxygen = i % 3 == 2;
        s.species.push_back(oxygen ? 8 : 26);
        s.positions.push_back({a * 0.5 * (i & 1) + shift(random), a * 0.5 * ((i >> 1) & 1) + shift(random),
                               a * 0.5 * ((i >> 2) & 1) + shift(random)});
        Vec3 m = {normal(random), normal(random), normal(random)};
        m = ((1.8 + shift(random)) / norm(m)) * m;
        frame.moments.push_back(oxygen ? Vec3{} : m);
    }
    labelSpins(frame);
    return frame;
}

/// withoutMoments: the frame (from 0) that has none; -1: all have them.
inline void writeSpinData(const std::filesystem::path& file, int frames, std::uint64_t seed,
                          int withoutMoments = -1)
{
    std::mt19937_64 random(seed);
    std::ofstream out(file);
    for (int f = 0; f < frames; ++f) {
        const SpinFrame frame = randomSpinFrame(random);
        const lodestone::Structure& s = frame.structure;
        const auto& c = s.cell;
        out << s.size() << "\n"
            << fmt::format("Lattice=\"{} {} {} {} {} {} {} {} {}\" Properties=species:S:1:pos:R:3:forces:R:3:"
                           "mag_forces:R:3{} pbc=\"T T T\" energy={:.10f}\n",
                           c[0][0], c[0][1], c[0][2], c[1][0], c[1][1], c[1][2], c[2][0], c[2][1], c[2][2],
                           f == withoutMoments ? "" : ":magmoms:R:3", frame.energy);
        for (std::size_t i = 0; i < s.size(); ++i) {
            out << (s.species[i] == 26 ? "Fe" : "O");
            const auto put = [&out](const lodestone::Vec3& v) {
                out << fmt::format(" {:.10f} {:.10f} {:.10f}", v[0], v[1], v[2]);
            };
            put(s.positions[i]);
            put(frame.forces[i]);
            put(frame.fields[i]);
            if (f != withoutMoments)
                put(frame.moments[i]);
            out << "\n";
        }
    }
}
