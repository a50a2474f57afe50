#include "checkpoints/nequip/nequip_network.h"

#include "architectures/nequip/convolution_layout.h"
#include "base/error.h"
#include "checkpoints/nequip/e3nn_parts.h"
#include "checkpoints/torch/not_computed.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lodestone {
namespace {

constexpr Irrep evenScalar{0, 1};
constexpr int mostWrappers = 16;

bool isWrapper(const ModuleView& module)
{
    for (const char* type : {"GraphModel", "CompileGraphModel", "RescaleOutput", "StressOutput",
                             "GradientOutput", "PartialForceOutput", "ForceStressOutput"})
        if (module.is(type))
            return true;
    return false;
}

ModuleView inside(const ModuleView& wrapper)
{
    return wrapper.child("model") ? wrapper.at("model") : wrapper.at("func");
}

class Builder {
public:
    Builder(const ModuleView& model, const std::vector<int>& elements)
        : m_model(model),
          m_sequence(innermost(model)),
          m_elements(elements)
    {
        m_network.family = "nequip";
        m_network.elements = elements;
    }

    NequipNetwork build()
    {
        needKnownParts();
        harmonics();
        m_old = m_sequence.child("one_hot").has_value();
        if (m_old)
            oldRadial();
        else
            newRadial();
        Irreps features = m_old ? oldEmbedding() : newEmbedding();
        while (const auto part = m_sequence.child(fmt::format("layer{}_convnet", m_network.layers.size()))) {
            m_network.layers.push_back(layer(*part, static_cast<int>(m_network.layers.size()), features));
            features = m_network.layers.back().output;
        }
        if (m_old)
            oldReadout(features);
        else
            newReadout(features);
        repulsion();
        wrappers();
        m_network.tensors = std::move(m_tensors.tensors);
        return {std::move(m_network), std::move(m_tensors.places)};
    }

private:
    std::int64_t types() const { return static_cast<std::int64_t>(m_elements.size()); }

    /// Everything in the sequence must be something that is read below, at a place where it means what is
    /// computed.
    void needKnownParts() const
    {
        static const std::vector<std::string> known = {"one_hot",
                                                       "spharm_edges",
                                                       "radial_basis",
                                                       "chemical_embedding",
                                                       "conv_to_output_hidden",
                                                       "output_hidden_to_scalar",
                                                       "per_species_rescale",
                                                       "pair_potential",
                                                       "total_energy_sum",
                                                       "type_embed",
                                                       "spharm",
                                                       "edge_norm",
                                                       "bessel_encode",
                                                       "factor",
                                                       "per_atom_energy_readout",
                                                       "per_type_energy_scale_shift"};
        int layers = 0;
        bool repulsion = false;
        for (const std::string& name : m_sequence.children()) {
            const ModuleView part = m_sequence.at(name);
            if (part.typeName().substr(0, 7) == "allegro")
                fail<NotComputed>(
                    "This is an Allegro model ({}), which Lodestone does not compute: it computes NequIP's "
                    "own network.",
                    part.describe());
            repulsion = repulsion || name == "pair_potential";
            if (repulsion && (name == "per_species_rescale" || name == "per_type_energy_scale_shift"))
                part.notComputed("it scales the pair potential as well, which is not computed");
            if (part.is("ConvNetLayer") && name == fmt::format("layer{}_convnet", layers))
                ++layers;
            else if (std::find(known.begin(), known.end(), name) == known.end())
                m_sequence.notComputed(fmt::format("the part '{}' ({}) is not known", name, part.type()));
        }
        if (layers == 0)
            m_sequence.notComputed("it has no convolution layers");
        const ModuleView sum = m_sequence.at("total_energy_sum");
        if (sum.text("reduce") != "sum" || sum.real("constant") != 1)
            sum.notComputed("the energy of a structure is not the plain sum of its atoms' energies");
    }

    void harmonics()
    {
        const ModuleView part =
            m_sequence.child("spharm") ? m_sequence.at("spharm") : m_sequence.at("spharm_edges");
        const ModuleView harmonics = part.at("sh");
        if (!harmonics.boolean("normalize") || harmonics.text("normalization") != "component")
            harmonics.notComputed(
                "only spherical harmonics of unit vectors, normalised by components, are computed");
        for (const IrrepBlock& block : part.irreps("irreps_edge_sh")) {
            m_degrees.push_back(block.irrep.l);
            m_network.harmonics = std::max(m_network.harmonics, block.irrep.l);
        }
    }

    void frequencies(const ModuleView& basis, double factor)
    {
        ParameterInfo info =
            tensorInfo(-1, "radial_basis", "frequencies", "radial", basis.stored("bessel_weights"), {});
        info.trainable = basis.boolean("trainable");
        const TensorReference place = basis.tensorAt("bessel_weights");
        m_network.frequencies = m_tensors.add(std::move(info), place);
        m_network.frequencyFactor = factor;
        m_basisSize = m_tensors.tensors.back().count;
    }

    /// Versions up to 0.6: (2 / r_max) sin(w r / r_max) / r times the polynomial envelope.
    void oldRadial()
    {
        const ModuleView radial = m_sequence.at("radial_basis");
        const ModuleView basis = radial.at("basis"), cutoff = radial.at("cutoff");
        if (!basis.is("BesselBasis") || !cutoff.is("PolynomialCutoff"))
            radial.notComputed("only the Bessel basis with the polynomial envelope is computed");
        m_network.cutoff = basis.real("r_max");
        needCutoff(basis);
        if (std::abs(cutoff.real("_factor") * m_network.cutoff - 1) > 1e-6)
            cutoff.notComputed("basis and envelope have different cutoffs");
        m_network.basis = {{RadialEnvelope::Kind::Polynomial, m_network.cutoff, cutoff.real("p"), 0},
                           basis.real("prefactor")};
        frequencies(basis, 1 / m_network.cutoff);
    }

    /// Versions from 0.7: sin(pi w x) / (pi x) of x = r / cutoff of the pair, times the envelope and a
    /// factor.
    void newRadial()
    {
        const ModuleView norm = m_sequence.at("edge_norm"), basis = m_sequence.at("bessel_encode");
        const ModuleView cutoff = basis.at("cutoff"), factor = m_sequence.at("factor");
        if (!norm.is("EdgeLengthNormalizer") || !basis.is("BesselEdgeLengthEncoding") ||
            !cutoff.is("PolynomialCutoff") || !factor.is("ApplyFactor"))
            m_sequence.notComputed("only the Bessel basis with the polynomial envelope is computed");
        m_network.cutoff = norm.real("r_max");
        needCutoff(norm);
        const std::vector<double> reciprocals = norm.numbers("_rmax_recip");
        const auto pairs = static_cast<std::size_t>(types() * types());
        if (norm.boolean("_per_edge_type")) {
            if (reciprocals.size() != pairs)
                norm.notComputed(
                    fmt::format("it has {} cutoffs for {} pairs of types", reciprocals.size(), pairs));
            for (const double reciprocal : reciprocals) {
                if (!(reciprocal * m_network.cutoff > 1 - 1e-6))
                    norm.notComputed("a pair of types has a cutoff beyond that of the model");
                m_network.pairCutoffs.push_back(1 / reciprocal);
            }
        } else if (reciprocals.size() != 1 || std::abs(reciprocals.front() * m_network.cutoff - 1) > 1e-6) {
            norm.notComputed("its cutoff is not that of the model");
        }
        m_network.basis = {{RadialEnvelope::Kind::Polynomial, m_network.cutoff, cutoff.real("p"), 0},
                           factor.real("factor") * m_network.cutoff / std::numbers::pi};
        frequencies(basis, std::numbers::pi / m_network.cutoff);
    }

    void needCutoff(const ModuleView& part) const
    {
        if (!(m_network.cutoff > 0) || !(m_network.cutoff < 100))
            part.notComputed("the cutoff must lie between 0 and 100 Angstrom");
    }

    Irreps oldEmbedding()
    {
        if (m_sequence.at("one_hot").integer("num_types") != types())
            m_sequence.at("one_hot").notComputed(
                fmt::format("it has not as many types as the model, {}", types()));
        m_attributes = types();
        m_network.embedding =
            readLinear(m_sequence.at("chemical_embedding").at("linear"), {{types(), evenScalar}},
                       {-1, "embedding", "weight", "linear"}, 1, true, m_tensors);
        return m_network.embedding.output;
    }

    Irreps newEmbedding()
    {
        const ModuleView part = m_sequence.at("type_embed"), table = part.at("embed_module");
        if (!part.is("NodeTypeEmbed") || part.booleanOr("do_categorical_graph_field_embed", false))
            part.notComputed("embeddings of more than the atoms' types (charge, spin, ...) are not computed");
        const TensorReference place = table.tensorAt("weight");
        if (place.shape.size() != 2 || place.shape[0] != types() || place.shape[1] < 1)
            table.notComputed(fmt::format("its weights have the shape ({}) for {} types",
                                          fmt::join(place.shape, ", "), types()));
        const IrrepBlock in{types(), evenScalar}, out{place.shape[1], evenScalar};
        ParameterInfo info = tensorInfo(-1, "embedding", "weight", "linear", table.stored("weight"), {});
        info.irrepsIn = toString(in);
        info.irrepsOut = toString(out);
        info.paths = {pathInfo(in, out, 0)};
        info.elementAxis = 0;
        const StoredMatrix matrix{m_tensors.add(std::move(info), place), 0, place.shape[0], place.shape[1],
                                  1};
        m_network.embedding.input = {in};
        m_network.embedding.output = {out};
        m_network.embedding.paths = {{0, 0, matrix}};
        m_network.attributes = matrix;
        m_attributes = place.shape[1];
        return m_network.embedding.output;
    }

    ConvolutionLayer layer(const ModuleView& part, int number, const Irreps& features)
    {
        const ModuleView convolution = part.at("conv");
        if (!convolution.is("InteractionBlock"))
            convolution.notComputed("only NequIP's interaction block is computed");
        ConvolutionLayer layer;
        layer.input = features;
        const ModuleView product =
            convolution.child("tp") ? convolution.at("tp") : convolution.at("tp_scatter").at("tp");
        layer.first =
            readLinear(convolution.at("linear_1"), features, {number, "linear_1", "weight", "linear"},
                       neighbourFactor(convolution, layer), false, m_tensors);
        const ReadRadial radial =
            m_old ? readFullyConnected(convolution.at("fc"), number, m_tensors)
                  : readScalarMlp(convolution.at("edge_mlp"), {number, "radial", "", "radial"}, m_tensors);
        needRadial(convolution, radial, number);
        layer.radial = radial.matrices;
        layer.sums = convolution.at("linear_2").irreps("irreps_in");
        layer.paths = readConvolution(product, features, m_degrees, layer.sums);
        std::int64_t columns = 0;
        for (const ConvolutionPath& path : layer.paths)
            columns += features[static_cast<std::size_t>(path.input)].multiplicity;
        if (columns != layer.radial.back().columns)
            convolution.notComputed(
                fmt::format("its radial network makes {} numbers for {} paths and channels",
                            layer.radial.back().columns, columns));
        layer.second = readLinear(convolution.at("linear_2"), layer.sums,
                                  {number, "linear_2", "weight", "linear"}, 1, false, m_tensors);
        if (convolution.child("sc"))
            layer.selfConnection =
                readSelfConnection(convolution.at("sc"), features, layer.second.output, m_attributes, m_old,
                                   {number, "self_connection", "weight", "tensor-product"}, m_tensors);
        ReadGate gate = readGate(part.at("equivariant_nonlin"), layer.second.output);
        layer.gate = std::move(gate.outputs);
        layer.output = std::move(gate.output);
        layer.residual = part.boolean("resnet");
        if (layer.residual && layer.output != features)
            part.notComputed("its input is added to an output of other irreps");
        return layer;
    }

    /// Sums over neighbours are divided by the root of their average number, which is folded into linear_1;
    /// or by one of the neighbour's type.
    double neighbourFactor(const ModuleView& convolution, ConvolutionLayer& layer) const
    {
        const char* perType = "avg_num_neighbors_norm";
        if (const std::optional<ModuleView> norm = convolution.child(perType)) {
            const std::vector<double> factors = norm->numbers("norm_const");
            if (factors.size() == 1)
                return factors.front();
            if (static_cast<std::int64_t>(factors.size()) != types())
                norm->notComputed(fmt::format("it has {} factors for {} types", factors.size(), types()));
            layer.elementFactors = factors;
            return 1;
        }
        if (convolution.attribute("scatter_norm_factor"))
            return convolution.real("scatter_norm_factor");
        return convolution.attribute("avg_num_neighbors")
                   ? 1 / std::sqrt(convolution.real("avg_num_neighbors"))
                   : 1;
    }

    void needRadial(const ModuleView& convolution, const ReadRadial& radial, int number)
    {
        if (radial.matrices.front().rows != m_basisSize)
            convolution.notComputed(fmt::format("its radial network takes {} numbers, the basis has {}",
                                                radial.matrices.front().rows, m_basisSize));
        const bool hidden = radial.matrices.size() > 1;
        if (number == 0 || !m_radialKnown)
            m_network.radialActivation = radial.activation;
        else if (hidden && (radial.activation.kind != m_network.radialActivation.kind ||
                            radial.activation.factor != m_network.radialActivation.factor))
            convolution.notComputed(
                "its radial network has another activation than that of the layers before");
        m_radialKnown = m_radialKnown || hidden;
    }

    void needScalar(const ModuleView& part, const LinearMap& map) const
    {
        for (std::size_t o = 0; o < map.output.size(); ++o)
            if (std::none_of(map.paths.begin(), map.paths.end(),
                             [&](const LinearPath& path) { return path.output == static_cast<int>(o); }))
                part.notComputed(fmt::format("nothing leads to {}", toString(map.output[o])));
    }

    void oldReadout(const Irreps& features)
    {
        Irreps input = features;
        for (const auto& [name, leaf] :
             {std::pair("conv_to_output_hidden", "hidden"), std::pair("output_hidden_to_scalar", "energy")}) {
            const ModuleView part = m_sequence.at(name);
            ReadoutStep step{
                readLinear(part.at("linear"), input, {-1, "readout", leaf, "readout"}, 1, false, m_tensors),
                {}};
            needScalar(part, step.map);
            input = step.map.output;
            m_network.readout.push_back(std::move(step));
        }
        needOneEnergy(input);
        if (const auto rescale = m_sequence.child("per_species_rescale")) {
            const bool scales = rescale->boolean("has_scales"), shifts = rescale->boolean("has_shifts");
            // Up to 0.5.1 scales without shifts were computed, but not used.
            if (scales && !shifts && !rescale->attribute("default_dtype"))
                rescale->notComputed("scales without shifts mean different things in versions before 0.6");
            energyTerms(*rescale, scales, shifts);
        }
    }

    void newReadout(const Irreps& features)
    {
        const ModuleView part = m_sequence.at("per_atom_energy_readout");
        if (features.size() != 1 || !(features.front().irrep == evenScalar))
            part.notComputed(fmt::format("it reads {}, expected even scalars", toString(features)));
        const ReadRadial mlp =
            readScalarMlp(part.at("mlp_module"), {-1, "readout", "", "readout"}, m_tensors);
        Irreps input = features;
        for (std::size_t i = 0; i < mlp.matrices.size(); ++i) {
            const StoredMatrix& matrix = mlp.matrices[i];
            if (matrix.rows != input.front().multiplicity)
                part.notComputed(
                    fmt::format("a matrix takes {} numbers of {}", matrix.rows, toString(input)));
            LinearMap map;
            map.input = input;
            map.output = {{matrix.columns, evenScalar}};
            map.paths = {{0, 0, matrix}};
            for (ParameterInfo& info : m_tensors.tensors)
                if (info.name == matrix.tensor) {
                    info.irrepsIn = toString(map.input);
                    info.irrepsOut = toString(map.output);
                    info.paths = {pathInfo(map.input.front(), map.output.front(), 0)};
                }
            input = map.output;
            m_network.readout.push_back({map, i + 1 < mlp.matrices.size() ? mlp.activation : Activation{}});
        }
        needOneEnergy(input);
        const ModuleView rescale = m_sequence.at("per_type_energy_scale_shift");
        energyTerms(rescale, rescale.boolean("has_scales"), rescale.boolean("has_shifts"));
    }

    void needOneEnergy(const Irreps& last) const
    {
        if (last != Irreps{{1, evenScalar}})
            m_sequence.notComputed(fmt::format("its readout makes {}, expected one energy", toString(last)));
    }

    void energyTerms(const ModuleView& rescale, bool scales, bool shifts)
    {
        if (scales)
            m_network.scale = energyTerm(rescale, "scales", "scale");
        if (shifts)
            m_network.shift = energyTerm(rescale, "shifts", "reference_energies");
    }

    /// A number for all types or one for each, whatever its shape.
    EnergyTerm energyTerm(const ModuleView& rescale, const char* tensor, const char* name)
    {
        const TensorReference place = rescale.tensorAt(tensor);
        ParameterInfo info = tensorInfo(-1, name, "", "scale", rescale.stored(tensor), {});
        info.trainable = false;
        EnergyTerm term;
        term.tensor = m_tensors.add(std::move(info), place);
        ParameterInfo& added = m_tensors.tensors.back();
        term.perElement = added.count == types();
        if (!term.perElement && added.count != 1)
            rescale.notComputed(fmt::format("it has {} {} for {} types", added.count, tensor, types()));
        if (term.perElement) {
            added.elementAxis = 0;
            if (std::string_view(tensor) == "shifts")
                added.kind = "reference";
        }
        return term;
    }

    void repulsion()
    {
        const std::optional<ModuleView> part = m_sequence.child("pair_potential");
        if (!part)
            return;
        if (!part->is("ZBL"))
            part->notComputed(fmt::format("of pair potentials only ZBL's is computed, not {}", part->type()));
        ZblRepulsion zbl;
        zbl.charges = part->numbers("atomic_numbers");
        zbl.prefactor = part->real("_qqr2exesquare");
        zbl.envelope = m_network.basis.envelope;
        if (const std::optional<ModuleView> cutoff = part->child("cutoff"))
            zbl.envelope.p = cutoff->real("p");
        if (static_cast<std::int64_t>(zbl.charges.size()) != types())
            part->notComputed(
                fmt::format("it has {} nuclear charges for {} types", zbl.charges.size(), types()));
        m_network.repulsion = zbl;
    }

    /// Factor and constant that RescaleOutput puts on the energies.
    void wrappers()
    {
        ModuleView wrapper = m_model;
        for (int i = 0; i < mostWrappers && isWrapper(wrapper); ++i, wrapper = inside(wrapper)) {
            if (!wrapper.is("RescaleOutput"))
                continue;
            if (wrapper.boolean("has_scale"))
                m_network.overall = wrapperTerm(wrapper, "scale", "global_scale", m_network.overall);
            if (wrapper.booleanOr("has_shift", false))
                m_network.constant = wrapperTerm(wrapper, "shift", "global_shift", m_network.constant);
        }
        if (m_network.overall.tensor.empty())
            return;
        // Shifts stand before the factor: what they store is eV over it.
        for (ParameterInfo& info : m_tensors.tensors)
            if (info.kind == "reference")
                info.unit = m_overall;
    }

    EnergyTerm wrapperTerm(const ModuleView& wrapper, const std::string& which, const char* name,
                           const EnergyTerm& before)
    {
        const std::vector<std::string> keys = wrapper.texts(which + "_keys");
        const bool total = std::find(keys.begin(), keys.end(), "total_energy") != keys.end();
        const double value = wrapper.real(which + "_by");
        if (!before.tensor.empty() || !total || !std::isfinite(value) || (which == "scale" && value == 0))
            wrapper.notComputed(fmt::format("its {} of the energies is not of the usual form", which));
        if (which == "scale")
            m_overall = value;
        ParameterInfo info = tensorInfo(-1, name, "", "scale", wrapper.stored(which + "_by"), {});
        info.trainable = false;
        EnergyTerm term;
        term.tensor = m_tensors.add(std::move(info), wrapper.tensorAt(which + "_by"));
        return term;
    }

    const ModuleView m_model, m_sequence;
    const std::vector<int>& m_elements;
    bool m_old = false;         ///< of a version before 0.7
    std::vector<int> m_degrees; ///< of the edge harmonics, block by block
    std::int64_t m_basisSize = 0;
    std::int64_t m_attributes = 0;
    bool m_radialKnown = false;
    double m_overall = 1;
    TensorCollection m_tensors;
    ConvolutionNetwork m_network;
};

} // namespace

ModuleView innermost(const ModuleView& model)
{
    ModuleView module = model;
    for (int i = 0; i < mostWrappers && isWrapper(module); ++i)
        module = inside(module);
    if (!module.is("SequentialGraphNetwork"))
        module.notComputed("expected the sequence of modules that NequIP builds");
    return module;
}

NequipNetwork readNequip(const ModuleView& model, const std::vector<int>& elements)
{
    return Builder(model, elements).build();
}

} // namespace lodestone
