#include "finetune/reference_shift.h"
#include "crystal/elements.h"
#include "dataset/reference_energies.h"

#include <cmath>
#include <set>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// The model's own reference energy of each of its elements.
std::map<int, double> ownReferences(const LoadedModel& model)
{
    const ModelDescription& description = model.description();
    const ParameterInfo* reference = referenceTensor(description);
    if (!reference)
        fail("{} keeps no reference energy per element, so reference_energies cannot be \"isolated\"; use "
             "\"estimate\".",
             description.file);
    const torch::Tensor values =
        referenceRow(description, model.parameters.at(reference->name)).to(torch::kFloat64) * reference->unit;
    std::map<int, double> result;
    for (std::size_t i = 0; i < description.elements.size(); ++i)
        result[description.elements[i]] = values[static_cast<std::int64_t>(i)].item<double>();
    return result;
}

ReferenceShift isolatedShift(const RunConfig& config, const LoadedModel& model, const FrameGraphs& training)
{
    std::set<int> elements;
    for (const Frame* frame : training.frames())
        elements.insert(frame->structure.species.begin(), frame->structure.species.end());
    const auto own = ownReferences(model);
    ReferenceShift result;
    for (const int z : elements) {
        const auto it = config.isolatedEnergies.find(std::string(elementSymbol(z)));
        if (it == config.isolatedEnergies.end())
            fail("reference_energies is \"isolated\", but no energy is given for {}, which occurs in the "
                 "training data.",
                 elementSymbol(z));
        result.shift[z] = it->second - own.at(z);
    }
    return result;
}

} // namespace

ReferenceShift referenceShift(const RunConfig& config, const LoadedModel& model, const FrameGraphs& training,
                              const std::vector<double>& baseEnergy)
{
    ReferenceShift result;
    if (config.referenceEnergies == "isolated")
        result = isolatedShift(config, model, training);

    std::vector<std::map<int, int>> compositions;
    std::vector<double> differences;
    for (std::size_t i = 0; i < training.size(); ++i)
        if (const Frame& frame = training.frame(i); frame.energy) {
            compositions.push_back(compositionOf(frame.structure));
            differences.push_back(*frame.energy - baseEnergy[i] - shiftOf(frame.structure, result.shift));
        }
    if (differences.empty())
        return result;
    const ReferenceFit fit = fitReferenceEnergies(compositions, differences);
    if (config.referenceEnergies == "estimate") {
        result.shift = fit.shift;
        std::string shifts;
        for (const auto& [z, shift] : fit.shift)
            shifts += fmt::format("{}{} {:+.4f}", shifts.empty() ? "" : ", ", elementSymbol(z), shift);
        result.messages.push_back(
            {"info",
             fmt::format(
                 "Reference energies corrected by least squares of rank {} for {} elements (eV/atom): {}. "
                 "Energy mismatch {:.4f} eV/atom before, {:.4f} after.",
                 fit.rank, fit.elements, shifts, fit.rmsBefore, fit.rmsAfter)});
        if (!referenceTensor(model.description()))
            result.messages.push_back(
                {"warning", fmt::format("{} keeps no reference energy per element: the corrections stay in "
                                        "the delta, where predict "
                                        "finds them, and the tuned model cannot be exported. With "
                                        "reference_energies \"keep\" it can.",
                                        model.description().file)});
        if (fit.rank < fit.elements)
            result.messages.push_back(
                {"warning",
                 fmt::format(
                     "The compositions of the training frames do not determine the reference energies of "
                     "all {} elements (rank {}): the smallest corrections that fit are used. Frames of "
                     "other compositions may be off.",
                     fit.elements, fit.rank)});
    }
    if (fit.rmsBefore > largestMismatch)
        result.messages.push_back(
            {"warning",
             fmt::format("Before any correction by fit, labels and model differ by {:.2f} eV/atom (root mean "
                         "square): another reference or another functional. {}",
                         fit.rmsBefore,
                         config.referenceEnergies == "estimate"
                             ? "The estimated reference energies take this up."
                             : "Consider reference_energies \"estimate\".")});
    return result;
}

} // namespace lodestone
