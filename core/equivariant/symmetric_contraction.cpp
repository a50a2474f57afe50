#include "equivariant/symmetric_contraction.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Row of the output and ascending factors.
using Key = std::pair<std::int64_t, std::vector<std::int64_t>>;

/// The monomials of a tensor U, each with its coefficients over paths.
std::map<Key, std::vector<double>> monomialsOf(const CouplingTensor& u, std::int64_t firstRow)
{
    const std::size_t order = u.shape.size() - 2;
    const std::int64_t paths = u.shape.back(), components = u.shape[1];
    std::map<Key, std::vector<double>> monomials;
    for (std::size_t kept = 0; kept < u.rows.size(); ++kept) {
        const double* row = u.values.data() + kept * static_cast<std::size_t>(paths);
        std::vector<std::int64_t> factors(order);
        std::int64_t rest = u.rows[kept];
        for (std::size_t i = order; i-- > 0; rest /= components)
            factors[i] = rest % components;
        std::sort(factors.begin(), factors.end());
        std::vector<double>& sum = monomials[{firstRow + rest, factors}];
        sum.resize(static_cast<std::size_t>(paths));
        std::transform(row, row + paths, sum.begin(), sum.begin(), std::plus<>());
    }
    // Couplings that are antisymmetric in two factors cancel.
    double scale = 0;
    for (const double value : u.values)
        scale = std::max(scale, std::abs(value));
    std::erase_if(monomials, [&](const auto& item) {
        return std::all_of(item.second.begin(), item.second.end(),
                           [&](double value) { return std::abs(value) <= 1e-15 * scale; });
    });
    return monomials;
}

std::int64_t componentsOf(const std::vector<ContractionShape>& outputs)
{
    const bool empty =
        outputs.empty() || outputs.front().u.empty() || outputs.front().u.front().shape.size() < 2;
    const std::int64_t components = empty ? 0 : outputs.front().u.front().shape[1];
    for (const ContractionShape& output : outputs)
        for (std::size_t i = 0; i < output.u.size(); ++i) {
            const CouplingTensor& u = output.u[i];
            std::vector<std::int64_t> sizes(i + 3, components);
            sizes.front() = output.out.size();
            sizes.back() = u.shape.empty() ? 0 : u.shape.back();
            if (u.shape != sizes)
                fail<InternalError>("The tensor U of order {} of {} does not have its shape.", i + 1,
                                    toString(output.out));
        }
    return components;
}

} // namespace

SymmetricContraction::SymmetricContraction(const std::vector<ContractionShape>& outputs)
{
    const std::int64_t components = componentsOf(outputs);
    std::map<Key, std::int64_t> numbers; // of all monomials, in the order in which coefficients are computed
    std::int64_t firstRow = 0, number = 0;
    for (const ContractionShape& output : outputs) {
        m_couplings.emplace_back();
        for (const CouplingTensor& u : output.u) {
            std::vector<double> rows;
            const std::int64_t before = number;
            for (const auto& [key, row] : monomialsOf(u, firstRow)) {
                numbers[key] = number++;
                rows.insert(rows.end(), row.begin(), row.end());
            }
            m_couplings.back().push_back(
                torch::tensor(rows, torch::kFloat64).view({number - before, u.shape.back()}));
        }
        m_sizes.push_back(output.out.size());
        firstRow += output.out.size();
    }
    std::vector<ContractionPlan::Monomial> monomials;
    std::vector<std::int64_t> order;
    for (const auto& [key, position] : numbers) {
        monomials.push_back({key.first, key.second});
        order.push_back(position);
    }
    m_order = torch::tensor(order, torch::kInt64);
    m_plan = makeContractionPlan(std::move(monomials), firstRow, components);
}

/// [groups, monomials, channels].
torch::Tensor SymmetricContraction::coefficients(const torch::Tensor& x,
                                                 const std::vector<std::vector<torch::Tensor>>& weights,
                                                 const ElementGroups& groups) const
{
    std::vector<torch::Tensor> parts;
    for (std::size_t output = 0; output < m_couplings.size(); ++output)
        for (std::size_t order = 0; order < m_couplings[output].size(); ++order)
            parts.push_back(torch::matmul(m_couplings[output][order].to(x.options()),
                                          weights[output][order].index_select(0, groups.present)));
    return torch::cat(parts, 1).index_select(1, m_order.to(x.device()));
}

Features SymmetricContraction::operator()(const torch::Tensor& x,
                                          const std::vector<std::vector<torch::Tensor>>& weights,
                                          const ElementGroups& groups) const
{
    return contraction(m_plan, coefficients(x, weights, groups), x, groups).split_with_sizes(m_sizes, 1);
}

Features SymmetricContraction::byTensors(const torch::Tensor& x,
                                         const std::vector<std::vector<torch::Tensor>>& weights,
                                         const ElementGroups& groups) const
{
    return contractionByTensors(*m_plan, coefficients(x, weights, groups), x, groups)
        .split_with_sizes(m_sizes, 1);
}

} // namespace lodestone
