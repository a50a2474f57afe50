#include "architectures/nequip/sevennet.h"

#include "base/error.h"

#include <cmath>
#include <set>

namespace lodestone {
namespace {

constexpr IrrepBlock oneScalar{1, {0, 1}};

/// Builds the network module by module.
class Builder {
public:
    explicit Builder(const SevenNetConfig& config) : m_config(config) {}

    ConvolutionNetwork build()
    {
        m_network.family = "sevennet";
        m_network.cutoff = m_config.cutoff;
        m_network.elements = m_config.elements;
        m_network.harmonics = m_config.lMaxEdge > 0 ? m_config.lMaxEdge : m_config.lMax;
        m_network.unitHarmonics = m_config.unitHarmonics;
        m_network.basis = {m_config.envelope, 2 / m_config.cutoff};
        m_network.radialActivation = normalisedActivation(m_config.radialActivation);
        m_network.heads = m_config.modalities;
        m_network.headIndex = m_config.modality;
        m_network.frequencies =
            add(tensorInfo(-1, "radial_basis", "frequencies", "radial",
                           "edge_embedding.basis_function.coeffs", {m_config.basisFunctions}));
        Irreps features =
            m_config.irreps.empty() ? Irreps{{m_config.channels, {0, 1}}} : m_config.irreps.front();
        m_network.embedding = linear(-1, "embedding", "onehot_to_feature_x", "linear",
                                     {{static_cast<std::int64_t>(m_config.elements.size()), {0, 1}}},
                                     features, m_config.modalEmbedding, true);
        for (int i = 0; i < m_config.layers; ++i) {
            m_network.layers.push_back(layer(i, features));
            features = m_network.layers.back().output;
        }
        readout(features);
        m_network.shift = energyTerm("shift", m_config.shiftShape);
        m_network.scale = energyTerm("scale", m_config.scaleShape);
        m_network.architecture = architectureLine(m_network);
        return std::move(m_network);
    }

private:
    /// Lists a tensor unless it is empty; its name.
    std::string add(ParameterInfo info)
    {
        const std::string name = info.name;
        if (info.count > 0)
            m_network.tensors.push_back(std::move(info));
        return name;
    }

    LinearMap linear(int layer, const std::string& module, const std::string& upstream,
                     const std::string& kind, const Irreps& input, const Irreps& output, bool modal,
                     bool inputIsElements = false, const std::string& leaf = "weight", bool biases = true)
    {
        OneHotInput modality;
        if (modal)
            modality = {static_cast<std::int64_t>(m_config.modalities.size()), m_config.modality};
        ParameterInfo weight = tensorInfo(layer, module, leaf, kind, upstream + ".linear.weight", {});
        LinearMap map = flatLinear(input, output, modality, weight, inputIsElements);
        add(std::move(weight));
        if (m_config.biases && biases) {
            ParameterInfo bias = tensorInfo(layer, module, leaf == "weight" ? "bias" : leaf + "_bias", "bias",
                                            upstream + ".linear.bias", {});
            addBiases(map, bias);
            add(std::move(bias));
        }
        return map;
    }

    ConvolutionLayer layer(int number, const Irreps& features)
    {
        const bool last = number + 1 == m_config.layers;
        const int harmonicParity = m_config.parity ? -1 : 1;
        const auto at = static_cast<std::size_t>(number);
        ConvolutionLayer layer;
        layer.input = features;
        layer.output = outputOf(number, features);
        int lMax = 0;
        for (const IrrepBlock& block : layer.output)
            lMax = std::max(lMax, block.irrep.l);
        const Irreps wanted = productIrreps(features, m_network.harmonics, harmonicParity, lMax, last);
        const GateLayout gate = gateLayout(
            layer.output,
            {normalisedActivation(m_config.evenScalars), normalisedActivation(m_config.oddScalars)},
            {normalisedActivation(m_config.evenGates), normalisedActivation(m_config.oddGates)});
        layer.gate = gate.outputs;
        const std::string prefix = fmt::format("{}_", number);
        if (m_config.elementSelfConnection[at]) {
            ParameterInfo weight = tensorInfo(number, "self_connection_intro", "weight", "tensor-product",
                                              prefix + "self_connection_intro.fc_tensor_product.weight", {});
            layer.selfConnection = flatElementProduct(
                features, static_cast<std::int64_t>(m_config.elements.size()), gate.input, weight);
            add(std::move(weight));
        } else {
            layer.selfConnection = linear(number, "self_connection_intro", prefix + "self_connection_intro",
                                          "linear", features, gate.input, false, false, "weight", false);
        }
        layer.first = linear(number, "self_interaction_1", prefix + "self_interaction_1", "linear", features,
                             features, m_config.modalFirst);
        convolution(layer, number, wanted, harmonicParity);
        layer.second = linear(number, "self_interaction_2", prefix + "self_interaction_2", "linear",
                              layer.sums, gate.input, m_config.modalSecond);
        return layer;
    }

    /// Features after a layer: upstream's irreps_manual, or all irreps of the product up to lMax with as many
    /// channels each.
    Irreps outputOf(int number, const Irreps& features) const
    {
        if (!m_config.irreps.empty())
            return m_config.irreps[static_cast<std::size_t>(number) + 1];
        const bool last = number + 1 == m_config.layers;
        const int lMax = last ? 0 : (m_config.lMaxNode > 0 ? m_config.lMaxNode : m_config.lMax);
        Irreps irreps = productIrreps(features, m_network.harmonics, m_config.parity ? -1 : 1, lMax, last);
        for (IrrepBlock& block : irreps)
            block.multiplicity = m_config.channels;
        return irreps;
    }

    void convolution(ConvolutionLayer& layer, int number, const Irreps& wanted, int harmonicParity)
    {
        const std::string upstream = fmt::format("{}_convolution", number);
        ConvolutionLayout layout =
            convolutionLayout(layer.input, m_network.harmonics, harmonicParity, wanted, m_config.columns);
        for (ConvolutionPath& path : layout.paths) {
            const int l1 = layer.input[static_cast<std::size_t>(path.input)].irrep.l;
            const int l3 = layout.sums[static_cast<std::size_t>(path.output)].irrep.l;
            if (const auto found = m_config.couplingFactors.find({number, l1, path.l2, l3});
                found != m_config.couplingFactors.end())
                path.factor = found->second;
        }
        layer.paths = std::move(layout.paths);
        layer.sums = std::move(layout.sums);
        ParameterInfo denominator =
            tensorInfo(number, "convolution", "denominator", "scale", upstream + ".denominator", {1});
        denominator.trainable = m_config.trainDenominators;
        layer.denominator = add(std::move(denominator));
        std::vector<std::int64_t> widths = {m_config.basisFunctions};
        widths.insert(widths.end(), m_config.radialHidden.begin(), m_config.radialHidden.end());
        widths.push_back(layout.columns);
        for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
            const std::string name = add(tensorInfo(number, "radial", std::to_string(i), "radial",
                                                    fmt::format("{}.weight_nn.layer{}.weight", upstream, i),
                                                    {widths[i], widths[i + 1]}));
            layer.radial.push_back(
                {name, 0, widths[i], widths[i + 1], 1 / std::sqrt(static_cast<double>(widths[i]))});
        }
    }

    void readout(const Irreps& features)
    {
        if (m_config.readoutHidden.empty()) {
            const Irreps hidden = {{sizeOf(features) / 2, {0, 1}}};
            m_network.readout.push_back({linear(-1, "readout", "reduce_input_to_hidden", "readout", features,
                                                hidden, m_config.modalReadout, false, "hidden"),
                                         {}});
            m_network.readout.push_back({linear(-1, "readout", "reduce_hidden_to_energy", "readout", hidden,
                                                {oneScalar}, false, false, "energy"),
                                         {}});
            return;
        }
        Irreps input = features;
        std::vector<std::int64_t> widths = m_config.readoutHidden;
        widths.push_back(1);
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const IrrepBlock in{sizeOf(input), {0, 1}}, out{widths[i], {0, 1}};
            ParameterInfo info = tensorInfo(-1, "readout", std::to_string(i), "readout",
                                            fmt::format("readout_FCN.fcn.layer{}.weight", i),
                                            {in.multiplicity, out.multiplicity});
            info.irrepsIn = toString(in);
            info.irrepsOut = toString(out);
            info.paths = {pathInfo(in, out, 0)};
            LinearMap map;
            map.input = input;
            map.output = {out};
            map.paths = {{0,
                          0,
                          {info.name, 0, in.multiplicity, out.multiplicity,
                           1 / std::sqrt(static_cast<double>(in.multiplicity))}}};
            add(std::move(info));
            const bool last = i + 1 == widths.size();
            m_network.readout.push_back(
                {map, last ? Activation{} : normalisedActivation(m_config.readoutActivation)});
            input = map.output;
        }
    }

    EnergyTerm energyTerm(const std::string& which, const std::vector<std::int64_t>& shape)
    {
        const auto elements = static_cast<std::int64_t>(m_config.elements.size());
        EnergyTerm term;
        term.perElement = shape.back() == elements && shape != std::vector<std::int64_t>{1};
        term.offset = shape.size() == 2 ? m_config.modality * elements : 0;
        const bool reference = which == "shift" && term.perElement;
        ParameterInfo info =
            tensorInfo(-1, which == "shift" ? "reference_energies" : "scale", "",
                       reference ? "reference" : "scale", "rescale_atomic_energy." + which, shape);
        info.trainable = false;
        if (term.perElement)
            info.elementAxis = static_cast<int>(shape.size()) - 1;
        term.tensor = add(std::move(info));
        return term;
    }

    const SevenNetConfig& m_config;
    ConvolutionNetwork m_network;
};

} // namespace

void validate(const SevenNetConfig& config, const std::string& origin)
{
    const auto need = [&](bool holds, const std::string& sentence) {
        if (!holds)
            fail("{}: {}", origin, sentence);
    };
    need(std::isfinite(config.cutoff) && config.cutoff > 0 && config.cutoff < 100,
         "the cutoff must lie between 0 and 100 Angstrom.");
    need(!config.elements.empty() && config.elements.size() <= 200,
         "_type_map must list between 1 and 200 elements.");
    need(std::set<int>(config.elements.begin(), config.elements.end()).size() == config.elements.size(),
         "an element occurs twice in _type_map.");
    for (const int z : config.elements)
        need(z >= 0 && z <= 118, fmt::format("{} in _type_map is no element.", z));
    need(config.layers >= 1 && config.layers <= 64, "num_convolution_layer must lie between 1 and 64.");
    for (const int l : {config.lMax, config.lMaxEdge, config.lMaxNode})
        need(l >= -1 && l <= 6, "lmax, lmax_edge and lmax_node must not exceed 6.");
    need(config.lMax >= 0, "lmax must not be negative.");
    need(config.channels >= 1 && config.channels <= 65536, "channel must lie between 1 and 65536.");
    need(config.basisFunctions >= 1 && config.basisFunctions <= 1024,
         "bessel_basis_num must lie between 1 and 1024.");
    for (const std::vector<std::int64_t>* widths : {&config.radialHidden, &config.readoutHidden}) {
        need(widths->size() <= 64, "a network has more than 64 hidden layers.");
        for (const std::int64_t width : *widths)
            need(width >= 1 && width <= 65536, "the numbers of hidden neurons must lie between 1 and 65536.");
    }
    const RadialEnvelope& envelope = config.envelope;
    need(envelope.kind != RadialEnvelope::Kind::Xplor ||
             (envelope.onset >= 0 && envelope.onset < config.cutoff),
         "cutoff_on of the XPLOR function must lie between 0 and the cutoff.");
    need(std::isfinite(envelope.p) && envelope.p > 0 && envelope.p < 1000,
         "poly_cut_p_value must be positive.");
    need(config.irreps.empty() || config.irreps.size() == static_cast<std::size_t>(config.layers) + 1,
         "irreps_manual must list the irreps before the first layer and after each.");
    for (const Irreps& irreps : config.irreps) {
        need(!irreps.empty() && irreps.size() <= 64, "an entry of irreps_manual must have 1 to 64 blocks.");
        bool scalars = true;
        for (const IrrepBlock& block : irreps) {
            need(block.multiplicity >= 1 && block.multiplicity <= 65536 && block.irrep.l <= 6,
                 "irreps_manual must have multiplicities from 1 to 65536 and degrees up to 6.");
            need(scalars || block.irrep.l > 0, "every entry of irreps_manual must begin with its scalars.");
            scalars = scalars && block.irrep.l == 0;
        }
        need(irreps.front().irrep.l == 0, "every entry of irreps_manual must begin with scalars.");
    }
    if (!config.irreps.empty()) {
        need(config.irreps.front() == Irreps{{multiplicityOf(config.irreps.front(), {0, 1}), {0, 1}}},
             "the first entry of irreps_manual must be even scalars.");
        need(config.irreps.back() == Irreps{{multiplicityOf(config.irreps.back(), {0, 1}), {0, 1}}},
             "the last entry of irreps_manual must be even scalars.");
    }
    need(config.readoutHidden.empty() ? true : !config.modalReadout,
         "use_modal_output_block together with readout_as_fcn is not known.");
    need(config.modality >= 0 && (config.modalities.empty() ||
                                  static_cast<std::size_t>(config.modality) < config.modalities.size()),
         "the chosen modality does not exist.");
    const auto elements = static_cast<std::int64_t>(config.elements.size());
    const auto modalities = static_cast<std::int64_t>(config.modalities.size());
    for (const std::vector<std::int64_t>* shape : {&config.shiftShape, &config.scaleShape})
        need(*shape == std::vector<std::int64_t>{1} || *shape == std::vector<std::int64_t>{elements} ||
                 (modalities > 0 && *shape == std::vector<std::int64_t>{modalities, elements}),
             fmt::format(
                 "rescale_atomic_energy has the shape ({}); expected is one number, one per element, or one "
                 "per modality and element.",
                 fmt::join(*shape, ", ")));
}

ConvolutionNetwork sevenNetNetwork(const SevenNetConfig& config)
{
    return Builder(config).build();
}

std::string architectureLine(const ConvolutionNetwork& network)
{
    const Irreps& hidden = network.layers.front().output;
    std::string line = fmt::format("SevenNet, {} convolution layers, features {}, edge harmonics to l = {}",
                                   network.layers.size(), toString(hidden), network.harmonics);
    if (!network.heads.empty())
        line += fmt::format(", modality {} of {}", network.heads[static_cast<std::size_t>(network.headIndex)],
                            network.heads.size());
    return line;
}

} // namespace lodestone
