#include "engine/run_evaluation.h"

#include "engine/operations.h"
#include "finetune/run_log.h"
#include "run/run_directory.h"
#include "weights/model_numbers.h"

#include <spdlog/spdlog.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

RunConfig configurationOf(const std::filesystem::path& run, const RunEvaluation::Settings& settings)
{
    RunConfig config = readRunConfig(RunPaths{run}.configuration());
    if (!settings.data.empty()) {
        config.data.validationFiles.clear();
        for (const std::filesystem::path& file : settings.data)
            config.data.validationFiles.push_back(file.string());
        config.data.maxValidation = 0;
    }
    return config;
}

} // namespace

RunEvaluation::RunEvaluation(const std::filesystem::path& run, const Settings& settings, const Watch& watch)
    : m_delta(deltaOfRun(run))
{
    m_config = configurationOf(run, settings);
    m_model = openModel(m_config.model, {m_delta.modelHead});
    requireComputable(description());
    if (description().sha256 != m_delta.baseSha256)
        fail("{} is no longer the model that the run {} started from (its SHA-256 is {}, the delta was made "
             "for {}).",
             m_config.model, run.string(), description().sha256, m_delta.baseSha256);
    m_how = {settings.device, resolveDtype(m_config.dtype), settings.radialTables && m_config.radialTables};
    m_quantities = quantitiesOf(m_config.targets);
    m_data = loadRunData(m_config, description(), m_how.dtype, watch);
    m_how.work.pairs = elementPairs(m_data);
    m_budget = std::make_unique<EdgeBudget>(
        m_config.maxEdges, [](const std::string& sentence) { spdlog::warn("{}", sentence); });
    std::set<std::string> changed;
    for (const DeltaFile::Tensor& tensor : m_delta.tensors)
        changed.insert(tensor.name);
    std::vector<bool> trained;
    for (const ParameterInfo& info : description().tensors)
        trained.push_back(changed.count(info.name) != 0);
    m_base = preparedTable(m_model, m_how, std::move(trained));
    m_head.kind = m_delta.head;
    for (const auto& [name, value] : m_delta.headParameters)
        m_head.numbers[name] = value.to(m_how.device, m_how.dtype);
    if (m_quantities.moments)
        m_momentMeans = meanMoments(*m_data.training.graphs, description().elements);
}

Evaluator RunEvaluation::evaluator(const Watch& watch) const
{
    return {m_model.model.get(), m_how.device, m_how.dtype, m_budget.get(), m_config.maxFrames, [&watch] {
                if (watch.stop.stop_requested())
                    throw Stopped();
            }};
}

SplitPrediction RunEvaluation::predicted(const RunSplit& split, const ParameterTable& table,
                                         const MagneticHead* head, const Watch& watch) const
{
    return predictSplit(evaluator(watch), table, head, *split.graphs, m_quantities,
                        m_delta.referenceEnergyShift);
}

std::set<int> RunEvaluation::trainedElements(const Watch& watch) const
{
    const std::vector<int> own = elementsOf(m_data.training, false);
    std::set<int> elements(own.begin(), own.end());
    if (m_config.replay)
        for (const Frame& frame : replayFrames(evaluator(watch), m_base, {}, *m_config.replay, m_data.replay))
            elements.insert(frame.structure.species.begin(), frame.structure.species.end());
    return elements;
}

std::optional<Forgetting> RunEvaluation::forgetting(const Watch& watch) const
{
    if (m_config.forgettingFrames == 0)
        return std::nullopt;
    return measureForgetting(evaluator(watch), m_base, tunedTable({}), elementsOf(m_data.training, false),
                             m_config.forgettingFrames);
}

RunEvaluation::Errors RunEvaluation::errorsOf(const RunSplit& split, const SplitPrediction& prediction) const
{
    return {metricsOf(*split.graphs, prediction, m_quantities),
            splitLoss(m_config.loss, m_config.targets, *split.graphs, prediction)};
}

RunEvaluation::Errors RunEvaluation::base(const RunSplit& split, const Watch& watch) const
{
    SplitPrediction prediction = predicted(split, m_base, nullptr, watch);
    addBaselines(*split.graphs, description().elements, m_quantities, m_config.magneticHead, m_momentMeans,
                 prediction);
    return errorsOf(split, prediction);
}

ParameterTable RunEvaluation::tunedTable(const std::set<std::string>& off) const
{
    const torch::NoGradGuard guard;
    ParameterTable table = m_base;
    for (const DeltaFile::Tensor& tensor : m_delta.tensors) {
        if (tensor.indices.empty() || off.count(tensor.name))
            continue;
        const torch::Tensor& old = m_base.at(tensor.name);
        const std::vector<double> values = denseDelta(tensor, old.numel());
        table.set(tensor.name,
                  old +
                      torch::tensor(values, torch::kFloat64).to(m_how.device, m_how.dtype).view(old.sizes()));
    }
    return table;
}

RunEvaluation::Errors RunEvaluation::tuned(const RunSplit& split, const std::set<std::string>& off,
                                           const Watch& watch) const
{
    return errorsOf(split, predicted(split, tunedTable(off), m_head.empty() ? nullptr : &m_head, watch));
}

std::vector<double> denseDelta(const DeltaFile::Tensor& tensor, std::int64_t count)
{
    std::vector<double> values(static_cast<std::size_t>(count), 0.0);
    for (std::size_t i = 0; i < tensor.indices.size(); ++i) {
        if (tensor.indices[i] >= count)
            fail("The delta's tensor {} has another shape than in the model.", tensor.name);
        values[static_cast<std::size_t>(tensor.indices[i])] = tensor.values[i];
    }
    return values;
}

} // namespace lodestone
