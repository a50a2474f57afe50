#include "report/run_material.h"

#include "base/schema.h"
#include "run/predictions.h"

#include <cmath>

namespace lodestone {
namespace {

constexpr std::size_t mostPoints = 500; // of a curve or a parity plot: more are not told apart in print

double numberAt(const Json& json, const char* key)
{
    const auto found = json.is_object() ? json.find(key) : json.end();
    return found != json.end() && found->is_number() ? found->get<double>() : std::nan("");
}

const Json& memberOf(const Json& json, const char* key)
{
    static const Json none;
    const auto found = json.is_object() ? json.find(key) : json.end();
    return found != json.end() ? *found : none;
}

/// Every n-th value and the last, at most about mostPoints.
void thin(std::vector<double>& values)
{
    const std::size_t stride = (values.size() + mostPoints - 1) / mostPoints;
    if (stride < 2)
        return;
    std::vector<double> some;
    for (std::size_t i = 0; i < values.size(); i += stride)
        some.push_back(values[i]);
    if ((values.size() - 1) % stride != 0)
        some.push_back(values.back());
    values = std::move(some);
}

void takeEvaluation(const Json& event, RunMaterial& material)
{
    const Json& sides = memberOf(memberOf(event, "splits"), "validation");
    for (const char* quantity :
         {"energy", "forces", "stress", "moments", "magnetic_forces", "magnetic_forces:perpendicular"}) {
        const double tuned = numberAt(memberOf(memberOf(sides, "tuned"), quantity), "mae");
        if (!std::isfinite(tuned))
            continue;
        ErrorCurve& curve = material.errors[quantity];
        const double epoch = numberAt(event, "epoch");
        // The evaluation of the result repeats that of the best epoch.
        if (!curve.epoch.empty() && epoch <= curve.epoch.back())
            continue;
        curve.epoch.push_back(epoch);
        curve.base.push_back(numberAt(memberOf(memberOf(sides, "base"), quantity), "mae"));
        curve.tuned.push_back(tuned);
    }
}

/// A run goes on from this step: what came after it did not happen.
void dropUndone(RunMaterial& material, double step)
{
    while (!material.step.empty() && material.step.back() > step) {
        material.step.pop_back();
        material.loss.pop_back();
    }
}

void readEvents(RunMaterial& material, const Watch& watch)
{
    EventReader reader(RunPaths{material.run}.events());
    for (EventReader::Batch batch = reader.poll(); !batch.events.empty(); batch = reader.poll())
        for (const Json& event : batch.events) {
            watch.report(0);
            const Json& kind = memberOf(event, "kind");
            if (kind == "started" || kind == "rolled_back") {
                dropUndone(material, numberAt(event, "step"));
            } else if (kind == "step") {
                material.step.push_back(numberAt(event, "step"));
                material.loss.push_back(numberAt(memberOf(event, "loss"), "total"));
            } else if (kind == "evaluation") {
                takeEvaluation(event, material);
            }
        }
    thin(material.step);
    thin(material.loss);
}

ParityData parityOf(const Hdf5Reader& file, const std::string& name)
{
    const auto label = file.readReals(name + "_label"), tuned = file.readReals(name + "_tuned");
    const auto base = file.has(name + "_base") ? file.readReals(name + "_base") : std::vector<double>();
    std::vector<std::size_t> labelled;
    for (std::size_t i = 0; i < std::min(label.size(), tuned.size()); ++i)
        if (std::isfinite(label[i]))
            labelled.push_back(i);
    ParityData parity;
    parity.total = labelled.size();
    parity.stride = std::max<std::size_t>(1, (labelled.size() + mostPoints - 1) / mostPoints);
    for (std::size_t k = 0; k < labelled.size(); k += parity.stride) {
        const std::size_t i = labelled[k];
        parity.label.push_back(label[i]);
        parity.base.push_back(i < base.size() ? base[i] : std::nan(""));
        parity.tuned.push_back(tuned[i]);
    }
    return parity;
}

void readParity(RunMaterial& material, const Watch& watch)
{
    const auto file = openPredictions(RunPaths{material.run});
    if (!file)
        return;
    for (const char* split : {"test", "validation", "train"})
        if (file->has("/" + std::string(split))) {
            material.paritySplit = split;
            break;
        }
    // What the loss compared, where it was a part of the magnetic forces only.
    const char* magnetic =
        material.config.targets.perpendicular ? "magnetic_forces_perpendicular" : "magnetic_forces";
    for (const char* quantity : {"energy", "forces", "moments", magnetic}) {
        watch.report(0);
        const std::string name = "/" + material.paritySplit + "/" + quantity;
        if (!file->has(name + "_label") || !file->has(name + "_tuned"))
            continue;
        ParityData parity = parityOf(*file, name);
        if (parity.total > 0)
            material.parity[quantity] = std::move(parity);
    }
}

Json jsonIfThere(const std::filesystem::path& path, int known)
{
    return std::filesystem::exists(path) ? schema::readFile(path, known) : Json();
}

} // namespace

RunMaterial readRunMaterial(const std::filesystem::path& run, const Watch& watch)
{
    const RunPaths paths{run};
    if (!std::filesystem::exists(paths.configuration()))
        fail("{} is no run directory: it has no run.json.", run.string());
    RunMaterial material;
    material.run = run;
    material.summary = summariseRun(run);
    material.config = readRunConfig(paths.configuration());
    material.resolved = readJsonFile(paths.configuration());
    material.metrics = jsonIfThere(paths.metrics(), schema::metrics);
    material.audit = jsonIfThere(paths.audit(), schema::audit);
    material.explanation = jsonIfThere(paths.explanation(), schema::explanation);
    readEvents(material, watch);
    readParity(material, watch);
    return material;
}

} // namespace lodestone
