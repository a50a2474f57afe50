#include "models/radial_tables.h"

#include <algorithm>
#include <torch/torch.h>

namespace lodestone {
namespace {

std::int64_t bytesOf(const std::vector<RadialTables::Layer>& layers, std::int64_t intervals)
{
    std::int64_t rows = 0;
    for (const RadialTables::Layer& layer : layers)
        if (!layer.trained)
            rows += RadialTable::blocksOf(*layer.plan) * static_cast<std::int64_t>(layer.functions.size());
    return rows * intervals * tableTerms * tableLanes * static_cast<std::int64_t>(sizeof(float));
}

} // namespace

std::shared_ptr<const RadialTables> RadialTables::make(const std::vector<Layer>& layers, double cutoff,
                                                       torch::Dtype dtype, double atoms,
                                                       const torch::Tensor& kinds, double tolerance)
{
    if (dtype != torch::kFloat32)
        return {};
    for (const Layer& layer : layers)
        if (atoms < atomsOfATable * static_cast<double>(layer.functions.size()))
            return {};
    // A function that a grid was too coarse for is the first, and the only one, that the next grid is tried
    // on.
    const EdgePlan* roughPlan = nullptr;
    std::vector<RadialTable::Function> rough;
    for (const std::int64_t intervals : {128, 192, 256, 384, 512}) {
        if (bytesOf(layers, intervals) > mostBytes)
            return {};
        auto result = std::make_shared<RadialTables>();
        result->grid.cutoff = cutoff;
        result->grid.intervals = intervals;
        if (roughPlan && RadialTable(*roughPlan, rough, result->grid, dtype, tolerance).error() > tolerance)
            continue;
        result->kinds = kinds;
        bool any = false, fine = true;
        for (const Layer& layer : layers) {
            std::shared_ptr<const RadialTable> table;
            if (!layer.trained && fine) {
                table = std::make_shared<RadialTable>(*layer.plan, layer.functions, result->grid, dtype,
                                                      tolerance);
                if (table->error() > tolerance) {
                    fine = false;
                    roughPlan = layer.plan;
                    rough = {layer.functions[table->roughest()]};
                }
                any = true;
                result->from.insert(result->from.end(), layer.from.begin(), layer.from.end());
            }
            result->tables.push_back(std::move(table));
        }
        if (!any)
            return {};
        if (fine)
            return result;
    }
    return {};
}

const RadialTables* RadialTables::of(const ParameterTable& parameters)
{
    return dynamic_cast<const RadialTables*>(parameters.prepared());
}

std::optional<TablePositions> RadialTables::positions(const torch::Tensor& distance,
                                                      const torch::Tensor& species,
                                                      const torch::Tensor& centre,
                                                      const torch::Tensor& neighbour) const
{
    if (!kinds.defined())
        return grid.positions(distance);
    const torch::Tensor pair =
        species.index_select(0, centre) * kinds.size(1) + species.index_select(0, neighbour);
    const torch::Tensor kind = kinds.view(-1).index_select(0, pair);
    if (kind.lt(0).any().item<bool>())
        return {};
    return grid.positions(distance, kind);
}

std::int64_t RadialTables::bytes() const
{
    std::int64_t sum = 0;
    for (const auto& table : tables)
        sum += table ? table->bytes() : 0;
    return sum;
}

void takeParameters(RadialTables::Layer& layer, const ModelDescription& description,
                    const std::vector<bool>& trained, const std::vector<std::string>& blocks)
{
    for (std::size_t t = 0; t < description.tensors.size(); ++t) {
        const std::string& block = description.tensors[t].block;
        if (std::none_of(blocks.begin(), blocks.end(), [&](const std::string& wanted) {
                return block == wanted || block.starts_with(wanted + "/");
            }))
            continue;
        layer.from.push_back(description.tensors[t].name);
        layer.trained |= trained[t];
    }
}

} // namespace lodestone
