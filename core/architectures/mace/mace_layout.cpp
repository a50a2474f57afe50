#include "architectures/mace/mace_layout.h"

#include "base/error.h"

#include <algorithm>
#include <numeric>

namespace lodestone {
namespace {

/// Collects ParameterInfos.
class Describer {
public:
    explicit Describer(const MaceConfig& config, ModelDescription& description)
        : m_elements(static_cast<std::int64_t>(config.elements.size())),
          m_description(description)
    {
    }

    ParameterInfo& add(int layer, const std::string& name, const std::string& kind, std::string stored,
                       std::vector<std::int64_t> shape)
    {
        ParameterInfo info;
        info.layer = layer;
        info.name = name;
        // BLOCK/LEAF: blocks of layers and readouts have two parts.
        const std::size_t first = name.find('/');
        const std::size_t second = first == std::string::npos
                                       ? first
                                       : name.find('/', layer < 0 && !isReadout(name) ? first : first + 1);
        info.block = name.substr(0, second);
        info.module = isReadout(name) ? "readout" : layer < 0 ? info.block : info.block.substr(first + 1);
        info.kind = kind;
        info.stored = std::move(stored);
        info.shape = std::move(shape);
        info.count =
            std::accumulate(info.shape.begin(), info.shape.end(), std::int64_t{1}, std::multiplies<>());
        m_description.tensors.push_back(std::move(info));
        return m_description.tensors.back();
    }

    static ParameterPath pathOf(const Irrep& in, std::int64_t channelsIn, const IrrepBlock& out)
    {
        ParameterPath path;
        path.lIn = in.l;
        path.parityIn = in.parity;
        path.lOut = out.irrep.l;
        path.parityOut = out.irrep.parity;
        path.multiplicityIn = channelsIn;
        path.multiplicityOut = out.multiplicity;
        path.count = channelsIn * out.multiplicity;
        return path;
    }

    /// A linear layer. `convolution`: what its inputs come out of, so that the rows of one matrix that stem
    /// from different irreps are told apart. onElements: its inputs are one-hot elements.
    void addLinear(int layer, const std::string& name, const std::string& kind, const std::string& stored,
                   const LinearShape& shape, const MaceConvolution* convolution = nullptr,
                   bool onElements = false)
    {
        if (shape.weightCount() > 0) {
            ParameterInfo& info =
                add(layer, name + "/weight", kind, stored + ".weight", {shape.weightCount()});
            info.irrepsIn = toString(merged(shape.in));
            info.irrepsOut = toString(merged(shape.out));
            for (const FlatPath& path : shape.paths)
                addPaths(info, shape, path, convolution);
            if (onElements)
                for (ParameterPath& path : info.paths)
                    path.elementStride = path.multiplicityOut;
        }
        if (shape.biasCount() > 0) {
            ParameterInfo& info = add(layer, name + "/bias", kind == "readout" ? kind : "bias",
                                      stored + ".bias", {shape.biasCount()});
            info.irrepsOut = toString(merged(shape.out));
        }
    }

    void addElementLinear(int layer, const std::string& name, const std::string& stored,
                          const ElementLinearShape& shape)
    {
        if (shape.weightCount() == 0)
            return;
        ParameterInfo& info =
            add(layer, name + "/weight", "tensor-product", stored + ".weight", {shape.weightCount()});
        info.irrepsIn = toString(shape.in);
        info.irrepsOut = toString(shape.out);
        std::int64_t offset = 0;
        for (const FlatPath& path : shape.paths) {
            const IrrepBlock& in = shape.in[static_cast<std::size_t>(path.in)];
            const IrrepBlock& out = shape.out[static_cast<std::size_t>(path.out)];
            ParameterPath part = pathOf(in.irrep, in.multiplicity, out);
            part.count *= shape.elements;
            part.offset = offset;
            part.elementStride = out.multiplicity;
            offset += part.count;
            info.paths.push_back(part);
        }
    }

    void addRadial(std::size_t layer, const std::string& module, const std::string& stored,
                   const RadialNetwork& network)
    {
        const int number = static_cast<int>(layer);
        std::size_t step = 0; // among the modules of upstream's Sequential
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            const RadialNetwork::Layer& part = network.layers[i];
            if (network.kind == RadialNetwork::Kind::E3nn) {
                add(number, radialTensor(layer, module, network, i), "radial",
                    fmt::format("{}.layer{}.weight", stored, i), {part.in, part.out});
                continue;
            }
            const auto name = [&](const char* leaf) { return radialTensor(layer, module, network, i, leaf); };
            add(number, name("weight"), "radial", fmt::format("{}.net.{}.weight", stored, step),
                {part.out, part.in});
            add(number, name("bias"), "bias", fmt::format("{}.net.{}.bias", stored, step), {part.out});
            if (i + 1 < network.layers.size()) {
                add(number, name("norm/weight"), "norm", fmt::format("{}.net.{}.weight", stored, step + 1),
                    {part.out});
                add(number, name("norm/bias"), "norm", fmt::format("{}.net.{}.bias", stored, step + 1),
                    {part.out});
            }
            step += 3;
        }
    }

    void addContraction(std::size_t layer, std::size_t number, const MaceProduct& product)
    {
        const ContractionShape& shape = product.contractions[number];
        const auto highest = static_cast<int>(shape.u.size());
        for (int order = highest; order >= 1; --order) {
            const std::string leaf =
                order == highest ? "weights_max" : fmt::format("weights.{}", highest - 1 - order);
            const std::int64_t elements = product.agnostic ? 1 : m_elements;
            ParameterInfo& info = add(
                static_cast<int>(layer), contractionTensor(layer, shape.out, order, highest), "contraction",
                fmt::format("products.{}.symmetric_contractions.contractions.{}.{}", layer, number, leaf),
                {elements, shape.u[static_cast<std::size_t>(order) - 1].shape.back(), product.channels});
            info.elementAxis = product.agnostic ? -1 : 0;
            const IrrepBlock out{product.channels, shape.out};
            info.irrepsOut = toString(out);
            // One path into the output's irrep; products have no single input degree, so it stands for both.
            ParameterPath path = pathOf(shape.out, product.channels, out);
            path.count = info.count;
            path.elementStride = product.agnostic ? 0 : info.count / elements;
            info.paths = {path};
            info.trainable = !product.zeroed[number][static_cast<std::size_t>(order) - 1];
        }
    }

private:
    static bool isReadout(const std::string& name) { return name.starts_with("readout_"); }

    static void addPaths(ParameterInfo& info, const LinearShape& shape, const FlatPath& path,
                         const MaceConvolution* convolution)
    {
        const IrrepBlock& in = shape.in[static_cast<std::size_t>(path.in)];
        const IrrepBlock& out = shape.out[static_cast<std::size_t>(path.out)];
        std::int64_t offset = info.paths.empty() ? 0 : info.paths.back().offset + info.paths.back().count;
        const auto push = [&](const Irrep& from, std::int64_t rows) {
            ParameterPath part = pathOf(from, rows, out);
            part.offset = offset;
            offset += part.count;
            if (part.count > 0)
                info.paths.push_back(part);
        };
        if (!convolution) {
            push(in.irrep, in.multiplicity);
            return;
        }
        // Channels of the block within the row of all channels, and of each path of the convolution.
        std::int64_t first = 0;
        for (int i = 0; i < path.in; ++i)
            first += shape.in[static_cast<std::size_t>(i)].multiplicity;
        std::int64_t slot = 0;
        for (std::size_t i = 0; i < convolution->out.size(); ++i) {
            const std::int64_t channels = convolution->out[i].multiplicity;
            const std::int64_t rows =
                std::min(first + in.multiplicity, slot + channels) - std::max(first, slot);
            slot += channels;
            if (rows <= 0)
                continue;
            const auto from =
                std::find_if(convolution->paths.begin(), convolution->paths.end(),
                             [&](const MaceConvolution::Path& p) { return p.out == static_cast<int>(i); });
            push(convolution->in[static_cast<std::size_t>(from->in)].irrep, rows);
        }
    }

    std::int64_t m_elements;
    ModelDescription& m_description;
};

void describeInteraction(Describer& describer, std::size_t layer, const MaceInteraction& interaction)
{
    const auto stored = [&](const char* module) { return fmt::format("interactions.{}.{}", layer, module); };
    const auto name = [&](const char* module) { return fmt::format("layer_{}/{}", layer, module); };
    const int number = static_cast<int>(layer);
    if (interaction.sourceEmbedding)
        describer.addLinear(number, name("source_embedding"), "linear", stored("source_embedding"),
                            *interaction.sourceEmbedding, nullptr, true);
    if (interaction.targetEmbedding)
        describer.addLinear(number, name("target_embedding"), "linear", stored("target_embedding"),
                            *interaction.targetEmbedding, nullptr, true);
    describer.addLinear(number, name("linear_up"), "linear", stored("linear_up"), interaction.linearUp);
    if (interaction.linearDown)
        describer.addLinear(number, name("linear_down"), "linear", stored("linear_down"),
                            *interaction.linearDown);
    describer.addRadial(layer, "conv_tp_weights", stored("conv_tp_weights"), interaction.weights);
    if (interaction.density)
        describer.addRadial(layer, "density_fn", stored("density_fn"), *interaction.density);
    const char* const linear = interaction.gate ? "linear_1" : "linear";
    describer.addLinear(number, name(linear), "linear", stored(linear), interaction.linear,
                        &interaction.convolution);
    if (interaction.gate) {
        describer.add(number, name("alpha"), "other", stored("alpha"), {});
        describer.add(number, name("beta"), "other", stored("beta"), {});
        describer.addLinear(number, name("linear_res"), "linear", stored("linear_res"),
                            *interaction.linearResidual);
        describer.addLinear(number, name("linear_2"), "linear", stored("linear_2"),
                            *interaction.linearSecond);
    }
    if (interaction.elementSkip)
        describer.addElementLinear(number, name("skip_tp"), stored("skip_tp"), *interaction.elementSkip);
    if (interaction.linearSkip) {
        const char* const skip = interaction.linearDown ? "skip_linear" : "skip_tp";
        describer.addLinear(number, name(skip), "linear", stored(skip), *interaction.linearSkip);
    }
}

void describeReadout(Describer& describer, std::size_t number, const MaceReadout& readout)
{
    const auto add = [&](const char* module, const LinearShape& shape) {
        describer.addLinear(-1, fmt::format("readout_{}/{}", number, module), "readout",
                            fmt::format("readouts.{}.{}", number, module), shape);
    };
    add(readout.second ? "linear_1" : "linear", readout.linear);
    if (readout.middle)
        add("linear_mid", *readout.middle);
    if (readout.second)
        add("linear_2", *readout.second);
}

std::string architectureLine(const MaceConfig& config)
{
    int correlation = 0;
    for (const MaceProduct& product : config.products)
        for (const ContractionShape& contraction : product.contractions)
            correlation = std::max(correlation, static_cast<int>(contraction.u.size()));
    std::string line =
        fmt::format("{}, {} interaction layers, hidden irreps {}, edge harmonics to l = {}, correlation {}",
                    config.name, config.interactions.size(),
                    toString(merged(config.products.front().linear.out)), config.lMax, correlation);
    const bool gated = config.interactions.back().gate.has_value();
    if (gated)
        line += ", non-linear interactions";
    else if (config.interactions.back().density)
        line += ", density normalisation";
    if (config.radial.transform == MaceRadial::Transform::Agnesi)
        line += ", Agnesi transform";
    else if (config.radial.transform != MaceRadial::Transform::None)
        line += ", soft transform";
    if (config.repulsion)
        line += ", ZBL repulsion";
    return line;
}

} // namespace

std::string layerTensor(std::size_t layer, const std::string& module, const std::string& leaf)
{
    return fmt::format("layer_{}/{}{}{}", layer, module, leaf.empty() ? "" : "/", leaf);
}

std::string contractionTensor(std::size_t layer, const Irrep& irrep, int order, int highest)
{
    return layerTensor(layer, "contraction",
                       toString(irrep) + (order == highest
                                              ? "/weights_max"
                                              : fmt::format("/weights_{}", highest - 1 - order)));
}

std::string radialTensor(std::size_t layer, const std::string& module, const RadialNetwork& network,
                         std::size_t number, const std::string& part)
{
    return layerTensor(layer, module,
                       network.kind == RadialNetwork::Kind::E3nn ? fmt::format("layer{}", number)
                                                                 : fmt::format("{}/{}", number, part));
}

std::string readoutTensor(std::size_t readout, const std::string& module, const std::string& leaf)
{
    return fmt::format("readout_{}/{}/{}", readout, module, leaf);
}

ModelDescription describeMace(const MaceConfig& config)
{
    ModelDescription description;
    description.family = "mace";
    description.architecture = architectureLine(config);
    description.dtype = config.dtype;
    description.cutoff = config.cutoff;
    description.elements = config.elements;
    description.layers = static_cast<int>(config.interactions.size());
    description.lMax = config.lMax;
    description.irrepsHidden = toString(merged(config.products.front().linear.out));
    if (config.heads.size() > 1) {
        description.heads = config.heads;
        description.headIndex = static_cast<int>(config.head);
    }

    Describer describer(config, description);
    describer.addLinear(-1, "embedding", "linear", "node_embedding.linear", config.embedding, nullptr, true);
    for (std::size_t i = 0; i < config.interactions.size(); ++i) {
        describeInteraction(describer, i, config.interactions[i]);
        for (std::size_t c = 0; c < config.products[i].contractions.size(); ++c)
            describer.addContraction(i, c, config.products[i]);
        describer.addLinear(static_cast<int>(i), fmt::format("layer_{}/product_linear", i), "linear",
                            fmt::format("products.{}.linear", i), config.products[i].linear);
    }
    for (std::size_t i = 0; i < config.readouts.size(); ++i)
        describeReadout(describer, i, config.readouts[i]);
    ParameterInfo& reference = describer.add(-1, "reference_energies", "reference",
                                             "atomic_energies_fn.atomic_energies", config.referenceShape);
    reference.elementAxis = static_cast<int>(config.referenceShape.size()) - 1;
    reference.trainable = false;
    description.referenceEnergies = reference.count;

    for (const ParameterInfo& info : description.tensors)
        description.storedNumbers += info.count;
    description.parameters = description.storedNumbers - description.referenceEnergies;
    return description;
}

} // namespace lodestone
