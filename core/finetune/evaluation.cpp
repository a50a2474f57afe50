#include "finetune/evaluation.h"
#include "crystal/elements.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double magneticLimit = 0.1; // Bohr magneton; atoms above count as magnetic (docs/method.md)

void append(std::vector<double>& to, const torch::Tensor& tensor)
{
    const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat64).contiguous();
    to.insert(to.end(), flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
}

void append(std::vector<double>& to, const std::vector<double>& numbers)
{
    to.insert(to.end(), numbers.begin(), numbers.end());
}

/// Predicts frames, batch by batch or in smaller parts where memory asks for it: keep(read(frames,
/// prediction)) for each part, in order. `keep` is called once a part has been computed, never for
/// one that has to be divided after all.
template<class Read, class Keep>
void forBatches(const Evaluator& evaluator, const ParameterTable& parameters, const FrameGraphs& graphs,
                const std::vector<std::size_t>& which, const MagneticHead* head, PredictionRequest request,
                FrozenStates* frozen, const Read& read, const Keep& keep)
{
    const torch::NoGradGuard guard;
    const SizedFrames sized = graphs.sized();
    for (const auto& batch : packByEdges(which, sized, evaluator.budget->edges(), evaluator.maxFrames)) {
        if (evaluator.poll)
            evaluator.poll();
        using Numbers = decltype(read(batch, HeadPrediction()));
        std::vector<Numbers> numbers;
        evaluator.budget->run(batch, sized, [&](const EdgeBudget::Groups& parts) {
            numbers.clear();
            for (const auto& part : parts) {
                const GraphBatch joined = graphs.batch(part).to(evaluator.device, evaluator.dtype);
                LayerState from;
                if (frozen) {
                    from = frozen->of(part);
                    request.layers.from = from.layers > 0 ? &from : nullptr;
                }
                numbers.push_back(
                    read(part, predictWithHead(*evaluator.model, parameters, joined, request, head)));
            }
        });
        for (const Numbers& part : numbers)
            keep(part);
    }
}

Vec3 vectorAt(const std::vector<double>& numbers, std::size_t atom)
{
    return {numbers[3 * atom], numbers[3 * atom + 1], numbers[3 * atom + 2]};
}

/// Calls `visit(quantity, difference, frame, atom, label)` for every labelled number of a split, where the
/// prediction has the quantity. Energies per atom; atom is the running index over the split. Moments: M
/// lengths, V components and L lengths of differences of vectors. Magnetic forces: B components, T those of
/// the parts across the moment.
template<class Visit>
void forEachLabel(const FrameGraphs& graphs, const SplitPrediction& prediction, const Visit& visit)
{
    std::size_t firstAtom = 0;
    for (std::size_t f = 0; f < graphs.size(); ++f) {
        const Frame& frame = graphs.frame(f);
        const std::size_t atoms = frame.structure.size();
        if (!prediction.energy.empty() && frame.energy)
            visit('E', (prediction.energy[f] - *frame.energy) / static_cast<double>(atoms), f, firstAtom,
                  *frame.energy / static_cast<double>(atoms));
        if (!prediction.forces.empty() && !frame.forces.empty())
            for (std::size_t a = 0; a < atoms; ++a)
                for (std::size_t k = 0; k < 3; ++k)
                    visit('F', prediction.forces[3 * (firstAtom + a) + k] - frame.forces[a][k], f,
                          firstAtom + a, 0.0);
        if (!prediction.stress.empty() && hasStress(frame))
            for (std::size_t r = 0; r < 3; ++r)
                for (std::size_t c = 0; c < 3; ++c)
                    visit('S', prediction.stress[9 * f + 3 * r + c] - (*frame.stress)[r][c], f, firstAtom,
                          0.0);
        if (!prediction.moments.empty() && frame.moments) {
            const std::vector<double> lengths = momentLengths(*frame.moments);
            for (std::size_t a = 0; a < atoms; ++a)
                if (std::isfinite(lengths[a]))
                    visit('M', prediction.moments[firstAtom + a] - lengths[a], f, firstAtom + a, lengths[a]);
            for (std::size_t a = 0; a < atoms && !prediction.momentVectors.empty(); ++a) {
                if (!std::isfinite(lengths[a]))
                    continue;
                const Vec3 difference =
                    vectorAt(prediction.momentVectors, firstAtom + a) - frame.moments->vectors[a];
                visit('L', norm(difference), f, firstAtom + a, lengths[a]);
                for (const double component : difference)
                    visit('V', component, f, firstAtom + a, lengths[a]);
            }
        }
        for (std::size_t a = 0; a < atoms; ++a) {
            if (prediction.magneticForces.empty() || frame.magneticForces.empty() || !hasMoment(frame, a))
                continue;
            const Vec3& label = frame.magneticForces[a];
            const Vec3& axis = frame.moments->vectors[a];
            const Vec3 difference = vectorAt(prediction.magneticForces, firstAtom + a) - label;
            const Vec3 torque = perpendicularPart(axis, difference),
                       torqueLabel = perpendicularPart(axis, label);
            for (std::size_t k = 0; k < 3; ++k) {
                visit('B', difference[k], f, firstAtom + a, label[k]);
                visit('T', torque[k], f, firstAtom + a, torqueLabel[k]);
            }
        }
        firstAtom += atoms;
    }
}

} // namespace

SplitPrediction predictSplit(const Evaluator& evaluator, const ParameterTable& parameters,
                             const MagneticHead* head, const FrameGraphs& graphs,
                             const Quantities& quantities, const std::map<int, double>& shift,
                             FrozenStates* frozen)
{
    return predictFrames(evaluator, parameters, head, graphs, plainOrder(graphs.size()), quantities, shift,
                         frozen);
}

SplitPrediction predictFrames(const Evaluator& evaluator, const ParameterTable& parameters,
                              const MagneticHead* head, const FrameGraphs& graphs,
                              const std::vector<std::size_t>& frames, const Quantities& quantities,
                              const std::map<int, double>& shift, FrozenStates* frozen)
{
    SplitPrediction result;
    const bool magnetic = (quantities.moments || quantities.magneticForces) && head;
    if (!quantities.energy && !quantities.forces && !quantities.stress && !magnetic)
        return result;
    forBatches(
        evaluator, parameters, graphs, frames, head,
        {.forces = quantities.forces, .stress = quantities.stress}, frozen,
        [&](const std::vector<std::size_t>& which, const HeadPrediction& prediction) {
            const Prediction& p = prediction.model;
            SplitPrediction numbers;
            if (quantities.energy) {
                append(numbers.energy, p.energy);
                for (std::size_t i = 0; i < which.size(); ++i)
                    numbers.energy[i] += shiftOf(graphs.frame(which[i]).structure, shift);
            }
            if (quantities.forces)
                append(numbers.forces, p.forces);
            if (quantities.stress)
                append(numbers.stress, p.stress);
            if (quantities.moments && prediction.head.magnitudes.defined())
                append(numbers.moments, prediction.head.magnitudes);
            if (quantities.moments && prediction.head.moments.defined())
                append(numbers.momentVectors, prediction.head.moments);
            if (quantities.magneticForces && prediction.head.magneticForces.defined())
                append(numbers.magneticForces, prediction.head.magneticForces);
            return numbers;
        },
        [&result](const SplitPrediction& numbers) { append(result, numbers); });
    return result;
}

void append(SplitPrediction& all, const SplitPrediction& more)
{
    append(all.energy, more.energy);
    append(all.forces, more.forces);
    append(all.stress, more.stress);
    append(all.moments, more.moments);
    append(all.momentVectors, more.momentVectors);
    append(all.magneticForces, more.magneticForces);
}

SurveySums surveyFrames(const Evaluator& evaluator, const ParameterTable& parameters,
                        const FrameGraphs& graphs, const std::vector<std::size_t>& which)
{
    SurveySums sums;
    forBatches(
        evaluator, parameters, graphs, which, nullptr, {.forces = false, .stress = false}, nullptr,
        [](const std::vector<std::size_t>&, const HeadPrediction& prediction) {
            const auto x = prediction.model.invariants.to(torch::kFloat64);
            SurveySums part;
            append(part.energy, prediction.model.energy);
            append(part.sum, x.sum(0));
            append(part.squares, x.square().sum(0));
            part.atoms = static_cast<double>(x.size(0));
            return part;
        },
        [&sums](const SurveySums& part) { append(sums, part); });
    return sums;
}

void append(SurveySums& all, const SurveySums& more)
{
    append(all.energy, more.energy);
    if (more.atoms == 0)
        return;
    all.sum.resize(more.sum.size());
    all.squares.resize(more.squares.size());
    for (std::size_t i = 0; i < more.sum.size(); ++i) {
        all.sum[i] += more.sum[i];
        all.squares[i] += more.squares[i];
    }
    all.atoms += more.atoms;
}

TrainingSurvey surveyOf(const SurveySums& sums, const FrameGraphs& graphs, const std::vector<int>& elements)
{
    TrainingSurvey survey;
    survey.energy = sums.energy;
    for (std::size_t i = 0; i < sums.sum.size(); ++i) {
        const double mean = sums.sum[i] / sums.atoms;
        survey.head.inputMean.push_back(mean);
        survey.head.inputScale.push_back(
            std::sqrt(std::max(0.0, sums.squares[i] / sums.atoms - mean * mean)));
    }
    survey.head.elementMoment = meanMoments(graphs, elements);
    return survey;
}

std::vector<double> meanMoments(const FrameGraphs& graphs, const std::vector<int>& elements)
{
    std::map<int, std::pair<double, double>> sums; // element -> sum of |m|, count
    for (const Frame* frame : graphs.frames()) {
        if (!frame->moments)
            continue;
        const std::vector<double> lengths = momentLengths(*frame->moments);
        for (std::size_t a = 0; a < lengths.size(); ++a)
            if (std::isfinite(lengths[a])) {
                auto& [sum, count] = sums[frame->structure.species[a]];
                sum += lengths[a];
                count += 1;
            }
    }
    std::vector<double> means;
    for (const int element : elements) {
        const auto it = sums.find(element);
        means.push_back(it == sums.end() ? std::nan("") : it->second.first / it->second.second);
    }
    return means;
}

std::vector<double> baselineMoments(const FrameGraphs& graphs, const std::vector<int>& elements,
                                    const std::vector<double>& means)
{
    std::map<int, double> of;
    for (std::size_t i = 0; i < elements.size(); ++i)
        of[elements[i]] = std::isfinite(means[i]) ? means[i] : 0.0;
    std::vector<double> result;
    for (const Frame* frame : graphs.frames())
        for (const int element : frame->structure.species)
            result.push_back(of.at(element));
    return result;
}

std::vector<double> baselineVectors(const FrameGraphs& graphs, const std::vector<double>& baseline)
{
    std::vector<double> result;
    for (const Frame* frame : graphs.frames())
        for (std::size_t a = 0; a < frame->structure.size(); ++a) {
            const Vec3 given = hasMoment(*frame, a) ? frame->moments->vectors[a] : Vec3{};
            const double length = norm(given);
            for (const double component : given)
                result.push_back(length > 0 ? baseline[result.size() / 3] * component / length : 0);
        }
    return result;
}

void addBaselines(const FrameGraphs& graphs, const std::vector<int>& elements, const Quantities& quantities,
                  const std::string& head, const std::vector<double>& means, SplitPrediction& prediction)
{
    if (quantities.moments)
        prediction.moments = baselineMoments(graphs, elements, means);
    if (head == "vector")
        prediction.momentVectors = baselineVectors(graphs, prediction.moments);
    if (quantities.magneticForces) { // a model without spins has none
        std::size_t atoms = 0;
        for (const Frame* frame : graphs.frames())
            atoms += frame->structure.size();
        prediction.magneticForces.assign(3 * atoms, 0);
    }
}

Metrics metricsOf(const FrameGraphs& graphs, const SplitPrediction& prediction, const Quantities& quantities)
{
    std::vector<int> species;
    if (!prediction.moments.empty())
        for (const Frame* frame : graphs.frames())
            species.insert(species.end(), frame->structure.species.begin(), frame->structure.species.end());
    Metrics metrics;
    forEachLabel(graphs, prediction,
                 [&](char quantity, double difference, std::size_t, std::size_t atom, double label) {
                     if (quantity == 'E' && quantities.energy)
                         metrics["energy"].add(difference, label);
                     if (quantity == 'F' && quantities.forces)
                         metrics["forces"].add(difference);
                     if (quantity == 'S' && quantities.stress)
                         metrics["stress"].add(difference);
                     if (quantity == 'M' && quantities.moments) {
                         metrics["moments"].add(difference);
                         metrics["moments:" + std::string(elementSymbol(species[atom]))].add(difference);
                         if (label > magneticLimit)
                             metrics["moments:magnetic"].add(difference);
                     }
                     if (quantity == 'L' && quantities.moments)
                         metrics["moments:vector"].add(difference);
                     if (quantity == 'B' && quantities.magneticForces)
                         metrics["magnetic_forces"].add(difference, label);
                     if (quantity == 'T' && quantities.magneticForces)
                         metrics["magnetic_forces:perpendicular"].add(difference, label);
                 });
    for (auto& [name, statistics] : metrics)
        statistics.finish();
    return metrics;
}

double splitLoss(const LossConfig& loss, const TargetWeights& targets, const FrameGraphs& graphs,
                 const SplitPrediction& prediction)
{
    std::map<char, std::pair<double, double>> sums; // quantity -> sum of weighted losses, sum of weights
    forEachLabel(graphs, prediction,
                 [&](char quantity, double difference, std::size_t frame, std::size_t, double) {
                     if (quantity == 'E' && !loss.energyPerAtom)
                         difference *= static_cast<double>(graphs.frame(frame).structure.size());
                     auto& [sum, weight] = sums[quantity];
                     sum += graphs.frame(frame).weight * pointLoss(loss, difference);
                     weight += graphs.frame(frame).weight;
                 });
    const auto part = [&sums](char quantity, double target) {
        const auto it = sums.find(quantity);
        return it == sums.end() || it->second.second <= 0 ? 0.0
                                                          : target * it->second.first / it->second.second;
    };
    return part('E', targets.energy) + part('F', targets.forces) + part('S', targets.stress) +
           part(sums.count('V') ? 'V' : 'M', targets.moments) +
           part(targets.perpendicular ? 'T' : 'B', targets.magneticForces);
}

} // namespace lodestone
