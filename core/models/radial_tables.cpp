#include "models/radial_tables.h"

#include <torch/torch.h>

namespace lodestone {

std::shared_ptr<const RadialTables> RadialTables::make(const std::vector<Layer>& layers, double cutoff,
                                                       torch::Dtype dtype, double tolerance)
{
    // Tables are looked up from the nearest caches: finer ones than these would be slower than they are worth.
    if (dtype != torch::kFloat32)
        return {};
    for (const std::int64_t intervals : {128, 192, 256, 384, 512}) {
        auto result = std::make_shared<RadialTables>();
        result->grid.cutoff = cutoff;
        result->grid.intervals = intervals;
        bool any = false, fine = true;
        for (const Layer& layer : layers) {
            std::shared_ptr<const RadialTable> table;
            if (!layer.trained && fine) {
                table = std::make_shared<RadialTable>(*layer.plan, layer.function, result->grid, dtype);
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

} // namespace lodestone
