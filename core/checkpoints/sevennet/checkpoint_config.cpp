#include "checkpoints/sevennet/checkpoint_config.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace lodestone {
namespace {

/// Typed access to a dictionary of the pickle; errors name the key.
class Settings {
public:
    Settings(const PickleNode& node, std::string name, const std::string& origin)
        : m_node(node),
          m_name(std::move(name)),
          m_origin(origin)
    {
        if (!node.is(PickleKind::Dictionary))
            fail("{}: \"{}\" is {}, expected a dictionary.", origin, m_name, describe(node));
    }

    bool has(const char* key) const { return m_node.find(key).has_value(); }

    PickleNode node(const char* key) const
    {
        const std::optional<PickleNode> found = m_node.find(key);
        if (!found)
            fail("{}: \"{}\" has no \"{}\".", m_origin, m_name, key);
        return *found;
    }

    double number(const char* key) const
    {
        const PickleNode value = node(key);
        if (!value.is(PickleKind::Real) && !value.is(PickleKind::Integer))
            wrong(key, value, "a number");
        return value.real();
    }
    std::int64_t integer(const char* key) const
    {
        const PickleNode value = node(key);
        if (value.is(PickleKind::Integer))
            return value.integer();
        if (value.is(PickleKind::Real) && std::abs(value.real()) < 1e9 &&
            std::floor(value.real()) == value.real())
            return static_cast<std::int64_t>(value.real());
        wrong(key, value, "an integer");
    }
    std::int64_t integer(const char* key, std::int64_t missing) const
    {
        return has(key) ? integer(key) : missing;
    }
    int small(const char* key) const
    {
        const std::int64_t value = integer(key);
        if (value < -1000000 || value > 1000000)
            wrong(key, node(key), "an integer of ordinary size");
        return static_cast<int>(value);
    }
    int small(const char* key, int missing) const { return has(key) ? small(key) : missing; }
    bool boolean(const char* key, std::optional<bool> missing = {}) const
    {
        if (missing && !has(key))
            return *missing;
        const PickleNode value = node(key);
        if (!value.is(PickleKind::Boolean))
            wrong(key, value, "true or false");
        return value.boolean();
    }
    std::string text(const char* key) const
    {
        const PickleNode value = node(key);
        if (!value.is(PickleKind::Text))
            wrong(key, value, "a text");
        return std::string(value.text());
    }
    std::vector<std::int64_t> integers(const char* key) const
    {
        const PickleNode value = node(key);
        if (!value.is(PickleKind::List) && !value.is(PickleKind::Tuple))
            wrong(key, value, "a list of integers");
        std::vector<std::int64_t> all;
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (!value.at(i).is(PickleKind::Integer))
                wrong(key, value.at(i), "a list of integers");
            all.push_back(value.at(i).integer());
        }
        return all;
    }
    Settings part(const char* key) const { return {node(key), key, m_origin}; }
    /// NotComputed if the dictionary has other keys than these.
    void only(std::initializer_list<std::string_view> keys) const
    {
        for (std::size_t i = 0; i < m_node.size(); ++i) {
            const PickleNode key = m_node.keyAt(i);
            if (!key.is(PickleKind::Text) || std::find(keys.begin(), keys.end(), key.text()) == keys.end())
                fail<NotComputed>("The setting \"{}\" holds {}, which is not supported.", m_name,
                                  key.is(PickleKind::Text) ? "\"" + std::string(key.text()) + "\""
                                                           : describe(key));
        }
    }

    [[noreturn]] void wrong(const char* key, const PickleNode& value, const std::string& expected) const
    {
        fail("{}: \"{}\" in \"{}\" is {}, expected {}.", m_origin, key, m_name, describe(value), expected);
    }

private:
    PickleNode m_node;
    std::string m_name;
    const std::string& m_origin;
};

ActivationKind activationNamed(const std::string& name, const char* key)
{
    static const std::map<std::string, ActivationKind> kinds = {{"silu", ActivationKind::Silu},
                                                                {"tanh", ActivationKind::Tanh},
                                                                {"relu", ActivationKind::Relu},
                                                                {"abs", ActivationKind::Abs},
                                                                {"elu", ActivationKind::Elu},
                                                                {"sigmoid", ActivationKind::Sigmoid},
                                                                {"ssp", ActivationKind::ShiftedSoftplus}};
    const auto found = kinds.find(name);
    if (found == kinds.end())
        fail<NotComputed>("The activation \"{}\" ({}) is not supported.", name, key);
    return found->second;
}

std::vector<int> elementsOf(const Settings& config, const std::string& origin)
{
    const PickleNode map = config.node("_type_map");
    if (!map.is(PickleKind::Dictionary))
        config.wrong("_type_map", map, "a dictionary from atomic numbers to indices");
    std::vector<int> elements(map.size(), -1);
    for (std::size_t i = 0; i < map.size(); ++i) {
        const PickleNode z = map.keyAt(i), index = map.at(i);
        if (!z.is(PickleKind::Integer) || !index.is(PickleKind::Integer))
            fail("{}: \"_type_map\" must map atomic numbers to indices.", origin);
        const std::int64_t at = index.integer();
        if (z.integer() < 0 || z.integer() > 118)
            fail("{}: {} in \"_type_map\" is no atomic number.", origin, z.integer());
        if (at < 0 || static_cast<std::size_t>(at) >= elements.size() ||
            elements[static_cast<std::size_t>(at)] >= 0)
            fail("{}: \"_type_map\" does not number its {} elements from 0 on.", origin, elements.size());
        elements[static_cast<std::size_t>(at)] = static_cast<int>(z.integer());
    }
    if (config.integer("_number_of_species", static_cast<std::int64_t>(elements.size())) !=
        static_cast<std::int64_t>(elements.size()))
        fail("{}: \"_number_of_species\" differs from the {} elements in \"_type_map\".", origin,
             elements.size());
    return elements;
}

std::vector<Irreps> irrepsOf(const Settings& config, const std::string& origin)
{
    if (!config.has("irreps_manual"))
        return {};
    const PickleNode value = config.node("irreps_manual");
    if (value.is(PickleKind::Boolean) && !value.boolean())
        return {};
    if (!value.is(PickleKind::List) && !value.is(PickleKind::Tuple))
        config.wrong("irreps_manual", value, "false or a list of irreps");
    std::vector<Irreps> all;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!value.at(i).is(PickleKind::Text))
            config.wrong("irreps_manual", value.at(i), "irreps such as \"128x0e+64x1e\"");
        try {
            all.push_back(parseIrreps(value.at(i).text()));
        } catch (const Error& error) {
            fail("{}: \"irreps_manual\": {}", origin, error.what());
        }
    }
    return all;
}

RadialEnvelope envelopeOf(const Settings& config, double cutoff)
{
    const Settings function = config.part("cutoff_function");
    RadialEnvelope envelope;
    envelope.cutoff = cutoff;
    const std::string name = function.text("cutoff_function_name");
    if (name == "XPLOR") {
        // Versions before 0.10 left a p value beside it, which they did not use.
        function.only({"cutoff_function_name", "cutoff_on", "poly_cut_p_value"});
        envelope.kind = RadialEnvelope::Kind::Xplor;
        envelope.onset = function.number("cutoff_on");
    } else if (name == "poly_cut") {
        function.only({"cutoff_function_name", "poly_cut_p_value"});
        if (function.has("poly_cut_p_value"))
            envelope.p = function.number("poly_cut_p_value");
    } else {
        fail<NotComputed>("The cutoff function \"{}\" is not supported; XPLOR and poly_cut are.", name);
    }
    return envelope;
}

std::vector<bool> selfConnectionsOf(const Settings& config, int layers)
{
    std::vector<std::string> names;
    const PickleNode value = config.node("self_connection_type");
    if (value.is(PickleKind::Text))
        names.assign(static_cast<std::size_t>(layers), std::string(value.text()));
    else if (value.is(PickleKind::List) || value.is(PickleKind::Tuple))
        for (std::size_t i = 0; i < value.size(); ++i)
            names.emplace_back(value.at(i).text());
    else
        config.wrong("self_connection_type", value, "a text or a list of texts");
    if (names.size() != static_cast<std::size_t>(layers))
        config.wrong("self_connection_type", value, fmt::format("{} entries, one a layer", layers));
    std::vector<bool> perElement;
    for (const std::string& name : names) {
        if (name != "nequip" && name != "linear")
            fail<NotComputed>("The self connection \"{}\" is not supported; \"nequip\" and \"linear\" are.",
                              name);
        perElement.push_back(name == "nequip");
    }
    return perElement;
}

void readModalities(SevenNetConfig& model, const Settings& config, const std::string& origin)
{
    if (!config.boolean("use_modality", false))
        return;
    const PickleNode map = config.node("_modal_map");
    if (!map.is(PickleKind::Dictionary) || map.size() == 0)
        config.wrong("_modal_map", map, "a dictionary from modalities to indices");
    model.modalities.assign(map.size(), "");
    for (std::size_t i = 0; i < map.size(); ++i) {
        const std::int64_t at = map.at(i).integer();
        if (at < 0 || static_cast<std::size_t>(at) >= map.size() || map.keyAt(i).text().empty() ||
            !model.modalities[static_cast<std::size_t>(at)].empty())
            fail("{}: \"_modal_map\" does not number its {} modalities from 0 on.", origin, map.size());
        model.modalities[static_cast<std::size_t>(at)] = std::string(map.keyAt(i).text());
    }
    model.modalEmbedding = config.boolean("use_modal_node_embedding", false);
    model.modalFirst = config.boolean("use_modal_self_inter_intro", false);
    model.modalSecond = config.boolean("use_modal_self_inter_outro", false);
    model.modalReadout = config.boolean("use_modal_output_block", false);
    const bool anywhere = model.modalEmbedding || model.modalFirst || model.modalSecond || model.modalReadout;
    if (anywhere && model.modalities.size() == 1)
        fail<NotComputed>("The file has a single modality, {}, which SevenNet itself does not compute.",
                          model.modalities.front());
}

void readReadout(SevenNetConfig& model, const Settings& config)
{
    if (!config.boolean("readout_as_fcn", false))
        return;
    model.readoutHidden = config.integers("readout_fcn_hidden_neurons");
    model.readoutActivation =
        activationNamed(config.text("readout_fcn_activation"), "readout_fcn_activation");
    if (model.readoutHidden.empty())
        fail<NotComputed>("The readout network without hidden layers (readout_as_fcn) is not supported.");
}

} // namespace

bool SevenNetVersion::before(int majorNumber, int minorNumber) const
{
    if (major != majorNumber)
        return major < majorNumber;
    return minor < minorNumber || (minor == minorNumber && patch == 0 && development);
}

SevenNetVersion sevenNetVersion(const PickleNode& config, const std::string& origin)
{
    const std::string text = Settings(config, "config", origin).text("version");
    SevenNetVersion version;
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    const auto number = [&](std::size_t i) {
        const std::string& part = i < parts.size() ? parts[i] : std::string("0");
        if (part.empty() || part.size() > 6 || part.find_first_not_of("0123456789") != std::string::npos)
            fail("{}: \"version\" in \"config\" is '{}', expected numbers such as 0.11.0.", origin, text);
        return std::stoi(part);
    };
    version.major = number(0);
    version.minor = number(1);
    version.patch = number(2);
    version.development = parts.size() > 3 && parts[3] == "dev0";
    return version;
}

SevenNetConfig sevenNetConfig(const PickleNode& node, const std::string& origin)
{
    const Settings config(node, "config", origin);
    const SevenNetVersion version = sevenNetVersion(node, origin);
    const bool old = version.major == 0 && version.minor <= 9;
    SevenNetConfig model;
    model.cutoff = config.number("cutoff");
    model.elements = elementsOf(config, origin);
    model.channels = config.integer("channel");
    model.lMax = config.small("lmax");
    model.lMaxEdge = config.small("lmax_edge", -1);
    model.lMaxNode = config.small("lmax_node", -1);
    model.parity = config.boolean("is_parity");
    model.layers = config.small("num_convolution_layer");
    if (model.layers < 1 || model.layers > 64)
        config.wrong("num_convolution_layer", config.node("num_convolution_layer"), "a number from 1 to 64");
    model.irreps = irrepsOf(config, origin);

    if (config.has("interaction_type") && config.text("interaction_type") != "nequip")
        fail<NotComputed>("The interaction type \"{}\" is not supported; \"nequip\" is.",
                          config.text("interaction_type"));
    if (!config.boolean("optimize_by_reduce", true))
        fail<NotComputed>("The model was made with optimize_by_reduce: false, which SevenNet gave up.");
    const Settings basis = config.part("radial_basis");
    if (const std::string name = basis.text("radial_basis_name"); name != "bessel")
        fail<NotComputed>("The radial basis \"{}\" is not supported; \"bessel\" is.", name);
    basis.only({"radial_basis_name", "bessel_basis_num"});
    model.basisFunctions = basis.small("bessel_basis_num", 8);
    model.envelope = envelopeOf(config, model.cutoff);
    model.radialHidden = config.integers("weight_nn_hidden_neurons");
    model.radialActivation = activationNamed(config.text("act_radial"), "act_radial");
    const Settings scalars = config.part("act_scalar"), gates = config.part("act_gate");
    model.evenScalars = activationNamed(scalars.text("e"), "act_scalar");
    model.oddScalars = activationNamed(scalars.text("o"), "act_scalar");
    model.evenGates = activationNamed(gates.text("e"), "act_gate");
    model.oddGates = activationNamed(gates.text("o"), "act_gate");
    model.elementSelfConnection = selfConnectionsOf(config, model.layers);
    model.unitHarmonics = config.boolean("_normalize_sph", !old);
    model.biases = config.boolean("use_bias_in_linear", false);
    model.trainDenominators =
        config.boolean("train_denominator", config.boolean("train_avg_num_neigh", false));
    model.columns = version.before(0, 11) ? ColumnOrder::Loop : ColumnOrder::Sorted;
    readModalities(model, config, origin);
    readReadout(model, config);
    return model;
}

} // namespace lodestone
