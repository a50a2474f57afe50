#include "blocks/sparsity.h"

#include <limits>
#include <map>
#include <string_view>

namespace lodestone {
namespace {

constexpr const char* where = "sparsity record";

} // namespace

std::vector<LayerLCell> byLayerAndL(const ModelDescription& model, const SparsityRecord& record)
{
    std::map<std::string_view, const ParameterInfo*> byName;
    for (const ParameterInfo& tensor : model.tensors)
        byName[tensor.name] = &tensor;
    std::map<std::pair<int, int>, LayerLCell> cells;
    const auto add = [&](int layer, int l, std::int64_t eligible, std::int64_t changed) {
        // What belongs to no layer comes last.
        LayerLCell& cell = cells[{layer < 0 ? std::numeric_limits<int>::max() : layer, l}];
        cell.layer = layer;
        cell.l = l;
        cell.eligible += eligible;
        cell.changed += changed;
    };
    for (const TensorChange& change : record.tensors) {
        const auto found = byName.find(change.tensor);
        if (found == byName.end())
            fail("The sparsity record names the tensor '{}', which the model {} does not have.",
                 change.tensor, model.file);
        const ParameterInfo& tensor = *found->second;
        if (tensor.paths.size() < 2) {
            add(tensor.layer, tensor.paths.empty() ? 0 : tensor.paths.front().lOut, change.eligible,
                change.changed);
            continue;
        }
        if (change.pathChanged.size() != tensor.paths.size())
            fail("The sparsity record has {} path counts for the tensor '{}', which has {} paths.",
                 change.pathChanged.size(), change.tensor, tensor.paths.size());
        for (std::size_t p = 0; p < tensor.paths.size(); ++p)
            add(tensor.layer, tensor.paths[p].lOut, tensor.paths[p].count, change.pathChanged[p]);
    }
    std::vector<LayerLCell> result;
    for (const auto& [place, cell] : cells)
        result.push_back(cell);
    return result;
}

Json toJson(const SparsityRecord& record)
{
    Json tensors = Json::array();
    for (const TensorChange& change : record.tensors)
        tensors.push_back({{"tensor", change.tensor},
                           {"eligible", change.eligible},
                           {"changed", change.changed},
                           {"threshold", change.threshold},
                           {"delta_norm", change.deltaNorm},
                           {"base_norm", change.baseNorm},
                           {"path_changed", change.pathChanged},
                           {"element_changed", change.elementChanged}});
    return {{"tensors", std::move(tensors)},
            {"eligible", record.eligible},
            {"changed", record.changed},
            {"parameters", record.parameters},
            {"changed_of_eligible", record.changedOfEligible()},
            {"changed_of_model", record.changedOfModel()}};
}

SparsityRecord sparsityRecordFromJson(const Json& json)
{
    SparsityRecord record;
    for (const Json& item : jsonMember<Json>(json, "tensors", where)) {
        TensorChange change;
        change.tensor = jsonMember<std::string>(item, "tensor", where);
        change.eligible = jsonMember<std::int64_t>(item, "eligible", where);
        change.changed = jsonMember<std::int64_t>(item, "changed", where);
        change.threshold = jsonMember<double>(item, "threshold", where);
        change.deltaNorm = jsonMember<double>(item, "delta_norm", where);
        change.baseNorm = jsonMember<double>(item, "base_norm", where);
        change.pathChanged = jsonMember<std::vector<std::int64_t>>(item, "path_changed", where);
        change.elementChanged = jsonMember<std::vector<std::int64_t>>(item, "element_changed", where, {});
        record.tensors.push_back(std::move(change));
    }
    record.eligible = jsonMember<std::int64_t>(json, "eligible", where);
    record.changed = jsonMember<std::int64_t>(json, "changed", where);
    record.parameters = jsonMember<std::int64_t>(json, "parameters", where);
    return record;
}

} // namespace lodestone
