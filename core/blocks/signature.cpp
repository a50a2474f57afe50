#include "blocks/signature.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace lodestone {
namespace {

constexpr std::int64_t fewestForALine = 3;

Json orNull(const std::optional<double>& value)
{
    return value ? Json(*value) : Json();
}

/// Output channel of each value along the tensor's last axis (paths: their output multiplicity), -1 for none.
/// Returns the number of channels; 0 if the tensor has no such axis beside that of the elements.
std::int64_t channelsOf(const ParameterInfo& tensor, std::vector<std::int64_t>& channel)
{
    channel.assign(static_cast<std::size_t>(tensor.count), -1);
    const auto assign = [&channel](std::int64_t offset, std::int64_t count, std::int64_t channels,
                                   std::int64_t first) {
        for (std::int64_t i = 0; i < count; ++i)
            channel[static_cast<std::size_t>(offset + i)] = first + i % channels;
    };
    const int axes = static_cast<int>(tensor.shape.size());
    if (tensor.elementAxis >= 0) {
        if (axes < 2 || tensor.elementAxis == axes - 1 || tensor.shape.back() < 1)
            return 0;
        assign(0, tensor.count, tensor.shape.back(), 0);
        return tensor.shape.back();
    }
    std::int64_t channels = 0;
    for (const ParameterPath& path : tensor.paths) {
        const std::int64_t out = path.multiplicityOut;
        const bool inside = path.offset >= 0 && path.offset + path.count <= tensor.count;
        if (!inside || out < 1 || path.elementStride < 1 || path.elementStride % out != 0)
            continue;
        assign(path.offset, path.count, out, channels);
        channels += out;
    }
    return channels;
}

} // namespace

void WeightChange::add(double w, double d)
{
    ++m_count;
    m_changed += d != 0;
    m_w += w;
    m_d += d;
    m_ww += w * w;
    m_wd += w * d;
    m_dd += d * d;
}

double WeightChange::baseNorm() const
{
    return std::sqrt(m_ww);
}

double WeightChange::deltaNorm() const
{
    return std::sqrt(m_dd);
}

std::optional<double> WeightChange::relativeChange() const
{
    if (!(m_ww > 0))
        return std::nullopt;
    return std::sqrt(m_dd / m_ww);
}

std::optional<double> WeightChange::signature() const
{
    const double n = static_cast<double>(m_count);
    // Centred sums; what rounding leaves of weights that are all alike counts as nothing.
    const double ww = m_ww - m_w * m_w / n;
    if (m_count < fewestForALine || !(ww > 1e-14 * m_ww))
        return std::nullopt;
    if (m_changed == 0)
        return 0.0;
    const double wd = m_wd - m_w * m_d / n, dd = m_dd - m_d * m_d / n;
    // With new = w + d: var(w) var(new) - cov(w, new)^2 = var(w) var(d) - cov(w, d)^2.
    const double both = ww * (ww + 2 * wd + dd);
    if (!(both > 0))
        return std::nullopt; // the new weights are all alike
    return std::clamp((ww * dd - wd * wd) / both, 0.0, 1.0);
}

std::vector<LayerLChange> changeByLayerAndL(std::span<const TensorWeights> tensors)
{
    std::map<std::pair<int, int>, LayerLChange> cells;
    for (const TensorWeights& weights : tensors) {
        const ParameterInfo& tensor = *weights.tensor;
        const auto add = [&](int l, std::int64_t offset, std::int64_t count) {
            // What belongs to no layer comes last.
            LayerLChange& cell =
                cells[{tensor.layer < 0 ? std::numeric_limits<int>::max() : tensor.layer, l}];
            cell.layer = tensor.layer;
            cell.l = l;
            for (std::int64_t i = offset; i < offset + count; ++i)
                cell.change.add(weights.base.at(static_cast<std::size_t>(i)),
                                weights.delta.at(static_cast<std::size_t>(i)));
        };
        if (tensor.paths.empty())
            add(0, 0, tensor.count);
        for (const ParameterPath& path : tensor.paths)
            add(path.lOut, path.offset, path.count);
    }
    std::vector<LayerLChange> result;
    for (const auto& [place, cell] : cells)
        result.push_back(cell);
    return result;
}

std::vector<ElementChange> changeByElement(std::span<const TensorWeights> tensors, std::size_t elements)
{
    std::vector<ElementChange> result;
    for (const TensorWeights& weights : tensors) {
        const std::vector<int> element = elementOfValues(*weights.tensor, elements);
        if (element.empty())
            continue;
        std::vector<std::int64_t> channel;
        ElementChange change;
        change.tensor = weights.tensor->name;
        change.channels = channelsOf(*weights.tensor, channel);
        change.rows.resize(elements);
        change.channel.resize(elements, std::vector<WeightChange>(static_cast<std::size_t>(change.channels)));
        for (std::size_t i = 0; i < element.size(); ++i) {
            if (element[i] < 0)
                continue;
            const auto row = static_cast<std::size_t>(element[i]);
            change.rows[row].add(weights.base.at(i), weights.delta.at(i));
            if (channel[i] >= 0)
                change.channel[row][static_cast<std::size_t>(channel[i])].add(weights.base[i],
                                                                              weights.delta[i]);
        }
        result.push_back(std::move(change));
    }
    return result;
}

Json toJson(const WeightChange& change)
{
    return {{"eligible", change.eligible()},
            {"changed", change.changed()},
            {"relative_change", orNull(change.relativeChange())},
            {"signature", orNull(change.signature())}};
}

} // namespace lodestone
