#include "finetune/evaluation.h"
#include "crystal/elements.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double magneticLimit = 0.1; // Bohr magneton; atoms above count as magnetic (method.md, section 5)

void append(std::vector<double>& to, const torch::Tensor& tensor)
{
    const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat64).contiguous();
    to.insert(to.end(), flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
}

/// Calls `visit(quantity, difference, frame, atom, label)` for every labelled number of a split, where the
/// prediction has the quantity. Energies per atom; atom is the running index over the split.
template<class Visit>
void forEachLabel(const FrameGraphs& graphs, const SplitPrediction& prediction, const Visit& visit)
{
    std::size_t firstAtom = 0;
    for (std::size_t f = 0; f < graphs.size(); ++f) {
        const Frame& frame = graphs.frame(f);
        const std::size_t atoms = frame.structure.size();
        if (!prediction.energy.empty() && frame.energy)
            visit('E', (prediction.energy[f] - *frame.energy) / static_cast<double>(atoms), f, firstAtom,
                  0.0);
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
        }
        firstAtom += atoms;
    }
}

} // namespace

SplitPrediction predictSplit(const Evaluator& evaluator, const ParameterTable& parameters,
                             const HeadParameters* head, const FrameGraphs& graphs,
                             const Quantities& quantities, const std::map<int, double>& shift)
{
    const torch::NoGradGuard guard;
    SplitPrediction result;
    const bool moments = quantities.moments && head;
    if (!quantities.energy && !quantities.forces && !quantities.stress && !moments)
        return result;
    for (const auto& which :
         packBatches(plainOrder(graphs.size()), graphs, evaluator.maxEdges, evaluator.maxFrames)) {
        if (evaluator.poll)
            evaluator.poll();
        const GraphBatch batch = graphs.batch(which).to(evaluator.device, evaluator.dtype);
        const Prediction p = predict(*evaluator.model, parameters, batch,
                                     {.forces = quantities.forces, .stress = quantities.stress});
        if (quantities.energy) {
            const std::size_t first = result.energy.size();
            append(result.energy, p.energy);
            for (std::size_t i = 0; i < which.size(); ++i)
                result.energy[first + i] += shiftOf(graphs.frame(which[i]).structure, shift);
        }
        if (quantities.forces)
            append(result.forces, p.forces);
        if (quantities.stress)
            append(result.stress, p.stress);
        if (moments)
            append(result.moments, momentMagnitudes(*head, p.invariants, batch.species));
    }
    return result;
}

TrainingSurvey surveyTraining(const Evaluator& evaluator, const ParameterTable& parameters,
                              const FrameGraphs& graphs)
{
    const torch::NoGradGuard guard;
    TrainingSurvey survey;
    torch::Tensor sum;
    torch::Tensor squares;
    double atoms = 0;
    for (const auto& which :
         packBatches(plainOrder(graphs.size()), graphs, evaluator.maxEdges, evaluator.maxFrames)) {
        if (evaluator.poll)
            evaluator.poll();
        const GraphBatch batch = graphs.batch(which).to(evaluator.device, evaluator.dtype);
        const Prediction p = predict(*evaluator.model, parameters, batch, {.forces = false, .stress = false});
        append(survey.energy, p.energy);
        const auto x = p.invariants.to(torch::kFloat64);
        sum = sum.defined() ? sum + x.sum(0) : x.sum(0);
        squares = squares.defined() ? squares + x.square().sum(0) : x.square().sum(0);
        atoms += static_cast<double>(batch.atoms);
    }
    const auto mean = sum / atoms;
    append(survey.head.inputMean, mean);
    append(survey.head.inputScale, (squares / atoms - mean.square()).clamp_min(0).sqrt());
    survey.head.elementMoment = meanMoments(graphs, evaluator.model->description().elements);
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
                         metrics["energy"].add(difference);
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
           part('M', targets.moments);
}

} // namespace lodestone
