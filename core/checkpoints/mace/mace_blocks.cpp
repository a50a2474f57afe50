#include "checkpoints/mace/mace_blocks.h"

#include "algebra/wigner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 30;

[[noreturn]] void failUnknown(const PickledModule& module)
{
    const std::string name = module.className();
    fail<NotComputed>("{} is {}", module.path(), name.empty() ? describe(module.node()) : name);
}

/// The values of a table over atomic numbers (index 0 unused) for the model's elements.
std::vector<double> ofElements(const PickledModule& module, std::string_view name,
                               const std::vector<int>& elements)
{
    const std::vector<double> table = module.reals(name);
    std::vector<double> values;
    for (const int z : elements) {
        if (z < 0 || static_cast<std::size_t>(z) >= table.size())
            module.failHere(fmt::format("has {} without an entry for the atomic number {}", name, z));
        values.push_back(table[static_cast<std::size_t>(z)]);
    }
    return values;
}

/// e3nn.nn.FullyConnectedNet: matrices of variance-keeping layers.
RadialNetwork readFullyConnected(const PickledModule& module)
{
    RadialNetwork network;
    while (module.has(fmt::format("layer{}", network.layers.size()))) {
        const PickledModule layer = module.child(fmt::format("layer{}", network.layers.size()));
        RadialNetwork::Layer part;
        const std::optional<TensorReference> weight = layer.tensor("weight");
        if (!weight || weight->shape.size() != 2)
            layer.failHere("has no matrix weight");
        part.in = weight->shape[0];
        part.out = weight->shape[1];
        const double varianceIn = layer.real("var_in"), varianceOut = layer.real("var_out");
        if (layer.real("h_in") != static_cast<double>(part.in) || varianceIn <= 0 || varianceOut <= 0)
            layer.failHere("has sizes or variances that do not fit its matrix");
        part.activation = activationOf(layer, "act");
        const double scale = std::sqrt(static_cast<double>(part.in) * varianceIn);
        if (part.activation.kind == ActivationKind::None && !layer.has("act")) {
            part.factor = std::sqrt(varianceOut) / scale;
        } else {
            part.factor = 1 / scale;
            part.activation.factor *= std::sqrt(varianceOut);
        }
        network.layers.push_back(part);
        if (network.layers.size() > 64)
            module.failHere("has more than 64 layers");
    }
    return network;
}

/// mace.modules.radial.RadialMLP: Linear, LayerNorm, SiLU, ..., Linear.
RadialNetwork readNormed(const PickledModule& module)
{
    RadialNetwork network;
    network.kind = RadialNetwork::Kind::Normed;
    const std::vector<PickledModule> steps = module.list("net");
    for (std::size_t i = 0; i < steps.size(); i += 3) {
        const std::optional<TensorReference> weight = steps[i].tensor("weight");
        if (steps[i].shortName() != "Linear" || !weight || weight->shape.size() != 2)
            failUnknown(steps[i]);
        RadialNetwork::Layer part;
        part.out = weight->shape[0];
        part.in = weight->shape[1];
        if (i + 1 < steps.size()) {
            if (i + 3 >= steps.size() || steps[i + 1].shortName() != "LayerNorm" ||
                steps[i + 2].shortName() != "SiLU")
                failUnknown(steps[i + 1]);
            part.epsilon = steps[i + 1].real("eps");
            part.activation.kind = ActivationKind::Silu;
        }
        network.layers.push_back(part);
    }
    return network;
}

RadialNetwork readNetwork(const PickledModule& module)
{
    RadialNetwork network;
    if (module.shortName() == "FullyConnectedNet")
        network = readFullyConnected(module);
    else if (module.shortName() == "RadialMLP")
        network = readNormed(module);
    else
        failUnknown(module);
    if (network.layers.empty())
        module.failHere("has no layers");
    for (const RadialNetwork::Layer& layer : network.layers)
        if (layer.in > largest || layer.out > largest)
            module.failHere("has layers that are too large");
    return network;
}

/// Versions of e3nn differ in the signs of couplings whose degrees sum up to an odd number; the file has
/// them. (Ours are those of e3nn from 0.5 on.)
double signOf(const PickledModule& module, int l1, int l2, int l3)
{
    if ((l1 + l2 + l3) % 2 == 0 || l1 == 0 || l2 == 0 || l3 == 0)
        return 1;
    const std::vector<double> stored = storedCoupling(module, l1, l2, l3);
    if (stored.empty())
        return 1;
    const std::vector<double> ours = wigner3j(l1, l2, l3);
    return std::inner_product(stored.begin(), stored.end(), ours.begin(), 0.0) < 0 ? -1 : 1;
}

MaceConvolution readConvolution(const PickledModule& module)
{
    if (module.shortName() != "TensorProduct" || !module.className().starts_with("e3nn."))
        failUnknown(module);
    const TensorProductShape product = tensorProductShape(module);
    MaceConvolution shape;
    shape.in = product.in1;
    shape.out = product.out;
    for (const TensorProductPath& path : product.paths) {
        const IrrepBlock& in = product.in1[static_cast<std::size_t>(path.in1)];
        const IrrepBlock& harmonic = product.in2[static_cast<std::size_t>(path.in2)];
        const IrrepBlock& out = product.out[static_cast<std::size_t>(path.out)];
        if (path.mode != "uvu" || !path.weighted || harmonic.multiplicity != 1 ||
            path.shape != std::vector<std::int64_t>{in.multiplicity, 1})
            module.failHere("has an instruction that is not a product of each channel with one harmonic");
        const bool couples = out.irrep.l >= std::abs(in.irrep.l - harmonic.irrep.l) &&
                             out.irrep.l <= in.irrep.l + harmonic.irrep.l;
        if (!couples || in.irrep.l + harmonic.irrep.l + out.irrep.l > 24)
            module.failHere("has an instruction whose degrees do not couple");
        shape.paths.push_back({path.in1, harmonic.irrep.l, path.out,
                               path.factor * signOf(module, in.irrep.l, harmonic.irrep.l, out.irrep.l)});
    }
    return shape;
}

/// All activations of an e3nn.nn.Activation, which must be the same.
Activation commonActivation(const PickledModule& module)
{
    const std::size_t count = module.list("acts").size();
    if (count == 0)
        return {};
    const PickledModule acts = module.child("acts");
    const Activation first = activationOf(acts, "0");
    for (std::size_t i = 1; i < count; ++i) {
        const Activation other = activationOf(acts, std::to_string(i));
        if (other.kind != first.kind || other.factor != first.factor)
            fail<NotComputed>("{} has several activations", module.path());
    }
    return first;
}

MaceGate readGate(const PickledModule& module)
{
    if (module.shortName() != "Gate")
        failUnknown(module);
    MaceGate gate;
    const Irreps scalars = merged(irrepsOf(module, "irreps_scalars"));
    const Irreps gates = merged(irrepsOf(module, "irreps_gates"));
    const Irreps gated = merged(irrepsOf(module, "irreps_gated"));
    const Irrep even{0, 1};
    if (scalars.size() != 1 || !(scalars.front().irrep == even) || gates.size() > 1 ||
        (!gates.empty() && !(gates.front().irrep == even)))
        fail<NotComputed>("{} gates with {} and {}", module.path(), toString(scalars), toString(gates));
    gate.scalars = scalars.front().multiplicity;
    for (const IrrepBlock& block : gates)
        gate.gates += block.multiplicity;
    std::int64_t channels = 0;
    for (const IrrepBlock& block : gated)
        channels += block.multiplicity;
    if (channels != gate.gates)
        module.failHere(fmt::format("has {} gates for {} channels", gate.gates, channels));
    gate.in = {{gate.scalars + gate.gates, even}};
    gate.out = scalars;
    gate.in.insert(gate.in.end(), gated.begin(), gated.end());
    gate.out.insert(gate.out.end(), gated.begin(), gated.end());
    if (gate.in != merged(gate.in) || gate.out != merged(gate.out))
        fail<NotComputed>("{} gates scalars", module.path());
    gate.scalarActivation = commonActivation(module.child("act_scalars"));
    gate.gateActivation = commonActivation(module.child("act_gates"));
    return gate;
}

} // namespace

MaceRadial readRadial(const PickledModule& embedding, const std::vector<int>& elements)
{
    MaceRadial radial;
    const PickledModule basis = embedding.child("bessel_fn");
    if (basis.shortName() == "BesselBasis") {
        radial.centres = basis.reals("bessel_weights");
        radial.factor = basis.real("prefactor");
        radial.size = static_cast<std::int64_t>(radial.centres.size());
    } else if (basis.shortName() == "GaussianBasis") {
        radial.basis = MaceRadial::Basis::Gaussian;
        radial.centres = basis.reals("gaussian_weights");
        radial.factor = basis.real("coeff");
        radial.size = static_cast<std::int64_t>(radial.centres.size());
    } else if (basis.shortName() == "ChebychevBasis") {
        radial.basis = MaceRadial::Basis::Chebyshev;
        radial.size = basis.integer("num_basis");
    } else {
        failUnknown(basis);
    }
    const PickledModule cutoff = embedding.child("cutoff_fn");
    if (cutoff.shortName() != "PolynomialCutoff")
        failUnknown(cutoff);
    radial.cutoff = cutoff.real("r_max");
    radial.p = static_cast<int>(cutoff.integer("p"));
    radial.applyCutoff = embedding.flag("apply_cutoff", true);
    if (!embedding.has("distance_transform"))
        return radial;
    const PickledModule transform = embedding.child("distance_transform");
    if (transform.shortName() == "AgnesiTransform") {
        radial.transform = MaceRadial::Transform::Agnesi;
        radial.a = transform.real("a");
        radial.b = transform.real("p");
        radial.q = transform.real("q");
    } else if (transform.shortName() == "SoftTransform" && transform.tensor("alpha")) {
        radial.transform = MaceRadial::Transform::SoftTanh;
        radial.a = transform.real("alpha");
    } else if (transform.shortName() == "SoftTransform") {
        radial.transform = MaceRadial::Transform::SoftExponent;
        radial.a = transform.real("a");
        radial.b = transform.real("b");
    } else {
        failUnknown(transform);
    }
    radial.radii = ofElements(transform, "covalent_radii", elements);
    return radial;
}

MaceRepulsion readRepulsion(const PickledModule& zbl, const std::vector<int>& elements)
{
    if (zbl.shortName() != "ZBLBasis")
        failUnknown(zbl);
    MaceRepulsion repulsion;
    repulsion.amplitudes = zbl.reals("c");
    repulsion.exponent = zbl.real("a_exp");
    repulsion.prefactor = zbl.real("a_prefactor");
    repulsion.p = static_cast<int>(zbl.integer("p"));
    repulsion.radii = ofElements(zbl, "covalent_radii", elements);
    if (repulsion.prefactor == 0)
        zbl.failHere("has a_prefactor = 0");
    return repulsion;
}

MaceInteraction readInteraction(const PickledModule& block)
{
    MaceInteraction layer;
    layer.name = block.shortName();
    const bool plain = layer.name == "RealAgnosticInteractionBlock";
    const bool density = layer.name == "RealAgnosticDensityInteractionBlock";
    const bool densityResidual = layer.name == "RealAgnosticDensityResidualInteractionBlock";
    const bool residual = layer.name == "RealAgnosticResidualInteractionBlock";
    const bool attention = layer.name == "RealAgnosticAttResidualInteractionBlock";
    const bool nonLinear = layer.name == "RealAgnosticResidualNonLinearInteractionBlock";
    if (!block.className().starts_with("mace.") ||
        !(plain || density || densityResidual || residual || attention || nonLinear))
        failUnknown(block);
    layer.linearUp = linearShape(block.child("linear_up"));
    layer.convolution = readConvolution(block.child("conv_tp"));
    layer.weights = readNetwork(block.child("conv_tp_weights"));
    layer.out = merged(irrepsOf(block, "irreps_out"));
    layer.averageNeighbours = block.real("avg_num_neighbors");
    layer.linear = linearShape(block.child(nonLinear ? "linear_1" : "linear"));
    layer.skipOfMessage = plain || density;
    if (density || densityResidual || nonLinear)
        layer.density = readNetwork(block.child("density_fn"));
    if (attention) {
        layer.linearDown = linearShape(block.child("linear_down"));
        layer.linearSkip = linearShape(block.child("skip_linear"));
    } else if (nonLinear) {
        for (const char* layout : {"transpose_mul_ir", "transpose_ir_mul"})
            if (block.has(layout))
                fail<NotComputed>("{} is in the layout of an accelerated back-end (convert the file with "
                                  "mace_cueq_to_e3nn, which comes with MACE)",
                                  block.path());
        layer.sourceEmbedding = linearShape(block.child("source_embedding"));
        layer.targetEmbedding = linearShape(block.child("target_embedding"));
        layer.linearResidual = linearShape(block.child("linear_res"));
        layer.linearSecond = linearShape(block.child("linear_2"));
        layer.gate = readGate(block.child("equivariant_nonlin"));
        layer.linearSkip = linearShape(block.child("skip_tp"));
    } else {
        layer.elementSkip = elementLinearShape(block.child("skip_tp"));
    }
    return layer;
}

MaceProduct readProduct(const PickledModule& block)
{
    if (block.shortName() != "EquivariantProductBasisBlock")
        failUnknown(block);
    MaceProduct product;
    product.useSkip = block.flag("use_sc", true);
    product.agnostic = block.flag("use_agnostic_product", false);
    product.linear = linearShape(block.child("linear"));
    const PickledModule contraction = block.child("symmetric_contractions");
    if (contraction.className() != "mace.modules.symmetric_contraction.SymmetricContraction")
        failUnknown(contraction);
    const Irreps outputs = irrepsOf(contraction, "irreps_out");
    const std::vector<PickledModule> parts = contraction.list("contractions");
    if (parts.size() != outputs.size() || parts.empty())
        contraction.failHere(fmt::format("has {} contractions for {}", parts.size(), toString(outputs)));
    product.channels = outputs.front().multiplicity;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const PickledModule& part = parts[i];
        const std::int64_t order = part.integer("correlation");
        if (order < 1 || order > ContractionShape::maxOrder)
            fail<NotComputed>("{} has correlation {} (1 to {} are computed)", part.path(), order,
                              ContractionShape::maxOrder);
        ContractionShape shape;
        shape.out = outputs[i].irrep;
        std::vector<bool> zeroed;
        for (std::int64_t nu = 1; nu <= order; ++nu) {
            const std::int64_t axes = nu + (shape.out.l > 0 ? 2 : 1);
            CouplingTensor u = part.couplings(fmt::format("U_matrix_{}", nu), static_cast<std::size_t>(axes));
            if (shape.out.l == 0)
                u.shape.insert(u.shape.begin(), 1);
            shape.u.push_back(std::move(u));
            zeroed.push_back(part.flag(nu == order ? "weights_max_zeroed"
                                                   : fmt::format("weights_{}_zeroed", order - 1 - nu),
                                       false));
        }
        product.contractions.push_back(std::move(shape));
        product.zeroed.push_back(std::move(zeroed));
    }
    return product;
}

MaceReadout readReadout(const PickledModule& block)
{
    MaceReadout readout;
    const std::string name = block.shortName();
    if (name == "LinearReadoutBlock") {
        readout.linear = linearShape(block.child("linear"));
        return readout;
    }
    if (name != "NonLinearReadoutBlock" && name != "NonLinearBiasReadoutBlock")
        failUnknown(block);
    readout.linear = linearShape(block.child("linear_1"));
    if (name == "NonLinearBiasReadoutBlock")
        readout.middle = linearShape(block.child("linear_mid"));
    readout.second = linearShape(block.child("linear_2"));
    readout.activation = commonActivation(block.child("non_linearity"));
    if (block.attribute("num_heads"))
        readout.heads = block.integer("num_heads");
    return readout;
}

} // namespace lodestone
