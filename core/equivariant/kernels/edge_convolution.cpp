#include "equivariant/kernels/edge_convolution.h"

#include "base/error.h"
#include "equivariant/kernels/operation_count.h"
#include "equivariant/kernels/tensor_numbers.h"
#include "equivariant/tensor_product.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <array>
#include <map>
#include <torch/torch.h>
#ifdef LODESTONE_CUDA_KERNELS
#include "equivariant/kernels/cuda/edge_convolution_cuda.h"
#endif

namespace lodestone {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What the autograd nodes of one convolution share.
struct Shared : torch::CustomClassHolder {
    std::shared_ptr<const EdgePlan> plan;
    std::shared_ptr<const EdgeIndex> edges;
    EdgeCouplings couplings;                  ///< detached
    std::shared_ptr<const RadialTable> table; ///< null: the weights are an array
    TablePositions positions;

    Shared(std::shared_ptr<const EdgePlan> thePlan, std::shared_ptr<const EdgeIndex> theEdges,
           EdgeCouplings theCouplings)
        : plan(std::move(thePlan)),
          edges(std::move(theEdges)),
          couplings(std::move(theCouplings))
    {
    }
};
using SharedPtr = c10::intrusive_ptr<Shared>;

// In what follows z stands for what the couplings are differentiated in (EdgeCouplings::operand()) and q
// stands for what decides the weights: their array [edges, plan.weights], or, with a table, the distances
// [edges].

constexpr std::int64_t atomGrain = 2;
constexpr std::int64_t edgeGrain = 64;
/// Edges whose operands are worked on together. With tables many share the columns of a path, which are in
/// the second cache then; an array of weights is read once and best taken as it lies.
std::int64_t edgesTogether(const Shared& s)
{
    return s.table ? 4096 : 1;
}
/// The same for edgeSlopes(), which makes the couplings of all of them at once.
constexpr std::int64_t slopesTogether = 1024;

template<class T>
EdgeWeights<T> weightsOf(const Shared& s, const torch::Tensor& q)
{
    EdgeWeights<T> weights;
    if (!s.table) {
        weights.array = pointer<T>(q);
        return weights;
    }
    weights.table = pointer<T>(s.table->polynomials());
    weights.firstBlock = s.table->firstBlocks().data();
    weights.rows = s.table->polynomials().size(1);
    weights.row = s.positions.row.data_ptr<std::int32_t>();
    weights.t = pointer<T>(s.positions.t);
    weights.tSlope = pointer<T>(s.positions.slope);
    return weights;
}

/// Kept from call to call, some megabytes at most: fresh memory would have to be cleared by the system every
/// time.
template<class T>
EdgeScratch<T>& scratchOfThread()
{
    thread_local EdgeScratch<T> scratch;
    return scratch;
}

/// Factors of a sum over edges; those of the second group are undefined for the plain convolution.
struct Operands {
    torch::Tensor z, q, rows;
    torch::Tensor hz, hq, hRows;
};

/// Calls work(first, last) for runs of groups with about `edges` edges each.
template<class Work>
void inRuns(const EdgeGroups& groups, std::int64_t edges, std::int64_t first, std::int64_t last,
            const Work& work)
{
    for (std::int64_t begin = first; begin < last;) {
        std::int64_t end = begin + 1;
        while (end < last &&
               groups.start[static_cast<std::size_t>(end)] - groups.start[static_cast<std::size_t>(begin)] <
                   edges)
            ++end;
        work(begin, end);
        begin = end;
    }
}

/// Sums [atoms, width] that zero() begins.
torch::Tensor roomForSums(const EdgeGroups& groups, std::int64_t atoms, std::int64_t width,
                          const torch::TensorOptions& options)
{
    const bool all = static_cast<std::int64_t>(groups.atom.size()) == atoms;
    return all ? torch::empty({atoms, width}, options) : torch::zeros({atoms, width}, options);
}

/// Zeros for the sums of groups [first, last), which stay in the cache of the thread that is about to add.
template<class T>
void zero(const EdgeGroups& groups, std::int64_t first, std::int64_t last, std::int64_t width, T* sums)
{
    for (std::int64_t group = first; group < last; ++group) {
        T* row = sums + groups.atom[static_cast<std::size_t>(group)] * width;
        std::fill(row, row + width, T{});
    }
}

/// The sum of products on edges, to their centres or (back) to their neighbours: [atoms, width].
torch::Tensor summed(const Shared& s, const Operands& given, bool back)
{
    const EdgeGroups& groups = back ? s.edges->byNeighbour : s.edges->byCentre;
    const std::int64_t width = back ? s.plan->in : s.plan->out;
    announceOperations(
        static_cast<double>(s.edges->centre.size(0)) *
        operationsOfSum(*s.plan, {s.table != nullptr, given.hz.defined(), given.hRows.defined(), back}));
#ifdef LODESTONE_CUDA_KERNELS
    if (given.rows.is_cuda())
        return summedOnCuda({s.plan, s.edges, s.couplings, s.table, s.positions},
                            {given.z, given.q, given.rows, given.hz, given.hq, given.hRows}, back);
#endif
    torch::Tensor out = roomForSums(groups, s.edges->atoms, width, given.rows.options());
    withRealType(given.rows, [&](auto real) {
        using T = decltype(real);
        const EdgeWeights<T> weights = weightsOf<T>(s, given.q);
        EdgeOperands<T> operands;
        operands.coupling = couplingSource<T>(s.couplings, given.z);
        operands.rows = pointer<T>(given.rows);
        operands.tangent = given.hz.defined();
        operands.tangentCoupling = couplingSource<T>(s.couplings, given.hz);
        (s.table ? operands.tangentDistance : operands.tangentWeights) = pointer<T>(given.hq);
        operands.tangentRows = pointer<T>(given.hRows);
        const auto* other = (back ? s.edges->centre : s.edges->neighbour).data_ptr<std::int64_t>();
        T* sums = out.data_ptr<T>();
        const auto count = static_cast<std::int64_t>(groups.atom.size());
        at::parallel_for(0, count, atomGrain, [&](std::int64_t first, std::int64_t last) {
            EdgeScratch<T>& scratch = scratchOfThread<T>();
            inRuns(groups, edgesTogether(s), first, last, [&](std::int64_t begin, std::int64_t end) {
                zero(groups, begin, end, width, sums);
                (back ? convolveBack<T> : convolve<T>)(*s.plan, groups, other, weights, operands, sums, begin,
                                                       end, scratch);
            });
        });
    });
    return out;
}

/// Slopes on edges where they are not all wanted or the couplings are an array. toZ, toQ: undefined where not
/// wanted, else zeros that are added to.
void addEdgeSlopes(const Shared& s, const torch::Tensor& z, const torch::Tensor& q, const torch::Tensor& x,
                   const torch::Tensor& g, const torch::Tensor& toQ, const torch::Tensor& toZ)
{
    announceOperations(static_cast<double>(s.edges->centre.size(0)) *
                       operationsOfSlopes(*s.plan, s.table != nullptr, toZ.defined(),
                                          toQ.defined() && !s.table, toQ.defined() && s.table));
#ifdef LODESTONE_CUDA_KERNELS
    if (x.is_cuda())
        return addEdgeSlopesOnCuda({s.plan, s.edges, s.couplings, s.table, s.positions}, z, q, x, g, toQ,
                                   toZ);
#endif
    withRealType(x, [&](auto real) {
        using T = decltype(real);
        const EdgeCouplingSource<T> couplings = couplingSource<T>(s.couplings, z);
        const auto* centre = s.edges->centre.data_ptr<std::int64_t>();
        const auto* neighbour = s.edges->neighbour.data_ptr<std::int64_t>();
        const EdgeWeights<T> weights = weightsOf<T>(s, q);
        EdgeSlopes<T> slopes;
        slopes.toWeights = toQ.defined() && !s.table ? toQ.data_ptr<T>() : nullptr;
        slopes.toDistance = toQ.defined() && s.table ? toQ.data_ptr<T>() : nullptr;
        const std::int64_t together = s.table ? slopesTogether : 1;
        at::parallel_for(0, s.edges->centre.size(0), edgeGrain, [&](std::int64_t first, std::int64_t last) {
            EdgeSlopes<T> own = slopes;
            EdgeScratch<T>& scratch = scratchOfThread<T>();
            for (std::int64_t begin = first; begin < last; begin += together) {
                const std::int64_t end = std::min(begin + together, last);
                own.toCoupling = toZ.defined() ? toZ.data_ptr<T>() + begin * s.plan->couplings : nullptr;
                edgeSlopes<T>(*s.plan, centre, neighbour, weights, couplings, pointer<T>(x), pointer<T>(g),
                              own, begin, end, scratch);
            }
        });
    });
}

/// All slopes where the couplings are made from harmonics: of Z, and of q and x where they are wanted.
variable_list slopesOfDirections(const Shared& s, const torch::Tensor& q, const torch::Tensor& x,
                                 const torch::Tensor& g, bool wantQ, bool wantX)
{
    if (!namesDegrees(*s.plan))
        fail<InternalError>("Derivatives in directions need paths that name the harmonics of one degree.");
    const EdgeGroups& groups = s.edges->byNeighbour;
    const TurnedHarmonics& turned = s.couplings.turned();
    const std::int64_t edges = s.edges->centre.size(0);
    const torch::Tensor along = torch::zeros({edges, 3}, x.options());
    const torch::Tensor toQ = wantQ ? torch::zeros_like(q) : torch::Tensor();
    announceOperations(static_cast<double>(edges) * operationsOfBackward(*s.plan, s.table != nullptr, wantX));
#ifdef LODESTONE_CUDA_KERNELS
    if (x.is_cuda()) {
        const CudaBackwardSums to = {wantX ? torch::zeros_like(x) : torch::Tensor(), toQ, along};
        edgeBackwardOnCuda({s.plan, s.edges, s.couplings, s.table, s.positions}, turned.rows.select(1, 0),
                           turned.rows.select(1, 1), turned.rows.select(1, 2), q, x, g, to);
        return {slopeInHarmonics(turned, along), toQ, to.x};
    }
#endif
    const torch::Tensor toX =
        wantX ? roomForSums(groups, s.edges->atoms, s.plan->in, x.options()) : torch::Tensor();
    withRealType(x, [&](auto real) {
        using T = decltype(real);
        const EdgeWeights<T> weights = weightsOf<T>(s, q);
        const EdgeBackwardOperands<T> operands = {pointer<T>(turned.rows), pointer<T>(s.couplings.matrix()),
                                                  turned.rows.size(2), pointer<T>(x), pointer<T>(g)};
        T* const ofWeights = pointer<T>(toQ);
        const EdgeBackwardSums<T> to = {pointer<T>(toX), s.table ? nullptr : ofWeights,
                                        s.table ? ofWeights : nullptr, along.data_ptr<T>()};
        const auto* centre = s.edges->centre.data_ptr<std::int64_t>();
        const auto count = static_cast<std::int64_t>(groups.atom.size());
        at::parallel_for(0, count, atomGrain, [&](std::int64_t first, std::int64_t last) {
            EdgeScratch<T>& scratch = scratchOfThread<T>();
            inRuns(groups, edgesTogether(s), first, last, [&](std::int64_t begin, std::int64_t end) {
                if (to.toFeatures)
                    zero(groups, begin, end, s.plan->in, to.toFeatures);
                edgeBackward<T>(*s.plan, groups, centre, weights, operands, to, begin, end, scratch);
            });
        });
    });
    return {slopeInHarmonics(turned, along), toQ, toX};
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

/// (Z, q, x, g) -> the derivatives of <g, convolution(Z, q, x)> with respect to Z, q, x. Those that are not
/// wanted come back as empty tensors.
class ConvolutionSlope : public torch::autograd::Function<ConvolutionSlope> {
public:
    static variable_list forward(AutogradContext* context, const torch::Tensor& z, const torch::Tensor& q,
                                 const torch::Tensor& x, const torch::Tensor& g, const SharedPtr& shared,
                                 bool wantZ, bool wantQ, bool wantX)
    {
        keep(context, shared, {z, q, x, g});
        variable_list slopes(3);
        if (wantZ && shared->couplings.matrix().defined()) {
            slopes = slopesOfDirections(*shared, q, x, g, wantQ, wantX);
        } else {
            slopes[0] = wantZ ? torch::zeros_like(z) : torch::Tensor();
            slopes[1] = wantQ ? torch::zeros_like(q) : torch::Tensor();
            if (wantZ || wantQ)
                addEdgeSlopes(*shared, z, q, x, g, slopes[1], slopes[0]);
            if (wantX)
                slopes[2] = summed(*shared, {z, q, g, {}, {}, {}}, true);
        }
        for (torch::Tensor& slope : slopes)
            if (!slope.defined())
                slope = torch::empty({0}, z.options());
        return slopes;
    }

    static variable_list backward(AutogradContext* context, const variable_list& outer);
};

class Convolution : public torch::autograd::Function<Convolution> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& z, const torch::Tensor& q,
                                 const torch::Tensor& x, const SharedPtr& shared)
    {
        keep(context, shared, {z, q, x});
        return summed(*shared, {z, q, x, {}, {}, {}}, false);
    }

    static variable_list backward(AutogradContext* context, const variable_list& slopes)
    {
        if (!slopes[0].defined())
            return {{}, {}, {}, {}};
        const variable_list saved = context->get_saved_variables();
        const bool wantZ = context->needs_input_grad(0);
        const bool wantQ = context->needs_input_grad(1);
        const bool wantX = context->needs_input_grad(2);
        const variable_list parts = ConvolutionSlope::apply(
            saved[0], saved[1], saved[2], slopes[0].contiguous(), sharedOf(context), wantZ, wantQ, wantX);
        return {wantZ ? parts[0] : torch::Tensor(),
                wantQ ? parts[1] : torch::Tensor(),
                wantX ? parts[2] : torch::Tensor(),
                {}};
    }
};

/// Outer gradients of a ConvolutionSlope; undefined where nothing depends on that slope.
struct Outer {
    torch::Tensor z, q, x;
    bool any() const { return z.defined() || q.defined() || x.defined(); }
};

/// The gradients in x and g alone, which training asks for: all terms that share operands in one pass.
variable_list fusedSecond(const variable_list& saved, const SharedPtr& shared, Outer h, bool wantX,
                          bool wantG)
{
    const torch::Tensor &z = saved[0], &q = saved[1], &x = saved[2], &g = saved[3];
    torch::Tensor toX, toG;
    if (!h.z.defined() && !h.q.defined()) {
        if (wantG && h.x.defined())
            toG = summed(*shared, {z, q, h.x, {}, {}, {}}, false);
        return {{}, {}, toX, toG};
    }
    if (!h.z.defined())
        h.z = torch::zeros_like(z);
    if (!h.q.defined())
        h.q = torch::zeros_like(q);
    if (wantG)
        toG = summed(*shared, {z, q, x, h.z, h.q, h.x}, false);
    if (wantX)
        toX = summed(*shared, {z, q, g, h.z, h.q, {}}, true);
    return {{}, {}, toX, toG};
}

/// The form T(Z, w, x, g) is linear in each of its operands, so its second derivatives are T with operands
/// replaced by the outer gradients. Written with the two functions themselves, they can be differentiated
/// again.
variable_list composedSecond(const variable_list& saved, const SharedPtr& shared, const Outer& h,
                             const std::array<bool, 4>& wanted)
{
    const torch::Tensor &z = saved[0], &w = saved[1], &x = saved[2], &g = saved[3];
    torch::Tensor toZ, toW, toX, toG;
    if (wanted[3]) {
        if (h.z.defined())
            toG = Convolution::apply(h.z, w, x, shared);
        if (h.q.defined())
            toG = sum(toG, Convolution::apply(z, h.q, x, shared));
        if (h.x.defined())
            toG = sum(toG, Convolution::apply(z, w, h.x, shared));
    }
    const auto slope = [&](const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& c,
                           int which) {
        return ConvolutionSlope::apply(a, b, c, g, shared, which == 0, which == 1,
                                       which == 2)[static_cast<std::size_t>(which)];
    };
    if (wanted[0]) {
        if (h.q.defined())
            toZ = slope(z, h.q, x, 0);
        if (h.x.defined())
            toZ = sum(toZ, slope(z, w, h.x, 0));
    }
    if (wanted[1]) {
        if (h.z.defined())
            toW = slope(h.z, w, x, 1);
        if (h.x.defined())
            toW = sum(toW, slope(z, w, h.x, 1));
    }
    if (wanted[2]) {
        if (h.z.defined())
            toX = slope(h.z, w, x, 2);
        if (h.q.defined())
            toX = sum(toX, slope(z, h.q, x, 2));
    }
    return {toZ, toW, toX, toG};
}

/// The same for tables where derivatives in the distance are wanted once more: the weights become an array
/// that depends on the distance by differentiable operations. Views keep this from following how the operands
/// hang together outside.
variable_list tabulatedSecond(const variable_list& saved, const SharedPtr& shared, const Outer& h)
{
    const at::AutoGradMode gradients(true);
    const SharedPtr plain = c10::make_intrusive<Shared>(shared->plan, shared->edges, shared->couplings);
    variable_list own;
    for (const torch::Tensor& operand : saved)
        own.push_back(operand.requires_grad() ? operand.view_as(operand) : operand.detach().requires_grad_());
    const torch::Tensor weights = shared->table->weights(own[1], shared->positions.row);
    const variable_list parts =
        ConvolutionSlope::apply(own[0], weights, own[2], own[3], plain, true, true, true);
    const torch::Tensor toDistance = (parts[1] * shared->table->slopes(own[1], shared->positions.row)).sum(1);
    variable_list outputs, outer;
    for (const auto& [output, gradient] :
         {std::pair(parts[0], h.z), std::pair(toDistance, h.q), std::pair(parts[2], h.x)})
        if (gradient.defined()) {
            outputs.push_back(output);
            outer.push_back(gradient);
        }
    return torch::autograd::grad(outputs, own, outer, true, true, true);
}

variable_list ConvolutionSlope::backward(AutogradContext* context, const variable_list& outer)
{
    const auto given = [](const torch::Tensor& h) { return h.defined() ? h.contiguous() : h; };
    const Outer h = {given(outer[0]), given(outer[1]), given(outer[2])};
    if (!h.any())
        return variable_list(8);
    std::array<bool, 4> wanted{};
    for (std::size_t i = 0; i < wanted.size(); ++i)
        wanted[i] = context->needs_input_grad(i);
    const SharedPtr shared = sharedOf(context);
    if (wanted[0] && shared->couplings.matrix().defined())
        fail<InternalError>(
            "Second derivatives in the directions of edges need couplings that are given as an array.");
    const variable_list saved = context->get_saved_variables();
    variable_list gradients;
    if (!wanted[0] && !wanted[1] && !at::GradMode::is_enabled())
        gradients = fusedSecond(saved, shared, h, wanted[2], wanted[3]);
    else if (shared->table)
        gradients = tabulatedSecond(saved, shared, h);
    else
        gradients = composedSecond(saved, shared, h, wanted);
    gradients.resize(8);
    return gradients;
}

/// Whether there are kernels for convolutions of these features.
bool haveKernels([[maybe_unused]] const std::shared_ptr<const EdgePlan>& plan, const torch::Tensor& features)
{
    if (features.scalar_type() != torch::kFloat32 && features.scalar_type() != torch::kFloat64)
        return false;
#ifdef LODESTONE_CUDA_KERNELS
    if (features.is_cuda())
        return cudaKernelsServe(plan, features.device());
#endif
    return features.is_cpu();
}

} // namespace

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
                              const std::shared_ptr<const EdgeIndex>& edges, const EdgeCouplings& couplings,
                              const torch::Tensor& weights, const torch::Tensor& features)
{
    if (!haveKernels(plan, features))
        return convolutionByTensors(*plan, *edges, couplings.values(), weights, features);
    const SharedPtr shared = c10::make_intrusive<Shared>(plan, edges, couplings.detached());
    return Convolution::apply(couplings.operand(), weights.contiguous(), features.contiguous(), shared);
}

torch::Tensor edgeConvolution(const std::shared_ptr<const EdgePlan>& plan,
                              const std::shared_ptr<const EdgeIndex>& edges, const EdgeCouplings& couplings,
                              const TabulatedWeights& weights, const torch::Tensor& features)
{
    if (weights.table->polynomials().scalar_type() != features.scalar_type() || !haveKernels(plan, features))
        return convolutionByTensors(*plan, *edges, couplings.values(),
                                    weights.table->weights(weights.distance, weights.positions.row),
                                    features);
    const SharedPtr shared = c10::make_intrusive<Shared>(plan, edges, couplings.detached());
    shared->table = weights.table;
    shared->positions = weights.positions;
    return Convolution::apply(couplings.operand(), weights.distance.contiguous(), features.contiguous(),
                              shared);
}

} // namespace lodestone
