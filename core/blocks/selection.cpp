#include "blocks/selection.h"
#include "base/text.h"

#include <algorithm>
#include <functional>
#include <set>

namespace lodestone {
namespace {

bool anyPathEndsIn(const ParameterInfo& tensor, int l)
{
    return std::any_of(tensor.paths.begin(), tensor.paths.end(),
                       [l](const ParameterPath& path) { return path.lOut == l; });
}

/// What the preset means; null if there is no preset of that name.
std::function<bool(const ModelDescription&, const ParameterInfo&)> presetRule(const std::string& name)
{
    using Model = ModelDescription;
    using Tensor = ParameterInfo;
    if (name == "linear")
        return [](const Model&, const Tensor& t) { return t.kind == "linear"; };
    if (name == "all-paths")
        return [](const Model&, const Tensor& t) { return t.kind == "linear" || t.kind == "tensor-product"; };
    if (name == "readout")
        return [](const Model&, const Tensor& t) { return t.kind == "readout"; };
    if (name == "last-layer")
        return [](const Model& m, const Tensor& t) { return t.layer >= 0 && t.layer == m.layers - 1; };
    if (name.size() == 3 && name.starts_with("l=") && name[2] >= '0' && name[2] <= '3')
        return [l = name[2] - '0'](const Model&, const Tensor& t) { return anyPathEndsIn(t, l); };
    if (name == "all")
        return [](const Model&, const Tensor&) { return true; };
    return {};
}

bool patternMatches(const std::string& pattern, const ParameterInfo& tensor)
{
    if (globMatches(pattern, tensor.name) || globMatches(pattern, tensor.block) ||
        globMatches(pattern, tensor.module))
        return true;
    for (std::size_t slash = tensor.name.find('/'); slash != std::string::npos;
         slash = tensor.name.find('/', slash + 1))
        if (globMatches(pattern, std::string_view(tensor.name).substr(0, slash)))
            return true;
    return false;
}

/// "the nearest name is 'layer_1/linear_1'", or the modules there are, for a pattern that matches nothing.
std::string suggestion(const ModelDescription& model, const std::string& pattern)
{
    std::set<std::string> modules;
    std::set<std::string> all;
    for (const ParameterInfo& tensor : model.tensors) {
        modules.insert(tensor.module);
        all.insert({tensor.module, tensor.block, tensor.name});
    }
    std::string plain;
    std::copy_if(pattern.begin(), pattern.end(), std::back_inserter(plain),
                 [](char c) { return c != '*' && c != '?'; });
    if (plain.starts_with('/'))
        plain.erase(0, 1);
    if (const std::string nearest = nearestName(plain, {all.begin(), all.end()}); !nearest.empty())
        return fmt::format("the nearest name is '{}'", nearest);
    return fmt::format("its modules are {}", fmt::join(modules, ", "));
}

void applyPatterns(const ModelDescription& model, const std::vector<std::string>& patterns, bool value,
                   std::vector<bool>& selected)
{
    for (const std::string& pattern : patterns) {
        bool found = false;
        for (std::size_t i = 0; i < model.tensors.size(); ++i) {
            if (!patternMatches(pattern, model.tensors[i]))
                continue;
            found = true;
            selected[i] = value;
        }
        if (!found)
            fail<UsageError>("The block pattern '{}' matches nothing in the model {}; {}.", pattern,
                             model.file, suggestion(model, pattern));
    }
}

} // namespace

const std::vector<SelectionPreset>& selectionPresets()
{
    static const std::vector<SelectionPreset> presets = {
        {"linear", "Every equivariant linear layer, not the readout: what the method's paper changes."},
        {"all-paths", "Every equivariant linear layer and every weighted tensor product."},
        {"readout", "Only the readout that turns features into energies."},
        {"last-layer", "Every tensor of the last interaction layer."},
        {"l=0", "Tensors with a path that ends in scalars (l = 0)."},
        {"l=1", "Tensors with a path that ends in vectors (l = 1)."},
        {"l=2", "Tensors with a path that ends in l = 2."},
        {"l=3", "Tensors with a path that ends in l = 3."},
        {"all", "Every trainable tensor of the model."},
    };
    return presets;
}

std::vector<bool> resolveSelection(const ModelDescription& model, const BlockSelection& selection)
{
    std::vector<bool> selected(model.tensors.size(), false);
    if (!selection.preset.empty()) {
        const auto rule = presetRule(selection.preset);
        if (!rule) {
            std::vector<std::string> names;
            for (const SelectionPreset& preset : selectionPresets())
                names.push_back(preset.name);
            fail<UsageError>("There is no block preset '{}'; the presets are {}.", selection.preset,
                             fmt::join(names, ", "));
        }
        bool found = false;
        for (std::size_t i = 0; i < model.tensors.size(); ++i) {
            selected[i] = model.tensors[i].trainable && rule(model, model.tensors[i]);
            found |= selected[i];
        }
        if (!found)
            fail<UsageError>("The block preset '{}' matches nothing in the model {} ({}).", selection.preset,
                             model.file, model.architecture);
    }
    applyPatterns(model, selection.select, true, selected);
    applyPatterns(model, selection.exclude, false, selected);
    for (std::size_t i = 0; i < model.tensors.size(); ++i)
        if (!model.tensors[i].trainable)
            selected[i] = false;
    return selected;
}

std::int64_t selectedCount(const ModelDescription& model, const std::vector<bool>& selected)
{
    if (selected.size() != model.tensors.size())
        fail<InternalError>("{} selection flags for a model of {} tensors.", selected.size(),
                            model.tensors.size());
    std::int64_t count = 0;
    for (std::size_t i = 0; i < selected.size(); ++i)
        count += selected[i] ? model.tensors[i].count : 0;
    return count;
}

} // namespace lodestone
