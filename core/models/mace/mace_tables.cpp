// Tables of MACE's radial functions: of each pair of elements where the functions know the elements.
#include "models/mace/mace.h"

#include "models/mace/mace_layout.h"

#include <torch/torch.h>

namespace lodestone {

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
                                                   const std::vector<bool>& trained) const
{
    const torch::Tensor& any = parameters.at("reference_energies");
    if (!any.is_cpu() || any.scalar_type() != torch::kFloat32)
        return {};
    bool ordered = false, pairs = m_config.radial.transform != MaceRadial::Transform::None;
    for (const Layer& layer : m_layers) {
        if (layer.down) // the functions depend on the features: nothing is known beforehand
            return {};
        ordered |= layer.source.has_value();
    }
    pairs |= ordered;
    // Kinds of edges and an edge of each.
    const auto elements = static_cast<std::int64_t>(m_config.elements.size());
    std::vector<std::pair<std::int64_t, std::int64_t>> edges;
    torch::Tensor kinds;
    if (pairs) {
        kinds = torch::empty({elements, elements}, torch::kInt64);
        auto places = kinds.accessor<std::int64_t, 2>();
        for (std::int64_t a = 0; a < elements; ++a)
            for (std::int64_t b = 0; b < elements; ++b) {
                const bool known = !ordered && b < a; // a sum of radii does not care for the order
                places[a][b] = known ? places[b][a] : static_cast<std::int64_t>(edges.size());
                if (!known)
                    edges.emplace_back(a, b);
            }
    } else {
        edges.emplace_back(0, 0);
    }
    const ParameterTable exact = parameters.to(torch::kCPU, torch::kFloat64);
    std::vector<RadialTables::Layer> layers;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        RadialTables::Layer layer;
        layer.plan = m_layers[i].plan.get();
        takeParameters(layer, m_description, trained,
                       {layerTensor(i, "conv_tp_weights", ""), layerTensor(i, "source_embedding", ""),
                        layerTensor(i, "target_embedding", "")});
        for (const auto& [centre, neighbour] : edges)
            layer.functions.push_back(radialFunction(exact, i, centre, neighbour));
        layers.push_back(std::move(layer));
    }
    return RadialTables::make(layers, m_config.cutoff, torch::kFloat32, kinds);
}

} // namespace lodestone
