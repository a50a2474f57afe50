#include "engine/audit_spins.h"
#include "engine/frame_images.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

/// A rotation by 0.9 rad about (1, 2, 3), for row vectors: v -> v R.
Mat3 someRotation()
{
    const double angle = 0.9;
    const Vec3 n = (1 / std::sqrt(14.0)) * Vec3{1, 2, 3};
    Mat3 rows;
    for (std::size_t k = 0; k < 3; ++k) {
        Vec3 e{};
        e[k] = 1;
        rows[k] = std::cos(angle) * e + std::sin(angle) * cross(n, e) + ((1 - std::cos(angle)) * n[k]) * n;
    }
    return rows;
}

Frame withMoments(const Frame& frame, const Mat3& matrix)
{
    Frame out = frame;
    for (Vec3& m : out.moments->vectors)
        m = m * matrix;
    return out;
}

/// Largest difference between `image` and `before` turned by the matrix.
double deviation(const std::vector<Vec3>& before, const std::vector<Vec3>& image, const Mat3& matrix)
{
    double worst = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Vec3 d = image[i] - before[i] * matrix;
        for (const double component : d)
            worst = std::max(worst, std::abs(component));
    }
    return worst;
}

double fieldDeviation(const Predictor& predictor, const Frame& frame, const FramePrediction& before)
{
    constexpr double step = 1e-4; // Bohr magneton
    constexpr std::size_t most = 4;
    double worst = 0;
    std::size_t done = 0;
    for (std::size_t atom = 0; atom < frame.structure.size() && done < most; ++atom) {
        if (!(norm(frame.moments->vectors[atom]) > 10 * step)) // NaN: no moment
            continue;
        const std::size_t axis = done++ % 3;
        const auto energyAt = [&](double shift) {
            Frame moved = frame;
            moved.moments->vectors[atom][axis] += shift;
            return predictFrames(predictor, {&moved}).front().energy;
        };
        const double slope = (energyAt(step) - energyAt(-step)) / (2 * step);
        worst = std::max(worst, std::abs(slope + before.magneticForces[atom][axis]));
    }
    return worst;
}

} // namespace

void auditSpins(const Predictor& predictor, const std::vector<const Frame*>& frames, Json& audit)
{
    const bool energy = predictor.head.kind == "spin-energy";
    const Mat3 turn = someRotation();
    const Mat3 reversed = {{{-1, 0, 0}, {0, -1, 0}, {0, 0, -1}}};
    double reversal = 0, rotation = 0, differences = 0;
    double spinEnergies = 0, spinForces = 0, spinStress = 0, spinFields = 0;
    for (const Frame* frame : frames) {
        const auto answer = [&](const Frame& image) { return predictFrames(predictor, {&image}).front(); };
        const FramePrediction before = answer(*frame);
        const auto vectors = [&](const FramePrediction& of) {
            return energy ? of.magneticForces : of.momentVectors;
        };
        reversal = std::max(
            reversal, deviation(vectors(before), vectors(answer(withMoments(*frame, reversed))), reversed));
        const Frame whole = withMoments(withStructure(*frame, turn), turn);
        rotation = std::max(rotation, deviation(vectors(before), vectors(answer(whole)), turn));
        if (!energy)
            continue;
        const FramePrediction spun = answer(withMoments(*frame, turn));
        spinEnergies = std::max(spinEnergies, std::abs(spun.energy - before.energy) /
                                                  static_cast<double>(frame->structure.size()));
        spinForces = std::max(spinForces, deviation(before.forces, spun.forces, identity3));
        if (before.stress)
            for (std::size_t a = 0; a < 3; ++a)
                spinStress =
                    std::max(spinStress, deviation({(*before.stress)[a]}, {(*spun.stress)[a]}, identity3));
        spinFields = std::max(spinFields, deviation(before.magneticForces, spun.magneticForces, turn));
        differences = std::max(differences, fieldDeviation(predictor, *frame, before));
    }
    const char* quantity = energy ? "magnetic_forces" : "moment_vectors";
    audit["time_reversal"][quantity] = reversal;
    audit["rotation"][quantity] = rotation;
    if (!energy)
        return;
    audit["spin_rotation"] = {{"energy", spinEnergies},
                              {"forces", spinForces},
                              {"stress", spinStress},
                              {"magnetic_forces", spinFields}};
    audit["finite_differences"]["magnetic_forces"] = differences;
}

} // namespace lodestone
