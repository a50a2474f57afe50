#include "algebra/wigner.h"
#include "equivariant/symmetric_contraction.h"
#include "operation.h"
#include "passes.h"

#include <cstdlib>
#include <map>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr int highestDegree = 3; // of the features: 0e + 1o + 2e + 3o, 16 components
constexpr std::int64_t components = (highestDegree + 1) * (highestDegree + 1);
constexpr std::int64_t channels = 128, elements = 2;

/// One way of coupling some factors, one after another, to an irrep: [2l + 1, components of each factor].
struct Chain {
    Irrep irrep;
    torch::Tensor u;
};

/// The components of degree l among all: [2l + 1, components].
torch::Tensor pick(int l)
{
    return torch::eye(components, torch::kFloat64)
        .slice(0, std::int64_t{l} * l, std::int64_t{l + 1} * (l + 1));
}

std::vector<Chain> chains(int order)
{
    std::vector<Chain> all;
    if (order == 1) {
        for (int l = 0; l <= highestDegree; ++l)
            all.push_back({{l, l % 2 == 0 ? 1 : -1}, pick(l)});
        return all;
    }
    for (const Chain& chain : chains(order - 1))
        for (int l = 0; l <= highestDegree; ++l)
            for (int sum = std::abs(chain.irrep.l - l); sum <= chain.irrep.l + l; ++sum) {
                const torch::Tensor c = torch::tensor(wigner3j(chain.irrep.l, l, sum), torch::kFloat64)
                                            .view({2 * chain.irrep.l + 1, 2 * l + 1, 2 * sum + 1});
                const torch::Tensor last = torch::einsum("mns,nj->msj", {c, pick(l)});
                all.push_back({{sum, chain.irrep.parity * (l % 2 == 0 ? 1 : -1)},
                               torch::einsum("m...,msj->s...j", {chain.u, last})});
            }
    return all;
}

/// The tensors U of orders 1 to 3, all couplings kept.
ContractionShape shapeInto(const Irrep& out)
{
    ContractionShape shape{out, {}};
    for (int order = 1; order <= 3; ++order) {
        std::vector<torch::Tensor> paths;
        for (const Chain& chain : chains(order))
            if (chain.irrep == out)
                paths.push_back(chain.u);
        const torch::Tensor u = torch::stack(paths, -1).contiguous();
        shape.u.push_back(
            couplingTensor(u.sizes().vec(), {u.data_ptr<double>(), u.data_ptr<double>() + u.numel()}));
    }
    return shape;
}

struct Inputs {
    std::shared_ptr<const SymmetricContraction> contraction;
    std::vector<std::vector<torch::Tensor>> weights;
    torch::Tensor x;
    ElementGroups groups;
    double coefficientFlop = 0; ///< of the coefficients of each element
};

Inputs makeInputs(Size size)
{
    const std::int64_t atoms = size == Size::Full ? 64 : 8;
    const std::vector<ContractionShape> shapes = {shapeInto({0, 1}), shapeInto({1, -1})};
    Inputs made;
    made.contraction = std::make_shared<const SymmetricContraction>(shapes);
    torch::manual_seed(6);
    std::int64_t firstRow = 0;
    for (const ContractionShape& shape : shapes) {
        made.weights.emplace_back();
        for (std::size_t order = 1; order <= shape.u.size(); ++order) {
            const std::int64_t paths = shape.u[order - 1].shape.back();
            made.weights.back().push_back(torch::randn({elements, paths, channels}));
            for (const ContractionPlan::Monomial& monomial : made.contraction->plan().monomials)
                if (monomial.row >= firstRow && monomial.row < firstRow + shape.out.size() &&
                    monomial.factors.size() == order)
                    made.coefficientFlop += 2.0 * static_cast<double>(paths * channels * elements);
        }
        firstRow += shape.out.size();
    }
    made.x = torch::randn({atoms, components, channels}).requires_grad_();
    made.groups = groupByElement(torch::arange(atoms).remainder(elements));
    return made;
}

/// Counted from the loops in equivariant/kernels/contraction_kernels.cpp and from contractionByTensors().
double flopOf(const Inputs& given, bool tensors, Pass pass)
{
    const ContractionPlan& plan = given.contraction->plan();
    const double each = static_cast<double>(given.x.size(0) * channels);
    const auto firsts = static_cast<double>(plan.tree.firsts.size()),
               seconds = static_cast<double>(plan.tree.seconds.size()),
               thirds = static_cast<double>(plan.tree.thirds.size());
    if (tensors && pass == Pass::Forward) {
        double products = 1;
        for (const torch::Tensor& order : plan.parents)
            products += static_cast<double>(order.numel());
        return given.coefficientFlop +
               each * 2 * (products + 1) * static_cast<double>(plan.rows * plan.components);
    }
    if (tensors || pass == Pass::Second)
        return 0;
    return pass == Pass::Forward ? given.coefficientFlop + each * 2 * (firsts + seconds + thirds)
                                 : each * (3 * firsts + 5 * seconds + 4 * thirds);
}

Operation contract(bool tensors, Pass pass, Size size)
{
    static std::map<Size, Inputs> made;
    if (!made.contains(size))
        made[size] = makeInputs(size);
    const Inputs& given = made[size];
    const auto output = [tensors, &given] {
        return torch::cat(tensors ? given.contraction->byTensors(given.x, given.weights, given.groups)
                                  : (*given.contraction)(given.x, given.weights, given.groups),
                          1);
    };
    return {passOf(pass, output, {given.x}), static_cast<double>(given.x.size(0)), "atoms",
            flopOf(given, tensors, pass)};
}

} // namespace

std::vector<OperationMaker> contractionOperations()
{
    std::vector<OperationMaker> all;
    for (const bool tensors : {true, false})
        for (const Pass pass : allPasses)
            all.push_back(
                {std::string("symmetric_contraction/") + (tensors ? "tensors/" : "fused/") + toString(pass),
                 !tensors, [tensors, pass](Size size) { return contract(tensors, pass, size); }});
    return all;
}

} // namespace lodestone
