#include "models/radial_tables.h"

#include <algorithm>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr std::int64_t mostBytes = std::int64_t{512} << 20;

std::int64_t bytesOf(const std::vector<RadialTables::Layer>& layers, std::int64_t intervals)
{
    std::int64_t numbers = 0;
    for (const RadialTables::Layer& layer : layers)
        if (!layer.trained)
            numbers += layer.plan->weights * static_cast<std::int64_t>(layer.functions.size());
    return numbers * intervals * tableTerms * static_cast<std::int64_t>(sizeof(float));
}

} // namespace

std::shared_ptr<const RadialTables> RadialTables::make(const std::vector<Layer>& layers, double cutoff,
                                                       torch::Dtype dtype, const torch::Tensor& kinds,
                                                       double tolerance)
{
    if (dtype != torch::kFloat32)
        return {};
    for (const std::int64_t intervals : {128, 192, 256, 384, 512}) {
        if (bytesOf(layers, intervals) > mostBytes)
            return {};
        auto result = std::make_shared<RadialTables>();
        result->grid.cutoff = cutoff;
        result->grid.intervals = intervals;
        result->kinds = kinds;
        bool any = false, fine = true;
        for (const Layer& layer : layers) {
            std::shared_ptr<const RadialTable> table;
            if (!layer.trained && fine) {
                table = std::make_shared<RadialTable>(*layer.plan, layer.functions, result->grid, dtype,
                                                      tolerance);
                fine = table->error() <= tolerance;
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

TablePositions RadialTables::positions(const torch::Tensor& distance, const torch::Tensor& species,
                                       const torch::Tensor& centre, const torch::Tensor& neighbour) const
{
    if (!kinds.defined())
        return grid.positions(distance);
    const torch::Tensor pair =
        species.index_select(0, centre) * kinds.size(1) + species.index_select(0, neighbour);
    return grid.positions(distance, kinds.view(-1).index_select(0, pair));
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
