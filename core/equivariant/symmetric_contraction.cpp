#include "equivariant/symmetric_contraction.h"

#include "base/error.h"

#include <algorithm>
#include <map>
#include <torch/torch.h>

namespace lodestone {
namespace {

using Indices = std::vector<std::int64_t>;

/// All ascending tuples of `order` numbers below `n`, in lexicographic order.
std::vector<Indices> ascendingTuples(std::int64_t n, int order)
{
    std::vector<Indices> tuples = {{}};
    for (int i = 0; i < order; ++i) {
        std::vector<Indices> longer;
        for (const Indices& tuple : tuples)
            for (std::int64_t next = tuple.empty() ? 0 : tuple.back(); next < n; ++next) {
                longer.push_back(tuple);
                longer.back().push_back(next);
            }
        tuples = std::move(longer);
    }
    return tuples;
}

std::int64_t positionOf(const std::vector<Indices>& tuples, const Indices& tuple)
{
    return std::lower_bound(tuples.begin(), tuples.end(), tuple) - tuples.begin();
}

} // namespace

SymmetricContraction::SymmetricContraction(const std::vector<ContractionShape>& outputs)
{
    for (const ContractionShape& output : outputs) {
        const auto order = static_cast<int>(output.u.size());
        if (order < 1 || order > maxOrder)
            fail<InternalError>("A symmetric contraction has order {}.", order);
        const std::int64_t components = output.u.front().size(1);
        for (int nu = 1; nu <= order; ++nu) {
            const torch::Tensor& u = output.u[static_cast<std::size_t>(nu - 1)];
            std::vector<std::int64_t> sizes(static_cast<std::size_t>(nu) + 2, components);
            sizes.front() = output.out.size();
            sizes.back() = u.size(-1);
            if (u.sizes().vec() != sizes || u.dtype() != torch::kFloat64 ||
                (m_components != 0 && m_components != components))
                fail<InternalError>("The tensor U of order {} of {} does not have its shape.", nu,
                                    toString(output.out));
        }
        m_components = components;
        m_order = std::max(m_order, order);
        m_firstRow.push_back(m_rows);
        m_sizes.push_back(output.out.size());
        m_rows += output.out.size();
    }
    for (int order = 0; order < m_order; ++order)
        m_lower.push_back(ascendingTuples(m_components, order));
    m_monomials.resize(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i)
        for (const torch::Tensor& u : outputs[i].u)
            addMonomials(i, u);
}

void SymmetricContraction::addMonomials(std::size_t output, const torch::Tensor& tensor)
{
    const torch::Tensor u = tensor.contiguous();
    const int order = static_cast<int>(u.dim()) - 2;
    const std::int64_t paths = u.size(-1);
    const double* values = u.data_ptr<double>();
    // Component of the output and ascending indices -> row of coefficients.
    std::map<std::pair<std::int64_t, Indices>, std::vector<double>> rows;
    for (std::int64_t entry = 0; entry * paths < u.numel(); ++entry) {
        const double* row = values + entry * paths;
        if (std::all_of(row, row + paths, [](double value) { return value == 0; }))
            continue;
        Indices indices(static_cast<std::size_t>(order));
        std::int64_t rest = entry;
        for (int i = order; i-- > 0; rest /= m_components)
            indices[static_cast<std::size_t>(i)] = rest % m_components;
        std::sort(indices.begin(), indices.end());
        std::vector<double>& sum = rows[{rest, indices}];
        sum.resize(static_cast<std::size_t>(paths));
        std::transform(row, row + paths, sum.begin(), sum.begin(), std::plus<>());
    }
    // What cancels between orders of the factors is not there.
    const double scale = u.numel() > 0 ? u.abs().max().item<double>() : 0;
    std::erase_if(rows, [&](const auto& item) {
        return std::all_of(item.second.begin(), item.second.end(),
                           [&](double value) { return std::abs(value) <= 1e-15 * scale; });
    });
    const std::vector<Indices>& lower = m_lower[static_cast<std::size_t>(order) - 1];
    std::int64_t before = 0;
    for (int i = 0; i + 1 < order; ++i)
        before += static_cast<std::int64_t>(m_lower[static_cast<std::size_t>(i)].size());
    std::vector<double> coefficients;
    std::vector<std::int64_t> places;
    for (const auto& [key, row] : rows) {
        const auto& [component, indices] = key;
        const std::int64_t monomial = before + positionOf(lower, Indices(indices.begin(), indices.end() - 1));
        places.push_back((monomial * m_rows + m_firstRow[output] + component) * m_components +
                         indices.back());
        coefficients.insert(coefficients.end(), row.begin(), row.end());
    }
    m_monomials[output].push_back(
        {order,
         torch::tensor(coefficients, torch::kFloat64).view({static_cast<std::int64_t>(rows.size()), paths}),
         torch::tensor(places, torch::kInt64)});
}

/// Products of up to m_order - 1 components, indices ascending: [atoms, monomials, channels].
torch::Tensor SymmetricContraction::lowerMonomials(const torch::Tensor& x) const
{
    std::vector<torch::Tensor> products = {torch::ones({x.size(0), 1, x.size(2)}, x.options())};
    for (int order = 1; order < m_order; ++order) {
        const std::vector<Indices>& tuples = m_lower[static_cast<std::size_t>(order)];
        const std::vector<Indices>& shorter = m_lower[static_cast<std::size_t>(order) - 1];
        std::vector<std::int64_t> parents, last;
        for (const Indices& tuple : tuples) {
            parents.push_back(positionOf(shorter, Indices(tuple.begin(), tuple.end() - 1)));
            last.push_back(tuple.back());
        }
        const auto index = [&](const std::vector<std::int64_t>& values) {
            return torch::tensor(values, torch::kInt64).to(x.device());
        };
        products.push_back(products.back().index_select(1, index(parents)) * x.index_select(1, index(last)));
    }
    return torch::cat(products, 1);
}

Features SymmetricContraction::operator()(const torch::Tensor& x,
                                          const std::vector<std::vector<torch::Tensor>>& weights,
                                          const ElementGroups& groups) const
{
    // out[a, m, c] = sum over i of x[a, i, c] sum over lower monomials p of B[p, m, i, c] p(x)[a, c]
    const std::int64_t channels = x.size(2);
    std::vector<torch::Tensor> coefficients, places;
    for (std::size_t output = 0; output < m_monomials.size(); ++output)
        for (const Monomials& monomials : m_monomials[output]) {
            const torch::Tensor& weight = weights[output][static_cast<std::size_t>(monomials.order) - 1];
            coefficients.push_back(torch::matmul(monomials.coefficients.to(x.options()),
                                                 weight.index_select(0, groups.present)));
            places.push_back(monomials.place.to(x.device()));
        }
    std::int64_t lower = 0;
    for (const auto& tuples : m_lower)
        lower += static_cast<std::int64_t>(tuples.size());
    const auto present = static_cast<std::int64_t>(groups.groups.size());
    const torch::Tensor dense = torch::zeros({present, lower * m_rows * m_components, channels}, x.options())
                                    .index_add(1, torch::cat(places), torch::cat(coefficients, 1))
                                    .view({present, lower, m_rows * m_components, channels});
    const torch::Tensor sorted = groups.grouped(x);
    const torch::Tensor products = lowerMonomials(sorted);
    std::vector<torch::Tensor> parts;
    for (std::size_t g = 0; g < groups.groups.size(); ++g) {
        const ElementGroups::Group& group = groups.groups[g];
        const auto rows = [&](const torch::Tensor& all) {
            return all.slice(0, group.first, group.first + group.count).permute({2, 0, 1});
        };
        const torch::Tensor stage =
            rows(products).bmm(dense[static_cast<std::int64_t>(g)].permute({2, 0, 1}));
        parts.push_back(stage.view({channels, group.count, m_rows, m_components})
                            .matmul(rows(sorted).unsqueeze(3))
                            .squeeze(3)
                            .permute({1, 2, 0}));
    }
    if (parts.empty())
        parts.push_back(torch::zeros({0, m_rows, channels}, x.options()));
    return groups.ungrouped(torch::cat(parts, 0)).split_with_sizes(m_sizes, 1);
}

} // namespace lodestone
