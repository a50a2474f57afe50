#include "equivariant/kernels/contraction.h"

#include "base/error.h"
#include "equivariant/kernels/operation_count.h"
#include "equivariant/kernels/tensor_numbers.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <torch/torch.h>

namespace lodestone {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Factors = std::vector<std::int64_t>;

constexpr int deepestTree = 3;
/// Atoms of a task where results are not summed over atoms.
constexpr std::int64_t atomsInTask = 32;

/// All ascending tuples of `order` numbers below `n`, in lexicographic order.
std::vector<Factors> ascendingTuples(std::int64_t n, int order)
{
    std::vector<Factors> tuples = {{}};
    for (int i = 0; i < order; ++i) {
        std::vector<Factors> longer;
        for (const Factors& tuple : tuples)
            for (std::int64_t next = tuple.empty() ? 0 : tuple.back(); next < n; ++next) {
                longer.push_back(tuple);
                longer.back().push_back(next);
            }
        tuples = std::move(longer);
    }
    return tuples;
}

std::int64_t positionOf(const std::vector<Factors>& tuples, const Factors& tuple)
{
    return std::lower_bound(tuples.begin(), tuples.end(), tuple) - tuples.begin();
}

Factors withoutLast(const Factors& tuple)
{
    return {tuple.begin(), tuple.end() - 1};
}

ContractionTree treeOf(const ContractionPlan& plan)
{
    ContractionTree tree;
    tree.terms = static_cast<std::int32_t>(plan.monomials.size());
    tree.components = static_cast<std::int32_t>(plan.components);
    const auto size = [](const auto& nodes) { return static_cast<std::int32_t>(nodes.size()); };
    std::int32_t number = 0;
    for (std::int64_t row = 0; row < plan.rows; ++row) {
        tree.rows.push_back(size(tree.firsts));
        std::int64_t before = -1, beforeSecond = -1;
        for (; number < tree.terms && plan.monomials[static_cast<std::size_t>(number)].row == row; ++number) {
            const Factors& factors = plan.monomials[static_cast<std::size_t>(number)].factors;
            const auto component = [&](std::size_t i) { return static_cast<std::int32_t>(factors[i]); };
            if (factors[0] != before) {
                tree.firsts.push_back({component(0), tree.terms, size(tree.seconds), size(tree.seconds)});
                before = factors[0];
                beforeSecond = -1;
            }
            if (factors.size() == 1)
                tree.firsts.back().term = number;
            if (factors.size() < 2)
                continue;
            if (factors[1] != beforeSecond) {
                tree.seconds.push_back(
                    {component(1), tree.terms, size(tree.thirds), size(tree.thirds), number});
                tree.firsts.back().last = size(tree.seconds);
                beforeSecond = factors[1];
            }
            if (factors.size() == 2) {
                tree.seconds.back().term = number;
                tree.seconds.back().firstTerm = number + 1;
                continue;
            }
            tree.thirds.push_back({component(2)});
            tree.seconds.back().last = size(tree.thirds);
        }
    }
    tree.rows.push_back(size(tree.firsts));
    return tree;
}

/// What the autograd nodes of one contraction share.
struct Shared : torch::CustomClassHolder {
    std::shared_ptr<const ContractionPlan> plan;
    ElementGroups groups;
    std::vector<std::int64_t> atoms; ///< in groups
};
using SharedPtr = c10::intrusive_ptr<Shared>;

SharedPtr sharedOf(AutogradContext* context)
{
    return c10::static_intrusive_pointer_cast<Shared>(context->saved_data["shared"].toCapsule());
}

/// Calls run(task, group) for blocks of channels of each group, over threads; with `split` also for runs of
/// atoms.
template<class T, class F>
void forTasks(const Shared& shared, const torch::Tensor& coefficients, std::int64_t channels, bool split,
              F&& run)
{
    struct Part {
        std::size_t group;
        ContractionTask<T> task;
    };
    std::vector<Part> parts;
    for (std::size_t g = 0; g < shared.groups.groups.size(); ++g) {
        const ElementGroups::Group& group = shared.groups.groups[g];
        const std::int64_t step = split ? atomsInTask : group.count;
        for (std::int64_t first = 0; first < group.count; first += step)
            for (std::int64_t channel = 0; channel < channels; channel += contractionBlock<T>) {
                ContractionTask<T> task;
                task.atoms = shared.atoms.data() + group.first + first;
                task.count = std::min(step, group.count - first);
                task.channels = channels;
                task.first = channel;
                task.coefficients = coefficients.data_ptr<T>() +
                                    static_cast<std::int64_t>(g) * shared.plan->tree.terms * channels;
                parts.push_back({g, task});
            }
    }
    at::parallel_for(
        0, static_cast<std::int64_t>(parts.size()), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i)
                run(parts[static_cast<std::size_t>(i)].task, parts[static_cast<std::size_t>(i)].group);
        });
}

/// The part of a tensor [groups, monomials, channels] that belongs to a group; null if it is undefined.
template<class T>
T* ofGroup(const torch::Tensor& tensor, std::size_t group)
{
    return tensor.defined()
               ? tensor.data_ptr<T>() + static_cast<std::int64_t>(group) * tensor.size(1) * tensor.size(2)
               : nullptr;
}

void announce(const Shared& shared, const torch::Tensor& x, ContractionPass pass, bool withQ,
              bool toCoefficients)
{
    announceOperations(static_cast<double>(x.size(0) * x.size(2)) *
                       operationsOfContraction(shared.plan->tree, pass, withQ, toCoefficients));
}

class Contraction : public torch::autograd::Function<Contraction> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& coefficients,
                                 const torch::Tensor& x, const SharedPtr& shared)
    {
        context->save_for_backward({coefficients, x});
        context->saved_data["shared"] = c10::IValue::make_capsule(shared);
        torch::Tensor out = torch::empty({x.size(0), shared->plan->rows, x.size(2)}, x.options());
        announce(*shared, x, ContractionPass::Value, false, false);
        withRealType(x, [&](auto real) {
            using T = decltype(real);
            forTasks<T>(*shared, coefficients, x.size(2), true,
                        [&](const ContractionTask<T>& task, std::size_t) {
                            contract<T>(shared->plan->tree, task, x.data_ptr<T>(), out.data_ptr<T>());
                        });
        });
        return out;
    }
    static variable_list backward(AutogradContext* context, const variable_list& slopes);
};

/// (coefficients, x, g) -> derivatives of the sum of g out by coefficients (if wanted) and x.
class ContractionSlope : public torch::autograd::Function<ContractionSlope> {
public:
    static variable_list forward(AutogradContext* context, const torch::Tensor& coefficients,
                                 const torch::Tensor& x, const torch::Tensor& g, const SharedPtr& shared,
                                 bool wantCoefficients)
    {
        context->save_for_backward({coefficients, x, g});
        context->saved_data["shared"] = c10::IValue::make_capsule(shared);
        torch::Tensor toX = torch::empty_like(x);
        torch::Tensor toCoefficients = wantCoefficients ? torch::empty_like(coefficients) : torch::Tensor();
        announce(*shared, x, ContractionPass::Slope, false, wantCoefficients);
        withRealType(x, [&](auto real) {
            using T = decltype(real);
            forTasks<T>(*shared, coefficients, x.size(2), !wantCoefficients,
                        [&](const ContractionTask<T>& task, std::size_t group) {
                            contractionSlope<T>(shared->plan->tree, task, x.data_ptr<T>(), g.data_ptr<T>(),
                                                ofGroup<T>(toCoefficients, group), toX.data_ptr<T>());
                        });
        });
        return {wantCoefficients ? toCoefficients : torch::zeros({0}, x.options()), toX};
    }

    static variable_list backward(AutogradContext* context, const variable_list& outer)
    {
        const variable_list saved = context->get_saved_variables();
        const torch::Tensor &coefficients = saved[0], &x = saved[1], &g = saved[2];
        const SharedPtr shared = sharedOf(context);
        torch::Tensor q = outer[0], p = outer[1];
        if (q.defined() && q.dim() != 3) // stands for an output that nobody wanted
            q = torch::Tensor();
        if (at::GradMode::is_enabled())
            return byTensors(*shared, coefficients, x, g, q, p);
        p = p.defined() ? p.contiguous() : torch::zeros_like(x);
        q = q.defined() ? q.contiguous() : q;
        const bool wantCoefficients = context->needs_input_grad(0);
        announce(*shared, x, ContractionPass::Curvature, q.defined(), wantCoefficients);
        torch::Tensor toG = torch::empty_like(g), toX = torch::empty_like(x);
        torch::Tensor toCoefficients = wantCoefficients ? torch::empty_like(coefficients) : torch::Tensor();
        withRealType(x, [&](auto real) {
            using T = decltype(real);
            forTasks<T>(*shared, coefficients, x.size(2), !wantCoefficients,
                        [&](const ContractionTask<T>& task, std::size_t group) {
                            contractionCurvature<T>(shared->plan->tree, task, x.data_ptr<T>(),
                                                    g.data_ptr<T>(), p.data_ptr<T>(), ofGroup<T>(q, group),
                                                    toG.data_ptr<T>(), ofGroup<T>(toCoefficients, group),
                                                    toX.data_ptr<T>());
                        });
        });
        return {toCoefficients, toX, toG, {}, {}};
    }

private:
    /// Third derivatives: everything again by differentiable operations. The views keep this from following
    /// how the inputs hang together outside.
    static variable_list byTensors(const Shared& shared, const torch::Tensor& coefficients,
                                   const torch::Tensor& x, const torch::Tensor& g, const torch::Tensor& q,
                                   const torch::Tensor& p)
    {
        const auto own = [](const torch::Tensor& tensor) {
            const torch::Tensor view = tensor.view_as(tensor);
            return view.requires_grad() ? view : tensor.detach().requires_grad_();
        };
        const torch::Tensor c = own(coefficients), y = own(x), h = own(g);
        const torch::Tensor out = contractionByTensors(*shared.plan, c, y, shared.groups);
        const variable_list first = torch::autograd::grad({out}, {c, y}, {h}, true, true);
        variable_list results, slopes;
        if (q.defined()) {
            results.push_back(first[0]);
            slopes.push_back(q);
        }
        if (p.defined()) {
            results.push_back(first[1]);
            slopes.push_back(p);
        }
        const variable_list second = torch::autograd::grad(results, {c, y, h}, slopes, true, true, true);
        return {second[0], second[1], second[2], {}, {}};
    }
};

variable_list Contraction::backward(AutogradContext* context, const variable_list& slopes)
{
    if (!slopes[0].defined())
        return {{}, {}, {}};
    const variable_list saved = context->get_saved_variables();
    const bool wantCoefficients = context->needs_input_grad(0);
    const variable_list parts = ContractionSlope::apply(saved[0], saved[1], slopes[0].contiguous(),
                                                        sharedOf(context), wantCoefficients);
    return {wantCoefficients ? parts[0] : torch::Tensor(), parts[1], {}};
}

} // namespace

std::shared_ptr<const ContractionPlan> makeContractionPlan(std::vector<ContractionPlan::Monomial> monomials,
                                                           std::int64_t rows, std::int64_t components)
{
    auto plan = std::make_shared<ContractionPlan>();
    plan->rows = rows;
    plan->components = components;
    const ContractionPlan::Monomial* before = nullptr;
    for (const ContractionPlan::Monomial& monomial : monomials) {
        const Factors& factors = monomial.factors;
        const bool sound =
            !factors.empty() && monomial.row >= 0 && monomial.row < rows && factors.front() >= 0 &&
            factors.back() < components && std::is_sorted(factors.begin(), factors.end()) &&
            (!before || std::tie(before->row, before->factors) < std::tie(monomial.row, factors));
        if (!sound)
            fail<InternalError>("The monomials of a contraction are not in order.");
        plan->order = std::max(plan->order, static_cast<int>(factors.size()));
        before = &monomial;
    }
    plan->monomials = std::move(monomials);
    std::vector<std::vector<Factors>> lower;
    std::vector<std::int64_t> begin = {0};
    for (int order = 0; order < plan->order; ++order) {
        lower.push_back(ascendingTuples(components, order));
        begin.push_back(begin.back() + static_cast<std::int64_t>(lower.back().size()));
        std::vector<std::int64_t> parents, lasts;
        for (const Factors& tuple : lower.back()) {
            if (order == 0)
                break;
            parents.push_back(positionOf(lower[static_cast<std::size_t>(order) - 1], withoutLast(tuple)));
            lasts.push_back(tuple.back());
        }
        plan->parents.push_back(torch::tensor(parents, torch::kInt64));
        plan->lasts.push_back(torch::tensor(lasts, torch::kInt64));
    }
    std::vector<std::int64_t> places;
    for (const ContractionPlan::Monomial& monomial : plan->monomials) {
        const std::size_t order = monomial.factors.size() - 1;
        const std::int64_t product = begin[order] + positionOf(lower[order], withoutLast(monomial.factors));
        places.push_back((product * rows + monomial.row) * components + monomial.factors.back());
    }
    plan->places = torch::tensor(places, torch::kInt64);
    if (plan->order <= deepestTree)
        plan->tree = treeOf(*plan);
    return plan;
}

torch::Tensor contractionByTensors(const ContractionPlan& plan, const torch::Tensor& coefficients,
                                   const torch::Tensor& x, const ElementGroups& groups)
{
    // out[a, m, c] = sum over i of x[a, i, c] sum over lower products p of B[p, m, i, c] p(x)[a, c]
    const std::int64_t channels = x.size(2);
    const torch::Tensor sorted = groups.grouped(x);
    std::vector<torch::Tensor> byOrder = {torch::ones({x.size(0), 1, channels}, x.options())};
    for (int order = 1; order < plan.order; ++order) {
        const auto at = static_cast<std::size_t>(order);
        byOrder.push_back(byOrder.back().index_select(1, plan.parents[at].to(x.device())) *
                          sorted.index_select(1, plan.lasts[at].to(x.device())));
    }
    const torch::Tensor products = torch::cat(byOrder, 1);
    const auto count = static_cast<std::int64_t>(groups.groups.size());
    const torch::Tensor dense =
        torch::zeros({count, products.size(1) * plan.rows * plan.components, channels}, x.options())
            .index_add(1, plan.places.to(x.device()), coefficients)
            .view({count, products.size(1), plan.rows * plan.components, channels});
    std::vector<torch::Tensor> parts = {torch::zeros({0, plan.rows, channels}, x.options())};
    for (std::size_t g = 0; g < groups.groups.size(); ++g) {
        const ElementGroups::Group& group = groups.groups[g];
        const auto rows = [&](const torch::Tensor& all) {
            return all.slice(0, group.first, group.first + group.count).permute({2, 0, 1});
        };
        const torch::Tensor stage =
            rows(products).bmm(dense[static_cast<std::int64_t>(g)].permute({2, 0, 1}));
        parts.push_back(stage.view({channels, group.count, plan.rows, plan.components})
                            .matmul(rows(sorted).unsqueeze(3))
                            .squeeze(3)
                            .permute({1, 2, 0}));
    }
    return groups.ungrouped(torch::cat(parts, 0));
}

torch::Tensor contraction(const std::shared_ptr<const ContractionPlan>& plan,
                          const torch::Tensor& coefficients, const torch::Tensor& x,
                          const ElementGroups& groups)
{
    const bool real = x.scalar_type() == torch::kFloat32 || x.scalar_type() == torch::kFloat64;
    if (!x.is_cpu() || !real || plan->order > deepestTree)
        return contractionByTensors(*plan, coefficients, x, groups);
    const SharedPtr shared = c10::make_intrusive<Shared>();
    shared->plan = plan;
    shared->groups = groups;
    shared->atoms.resize(static_cast<std::size_t>(x.size(0)));
    for (std::size_t i = 0; i < shared->atoms.size(); ++i)
        shared->atoms[i] =
            groups.order.defined() ? groups.order.data_ptr<std::int64_t>()[i] : static_cast<std::int64_t>(i);
    return Contraction::apply(coefficients.contiguous(), x.contiguous(), shared);
}

} // namespace lodestone
