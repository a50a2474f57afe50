#include "equivariant/kernels/edge_convolution.h"

#include "equivariant/tensor_product.h"

#include <ATen/Parallel.h>
#include <map>
#include <torch/torch.h>

namespace lodestone {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What the autograd nodes of one convolution share.
struct Shared : torch::CustomClassHolder {
    std::shared_ptr<const EdgePlan> plan;
    std::shared_ptr<const EdgeIndex> edges;
};
using SharedPtr = c10::intrusive_ptr<Shared>;

constexpr std::int64_t atomGrain = 2;
constexpr std::int64_t edgeGrain = 64;

EdgeGroups groupedBy(const torch::Tensor& ends, std::int64_t atoms, bool sorted)
{
    const auto* end = ends.data_ptr<std::int64_t>();
    const std::int64_t edges = ends.size(0);
    EdgeGroups groups;
    groups.start.assign(static_cast<std::size_t>(atoms) + 1, 0);
    for (std::int64_t e = 0; e < edges; ++e)
        ++groups.start[static_cast<std::size_t>(end[e]) + 1];
    for (std::size_t t = 1; t < groups.start.size(); ++t)
        groups.start[t] += groups.start[t - 1];
    if (sorted)
        return groups;
    groups.order.resize(static_cast<std::size_t>(edges));
    std::vector<std::int64_t> next(groups.start.begin(), groups.start.end() - 1);
    for (std::int64_t e = 0; e < edges; ++e)
        groups.order[static_cast<std::size_t>(next[static_cast<std::size_t>(end[e])]++)] = e;
    return groups;
}

/// Calls f with a value of the tensor's real type.
template<class F>
void withRealType(const torch::Tensor& tensor, F&& f)
{
    if (tensor.scalar_type() == torch::kFloat64)
        f(double{});
    else
        f(float{});
}

void addConvolution(const Shared& s, const torch::Tensor& z, const torch::Tensor& w, const torch::Tensor& x,
                    torch::Tensor& out)
{
    withRealType(z, [&](auto real) {
        using T = decltype(real);
        const auto* neighbour = s.edges->neighbour.data_ptr<std::int64_t>();
        at::parallel_for(0, s.edges->atoms, atomGrain, [&](std::int64_t first, std::int64_t last) {
            convolve<T>(*s.plan, s.edges->byCentre, neighbour, z.data_ptr<T>(), w.data_ptr<T>(),
                        x.data_ptr<T>(), out.data_ptr<T>(), first, last);
        });
    });
}

void addFeatureSlope(const Shared& s, const torch::Tensor& z, const torch::Tensor& w, const torch::Tensor& g,
                     torch::Tensor& out)
{
    withRealType(z, [&](auto real) {
        using T = decltype(real);
        const auto* centre = s.edges->centre.data_ptr<std::int64_t>();
        at::parallel_for(0, s.edges->atoms, atomGrain, [&](std::int64_t first, std::int64_t last) {
            convolveBack<T>(*s.plan, s.edges->byNeighbour, centre, z.data_ptr<T>(), w.data_ptr<T>(),
                            g.data_ptr<T>(), out.data_ptr<T>(), first, last);
        });
    });
}

/// toW or toZ may be undefined: not wanted.
void addEdgeSlopes(const Shared& s, const torch::Tensor& z, const torch::Tensor& w, const torch::Tensor& x,
                   const torch::Tensor& g, torch::Tensor toW, torch::Tensor toZ)
{
    withRealType(x, [&](auto real) {
        using T = decltype(real);
        const auto* centre = s.edges->centre.data_ptr<std::int64_t>();
        const auto* neighbour = s.edges->neighbour.data_ptr<std::int64_t>();
        T* weightSlope = toW.defined() ? toW.data_ptr<T>() : nullptr;
        T* couplingSlope = toZ.defined() ? toZ.data_ptr<T>() : nullptr;
        const T* couplings = z.defined() ? z.data_ptr<T>() : nullptr;
        const T* weights = w.defined() ? w.data_ptr<T>() : nullptr;
        at::parallel_for(0, s.edges->centre.size(0), edgeGrain, [&](std::int64_t first, std::int64_t last) {
            edgeSlopes<T>(*s.plan, centre, neighbour, couplings, weights, x.data_ptr<T>(), g.data_ptr<T>(),
                          weightSlope, couplingSlope, first, last);
        });
    });
}

torch::Tensor sum(const torch::Tensor& a, const torch::Tensor& b)
{
    if (!a.defined())
        return b;
    return b.defined() ? a + b : a;
}

SharedPtr sharedOf(AutogradContext* context)
{
    return c10::static_intrusive_pointer_cast<Shared>(context->saved_data["shared"].toCapsule());
}

void keep(AutogradContext* context, const SharedPtr& shared, const variable_list& tensors)
{
    context->set_materialize_grads(false);
    context->save_for_backward(tensors);
    context->saved_data["shared"] = c10::IValue::make_capsule(shared);
}

/// (Z, w, x, g) -> the derivatives of <g, convolution(Z, w, x)> with respect to Z, w, x. Those that are not
/// wanted come back as empty tensors.
class ConvolutionSlope : public torch::autograd::Function<ConvolutionSlope> {
public:
    static variable_list forward(AutogradContext* context, const torch::Tensor& z, const torch::Tensor& w,
                                 const torch::Tensor& x, const torch::Tensor& g, const SharedPtr& shared,
                                 bool wantZ, bool wantW, bool wantX)
    {
        keep(context, shared, {z, w, x, g});
        const auto none = [&] { return torch::empty({0}, z.options()); };
        torch::Tensor toZ = wantZ ? torch::zeros_like(z) : torch::Tensor();
        torch::Tensor toW = wantW ? torch::zeros_like(w) : torch::Tensor();
        if (wantZ || wantW)
            addEdgeSlopes(*shared, z, w, x, g, toW, toZ);
        torch::Tensor toX = wantX ? torch::zeros_like(x) : torch::Tensor();
        if (wantX)
            addFeatureSlope(*shared, z, w, g, toX);
        return {wantZ ? toZ : none(), wantW ? toW : none(), wantX ? toX : none()};
    }

    static variable_list backward(AutogradContext* context, const variable_list& outer);
};

class Convolution : public torch::autograd::Function<Convolution> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& z, const torch::Tensor& w,
                                 const torch::Tensor& x, const SharedPtr& shared)
    {
        keep(context, shared, {z, w, x});
        torch::Tensor out = torch::zeros({x.size(0), shared->plan->out}, x.options());
        addConvolution(*shared, z, w, x, out);
        return out;
    }

    static variable_list backward(AutogradContext* context, const variable_list& slopes)
    {
        if (!slopes[0].defined())
            return {{}, {}, {}, {}};
        const variable_list saved = context->get_saved_variables();
        const bool wantZ = context->needs_input_grad(0);
        const bool wantW = context->needs_input_grad(1);
        const bool wantX = context->needs_input_grad(2);
        const variable_list parts = ConvolutionSlope::apply(
            saved[0], saved[1], saved[2], slopes[0].contiguous(), sharedOf(context), wantZ, wantW, wantX);
        return {wantZ ? parts[0] : torch::Tensor(),
                wantW ? parts[1] : torch::Tensor(),
                wantX ? parts[2] : torch::Tensor(),
                {}};
    }
};

/// The form T(Z, w, x, g) is linear in each of its operands, so its second derivatives are T with operands
/// replaced by the outer gradients hZ, hw, hx. Written with the two functions themselves, they can be
/// differentiated again.
variable_list ConvolutionSlope::backward(AutogradContext* context, const variable_list& outer)
{
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &z = saved[0], &w = saved[1], &x = saved[2], &g = saved[3];
    const SharedPtr shared = sharedOf(context);
    const auto given = [](const torch::Tensor& h) { return h.defined() ? h.contiguous() : h; };
    const torch::Tensor hz = given(outer[0]), hw = given(outer[1]), hx = given(outer[2]);
    const auto wanted = [&](std::size_t input) { return context->needs_input_grad(input); };
    torch::Tensor toZ, toW, toX, toG;
    if (wanted(3)) {
        if (hz.defined())
            toG = Convolution::apply(hz, w, x, shared);
        if (hw.defined())
            toG = sum(toG, Convolution::apply(z, hw, x, shared));
        if (hx.defined())
            toG = sum(toG, Convolution::apply(z, w, hx, shared));
    }
    const auto slope = [&](const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& c,
                           int which) {
        return ConvolutionSlope::apply(a, b, c, g, shared, which == 0, which == 1,
                                       which == 2)[static_cast<std::size_t>(which)];
    };
    if (wanted(0)) {
        if (hw.defined())
            toZ = slope(z, hw, x, 0);
        if (hx.defined())
            toZ = sum(toZ, slope(z, w, hx, 0));
    }
    if (wanted(1)) {
        if (hz.defined())
            toW = slope(hz, w, x, 1);
        if (hx.defined())
            toW = sum(toW, slope(z, w, hx, 1));
    }
    if (wanted(2)) {
        if (hz.defined())
            toX = slope(hz, w, x, 2);
        if (hw.defined())
            toX = sum(toX, slope(z, hw, x, 2));
    }
    return {toZ, toW, toX, toG, {}, {}, {}, {}};
}

} // namespace

std::shared_ptr<const EdgeIndex> makeEdgeIndex(const torch::Tensor& centre, const torch::Tensor& neighbour,
                                               std::int64_t atoms)
{
    auto index = std::make_shared<EdgeIndex>();
    index->centre = centre.contiguous();
    index->neighbour = neighbour.contiguous();
    index->atoms = atoms;
    if (centre.is_cpu()) {
        index->byCentre = groupedBy(index->centre, atoms, true);
        index->byNeighbour = groupedBy(index->neighbour, atoms, false);
    }
    return index;
}

torch::Tensor convolutionByTensors(const EdgePlan& plan, const EdgeIndex& edges,
                                   const torch::Tensor& couplings, const torch::Tensor& weights,
                                   const torch::Tensor& features)
{
    const torch::Tensor onEdges = features.index_select(0, edges.neighbour);
    std::map<std::int64_t, std::vector<torch::Tensor>> sums;
    for (const EdgePath& path : plan.paths) {
        const torch::Tensor z =
            couplings.slice(1, path.coupling, path.coupling + std::int64_t{path.sizeOut} * path.sizeIn)
                .reshape({-1, path.sizeOut, path.sizeIn});
        const torch::Tensor x = onEdges.slice(1, path.in, path.in + path.sizeIn * path.channels)
                                    .reshape({-1, path.sizeIn, path.channels});
        const torch::Tensor w = weights.slice(1, path.weight, path.weight + path.channels);
        sums[path.block].push_back(sumOnAtoms(weightedProduct(z, x, w), edges.centre, edges.atoms));
    }
    std::vector<torch::Tensor> blocks;
    for (const auto& [offset, parts] : sums)
        blocks.push_back(torch::cat(parts, 2).reshape({edges.atoms, -1}));
    return torch::cat(blocks, 1);
}

torch::Tensor edgeConvolution(const std::shared_ptr<const EdgePlan>& plan,
                              const std::shared_ptr<const EdgeIndex>& edges, const torch::Tensor& couplings,
                              const torch::Tensor& weights, const torch::Tensor& features)
{
    const bool real = features.scalar_type() == torch::kFloat32 || features.scalar_type() == torch::kFloat64;
    if (!features.is_cpu() || !real)
        return convolutionByTensors(*plan, *edges, couplings, weights, features);
    const SharedPtr shared = c10::make_intrusive<Shared>();
    shared->plan = plan;
    shared->edges = edges;
    return Convolution::apply(couplings.contiguous(), weights.contiguous(), features.contiguous(), shared);
}

} // namespace lodestone
