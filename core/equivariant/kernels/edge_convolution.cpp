#include "equivariant/kernels/edge_convolution.h"

#include "base/error.h"
#include "equivariant/kernels/operation_count.h"
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
/// Edges whose operands are worked on together. With tables many share the columns that are in the nearest
/// cache; an array of weights is read once and best taken as it lies.
std::int64_t edgesTogether(const Shared& s)
{
    return s.table ? 1024 : 1;
}

EdgeGroups groupedByCentre(const torch::Tensor& centres, std::int64_t atoms)
{
    const auto* centre = centres.data_ptr<std::int64_t>();
    const std::int64_t edges = centres.size(0);
    EdgeGroups groups;
    std::vector<bool> seen(static_cast<std::size_t>(atoms));
    for (std::int64_t e = 0; e < edges; ++e) {
        if (e > 0 && centre[e] == centre[e - 1])
            continue;
        if (seen[static_cast<std::size_t>(centre[e])])
            fail<InternalError>("The edges of atom {} do not come one after another.", centre[e]);
        seen[static_cast<std::size_t>(centre[e])] = true;
        groups.atom.push_back(centre[e]);
        groups.start.push_back(e);
    }
    groups.start.push_back(edges);
    return groups;
}

/// The atoms in the order of `centres`, then those that are no centres.
EdgeGroups groupedByNeighbour(const torch::Tensor& neighbours, std::int64_t atoms,
                              const std::vector<std::int64_t>& centres)
{
    const auto* neighbour = neighbours.data_ptr<std::int64_t>();
    const std::int64_t edges = neighbours.size(0);
    EdgeGroups groups;
    groups.atom = centres;
    constexpr std::int64_t none = -1;
    std::vector<std::int64_t> place(static_cast<std::size_t>(atoms), none);
    for (std::size_t n = 0; n < centres.size(); ++n)
        place[static_cast<std::size_t>(centres[n])] = static_cast<std::int64_t>(n);
    for (std::int64_t atom = 0; atom < atoms; ++atom)
        if (std::int64_t& own = place[static_cast<std::size_t>(atom)]; own == none) {
            own = static_cast<std::int64_t>(groups.atom.size());
            groups.atom.push_back(atom);
        }
    const auto groupOf = [&](std::int64_t e) {
        return static_cast<std::size_t>(place[static_cast<std::size_t>(neighbour[e])]);
    };
    groups.start.assign(groups.atom.size() + 1, 0);
    for (std::int64_t e = 0; e < edges; ++e)
        ++groups.start[groupOf(e) + 1];
    for (std::size_t n = 1; n < groups.start.size(); ++n)
        groups.start[n] += groups.start[n - 1];
    groups.order.resize(static_cast<std::size_t>(edges));
    std::vector<std::int64_t> next(groups.start.begin(), groups.start.end() - 1);
    for (std::int64_t e = 0; e < edges; ++e)
        groups.order[static_cast<std::size_t>(next[groupOf(e)]++)] = e;
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

template<class T>
const T* pointer(const torch::Tensor& tensor)
{
    return tensor.defined() ? tensor.data_ptr<T>() : nullptr;
}

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

/// z: of the couplings or of their tangents, may be undefined.
template<class T>
EdgeCouplingSource<T> couplingsOf(const Shared& s, const torch::Tensor& z)
{
    EdgeCouplingSource<T> source;
    const torch::Tensor& matrix = s.couplings.matrix();
    (matrix.defined() ? source.harmonics : source.array) = pointer<T>(z);
    source.matrix = pointer<T>(matrix);
    source.numbers = matrix.defined() ? matrix.size(0) : 0;
    return source;
}

/// Edges whose slopes in the couplings are taken to harmonics together: in floats of nequix-mp-1 they take
/// 220 kB, which the second cache holds.
constexpr std::int64_t slopesTogether = 128;

/// Couplings of a row up to the last that a path of the layer takes. Layers add to the row in turn, so the
/// first ones need only its beginning.
std::int64_t usedCouplings(const EdgePlan& plan)
{
    std::int64_t used = 0;
    for (const EdgePath& path : plan.paths)
        used = std::max(used, path.coupling + std::int64_t{path.sizeIn} * path.sizeOut);
    return used;
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

/// The sum of products on edges, to their centres or (back) to their neighbours: [atoms, width].
torch::Tensor summed(const Shared& s, const Operands& given, bool back)
{
    const EdgeGroups& groups = back ? s.edges->byNeighbour : s.edges->byCentre;
    torch::Tensor out = torch::zeros({s.edges->atoms, back ? s.plan->in : s.plan->out}, given.rows.options());
    if (s.edges->centre.size(0) == 0)
        return out;
    announceOperations(
        static_cast<double>(s.edges->centre.size(0)) *
        operationsOfSum(*s.plan, {s.table != nullptr, given.hz.defined(), given.hRows.defined(), back}));
#ifdef LODESTONE_CUDA_KERNELS
    if (given.rows.is_cuda())
        return summedOnCuda({s.plan, s.edges, s.couplings, s.table, s.positions},
                            {given.z, given.q, given.rows, given.hz, given.hq, given.hRows}, back);
#endif
    withRealType(given.rows, [&](auto real) {
        using T = decltype(real);
        const EdgeWeights<T> weights = weightsOf<T>(s, given.q);
        EdgeOperands<T> operands;
        operands.coupling = couplingsOf<T>(s, given.z);
        operands.rows = pointer<T>(given.rows);
        operands.tangent = given.hz.defined();
        operands.tangentCoupling = couplingsOf<T>(s, given.hz);
        (s.table ? operands.tangentDistance : operands.tangentWeights) = pointer<T>(given.hq);
        operands.tangentRows = pointer<T>(given.hRows);
        const auto* other = (back ? s.edges->centre : s.edges->neighbour).data_ptr<std::int64_t>();
        T* sums = out.data_ptr<T>();
        const auto count = static_cast<std::int64_t>(groups.atom.size());
        at::parallel_for(0, count, atomGrain, [&](std::int64_t first, std::int64_t last) {
            EdgeScratch<T> scratch;
            inRuns(groups, edgesTogether(s), first, last, [&](std::int64_t begin, std::int64_t end) {
                (back ? convolveBack<T> : convolve<T>)(*s.plan, groups, other, weights, operands, sums, begin,
                                                       end, scratch);
            });
        });
    });
    return out;
}

/// toZ, toQ: undefined where not wanted, else zeros that are added to.
void addEdgeSlopes(const Shared& s, const torch::Tensor& z, const torch::Tensor& q, const torch::Tensor& x,
                   const torch::Tensor& g, const torch::Tensor& toQ, const torch::Tensor& toZ)
{
    const torch::Tensor& transposed = s.couplings.transposed();
    const bool toHarmonics = toZ.defined() && transposed.defined();
    const std::int64_t used = usedCouplings(*s.plan);
    announceOperations(static_cast<double>(s.edges->centre.size(0)) *
                       (operationsOfSlopes(*s.plan, s.table != nullptr, toZ.defined(),
                                           toQ.defined() && !s.table, toQ.defined() && s.table) +
                        (toHarmonics ? 2. * double(used * toZ.size(1)) : 0)));
#ifdef LODESTONE_CUDA_KERNELS
    if (x.is_cuda())
        return addEdgeSlopesOnCuda({s.plan, s.edges, s.couplings, s.table, s.positions}, z, q, x, g, toQ,
                                   toZ);
#endif
    withRealType(x, [&](auto real) {
        using T = decltype(real);
        const EdgeCouplingSource<T> couplings = couplingsOf<T>(s, z);
        const auto* centre = s.edges->centre.data_ptr<std::int64_t>();
        const auto* neighbour = s.edges->neighbour.data_ptr<std::int64_t>();
        const EdgeWeights<T> weights = weightsOf<T>(s, q);
        EdgeSlopes<T> slopes;
        slopes.toWeights = toQ.defined() && !s.table ? toQ.data_ptr<T>() : nullptr;
        slopes.toDistance = toQ.defined() && s.table ? toQ.data_ptr<T>() : nullptr;
        const std::int64_t together = toHarmonics ? slopesTogether : edgesTogether(s);
        at::parallel_for(0, s.edges->centre.size(0), edgeGrain, [&](std::int64_t first, std::int64_t last) {
            EdgeSlopes<T> own = slopes;
            EdgeScratch<T> scratch;
            std::vector<T> toCouplings;
            if (toHarmonics)
                toCouplings.resize(
                    static_cast<std::size_t>(std::min(together, last - first) * s.plan->couplings));
            for (std::int64_t begin = first; begin < last; begin += together) {
                const std::int64_t end = std::min(begin + together, last);
                if (toHarmonics) {
                    std::fill(toCouplings.begin(), toCouplings.end(), T{});
                    own.toCoupling = toCouplings.data();
                } else if (toZ.defined()) {
                    own.toCoupling = toZ.data_ptr<T>() + begin * s.plan->couplings;
                }
                edgeSlopes<T>(*s.plan, centre, neighbour, weights, couplings, pointer<T>(x), pointer<T>(g),
                              own, begin, end, scratch);
                if (toHarmonics)
                    addHarmonicSlopes<T>({toCouplings.data(), s.plan->couplings, used, pointer<T>(transposed),
                                          transposed.size(1), toZ.data_ptr<T>() + begin * toZ.size(1),
                                          toZ.size(1), end - begin});
            }
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

/// (Z, q, x, g) -> the derivatives of <g, convolution(Z, q, x)> with respect to Z, q, x. Those that are not
/// wanted come back as empty tensors.
class ConvolutionSlope : public torch::autograd::Function<ConvolutionSlope> {
public:
    static variable_list forward(AutogradContext* context, const torch::Tensor& z, const torch::Tensor& q,
                                 const torch::Tensor& x, const torch::Tensor& g, const SharedPtr& shared,
                                 bool wantZ, bool wantQ, bool wantX)
    {
        keep(context, shared, {z, q, x, g});
        const auto none = [&] { return torch::empty({0}, z.options()); };
        torch::Tensor toZ = wantZ ? torch::zeros_like(z) : torch::Tensor();
        torch::Tensor toQ = wantQ ? torch::zeros_like(q) : torch::Tensor();
        if (wantZ || wantQ)
            addEdgeSlopes(*shared, z, q, x, g, toQ, toZ);
        torch::Tensor toX;
        if (wantX)
            toX = summed(*shared, {z, q, g, {}, {}, {}}, true);
        return {wantZ ? toZ : none(), wantQ ? toQ : none(), wantX ? toX : none()};
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

std::shared_ptr<const EdgeIndex> makeEdgeIndex(const torch::Tensor& centre, const torch::Tensor& neighbour,
                                               std::int64_t atoms)
{
    auto index = std::make_shared<EdgeIndex>();
    index->centre = centre.contiguous();
    index->neighbour = neighbour.contiguous();
    index->atoms = atoms;
    if (centre.is_cpu()) {
        index->byCentre = groupedByCentre(index->centre, atoms);
        index->byNeighbour = groupedByNeighbour(index->neighbour, atoms, index->byCentre.atom);
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
