#include "architectures/mace/mace_layout.h"
#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace lodestone {
namespace {

const Irrep scalarIrrep{0, 1};
constexpr int maxDegree = 6;

/// Checks with sentences that begin with the file.
class Checker {
public:
    explicit Checker(const std::string& origin) : m_origin(origin) {}

    void need(bool holds, const std::string& sentence) const
    {
        if (!holds)
            fail("{}: {}", m_origin, sentence);
    }

    void same(const Irreps& given, const Irreps& wanted, const std::string& what) const
    {
        need(merged(given) == merged(wanted),
             fmt::format("{} is {}, but {} is needed there.", what, toString(given), toString(wanted)));
    }

    void paths(const Irreps& in, const Irreps& out, const std::vector<FlatPath>& all,
               const std::string& what) const
    {
        for (const FlatPath& path : all) {
            const bool exists = path.in >= 0 && path.in < static_cast<int>(in.size()) && path.out >= 0 &&
                                path.out < static_cast<int>(out.size());
            need(
                exists && in[static_cast<std::size_t>(path.in)].irrep ==
                              out[static_cast<std::size_t>(path.out)].irrep,
                fmt::format("{} has a path between blocks that do not exist or are not of one irrep.", what));
            need(std::isfinite(path.factor), fmt::format("{} has a path weight that is not finite.", what));
        }
    }

    void linear(const LinearShape& shape, const std::string& what) const
    {
        paths(shape.in, shape.out, shape.paths, what);
        for (const int block : shape.biases)
            need(block >= 0 && block < static_cast<int>(shape.out.size()) &&
                     shape.out[static_cast<std::size_t>(block)].irrep == scalarIrrep,
                 fmt::format("{} has a bias of something that is not a scalar.", what));
        need(!merged(shape.in).empty() && !merged(shape.out).empty(),
             fmt::format("{} has no channels.", what));
    }

    void elementLinear(const ElementLinearShape& shape, std::size_t elements, const std::string& what) const
    {
        paths(shape.in, shape.out, shape.paths, what);
        need(shape.in == merged(shape.in) && shape.out == merged(shape.out),
             fmt::format("the irreps of {} are not in their simplest form.", what));
        need(shape.elements == static_cast<std::int64_t>(elements),
             fmt::format("{} is made for {} elements, the model has {}.", what, shape.elements, elements));
    }

    void network(const RadialNetwork& network, std::int64_t in, std::int64_t out,
                 const std::string& what) const
    {
        need(!network.layers.empty() && network.in() == in && network.out() == out,
             fmt::format("{} should take {} numbers an edge and give {}.", what, in, out));
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            const RadialNetwork::Layer& layer = network.layers[i];
            need(i == 0 || network.layers[i - 1].out == layer.in,
                 fmt::format("the layers of {} do not fit each other.", what));
            need(layer.in > 0 && layer.out > 0 && std::isfinite(layer.factor) && std::isfinite(layer.epsilon),
                 fmt::format("layer {} of {} has sizes or factors that make no sense.", i, what));
        }
    }

    void convolution(const MaceConvolution& shape, int lMax, const std::string& what) const
    {
        need(shape.in == merged(shape.in) && !shape.in.empty(),
             fmt::format("the irreps that enter {} are not in their simplest form.", what));
        need(shape.paths.size() == shape.out.size() && !shape.out.empty(),
             fmt::format("{} should have one path into each of its {} outputs.", what, shape.out.size()));
        std::set<int> outputs;
        for (const MaceConvolution::Path& path : shape.paths) {
            const bool exists = path.in >= 0 && path.in < static_cast<int>(shape.in.size()) &&
                                path.out >= 0 && path.out < static_cast<int>(shape.out.size()) &&
                                path.l2 >= 0 && path.l2 <= lMax && outputs.insert(path.out).second;
            need(exists, fmt::format("{} has a path between blocks that do not exist.", what));
            const IrrepBlock& in = shape.in[static_cast<std::size_t>(path.in)];
            const IrrepBlock& out = shape.out[static_cast<std::size_t>(path.out)];
            need(in.irrep.l <= maxDegree && out.irrep.l <= maxDegree,
                 fmt::format("{} has degrees above l = {}.", what, maxDegree));
            need(out.irrep.l >= std::abs(in.irrep.l - path.l2) && out.irrep.l <= in.irrep.l + path.l2,
                 fmt::format("{} couples l = {} and {} to {}.", what, in.irrep.l, path.l2, out.irrep.l));
            need(in.multiplicity == out.multiplicity && in.multiplicity > 0 && std::isfinite(path.factor),
                 fmt::format("a path of {} changes the number of channels.", what));
        }
    }

private:
    const std::string& m_origin;
};

std::int64_t channelsOf(const Irreps& irreps)
{
    return std::accumulate(
        irreps.begin(), irreps.end(), std::int64_t{0},
        [](std::int64_t sum, const IrrepBlock& block) { return sum + block.multiplicity; });
}

bool isScalars(const Irreps& irreps, std::int64_t channels)
{
    return merged(irreps) == Irreps{{channels, scalarIrrep}};
}

void validateRadial(const Checker& check, const MaceRadial& radial, std::size_t elements)
{
    check.need(std::isfinite(radial.cutoff) && radial.cutoff > 0,
               "the cutoff of the radial basis must be positive.");
    check.need(radial.size >= 1 && radial.size <= 4096,
               "the radial basis must have between 1 and 4096 functions.");
    check.need(radial.p >= 1 && radial.p <= 100,
               "the power of the cutoff polynomial must lie between 1 and 100.");
    check.need(radial.basis == MaceRadial::Basis::Chebyshev ||
                   static_cast<std::int64_t>(radial.centres.size()) == radial.size,
               "the radial basis does not have one constant a function.");
    check.need(radial.transform == MaceRadial::Transform::None || radial.radii.size() == elements,
               "the distance transform lacks covalent radii.");
}

void validateInteraction(const Checker& check, const MaceConfig& config, std::size_t number,
                         const Irreps& features)
{
    const MaceInteraction& layer = config.interactions[number];
    const auto what = [&](const char* module) { return fmt::format("interactions.{}.{}", number, module); };
    const auto elements = static_cast<std::int64_t>(config.elements.size());
    check.linear(layer.linearUp, what("linear_up"));
    check.same(layer.linearUp.in, features, "the input of " + what("linear_up"));
    check.convolution(layer.convolution, config.lMax, what("conv_tp"));
    check.same(layer.linearUp.out, layer.convolution.in, "the output of " + what("linear_up"));

    std::int64_t inputs = config.radial.size;
    for (const auto* embedding : {&layer.sourceEmbedding, &layer.targetEmbedding})
        if (*embedding) {
            check.linear(**embedding, what("source_embedding or target_embedding"));
            check.need(isScalars((*embedding)->in, elements),
                       what("source_embedding or target_embedding") + " does not take elements.");
            check.need(isScalars((*embedding)->out, channelsOf((*embedding)->out)),
                       what("source_embedding or target_embedding") + " does not give scalars.");
            inputs += channelsOf((*embedding)->out);
        }
    if (layer.linearDown) {
        check.linear(*layer.linearDown, what("linear_down"));
        check.same(layer.linearDown->in, features, "the input of " + what("linear_down"));
        check.need(isScalars(layer.linearDown->out, channelsOf(layer.linearDown->out)),
                   what("linear_down") + " does not give scalars.");
        inputs += 2 * channelsOf(layer.linearDown->out);
    }
    check.network(layer.weights, inputs, channelsOf(layer.convolution.out), what("conv_tp_weights"));
    if (layer.density)
        check.network(*layer.density, inputs, 1, what("density_fn"));
    check.need(layer.density || (std::isfinite(layer.averageNeighbours) && layer.averageNeighbours != 0),
               what("avg_num_neighbors") + " must be a number that is not 0.");

    const std::string linear = what(layer.gate ? "linear_1" : "linear");
    check.linear(layer.linear, linear);
    check.same(layer.linear.in, layer.convolution.out, "the input of " + linear);
    if (layer.gate) {
        check.need(layer.density && layer.linearResidual && layer.linearSecond,
                   what("equivariant_nonlin") + " lacks the layers around it.");
        check.linear(*layer.linearResidual, what("linear_res"));
        check.linear(*layer.linearSecond, what("linear_2"));
        check.same(layer.linear.out, layer.gate->in, "the output of " + linear);
        check.same(layer.linearResidual->in, layer.convolution.in, "the input of " + what("linear_res"));
        check.same(layer.linearResidual->out, layer.gate->in, "the output of " + what("linear_res"));
        check.same(layer.linearSecond->in, layer.gate->out, "the input of " + what("linear_2"));
        check.same(layer.linearSecond->out, layer.out, "the output of " + what("linear_2"));
    } else {
        check.same(layer.linear.out, layer.out, "the output of " + linear);
    }

    const Irreps target = merged(config.products[number].linear.out);
    if (layer.elementSkip) {
        check.elementLinear(*layer.elementSkip, config.elements.size(), what("skip_tp"));
        check.same(layer.elementSkip->in, layer.skipOfMessage ? layer.out : features,
                   "the input of " + what("skip_tp"));
        check.same(layer.elementSkip->out, layer.skipOfMessage ? layer.out : target,
                   "the output of " + what("skip_tp"));
    }
    if (layer.linearSkip) {
        check.linear(*layer.linearSkip, what("skip_tp"));
        check.same(layer.linearSkip->in, features, "the input of " + what("skip_tp"));
        check.same(layer.linearSkip->out, target, "the output of " + what("skip_tp"));
    }
}

void validateProduct(const Checker& check, const MaceConfig& config, std::size_t number)
{
    const MaceProduct& product = config.products[number];
    const MaceInteraction& layer = config.interactions[number];
    const std::string what = fmt::format("products.{}", number);
    check.linear(product.linear, what + ".linear");
    check.need(layer.out == merged(layer.out) && !layer.out.empty(),
               fmt::format("the irreps that enter {} are not in their simplest form.", what));
    std::int64_t components = 0;
    for (const IrrepBlock& block : layer.out) {
        check.need(block.multiplicity == product.channels,
                   fmt::format("the irreps {} that enter {} do not all have {} channels.",
                               toString(layer.out), what, product.channels));
        components += block.irrep.size();
    }
    const Irreps& outputs = product.linear.in;
    check.need(outputs == merged(outputs) && outputs.size() == product.contractions.size() &&
                   product.zeroed.size() == outputs.size(),
               fmt::format("{} should have one contraction for each irrep of {}.", what, toString(outputs)));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const ContractionShape& contraction = product.contractions[i];
        check.need(contraction.out == outputs[i].irrep && outputs[i].multiplicity == product.channels,
                   fmt::format("contraction {} of {} does not give {}.", i, what, toString(outputs[i])));
        check.need(!contraction.u.empty() && contraction.u.size() == product.zeroed[i].size() &&
                       contraction.u.size() <= static_cast<std::size_t>(ContractionShape::maxOrder),
                   fmt::format("contraction {} of {} should have a correlation between 1 and {}.", i, what,
                               ContractionShape::maxOrder));
        for (std::size_t order = 1; order <= contraction.u.size(); ++order) {
            const CouplingTensor& u = contraction.u[order - 1];
            std::vector<std::int64_t> shape(order + 2, components);
            shape.front() = contraction.out.size();
            shape.back() = u.shape.empty() ? 0 : u.shape.back();
            check.need(u.shape == shape && shape.back() > 0,
                       fmt::format("U_matrix_{} of contraction {} of {} has shape ({}), expected ({}).",
                                   order, i, what, fmt::join(u.shape, ", "), fmt::join(shape, ", ")));
        }
    }
}

void validateReadout(const Checker& check, const MaceConfig& config, std::size_t number)
{
    const MaceReadout& readout = config.readouts[number];
    const std::string what = fmt::format("readouts.{}", number);
    check.need(readout.layer < config.products.size(), what + " has no layer to read.");
    const auto heads = static_cast<std::int64_t>(config.heads.size());
    check.linear(readout.linear, what);
    check.same(readout.linear.in, config.products[readout.layer].linear.out, "the input of " + what);
    const LinearShape& last = readout.second ? *readout.second : readout.linear;
    check.need(isScalars(last.out, heads), fmt::format("{} gives {}, expected {}x0e (one energy a head).",
                                                       what, toString(last.out), heads));
    if (!readout.second)
        return;
    const std::int64_t hidden = channelsOf(readout.linear.out);
    check.need(isScalars(readout.linear.out, hidden),
               fmt::format("the hidden layer of {} is not of scalars.", what));
    check.need(readout.heads >= 1 && (readout.heads == 1 || readout.heads == heads) &&
                   hidden % readout.heads == 0,
               fmt::format("the hidden layer of {} is not made for {} heads.", what, heads));
    if (readout.middle) {
        check.linear(*readout.middle, what + ".linear_mid");
        check.same(readout.middle->in, readout.linear.out, "the input of " + what + ".linear_mid");
        check.same(readout.middle->out, readout.linear.out, "the output of " + what + ".linear_mid");
    }
    check.linear(*readout.second, what + ".linear_2");
    check.same(readout.second->in, readout.linear.out, "the input of " + what + ".linear_2");
}

bool finite(const std::vector<double>& values)
{
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

} // namespace

void validate(const MaceConfig& config, const std::string& origin)
{
    const Checker check(origin);
    check.need(std::isfinite(config.cutoff) && config.cutoff > 0 && config.cutoff < 100,
               "the cutoff (r_max) must lie between 0 and 100 Angstrom.");
    check.need(!config.elements.empty(), "the model has no elements (atomic_numbers).");
    check.need(std::set<int>(config.elements.begin(), config.elements.end()).size() == config.elements.size(),
               "an element occurs twice in atomic_numbers.");
    for (const int z : config.elements)
        check.need(z >= 1 && z <= 118, fmt::format("{} in atomic_numbers is no element.", z));
    check.need(config.lMax >= 0 && config.lMax <= maxDegree,
               fmt::format("edge harmonics up to l = {} are supported, not {}.", maxDegree, config.lMax));
    check.need(!config.interactions.empty() && config.interactions.size() <= 64 &&
                   config.products.size() == config.interactions.size(),
               "the model must have between 1 and 64 interactions and as many products.");
    check.need(!config.readouts.empty(), "the model has no readouts.");

    const auto heads = config.heads.size();
    const auto elements = static_cast<std::int64_t>(config.elements.size());
    check.need(heads >= 1 && config.head >= 0 && config.head < static_cast<std::int64_t>(heads),
               "the model has no heads.");
    const std::vector<std::int64_t>& shape = config.referenceShape;
    check.need(
        (shape.size() == 1 && heads == 1 && shape[0] == elements) ||
            (shape.size() == 2 && shape[0] == static_cast<std::int64_t>(heads) && shape[1] == elements),
        fmt::format("the reference energies have shape ({}), expected {} elements for each of {} heads.",
                    fmt::join(shape, ", "), elements, heads));
    for (const std::vector<double>* values : {&config.scale, &config.shift})
        check.need((values->size() == 1 || values->size() == heads) && finite(*values),
                   "scale and shift must be finite, one for all heads or one a head.");

    validateRadial(check, config.radial, config.elements.size());
    if (config.repulsion)
        check.need(config.repulsion->amplitudes.size() == 4 &&
                       config.repulsion->radii.size() == config.elements.size() && config.repulsion->p >= 1 &&
                       config.repulsion->p <= 100,
                   "the constants of pair_repulsion_fn do not have their shapes.");
    check.linear(config.embedding, "node_embedding");
    check.need(isScalars(config.embedding.in, elements),
               "node_embedding does not take one channel an element.");
    check.need(isScalars(config.embedding.out, channelsOf(config.embedding.out)),
               "node_embedding does not give scalars.");
    Irreps features = merged(config.embedding.out);
    for (std::size_t i = 0; i < config.interactions.size(); ++i) {
        validateInteraction(check, config, i, features);
        validateProduct(check, config, i);
        features = merged(config.products[i].linear.out);
    }
    check.need(features.front().irrep == scalarIrrep,
               "the features of the last layer do not begin with scalars.");
    for (std::size_t i = 0; i < config.readouts.size(); ++i)
        validateReadout(check, config, i);
}

} // namespace lodestone
