#include "architectures/nequip/nequix_layout.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace lodestone {
namespace {

const Irrep scalarIrrep{0, 1};

/// Irreps of a layer's features after the gate.
Irreps featuresOf(const NequixConfig& config, int layer)
{
    if (layer < 0)
        return {{static_cast<std::int64_t>(config.elements.size()), scalarIrrep}};
    return layer + 1 < config.layers ? config.hidden : Irreps{config.hidden.front()};
}

NequixLayer makeLayer(const Irreps& input, const Irreps& features, int lMax)
{
    NequixLayer layer;
    layer.input = input;
    layer.scalars = features.front().multiplicity;
    const std::int64_t gates =
        std::accumulate(features.begin() + 1, features.end(), std::int64_t{0},
                        [](std::int64_t sum, const IrrepBlock& block) { return sum + block.multiplicity; });
    for (const IrrepBlock& feature : features) {
        NequixOutput output;
        output.block = feature;
        if (feature.irrep == scalarIrrep)
            output.block.multiplicity += gates;
        for (std::size_t i = 0; i < input.size(); ++i) {
            const Irrep& in = input[i].irrep;
            if (in == feature.irrep)
                output.skip = static_cast<int>(i);
            for (int l2 = std::abs(in.l - feature.irrep.l); l2 <= std::min(lMax, in.l + feature.irrep.l);
                 ++l2) {
                const int parity = in.parity * (l2 % 2 == 0 ? 1 : -1);
                if (parity != feature.irrep.parity)
                    continue;
                output.paths.push_back({static_cast<int>(i), l2, layer.radialChannels, output.pathChannels});
                layer.radialChannels += input[i].multiplicity;
                output.pathChannels += input[i].multiplicity;
            }
        }
        layer.outputs.push_back(std::move(output));
    }
    return layer;
}

/// Collects ParameterInfos in file order.
class Describer {
public:
    explicit Describer(ModelDescription& description) : m_description(description) {}

    ParameterInfo& add(int layer, const std::string& module, const std::string& leaf, const std::string& kind,
                       std::vector<std::int64_t> shape)
    {
        ParameterInfo info;
        info.layer = layer;
        info.module = module;
        info.block = layer < 0 ? module : fmt::format("layer_{}/{}", layer, module);
        info.name = leaf.empty() ? info.block : info.block + "/" + leaf;
        info.kind = kind;
        info.shape = std::move(shape);
        info.count =
            std::accumulate(info.shape.begin(), info.shape.end(), std::int64_t{1}, std::multiplies<>());
        m_description.tensors.push_back(std::move(info));
        return m_description.tensors.back();
    }

    /// A matrix of one linear block, whose rows all come from `in`.
    ParameterInfo& addMatrix(int layer, const std::string& module, const std::string& kind,
                             const IrrepBlock& in, const IrrepBlock& out)
    {
        ParameterInfo& info =
            add(layer, module, toString(in.irrep), kind, {in.multiplicity, out.multiplicity});
        info.irrepsIn = toString(in);
        info.irrepsOut = toString(out);
        info.paths = {pathOf(in, out, 0)};
        return info;
    }

    static ParameterPath pathOf(const IrrepBlock& in, const IrrepBlock& out, std::int64_t row)
    {
        ParameterPath path;
        path.lIn = in.irrep.l;
        path.parityIn = in.irrep.parity;
        path.lOut = out.irrep.l;
        path.parityOut = out.irrep.parity;
        path.multiplicityIn = in.multiplicity;
        path.multiplicityOut = out.multiplicity;
        path.offset = row * out.multiplicity;
        path.count = in.multiplicity * out.multiplicity;
        return path;
    }

private:
    ModelDescription& m_description;
};

void describeLayer(Describer& describer, const NequixConfig& config, const NequixLayer& layer, int number)
{
    std::int64_t width = config.radialBasis;
    for (int i = 0; i <= config.radialMlpLayers; ++i) {
        const std::int64_t next = i < config.radialMlpLayers ? config.radialMlpSize : layer.radialChannels;
        describer.add(number, "radial", std::to_string(i), "radial", {width, next});
        width = next;
    }
    // The first layer's channels are the elements themselves (one-hot features).
    const int elementAxis = number == 0 ? 0 : -1;
    for (const IrrepBlock& block : layer.input)
        describer.addMatrix(number, "linear_1", "linear", block, block).elementAxis = elementAxis;
    for (const NequixOutput& output : layer.outputs) {
        if (output.pathChannels == 0)
            continue;
        ParameterInfo& info = describer.add(number, "linear_2", toString(output.block.irrep), "linear",
                                            {output.pathChannels, output.block.multiplicity});
        info.irrepsIn = toString(IrrepBlock{output.pathChannels, output.block.irrep});
        info.irrepsOut = toString(output.block);
        for (const NequixPath& path : output.paths)
            info.paths.push_back(
                Describer::pathOf(layer.input[static_cast<std::size_t>(path.input)], output.block, path.row));
        info.elementAxis = output.paths.size() == 1 ? elementAxis : -1;
    }
    for (const NequixOutput& output : layer.outputs)
        if (output.skip >= 0)
            describer
                .addMatrix(number, "skip", "linear", layer.input[static_cast<std::size_t>(output.skip)],
                           output.block)
                .elementAxis = elementAxis;
    if (!config.layerNorm)
        return;
    for (const NequixOutput& output : layer.outputs) {
        ParameterInfo& info =
            describer.add(number, "norm", toString(output.block.irrep), "norm", {output.block.multiplicity});
        info.irrepsIn = info.irrepsOut = toString(output.block);
        info.paths = {Describer::pathOf(output.block, {1, output.block.irrep}, 0)};
    }
}

} // namespace

void validate(const NequixConfig& config, const std::string& origin)
{
    const auto need = [&](bool holds, const std::string& sentence) {
        if (!holds)
            fail("{}: {}", origin, sentence);
    };
    need(std::isfinite(config.cutoff) && config.cutoff > 0 && config.cutoff < 100,
         "the cutoff must lie between 0 and 100 Angstrom.");
    need(!config.elements.empty(), "the model has no elements (atomic_numbers).");
    need(std::set<int>(config.elements.begin(), config.elements.end()).size() == config.elements.size(),
         "an element occurs twice in atomic_numbers.");
    for (const int z : config.elements)
        need(z >= 1 && z <= 118, fmt::format("{} in atomic_numbers is no element.", z));
    need(config.layers >= 1 && config.layers <= 64, "n_layers must lie between 1 and 64.");
    need(config.lMax >= 0 && config.lMax <= 6, "lmax must lie between 0 and 6.");
    need(config.radialBasis >= 1 && config.radialBasis <= 1024,
         "radial_basis_size must lie between 1 and 1024.");
    need(config.radialMlpSize >= 1 && config.radialMlpSize <= 65536,
         "radial_mlp_size must lie between 1 and 65536.");
    need(config.radialMlpLayers >= 0 && config.radialMlpLayers <= 64,
         "radial_mlp_layers must lie between 0 and 64.");
    need(std::isfinite(config.polynomialP) && config.polynomialP > 0,
         "radial_polynomial_p must be positive.");
    need(std::isfinite(config.averageNeighbours) && config.averageNeighbours > 0,
         "avg_n_neighbors must be positive.");
    need(std::isfinite(config.scale) && std::isfinite(config.shift), "scale and shift must be finite.");
    need(!config.hidden.empty() && config.hidden.front().irrep == scalarIrrep &&
             config.hidden.front().multiplicity > 0,
         "hidden_irreps must begin with scalars (0e).");
    for (std::size_t i = 0; i < config.hidden.size(); ++i) {
        const IrrepBlock& block = config.hidden[i];
        need(block.multiplicity > 0 && block.multiplicity <= 65536,
             "every multiplicity in hidden_irreps must lie between 1 and 65536.");
        need(block.irrep.l <= 6, "hidden_irreps go up to l = 6.");
        need(!(block.irrep == Irrep{0, -1}), "pseudoscalars (0o) in hidden_irreps are not supported.");
        need(i == 0 || config.hidden[i - 1].irrep < block.irrep,
             "hidden_irreps must be in order (0e, 1o, 1e, 2e, ...), each once.");
    }
}

std::vector<NequixLayer> nequixLayers(const NequixConfig& config)
{
    std::vector<NequixLayer> layers;
    for (int i = 0; i < config.layers; ++i)
        layers.push_back(makeLayer(featuresOf(config, i - 1), featuresOf(config, i), config.lMax));
    return layers;
}

ModelDescription describeNequix(const NequixConfig& config)
{
    ModelDescription description;
    description.family = "nequix";
    description.architecture =
        fmt::format("Nequix, {} interaction layers, hidden irreps {}, edge harmonics to l = {}",
                    config.layers, toString(config.hidden), config.lMax);
    description.dtype = "float32";
    description.cutoff = config.cutoff;
    description.elements = config.elements;
    description.layers = config.layers;
    description.lMax = config.lMax;
    description.irrepsHidden = toString(config.hidden);

    Describer describer(description);
    ParameterInfo& reference = describer.add(-1, "reference_energies", "", "reference",
                                             {static_cast<std::int64_t>(config.elements.size())});
    reference.elementAxis = 0;
    reference.trainable = false;
    description.referenceEnergies = reference.count;
    const std::vector<NequixLayer> layers = nequixLayers(config);
    for (std::size_t i = 0; i < layers.size(); ++i)
        describeLayer(describer, config, layers[i], static_cast<int>(i));
    describer.addMatrix(-1, "readout", "readout", config.hidden.front(), {1, scalarIrrep});

    for (const ParameterInfo& info : description.tensors)
        description.storedNumbers += info.count;
    description.parameters = description.storedNumbers - description.referenceEnergies;
    return description;
}

} // namespace lodestone
