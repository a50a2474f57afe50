#include "engine/predictor.h"

#include "crystal/elements.h"
#include "finetune/batches.h"
#include "finetune/head_prediction.h"
#include "models/graph_batch.h"
#include "weights/model_numbers.h"

#include <cmath>
#include <spdlog/spdlog.h>

namespace lodestone {
namespace {

struct Tensors {
    torch::Tensor energy, atomEnergy, forces, stress, moments, momentVectors, magneticForces;
    std::vector<FrameSpins> spins; ///< of each graph
};

Tensors evaluate(const Predictor& predictor, const GraphBatch& batch)
{
    GraphBatch moved = batch.to(predictor.how.device, predictor.how.dtype);
    const auto answerTo = [&predictor](const GraphBatch& graphs) {
        return predictWithHead(*predictor.model.model, predictor.parameters, graphs, {},
                               predictor.head.empty() ? nullptr : &predictor.head);
    };
    HeadPrediction answer = answerTo(moved);
    Tensors tensors;
    if (answer.terms.moments.defined()) {
        tensors.spins = spinsOf(answer.terms, batch, predictor.spins);
        if (predictor.spins.relax) {
            // Coefficients do not depend on the moments, but forces and stress do.
            moved.moments = relaxedMoments(tensors.spins).to(moved.moments.options());
            answer = answerTo(moved);
        }
    }
    const auto plain = [](const torch::Tensor& t) {
        return t.defined() ? t.detach().to(torch::kCPU, torch::kFloat64).contiguous() : torch::Tensor();
    };
    tensors.energy = plain(answer.model.energy);
    tensors.atomEnergy = plain(answer.model.nodeEnergy);
    tensors.forces = plain(answer.model.forces);
    tensors.stress = plain(answer.model.stress);
    tensors.moments = plain(answer.head.magnitudes);
    tensors.magneticForces = plain(answer.head.magneticForces);
    tensors.momentVectors = plain(answer.head.moments);
    if (predictor.head.kind == "spin-energy")
        tensors.momentVectors = plain(moved.moments);
    return tensors;
}

/// Row `atom` of [atoms, 3].
Vec3 vectorAt(const torch::Tensor& vectors, std::size_t atom)
{
    const double* v = vectors.data_ptr<double>() + 3 * atom;
    return {v[0], v[1], v[2]};
}

void unpack(const Tensors& tensors, const std::vector<std::size_t>& which,
            const std::vector<const Frame*>& frames, std::vector<FramePrediction>& out)
{
    const double* energy = tensors.energy.data_ptr<double>();
    const double* atomEnergy = tensors.atomEnergy.data_ptr<double>();
    const double* forces = tensors.forces.data_ptr<double>();
    const double* stress = tensors.stress.data_ptr<double>();
    const double* moments = tensors.moments.defined() ? tensors.moments.data_ptr<double>() : nullptr;
    std::size_t atom = 0;
    for (std::size_t g = 0; g < which.size(); ++g) {
        const Structure& structure = frames[which[g]]->structure;
        FramePrediction& frame = out[which[g]];
        frame.energy = energy[g];
        for (std::size_t i = 0; i < structure.size(); ++i, ++atom) {
            frame.atomEnergies.push_back(atomEnergy[atom]);
            frame.forces.push_back({forces[3 * atom], forces[3 * atom + 1], forces[3 * atom + 2]});
            if (moments)
                frame.moments.push_back(moments[atom]);
            if (tensors.momentVectors.defined())
                frame.momentVectors.push_back(vectorAt(tensors.momentVectors, atom));
            if (tensors.magneticForces.defined())
                frame.magneticForces.push_back(vectorAt(tensors.magneticForces, atom));
        }
        if (!tensors.spins.empty())
            frame.spins = tensors.spins[g];
        if (structure.pbc[0] && structure.pbc[1] && structure.pbc[2]) {
            const double* s = stress + 9 * g;
            frame.stress = Mat3{{{s[0], s[1], s[2]}, {s[3], s[4], s[5]}, {s[6], s[7], s[8]}}};
        }
    }
}

AtomArray vectorArray(const std::vector<Vec3>& values)
{
    AtomArray array;
    array.width = 3;
    for (const Vec3& v : values)
        array.numbers.insert(array.numbers.end(), v.begin(), v.end());
    return array;
}

std::vector<double> flat(const Mat3& m)
{
    std::vector<double> values;
    for (const Vec3& row : m)
        values.insert(values.end(), row.begin(), row.end());
    return values;
}

/// Predicted lengths along the labelled directions; signs and a common rotation cannot come from the model.
AtomArray momentArray(const Frame& frame, const std::vector<double>& lengths)
{
    const bool vectors = frame.moments && frame.moments->kind == Moments::Kind::Vector;
    AtomArray array;
    array.width = vectors ? 3 : 1;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const Vec3 label = frame.moments ? frame.moments->vectors[i] : Vec3{};
        const double length = norm(label);
        const Vec3 direction = length > 1e-8 ? 1 / length * label : Vec3{0, 0, 1}; // NaN compares false too
        if (vectors)
            for (const double component : direction)
                array.numbers.push_back(lengths[i] * component);
        else
            array.numbers.push_back(lengths[i] * direction[2]);
    }
    return array;
}

} // namespace

Predictor makePredictor(const LoadedModel& base, const std::optional<DeltaFile>& delta,
                        const Computation& how)
{
    requireComputable(base.description());
    Predictor predictor;
    predictor.model = delta ? applyDelta(base, *delta) : base;
    predictor.parameters = predictor.model.parameters.to(how.device, how.dtype);
    predictor.how = how;
    if (delta && !delta->headParameters.empty()) {
        predictor.head.kind = delta->head;
        for (const std::string& name : trainedHeadNames(delta->head))
            if (!delta->headParameters.count(name))
                fail("The delta's magnetic head {} lacks the tensor \"{}\".", delta->head, name);
        for (const auto& [name, value] : delta->headParameters)
            predictor.head.numbers[name] = value.to(how.device, how.dtype);
    }
    return predictor;
}

Predictor loadPredictor(const ModelArguments& arguments, const Computation& how)
{
    std::optional<DeltaFile> delta;
    if (!arguments.delta.empty())
        delta = readDelta(arguments.delta);
    const std::string head = arguments.head.empty() && delta ? delta->modelHead : arguments.head;
    return makePredictor(openModel(arguments.model, {head}), delta, how);
}

void prepareFor(Predictor& predictor, const std::vector<const Frame*>& frames, bool once)
{
    Workload work;
    double atoms = 0;
    for (const Frame* frame : frames) {
        work.pairs.add(frame->structure);
        atoms += double(frame->structure.size());
    }
    if (once)
        work.atoms = atoms;
    predictor.how.work = std::move(work);
    predictor.parameters = preparedTable(predictor.model, predictor.how);
}

std::vector<FramePrediction> predictFrames(const Predictor& predictor,
                                           const std::vector<const Frame*>& frames, const Watch& watch,
                                           std::size_t maxEdges)
{
    const ModelDescription& model = predictor.description();
    std::vector<FramePrediction> predictions(frames.size());
    std::vector<GraphBatch> graphs; // of the frames first, first + 1, ...
    std::size_t first = 0, edges = 0;
    EdgeBudget budget(maxEdges, [](const std::string& sentence) { spdlog::warn("{}", sentence); });
    const SizedFrames sized = {[&](std::size_t i) { return graphs[i].edges; },
                               [&](std::size_t i) {
                                   const std::string& source = frames[first + i]->structure.source;
                                   return source.empty() ? fmt::format("frame {}", first + i + 1) : source;
                               }};
    const auto flush = [&] {
        EdgeBudget::Groups groups;
        std::vector<Tensors> answers;
        budget.run(plainOrder(graphs.size()), sized, [&](const EdgeBudget::Groups& parts) {
            groups = parts;
            answers.clear();
            for (const auto& part : parts) {
                std::vector<GraphBatch> together;
                for (const std::size_t i : part)
                    together.push_back(graphs[i]);
                answers.push_back(evaluate(predictor, concatenate(together)));
            }
        });
        for (std::size_t part = 0; part < groups.size(); ++part) {
            for (std::size_t& i : groups[part])
                i += first;
            unpack(answers[part], groups[part], frames, predictions);
        }
        first += graphs.size();
        graphs.clear();
        edges = 0;
    };
    for (std::size_t i = 0; i < frames.size(); ++i) {
        watch.report(double(i) / double(frames.size()));
        GraphBatch graph =
            makeGraphBatch({&frames[i]->structure}, model.elements, model.cutoff, predictor.how.dtype);
        if (needsMoments(predictor.head.kind)) {
            if (!frames[i]->moments)
                failWithoutMoments(*frames[i], i, predictor.head.kind);
            graph.moments = givenMoments(*frames[i], predictor.how.dtype);
        }
        if (edges + std::size_t(graph.edges) > budget.edges())
            flush();
        edges += std::size_t(graph.edges);
        graphs.push_back(std::move(graph));
    }
    flush();
    watch.report(1);
    return predictions;
}

namespace {

void compareMagneticForces(const Frame& frame, const FramePrediction& answer, Metrics& metrics)
{
    if (frame.magneticForces.empty() || answer.magneticForces.empty())
        return;
    for (std::size_t i = 0; i < frame.structure.size(); ++i) {
        if (!hasMoment(frame, i))
            continue;
        const Vec3& axis = frame.moments->vectors[i];
        const Vec3 difference = answer.magneticForces[i] - frame.magneticForces[i];
        const Vec3 torque = perpendicularPart(axis, difference),
                   label = perpendicularPart(axis, frame.magneticForces[i]);
        for (int c = 0; c < 3; ++c) {
            metrics["magnetic_forces"].add(difference[c], frame.magneticForces[i][c]);
            metrics["magnetic_forces:perpendicular"].add(torque[c], label[c]);
        }
    }
}

} // namespace

Metrics compareWithLabels(const std::vector<const Frame*>& frames,
                          const std::vector<FramePrediction>& predictions)
{
    constexpr double magnetic = 0.1; // Bohr magneton
    Metrics metrics;
    for (std::size_t f = 0; f < frames.size(); ++f) {
        const Frame& frame = *frames[f];
        const FramePrediction& answer = predictions[f];
        if (frame.energy)
            metrics["energy"].add((answer.energy - *frame.energy) / double(frame.structure.size()),
                                  *frame.energy / double(frame.structure.size()));
        for (std::size_t i = 0; i < frame.forces.size(); ++i)
            for (int c = 0; c < 3; ++c)
                metrics["forces"].add(answer.forces[i][c] - frame.forces[i][c]);
        if (frame.stress && answer.stress)
            for (int a = 0; a < 3; ++a)
                for (int b = 0; b < 3; ++b)
                    metrics["stress"].add((*answer.stress)[a][b] - (*frame.stress)[a][b]);
        compareMagneticForces(frame, answer, metrics);
        if (!frame.moments || answer.moments.empty())
            continue;
        for (std::size_t i = 0; i < frame.structure.size(); ++i) {
            const double label = norm(frame.moments->vectors[i]);
            if (std::isnan(label))
                continue;
            const double difference = answer.moments[i] - label;
            metrics["moments"].add(difference);
            metrics[fmt::format("moments:{}", elementSymbol(frame.structure.species[i]))].add(difference);
            if (label > magnetic)
                metrics["moments:magnetic"].add(difference);
            if (!answer.momentVectors.empty())
                metrics["moments:vector"].add(norm(answer.momentVectors[i] - frame.moments->vectors[i]));
        }
    }
    for (auto& [name, statistics] : metrics)
        statistics.finish();
    return metrics;
}

Structure predictedStructure(const Frame& frame, const FramePrediction& prediction, const LabelKeys& keys)
{
    Structure structure = frame.structure;
    for (const std::string& key : {keys.energy, keys.stress, keys.virial})
        structure.info.erase(key);
    for (const std::string& key : {keys.forces, keys.moments, keys.magneticForces})
        structure.arrays.erase(key);
    if (frame.energy)
        structure.info["REF_energy"] = *frame.energy;
    if (!frame.forces.empty())
        structure.arrays["REF_forces"] = vectorArray(frame.forces);
    if (!frame.magneticForces.empty())
        structure.arrays["REF_mag_forces"] = vectorArray(frame.magneticForces);
    if (frame.stress)
        structure.info["REF_stress"] = flat(*frame.stress);
    if (frame.moments) {
        const bool vectors = frame.moments->kind == Moments::Kind::Vector;
        AtomArray labels = vectorArray(frame.moments->vectors);
        if (!vectors) {
            labels.width = 1;
            labels.numbers.clear();
            for (const Vec3& m : frame.moments->vectors)
                labels.numbers.push_back(m[2]);
        }
        structure.arrays["REF_magmoms"] = std::move(labels);
    }
    structure.info["energy"] = prediction.energy;
    structure.arrays["forces"] = vectorArray(prediction.forces);
    AtomArray energies;
    energies.numbers = prediction.atomEnergies;
    structure.arrays["energies"] = std::move(energies);
    if (prediction.stress)
        structure.info["stress"] = flat(*prediction.stress);
    if (!prediction.momentVectors.empty())
        structure.arrays["magmoms"] = vectorArray(prediction.momentVectors);
    else if (!prediction.moments.empty())
        structure.arrays["magmoms"] = momentArray(frame, prediction.moments);
    if (!prediction.magneticForces.empty())
        structure.arrays["magnetic_forces"] = vectorArray(prediction.magneticForces);
    if (prediction.spins.relaxed)
        structure.info["moments_relaxed"] = prediction.spins.relaxed->converged;
    return structure;
}

} // namespace lodestone
