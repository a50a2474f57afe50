// Tables of MACE's radial functions: of each pair of elements where the functions know the elements.
#include "models/mace/mace.h"

#include "architectures/mace/mace_layout.h"

#include <algorithm>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Edges whose radial functions differ: all (0, 0), or, with `perPair`, one for each of the pairs that the
/// model knows.
struct EdgeKinds {
    std::vector<std::pair<std::int64_t, std::int64_t>> ends; ///< elements (indices) of centre and neighbour
    torch::Tensor places;                                    ///< RadialTables::kinds
};

EdgeKinds edgeKinds(const std::vector<int>& elements, const ElementPairs& pairs, bool perPair, bool ordered)
{
    if (!perPair)
        return {{{0, 0}}, {}};
    const auto count = static_cast<std::int64_t>(elements.size());
    EdgeKinds kinds = {{}, torch::full({count, count}, -1, torch::kInt64)};
    auto places = kinds.places.accessor<std::int64_t, 2>();
    const auto add = [&](std::int64_t centre, std::int64_t neighbour) {
        places[centre][neighbour] = static_cast<std::int64_t>(kinds.ends.size());
        kinds.ends.emplace_back(centre, neighbour);
    };
    for (const auto& [first, second] : pairs.all()) {
        const auto a = std::find(elements.begin(), elements.end(), first) - elements.begin();
        const auto b = std::find(elements.begin(), elements.end(), second) - elements.begin();
        if (a == count || b == count)
            continue;
        add(a, b);
        if (ordered && a != b)
            add(b, a);
        else
            places[b][a] = places[a][b]; // a sum of radii does not care for the order
    }
    return kinds;
}

} // namespace

/// The weights of a layer's convolution on edges between two elements (indices), in double.
RadialTable::Function MaceModel::radialFunction(const ParameterTable& parameters, std::size_t number,
                                                std::int64_t centre, std::int64_t neighbour) const
{
    return [this, &parameters, number, centre, neighbour](const torch::Tensor& r) {
        const auto everywhere = [&](std::int64_t element) {
            return torch::full({r.size(0)}, element, torch::kInt64);
        };
        const torch::Tensor ofCentre = everywhere(centre), ofNeighbour = everywhere(neighbour);
        const RadialFeatures radial = radialFeatures(m_config.radial, r, ofCentre, ofNeighbour);
        torch::Tensor inputs = radial.functions;
        const Layer& layer = m_layers[number];
        if (layer.source && layer.target)
            inputs = torch::cat(
                {inputs,
                 layer.source->ofElements(ofNeighbour, parameters.at(layerTensor(number, "source_embedding")))
                     .front()
                     .squeeze(1),
                 layer.target->ofElements(ofCentre, parameters.at(layerTensor(number, "target_embedding")))
                     .front()
                     .squeeze(1)},
                1);
        const torch::Tensor weights =
            evaluate(m_config.interactions[number].weights, parameters, number, "conv_tp_weights", inputs);
        return m_config.radial.applyCutoff ? weights : weights * radial.cutoff;
    };
}

std::shared_ptr<const Prepared> MaceModel::prepare(const ParameterTable& parameters,
                                                   const std::vector<bool>& trained,
                                                   const Workload& work) const
{
    const torch::Tensor& any = parameters.at("reference_energies");
    if (!any.is_cpu() || any.scalar_type() != torch::kFloat32)
        return {};
    bool ordered = false;
    for (const Layer& layer : m_layers) {
        if (layer.down) // the functions depend on the features: nothing is known beforehand
            return {};
        ordered |= layer.source.has_value();
    }
    const bool perPair = ordered || m_config.radial.transform != MaceRadial::Transform::None;
    const EdgeKinds kinds = edgeKinds(m_config.elements, work.pairs, perPair, ordered);
    if (kinds.ends.empty())
        return {};
    const ParameterTable exact = parameters.to(torch::kCPU, torch::kFloat64);
    std::vector<RadialTables::Layer> layers;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        RadialTables::Layer layer;
        layer.plan = m_layers[i].plan.get();
        takeParameters(layer, m_description, trained,
                       {layerTensor(i, "conv_tp_weights", ""), layerTensor(i, "source_embedding", ""),
                        layerTensor(i, "target_embedding", "")});
        for (const auto& [centre, neighbour] : kinds.ends)
            layer.functions.push_back(radialFunction(exact, i, centre, neighbour));
        layers.push_back(std::move(layer));
    }
    return RadialTables::make(layers, m_config.cutoff, torch::kFloat32, work.atoms, kinds.places);
}

} // namespace lodestone
