#include "finetune/run_result.h"
#include "base/files.h"
#include "base/schema.h"
#include "run/predictions.h"
#include "storage/hdf5_writer.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

const double missing = std::nan("");

/// Labels of a split in the layout of SplitPrediction (energies per atom already); NaN where there is none.
SplitPrediction labelsOf(const FrameGraphs& graphs)
{
    SplitPrediction labels;
    for (const Frame* frame : graphs.frames()) {
        const std::size_t atoms = frame->structure.size();
        labels.energy.push_back(frame->energy ? *frame->energy / static_cast<double>(atoms) : missing);
        for (std::size_t a = 0; a < atoms; ++a)
            for (std::size_t k = 0; k < 3; ++k)
                labels.forces.push_back(frame->forces.empty() ? missing : frame->forces[a][k]);
        const auto lengths =
            frame->moments ? momentLengths(*frame->moments) : std::vector<double>(atoms, missing);
        labels.moments.insert(labels.moments.end(), lengths.begin(), lengths.end());
        for (std::size_t a = 0; a < atoms; ++a)
            for (std::size_t k = 0; k < 3; ++k) {
                labels.momentVectors.push_back(frame->moments ? frame->moments->vectors[a][k] : missing);
                labels.magneticForces.push_back(!frame->magneticForces.empty() && hasMoment(*frame, a)
                                                    ? frame->magneticForces[a][k]
                                                    : missing);
            }
    }
    return labels;
}

std::vector<double> perAtom(const std::vector<double>& energy, const FrameGraphs& graphs)
{
    std::vector<double> result;
    for (std::size_t i = 0; i < energy.size(); ++i)
        result.push_back(energy[i] / static_cast<double>(graphs.frame(i).structure.size()));
    return result;
}

/// Of every atom's vector the part across its moment; NaN where it has none.
std::vector<double> acrossMoments(const std::vector<double>& vectors, const FrameGraphs& graphs)
{
    std::vector<double> result;
    result.reserve(vectors.size());
    for (const Frame* frame : graphs.frames())
        for (std::size_t a = 0; a < frame->structure.size(); ++a) {
            const double* v = vectors.data() + result.size();
            const Vec3 part = hasMoment(*frame, a)
                                  ? perpendicularPart(frame->moments->vectors[a], {v[0], v[1], v[2]})
                                  : Vec3{missing, missing, missing};
            result.insert(result.end(), part.begin(), part.end());
        }
    return result;
}

} // namespace

DeltaFile deltaFileOf(const Learner& learner, const LearnerPoint& point, const LoadedModel& model,
                      const std::map<int, double>& shift, Json provenance)
{
    const torch::NoGradGuard guard;
    const DeltaSet& deltas = learner.deltas();
    const auto flat = deltas.delta(point.delta).detach().to(torch::kCPU);
    const auto values = flat.to(torch::kFloat64).contiguous();
    const double* numbers = values.data_ptr<double>();
    const std::vector<double> thresholds = deltas.thresholds(point.delta);

    DeltaFile file;
    file.baseSha256 = model.description().sha256;
    if (const ModelDescription& about = model.description(); !about.heads.empty())
        file.modelHead = about.heads.at(static_cast<std::size_t>(about.headIndex));
    file.float64 = flat.scalar_type() == torch::kFloat64;
    file.referenceEnergyShift = shift;
    file.provenance = std::move(provenance);
    for (std::size_t i = 0; i < deltas.parts().size(); ++i) {
        const auto& part = deltas.parts()[i];
        const ParameterInfo& info = model.description().tensors[part.tensor];
        DeltaFile::Tensor tensor;
        tensor.name = info.name;
        tensor.shape = info.shape;
        tensor.threshold = thresholds[i];
        tensor.eligible = part.count;
        for (std::int64_t k = 0; k < part.count; ++k)
            if (const double value = numbers[part.offset + k]; value != 0) {
                tensor.indices.push_back(k);
                tensor.values.push_back(value);
            }
        file.tensors.push_back(std::move(tensor));
    }
    if (!point.head.empty()) {
        file.head = point.head.kind;
        for (const auto& [name, tensor] : point.head.numbers)
            file.headParameters[name] = tensor.detach().to(torch::kCPU).clone();
    }
    return file;
}

void writePredictions(const std::filesystem::path& path, const std::vector<SplitComparison>& splits)
{
    replaceFileAtomically(path, [&](const std::filesystem::path& temporary) {
        auto file = Hdf5Writer::create(temporary);
        file.writeText("/format", schema::formatText(predictionsFormat, schema::predictions));
        for (const SplitComparison& comparison : splits) {
            const FrameGraphs& graphs = *comparison.split->graphs;
            // The contract's group names differ from the names of the splits in one case.
            const std::string group =
                "/" + (comparison.split->name == "training" ? "train" : comparison.split->name) + "/";
            std::vector<std::int64_t> atoms;
            std::vector<std::int64_t> species;
            for (const Frame* frame : graphs.frames()) {
                atoms.push_back(static_cast<std::int64_t>(frame->structure.size()));
                species.insert(species.end(), frame->structure.species.begin(),
                               frame->structure.species.end());
            }
            const auto frames = static_cast<std::int64_t>(atoms.size());
            const auto allAtoms = static_cast<std::int64_t>(species.size());
            const auto put = [&](const std::string& name, const std::vector<double>& values,
                                 const std::vector<std::int64_t>& shape) {
                file.write(group + name, std::span<const double>(values), shape);
            };
            file.write(group + "atoms", std::span<const std::int64_t>(atoms), {frames});
            file.write(group + "species", std::span<const std::int64_t>(species), {allAtoms});
            file.write(group + "frame_index", std::span<const std::int64_t>(comparison.split->index),
                       {frames});
            const SplitPrediction labels = labelsOf(graphs);
            if (!comparison.tuned.energy.empty()) {
                put("energy_label", labels.energy, {frames});
                put("energy_base", perAtom(comparison.base.energy, graphs), {frames});
                put("energy_tuned", perAtom(comparison.tuned.energy, graphs), {frames});
            }
            if (!comparison.tuned.forces.empty()) {
                put("forces_label", labels.forces, {allAtoms, 3});
                put("forces_base", comparison.base.forces, {allAtoms, 3});
                put("forces_tuned", comparison.tuned.forces, {allAtoms, 3});
            }
            if (!comparison.tuned.moments.empty()) {
                put("moments_label", labels.moments, {allAtoms});
                put("moments_base", comparison.base.moments, {allAtoms});
                put("moments_tuned", comparison.tuned.moments, {allAtoms});
            }
            if (!comparison.tuned.momentVectors.empty()) {
                put("moment_vectors_label", labels.momentVectors, {allAtoms, 3});
                put("moment_vectors_base", comparison.base.momentVectors, {allAtoms, 3});
                put("moment_vectors_tuned", comparison.tuned.momentVectors, {allAtoms, 3});
            }
            if (!comparison.tuned.magneticForces.empty()) {
                for (const auto& [side, values] : {std::pair{"label", &labels.magneticForces},
                                                   {"base", &comparison.base.magneticForces},
                                                   {"tuned", &comparison.tuned.magneticForces}}) {
                    put(fmt::format("magnetic_forces_{}", side), *values, {allAtoms, 3});
                    put(fmt::format("magnetic_forces_perpendicular_{}", side), acrossMoments(*values, graphs),
                        {allAtoms, 3});
                }
            }
        }
        file.close();
    });
}

RunSplit thinned(const RunSplit& split, std::size_t limit, const ModelDescription& model, torch::Dtype dtype)
{
    const std::size_t measured = split.size() - split.replayed;
    const std::size_t count = std::min(limit, measured);
    RunSplit result;
    result.name = split.name;
    std::vector<const Frame*> frames;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = i * measured / count;
        frames.push_back(&split.graphs->frame(at));
        result.index.push_back(split.index[at]);
    }
    result.graphs = std::make_unique<FrameGraphs>(std::move(frames), model, dtype, 0);
    return result;
}

} // namespace lodestone
