#include "architectures/nequip/convolution_layout.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <tuple>

namespace lodestone {
namespace {

constexpr Irrep evenScalar{0, 1};

bool before(const Irrep& a, const Irrep& b)
{
    return std::tie(a.l, a.parity) < std::tie(b.l, b.parity);
}

/// All (feature block, l2, irrep of the product) in loop order.
struct Product {
    int input = 0;
    int l2 = 0;
    Irrep irrep;
};
std::vector<Product> products(const Irreps& features, int harmonics, int harmonicParity)
{
    std::vector<Product> all;
    for (std::size_t i = 0; i < features.size(); ++i)
        for (int l2 = 0; l2 <= harmonics; ++l2) {
            const Irrep& in = features[i].irrep;
            const int parity = in.parity * (l2 % 2 == 0 ? 1 : harmonicParity);
            for (int l = std::abs(in.l - l2); l <= in.l + l2; ++l)
                all.push_back({static_cast<int>(i), l2, {l, parity}});
        }
    return all;
}

std::int64_t multiplicity(const Irreps& irreps, int block)
{
    return irreps[static_cast<std::size_t>(block)].multiplicity;
}

/// Channels of all inputs that lead to each output block.
std::vector<std::int64_t> fanIn(const Irreps& input, const Irreps& output)
{
    std::vector<std::int64_t> channels;
    for (const IrrepBlock& out : output)
        channels.push_back(multiplicityOf(input, out.irrep));
    return channels;
}

} // namespace

Irreps sortedIrreps(Irreps irreps)
{
    std::stable_sort(irreps.begin(), irreps.end(),
                     [](const IrrepBlock& a, const IrrepBlock& b) { return before(a.irrep, b.irrep); });
    return irreps;
}

Irreps simplified(const Irreps& irreps)
{
    Irreps joined;
    for (const IrrepBlock& block : irreps) {
        if (block.multiplicity == 0)
            continue;
        if (!joined.empty() && joined.back().irrep == block.irrep)
            joined.back().multiplicity += block.multiplicity;
        else
            joined.push_back(block);
    }
    return joined;
}

Irreps productIrreps(const Irreps& features, int harmonics, int harmonicParity, int lMax, bool evenOnly)
{
    Irreps irreps;
    for (const Product& product : products(features, harmonics, harmonicParity))
        if (product.irrep.l <= lMax && (!evenOnly || product.irrep.parity == 1))
            irreps.push_back({multiplicity(features, product.input), product.irrep});
    return simplified(sortedIrreps(std::move(irreps)));
}

ConvolutionLayout convolutionLayout(const Irreps& features, int harmonics, int harmonicParity,
                                    const Irreps& wanted, ColumnOrder order)
{
    ConvolutionLayout layout;
    Irreps messages;
    for (const Product& product : products(features, harmonics, harmonicParity)) {
        if (multiplicityOf(wanted, product.irrep) == 0)
            continue;
        ConvolutionPath path;
        path.input = product.input;
        path.l2 = product.l2;
        path.column = layout.columns;
        layout.columns += multiplicity(features, product.input);
        layout.paths.push_back(path);
        messages.push_back({multiplicity(features, product.input), product.irrep});
    }
    layout.sums = simplified(sortedIrreps(messages));
    std::vector<std::size_t> sorted(messages.size());
    std::iota(sorted.begin(), sorted.end(), std::size_t{0});
    std::stable_sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
        return before(messages[a].irrep, messages[b].irrep);
    });
    std::int64_t column = 0;
    std::vector<std::int64_t> filled(layout.sums.size(), 0);
    for (const std::size_t i : sorted) {
        ConvolutionPath& path = layout.paths[i];
        const auto block = std::find_if(layout.sums.begin(), layout.sums.end(), [&](const IrrepBlock& sum) {
            return sum.irrep == messages[i].irrep;
        });
        path.output = static_cast<int>(block - layout.sums.begin());
        std::int64_t& channel = filled[static_cast<std::size_t>(path.output)];
        path.channel = channel;
        channel += messages[i].multiplicity;
        if (order == ColumnOrder::Sorted)
            path.column = column;
        column += messages[i].multiplicity;
    }
    return layout;
}

GateLayout gateLayout(const Irreps& features, const ParityActivations& scalars,
                      const ParityActivations& gates)
{
    Irreps ungated, gated;
    for (const IrrepBlock& block : features)
        (block.irrep.l == 0 ? ungated : gated).push_back(block);
    const Irrep gateIrrep{0, multiplicityOf(ungated, evenScalar) > 0 ? 1 : -1};
    const std::int64_t gateCount =
        std::accumulate(gated.begin(), gated.end(), std::int64_t{0},
                        [](std::int64_t sum, const IrrepBlock& block) { return sum + block.multiplicity; });

    // Blocks before sorting: scalars, gates, gated; the sort is stable, so that channels of the same irrep
    // keep this order within their block.
    Irreps parts = ungated;
    parts.push_back({gateCount, gateIrrep});
    parts.insert(parts.end(), gated.begin(), gated.end());
    GateLayout layout;
    layout.input = simplified(sortedIrreps(parts));
    std::vector<std::int64_t> filled(layout.input.size(), 0);
    const auto take = [&](const Irrep& irrep, std::int64_t count, const Activation& activation) {
        const auto block =
            std::find_if(layout.input.begin(), layout.input.end(),
                         [&](const IrrepBlock& candidate) { return candidate.irrep == irrep; });
        GateChannels channels;
        channels.block = static_cast<int>(block - layout.input.begin());
        channels.first = filled[static_cast<std::size_t>(channels.block)];
        channels.count = count;
        channels.activation = activation;
        filled[static_cast<std::size_t>(channels.block)] += count;
        return channels;
    };
    for (const IrrepBlock& block : ungated)
        layout.outputs.push_back(
            {take(block.irrep, block.multiplicity, block.irrep.parity == 1 ? scalars.even : scalars.odd),
             {}});
    std::vector<GateChannels> openings;
    for (const IrrepBlock& block : gated)
        openings.push_back(
            take(gateIrrep, block.multiplicity, gateIrrep.parity == 1 ? gates.even : gates.odd));
    for (std::size_t i = 0; i < gated.size(); ++i)
        layout.outputs.push_back({take(gated[i].irrep, gated[i].multiplicity, {}), openings[i]});
    return layout;
}

ParameterInfo tensorInfo(int layer, const std::string& module, const std::string& leaf,
                         const std::string& kind, const std::string& stored, std::vector<std::int64_t> shape)
{
    ParameterInfo info;
    info.layer = layer;
    info.module = module;
    info.block = layer < 0 ? module : fmt::format("layer_{}/{}", layer, module);
    info.name = leaf.empty() ? info.block : info.block + "/" + leaf;
    info.stored = stored;
    info.kind = kind;
    info.shape = std::move(shape);
    info.count = std::accumulate(info.shape.begin(), info.shape.end(), std::int64_t{1}, std::multiplies<>());
    return info;
}

ParameterPath pathInfo(const IrrepBlock& in, const IrrepBlock& out, std::int64_t offset)
{
    ParameterPath path;
    path.lIn = in.irrep.l;
    path.parityIn = in.irrep.parity;
    path.lOut = out.irrep.l;
    path.parityOut = out.irrep.parity;
    path.multiplicityIn = in.multiplicity;
    path.multiplicityOut = out.multiplicity;
    path.offset = offset;
    path.count = in.multiplicity * out.multiplicity;
    return path;
}

LinearMap flatLinear(const Irreps& input, const Irreps& output, const OneHotInput& oneHot,
                     ParameterInfo& info, bool inputIsElements)
{
    LinearMap map;
    map.input = input;
    map.output = output;
    Irreps inputs = input;
    if (oneHot.size > 0)
        inputs.push_back({oneHot.size, evenScalar});
    const std::vector<std::int64_t> channels = fanIn(inputs, output);
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        for (std::size_t o = 0; o < output.size(); ++o) {
            const IrrepBlock &in = inputs[i], &out = output[o];
            if (!(in.irrep == out.irrep))
                continue;
            const double factor = 1 / std::sqrt(static_cast<double>(channels[o]));
            ParameterPath path = pathInfo(in, out, offset);
            if (i < input.size()) {
                map.paths.push_back({static_cast<int>(i),
                                     static_cast<int>(o),
                                     {info.name, offset, in.multiplicity, out.multiplicity, factor}});
                if (inputIsElements)
                    path.elementStride = out.multiplicity;
            } else {
                map.rows.push_back(
                    {static_cast<int>(o),
                     {info.name, offset + oneHot.chosen * out.multiplicity, 1, out.multiplicity, factor}});
            }
            info.paths.push_back(path);
            offset += path.count;
        }
    info.shape = {offset};
    info.count = offset;
    info.irrepsIn = toString(inputs);
    info.irrepsOut = toString(output);
    return map;
}

LinearMap flatElementProduct(const Irreps& input, std::int64_t elements, const Irreps& output,
                             ParameterInfo& info)
{
    LinearMap map;
    map.input = input;
    map.output = output;
    const std::vector<std::int64_t> channels = fanIn(input, output);
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < input.size(); ++i)
        for (std::size_t o = 0; o < output.size(); ++o) {
            const IrrepBlock &in = input[i], &out = output[o];
            if (!(in.irrep == out.irrep))
                continue;
            const double factor = 1 / std::sqrt(static_cast<double>(channels[o] * elements));
            ParameterPath path = pathInfo(in, out, offset);
            path.count *= elements;
            path.elementStride = out.multiplicity;
            map.paths.push_back({static_cast<int>(i),
                                 static_cast<int>(o),
                                 {info.name, offset, in.multiplicity, out.multiplicity, factor},
                                 true});
            info.paths.push_back(path);
            offset += path.count;
        }
    info.shape = {offset};
    info.count = offset;
    info.irrepsIn = toString(input);
    info.irrepsOut = toString(output);
    return map;
}

void addBiases(LinearMap& map, ParameterInfo& info)
{
    std::int64_t offset = 0;
    for (std::size_t o = 0; o < map.output.size(); ++o) {
        const IrrepBlock& out = map.output[o];
        if (!(out.irrep == evenScalar))
            continue;
        map.rows.push_back({static_cast<int>(o), {info.name, offset, 1, out.multiplicity, 1}});
        info.paths.push_back(pathInfo({1, evenScalar}, out, offset));
        offset += out.multiplicity;
    }
    info.shape = {offset};
    info.count = offset;
    info.irrepsIn = "1x0e";
    info.irrepsOut = toString(map.output);
}

} // namespace lodestone
