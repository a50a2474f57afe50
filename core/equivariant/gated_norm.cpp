#include "equivariant/gated_norm.h"

#include "base/error.h"
#include "equivariant/kernels/tensor_numbers.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Shared : torch::CustomClassHolder {
    std::shared_ptr<const GateShape> shape;

    explicit Shared(std::shared_ptr<const GateShape> theShape) : shape(std::move(theShape)) {}
    std::size_t blocks() const { return shape->blocks.size(); }
    std::size_t weights() const { return shape->normalises ? blocks() : 0; }
};
using SharedPtr = c10::intrusive_ptr<Shared>;

SharedPtr sharedOf(AutogradContext* context)
{
    return c10::static_intrusive_pointer_cast<Shared>(context->saved_data["shared"].toCapsule());
}

/// Atoms that one thread works on; sums over atoms are made of such parts, so that they do not depend on the
/// number of threads.
constexpr std::int64_t together = 16;

template<class T, class Tensors>
GateBlocks<T> blocksOf(const Tensors& tensors, std::size_t first, std::size_t count)
{
    GateBlocks<T> result;
    for (std::size_t i = first; i < first + count; ++i)
        result.blocks.push_back(tensors[i].template data_ptr<std::remove_const_t<T>>());
    return result;
}

/// Calls work(part, first atom, last atom).
template<class Work>
void inParts(std::int64_t atoms, const Work& work)
{
    at::parallel_for(0, (atoms + together - 1) / together, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t part = begin; part < end; ++part)
            work(part, part * together, std::min(atoms, (part + 1) * together));
    });
}

/// Slopes in the weights, summed over the parts, one tensor a block.
variable_list sumOfParts(const GateShape& shape, const torch::Tensor& parts)
{
    std::vector<std::int64_t> widths;
    for (const GateShape::Block& block : shape.blocks)
        widths.push_back(block.channels);
    return parts.sum(0).split_with_sizes(widths, 0);
}

torch::Tensor roomForParts(const GateShape& shape, const torch::Tensor& like, bool wanted)
{
    const std::int64_t parts = (like.size(0) + together - 1) / together;
    return wanted ? torch::zeros({parts, shape.channels()}, like.options()) : torch::Tensor();
}

/// Part `part` of those sums; null where they are not wanted.
template<class T>
T* partOf(const torch::Tensor& parts, std::int64_t part)
{
    return parts.defined() ? parts.data_ptr<T>() + part * parts.size(1) : nullptr;
}

/// (features, weights, slopes) -> the derivatives of <slopes, gated> with respect to features and weights.
/// Those of the weights come back as empty tensors where they are not wanted.
class GatedNormSlope : public torch::autograd::Function<GatedNormSlope> {
public:
    static variable_list forward(AutogradContext* context, at::TensorList operands, const SharedPtr& shared,
                                 bool wantWeights)
    {
        const std::size_t blocks = shared->blocks(), weights = shared->weights();
        context->set_materialize_grads(false);
        context->save_for_backward(operands.vec());
        context->saved_data["shared"] = c10::IValue::make_capsule(shared);
        variable_list slopes;
        for (std::size_t i = 0; i < blocks; ++i)
            slopes.push_back(torch::empty_like(operands[i]));
        const torch::Tensor parts = roomForParts(*shared->shape, operands[0], wantWeights);
        withRealType(operands[0], [&](auto real) {
            using T = decltype(real);
            GateOperands<T> given;
            given.features = blocksOf<const T>(operands, 0, blocks);
            given.weights = blocksOf<const T>(operands, blocks, weights);
            given.slopes = blocksOf<const T>(operands, blocks + weights, blocks);
            const GateBlocks<T> toFeatures = blocksOf<T>(slopes, 0, blocks);
            inParts(operands[0].size(0), [&](std::int64_t part, std::int64_t first, std::int64_t last) {
                gateSlope<T>(*shared->shape, given, toFeatures, partOf<T>(parts, part), first, last);
            });
        });
        if (parts.defined())
            for (const torch::Tensor& sum : sumOfParts(*shared->shape, parts))
                slopes.push_back(sum.clone());
        else
            for (std::size_t i = 0; i < weights; ++i)
                slopes.push_back(torch::empty({0}, operands[0].options()));
        return slopes;
    }

    static variable_list backward(AutogradContext* context, const variable_list& outer);
};

class GatedNorm : public torch::autograd::Function<GatedNorm> {
public:
    static variable_list forward(AutogradContext* context, at::TensorList operands, const SharedPtr& shared)
    {
        const GateShape& shape = *shared->shape;
        const std::size_t blocks = shared->blocks();
        context->set_materialize_grads(false);
        context->save_for_backward(operands.vec());
        context->saved_data["shared"] = c10::IValue::make_capsule(shared);
        const std::int64_t atoms = operands[0].size(0);
        variable_list gated = {torch::empty({atoms, 1, shape.scalars}, operands[0].options())};
        for (std::size_t i = 1; i < blocks; ++i)
            gated.push_back(torch::empty_like(operands[i]));
        withRealType(operands[0], [&](auto real) {
            using T = decltype(real);
            GateOperands<T> given;
            given.features = blocksOf<const T>(operands, 0, blocks);
            given.weights = blocksOf<const T>(operands, blocks, shared->weights());
            const GateBlocks<T> out = blocksOf<T>(gated, 0, blocks);
            inParts(atoms, [&](std::int64_t, std::int64_t first, std::int64_t last) {
                gate<T>(shape, given, out, first, last);
            });
        });
        return gated;
    }

    static variable_list backward(AutogradContext* context, const variable_list& slopes)
    {
        const SharedPtr shared = sharedOf(context);
        const GateShape& shape = *shared->shape;
        variable_list operands = context->get_saved_variables();
        const std::int64_t atoms = operands[0].size(0);
        const std::size_t given = operands.size();
        bool wantWeights = false;
        for (std::size_t i = shared->blocks(); i < given; ++i)
            wantWeights = wantWeights || context->needs_input_grad(i);
        for (std::size_t i = 0; i < shared->blocks(); ++i)
            operands.push_back(slopes[i].defined() ? slopes[i].contiguous()
                               : i == 0 ? torch::zeros({atoms, 1, shape.scalars}, operands[0].options())
                                        : torch::zeros_like(operands[i]));
        variable_list found = GatedNormSlope::apply(at::TensorList(operands), shared, wantWeights);
        for (std::size_t i = shared->blocks(); i < found.size(); ++i)
            if (!wantWeights)
                found[i] = torch::Tensor();
        found.emplace_back(); // of `shared`
        return found;
    }
};

/// Third derivatives: everything again by differentiable operations. Views keep this from following how the
/// operands hang together outside.
variable_list secondByTensors(const Shared& shared, const variable_list& operands, const variable_list& outer)
{
    const at::AutoGradMode gradients(true);
    variable_list own;
    for (const torch::Tensor& operand : operands)
        own.push_back(operand.requires_grad() ? operand.view_as(operand) : operand.detach().requires_grad_());
    const auto part = [&own](std::size_t first, std::size_t count) {
        const auto begin = own.begin() + static_cast<std::ptrdiff_t>(first);
        return variable_list(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
    const std::size_t blocks = shared.blocks(), weights = shared.weights();
    const variable_list gated = gatedNormByTensors(*shared.shape, part(0, blocks), part(blocks, weights));
    const variable_list first =
        torch::autograd::grad(gated, part(0, blocks + weights), part(blocks + weights, blocks), true, true);
    variable_list outputs, slopes;
    for (std::size_t i = 0; i < first.size(); ++i)
        if (outer[i].defined() && outer[i].sizes() == first[i].sizes()) {
            outputs.push_back(first[i]);
            slopes.push_back(outer[i]);
        }
    return torch::autograd::grad(outputs, own, slopes, true, true, true);
}

variable_list GatedNormSlope::backward(AutogradContext* context, const variable_list& outer)
{
    const SharedPtr shared = sharedOf(context);
    const std::size_t blocks = shared->blocks(), weights = shared->weights();
    const variable_list operands = context->get_saved_variables();
    if (std::none_of(outer.begin(), outer.end(), [](const torch::Tensor& h) { return h.defined(); }))
        return variable_list(operands.size() + 2);
    if (at::GradMode::is_enabled()) {
        variable_list found = secondByTensors(*shared, operands, outer);
        found.resize(operands.size() + 2);
        return found;
    }
    variable_list along;
    bool wantWeights = false;
    for (std::size_t i = 0; i < blocks + weights; ++i) {
        const bool given = outer[i].defined() && outer[i].sizes() == operands[i].sizes();
        along.push_back(given ? outer[i].contiguous() : torch::zeros_like(operands[i]));
        wantWeights = wantWeights || (i >= blocks && context->needs_input_grad(i));
    }
    variable_list found(operands.size() + 2); // and of `shared` and `wantWeights`
    for (std::size_t i = 0; i < blocks; ++i) {
        found[i] = torch::empty_like(operands[i]);
        found[blocks + weights + i] = torch::empty_like(operands[blocks + weights + i]);
    }
    const torch::Tensor parts = roomForParts(*shared->shape, operands[0], wantWeights);
    withRealType(operands[0], [&](auto real) {
        using T = decltype(real);
        const GateOperands<T> given = {
            blocksOf<const T>(operands, 0, blocks), blocksOf<const T>(operands, blocks, weights),
            blocksOf<const T>(operands, blocks + weights, blocks), blocksOf<const T>(along, 0, blocks),
            blocksOf<const T>(along, blocks, weights)};
        const GateBlocks<T> toFeatures = blocksOf<T>(found, 0, blocks),
                            toSlopes = blocksOf<T>(found, blocks + weights, blocks);
        inParts(operands[0].size(0), [&](std::int64_t part, std::int64_t first, std::int64_t last) {
            gateCurvature<T>(*shared->shape, given, toSlopes, toFeatures, partOf<T>(parts, part), first,
                             last);
        });
    });
    if (parts.defined()) {
        const variable_list sums = sumOfParts(*shared->shape, parts);
        std::copy(sums.begin(), sums.end(), found.begin() + static_cast<std::ptrdiff_t>(blocks));
    }
    return found;
}

} // namespace

std::vector<torch::Tensor> gatedNormByTensors(const GateShape& shape, std::vector<torch::Tensor> features,
                                              const std::vector<torch::Tensor>& weights)
{
    if (shape.normalises) {
        torch::Tensor square;
        for (const torch::Tensor& feature : features) {
            // Sum over channels; mean over the 2l + 1 components, each weighted by 1 / ((2l + 1) blocks).
            const double weight =
                1.0 / (static_cast<double>(feature.size(1) * feature.size(1)) * features.size());
            const torch::Tensor part = feature.square().sum({1, 2}, true) * weight;
            square = square.defined() ? square + part : part;
        }
        const torch::Tensor inverse = (square + shape.epsilon).rsqrt();
        for (std::size_t i = 0; i < features.size(); ++i)
            features[i] = features[i] * weights[i] * inverse;
    }
    const torch::Tensor activated = torch::silu(features.front()) * shape.factor;
    std::vector<std::int64_t> widths = {shape.scalars};
    for (std::size_t i = 1; i < features.size(); ++i)
        widths.push_back(features[i].size(2));
    const std::vector<torch::Tensor> parts = activated.split_with_sizes(widths, 2);
    std::vector<torch::Tensor> gated = {parts.front()};
    for (std::size_t i = 1; i < features.size(); ++i)
        gated.push_back(features[i] * parts[i]);
    return gated;
}

std::vector<torch::Tensor> gatedNorm(const std::shared_ptr<const GateShape>& shape,
                                     const std::vector<torch::Tensor>& features,
                                     const std::vector<torch::Tensor>& weights)
{
    if (features.size() != shape->blocks.size() ||
        weights.size() != (shape->normalises ? features.size() : 0) ||
        shape->scalars + shape->gates() != shape->blocks.front().channels)
        fail<InternalError>("Features, weights and gates of a layer do not fit each other.");
    const auto type = features.front().scalar_type();
    bool fused = features.front().is_cpu() && (type == torch::kFloat32 || type == torch::kFloat64);
    variable_list operands;
    for (const variable_list* tensors : {&features, &weights})
        for (const torch::Tensor& tensor : *tensors) {
            operands.push_back(tensor.contiguous());
            fused = fused && tensor.scalar_type() == type;
        }
    if (!fused)
        return gatedNormByTensors(*shape, features, weights);
    return GatedNorm::apply(at::TensorList(operands), c10::make_intrusive<Shared>(shape));
}

} // namespace lodestone
