#include "engine/all_commands.h"
#include "engine/audit_spins.h"
#include "engine/devices.h"
#include "engine/frame_images.h"
#include "engine/operations.h"
#include "engine/progress_line.h"

#include "weights/model_numbers.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>

namespace lodestone {
namespace {

using Random = std::mt19937_64;

/// Largest deviations of one operation, absolute, in the units of the quantity (energy per atom).
struct Deviation {
    double energy = 0, forces = 0, stress = 0, moments = 0;
};

Json toJson(const Deviation& deviation, bool moments)
{
    Json json = {{"energy", deviation.energy}, {"forces", deviation.forces}, {"stress", deviation.stress}};
    if (moments)
        json["moments"] = deviation.moments;
    return json;
}

double largestDifference(const Vec3& a, const Vec3& b)
{
    const Vec3 d = a - b;
    return std::max({std::abs(d[0]), std::abs(d[1]), std::abs(d[2])});
}

Mat3 randomRotation(Random& random)
{
    std::normal_distribution<double> normal;
    Mat3 rows;
    for (Vec3& row : rows)
        row = {normal(random), normal(random), normal(random)};
    // Gram-Schmidt; the last row completes a right-handed frame.
    rows[0] = 1 / norm(rows[0]) * rows[0];
    rows[1] = rows[1] - dot(rows[0], rows[1]) * rows[0];
    rows[1] = 1 / norm(rows[1]) * rows[1];
    rows[2] = cross(rows[0], rows[1]);
    return rows;
}

/// Structure and moments under a rotation, with inversion or without.
Frame turned(const Frame& frame, const Mat3& matrix)
{
    Frame out = withStructure(frame, matrix);
    if (out.moments)
        for (Vec3& m : out.moments->vectors)
            m = transformMoment(transposed(matrix), 1, m);
    return out;
}

Frame permuted(const Frame& frame, const std::vector<std::size_t>& order)
{
    Frame out;
    out.structure.cell = frame.structure.cell;
    out.structure.pbc = frame.structure.pbc;
    out.structure.source = frame.structure.source;
    out.moments = frame.moments;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const std::size_t i = order[k];
        out.structure.species.push_back(frame.structure.species[i]);
        out.structure.positions.push_back(frame.structure.positions[i]);
        if (frame.moments)
            out.moments->vectors[k] = frame.moments->vectors[i];
    }
    return out;
}

class Auditor {
public:
    explicit Auditor(const Predictor& predictor) : m_predictor(predictor) {}

    FramePrediction answer(const Frame& frame) const { return predictFrames(m_predictor, {&frame}).front(); }

    /// `image` is the answer for the transformed frame: atom i of it came from atom order[i]; vectors turn
    /// with `matrix`.
    static void compare(const FramePrediction& before, const FramePrediction& image,
                        const std::vector<std::size_t>& order, const Mat3& matrix, Deviation& worst)
    {
        worst.energy = std::max(worst.energy, std::abs(image.energy - before.energy) / double(order.size()));
        for (std::size_t i = 0; i < order.size(); ++i) {
            worst.forces =
                std::max(worst.forces, largestDifference(image.forces[i], before.forces[order[i]] * matrix));
            if (!before.moments.empty() && !image.moments.empty())
                worst.moments =
                    std::max(worst.moments, std::abs(image.moments[i] - before.moments[order[i]]));
        }
        if (before.stress && image.stress) {
            const Mat3 expected = transposed(matrix) * *before.stress * matrix;
            for (int a = 0; a < 3; ++a)
                worst.stress = std::max(worst.stress, largestDifference((*image.stress)[a], expected[a]));
        }
    }

    /// Central differences of the energy against a few random force components.
    double forceDeviation(const Frame& frame, const FramePrediction& before, Random& random) const
    {
        constexpr double step = 1e-4;
        constexpr int components = 6;
        double worst = 0;
        for (int k = 0; k < components; ++k) {
            const std::size_t atom = random() % frame.structure.size(), axis = random() % 3;
            Frame moved = frame;
            moved.structure.positions[atom][axis] += step;
            const double above = answer(moved).energy;
            moved.structure.positions[atom][axis] -= 2 * step;
            const double below = answer(moved).energy;
            worst = std::max(worst, std::abs(-(above - below) / (2 * step) - before.forces[atom][axis]));
        }
        return worst;
    }

    double stressDeviation(const Frame& frame, const FramePrediction& before) const
    {
        constexpr double step = 1e-5;
        double worst = 0;
        for (int a = 0; a < 3; ++a)
            for (int b = 0; b <= a; ++b) {
                // The derivative in a symmetric strain e_ab = e_ba = s / 2 is the component ab itself.
                const auto strained = [&](double s) {
                    Mat3 matrix = identity3;
                    matrix[a][b] += s / 2;
                    matrix[b][a] += s / 2;
                    return answer(withStructure(frame, matrix)).energy;
                };
                const double slope = (strained(step) - strained(-step)) / (2 * step);
                worst = std::max(worst, std::abs(slope / frame.structure.volume() - (*before.stress)[a][b]));
            }
        return worst;
    }

private:
    const Predictor& m_predictor;
};

std::vector<std::size_t> identityOrder(std::size_t n)
{
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

Frame timeReversed(const Frame& frame)
{
    Frame out = frame;
    for (Vec3& m : out.moments->vectors)
        m = -1 * m;
    return out;
}

} // namespace

Json auditModel(const Predictor& predictor, const std::vector<const Frame*>& frames, const Watch& watch)
{
    if (predictor.how.dtype != torch::kFloat64)
        fail<InternalError>("An audit needs float64.");
    const Auditor auditor(predictor);
    Random random(1);
    std::normal_distribution<double> normal;
    Deviation rotation, inversion, translation, permutation, reversal;
    double forceSlope = 0, stressSlope = 0;
    bool anyReversal = false;
    for (std::size_t f = 0; f < frames.size(); ++f) {
        const Frame& frame = *frames[f];
        const std::vector<std::size_t> same = identityOrder(frame.structure.size());
        const FramePrediction before = auditor.answer(frame);
        for (int repeat = 0; repeat < 3; ++repeat) {
            watch.report((double(f) + repeat / 6.0) / double(frames.size()));
            const Mat3 turn = randomRotation(random);
            Auditor::compare(before, auditor.answer(turned(frame, turn)), same, turn, rotation);
        }
        const Mat3 mirror = {{{-1, 0, 0}, {0, -1, 0}, {0, 0, -1}}};
        Auditor::compare(before, auditor.answer(turned(frame, mirror)), same, mirror, inversion);
        Frame shifted = frame;
        const Vec3 shift = {5 * normal(random), 5 * normal(random), 5 * normal(random)};
        for (Vec3& position : shifted.structure.positions)
            position = position + shift;
        Auditor::compare(before, auditor.answer(shifted), same, identity3, translation);
        std::vector<std::size_t> order = same;
        std::shuffle(order.begin(), order.end(), random);
        Auditor::compare(before, auditor.answer(permuted(frame, order)), order, identity3, permutation);
        if (frame.moments && !predictor.head.empty()) {
            Auditor::compare(before, auditor.answer(timeReversed(frame)), same, identity3, reversal);
            anyReversal = true;
        }
        watch.report((double(f) + 0.6) / double(frames.size()));
        forceSlope = std::max(forceSlope, auditor.forceDeviation(frame, before, random));
        if (before.stress)
            stressSlope = std::max(stressSlope, auditor.stressDeviation(frame, before));
    }
    watch.report(1);
    const bool moments = !predictor.head.empty() && predictor.head.kind != "spin-energy";
    Json audit = {{"frames", frames.size()},
                  {"dtype", "float64"},
                  {"rotation", toJson(rotation, moments)},
                  {"inversion", toJson(inversion, moments)},
                  {"translation", toJson(translation, moments)},
                  {"permutation", toJson(permutation, moments)}};
    if (anyReversal)
        audit["time_reversal"] = toJson(reversal, moments);
    audit["finite_differences"] = {{"forces", forceSlope}, {"stress", stressSlope}};
    if (needsMoments(predictor.head.kind))
        auditSpins(predictor, frames, audit);
    return audit;
}

void addAudit(CommandLine& line)
{
    struct Options {
        std::string source, delta, map, head;
        std::vector<std::filesystem::path> data;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        "audit", "symmetries, derivatives, short distances and the cutoff of a model or a run, in float64");
    command
        ->add_option("SOURCE", options->source, "model file, or run directory (result/audit.json is written)")
        ->required();
    command->add_option("DATA", options->data, "structure files; a run has its own");
    command->add_option("--delta", options->delta, "delta file to apply to the model file");
    command->add_option("--map", options->map, "label keys, as energy=KEY,forces=KEY");
    addHeadOption(command, options->head);
    command->add_flag("--json", options->json, "print one JSON object");
    line.run(command, [options, &line] {
        const LabelKeys keys = labelKeysFromText(options->map);
        const torch::Device device = chosenDevice(line.common.device);
        ProgressLine bar;
        const Watch watch{{}, [&bar](double share) { bar.show(share, "auditing"); }};
        Json audit;
        if (std::filesystem::is_directory(options->source)) {
            if (!options->data.empty() || !options->delta.empty())
                fail<UsageError>("A run has its own data and delta; name the model file to audit others.");
            audit = auditRun(options->source, device, watch);
        } else {
            if (options->data.empty())
                fail<UsageError>("audit needs structure files after the model file.");
            std::optional<DeltaFile> delta;
            if (!options->delta.empty())
                delta = readDelta(options->delta);
            const std::string head = options->head.empty() && delta ? delta->modelHead : options->head;
            audit = auditTuned(openModel(options->source, {head}), delta, device, {options->data, keys, {}},
                               watch);
        }
        bar.finish();
        if (options->json) {
            printJson(audit);
            return 0;
        }
        printText(
            fmt::format("Largest deviations over {} frames (eV/atom, eV/Angstrom, eV/Angstrom^3, muB)\n",
                        audit["frames"].get<std::size_t>()));
        for (const auto& [name, values] : audit.items())
            for (const auto& [quantity, value] : values.items())
                if (values.is_object() && value.is_number_float())
                    printText(fmt::format("{:<20} {:<8} {:.3e}\n", name, quantity, value.get<double>()));
        for (const Json& verdict : audit["verdicts"])
            printText(fmt::format("{}: {}\n", verdict["passed"].get<bool>() ? "ok" : "NOT OK",
                                  verdict["text"].get<std::string>()));
        return 0;
    });
}

} // namespace lodestone
