#include "equivariant/kernels/radial_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double shortestBond = 0.7; // Angstrom

using Function = std::function<torch::Tensor(const torch::Tensor&)>;

/// f, f', f'' at `r` [n]: each [n, columns]. The derivative of f . v in r, differentiated in v, is f'.
std::array<torch::Tensor, 3> withDerivatives(const Function& f, const torch::Tensor& r)
{
    const at::AutoGradMode gradients(true);
    const torch::Tensor at = r.detach().requires_grad_();
    const torch::Tensor value = f(at);
    const torch::Tensor probe = torch::zeros_like(value).requires_grad_();
    const auto derivative = [&](const torch::Tensor& y, bool more) {
        const torch::Tensor along = torch::autograd::grad({y}, {at}, {probe}, true, true)[0];
        return torch::autograd::grad({along.sum()}, {probe}, {}, more, more)[0];
    };
    const torch::Tensor first = derivative(value, true);
    const torch::Tensor second = derivative(first, false);
    return {value.detach(), first.detach(), second.detach()};
}

/// Coefficients [rows, 6, columns] of the quintics with the given ends; slopes and curvatures in units of the interval.
torch::Tensor quintics(const std::array<torch::Tensor, 3>& left, const std::array<torch::Tensor, 3>& right)
{
    const torch::Tensor rise = right[0] - left[0] - left[1] - left[2] / 2;
    const torch::Tensor turn = right[1] - left[1] - left[2];
    const torch::Tensor bend = right[2] - left[2];
    return torch::stack({left[0], left[1], left[2] / 2, 10 * rise - 4 * turn + bend / 2,
                         -15 * rise + 7 * turn - bend, 6 * rise - 3 * turn + bend / 2},
                        1);
}

/// [n, columns] each; RadialTable::error() of one kind.
double deviation(const torch::Tensor& found, const torch::Tensor& exact)
{
    if (exact.numel() == 0)
        return 0;
    const torch::Tensor size = exact.abs().amax(1);
    const double floor = std::max(1e-4 * size.max().item<double>(), 1e-300);
    return ((found - exact).abs().amax(1) / size.clamp_min(floor)).max().item<double>();
}

} // namespace

double TableGrid::start() const
{
    return std::log(nearest + 1);
}

double TableGrid::step() const
{
    return (std::log(cutoff + 1) - start()) / static_cast<double>(intervals);
}

TablePositions TableGrid::positions(const torch::Tensor& distance) const
{
    const torch::NoGradGuard noGradient;
    const torch::Tensor r = distance.detach().to(torch::kFloat64);
    const torch::Tensor x = (r.log1p() - start()) * (1 / step());
    const torch::Tensor row = x.floor().clamp(0, static_cast<double>(intervals - 1));
    const auto type = distance.scalar_type();
    return {row.to(torch::kInt32), (x - row).to(type), ((r + 1) * step()).reciprocal().to(type)};
}

RadialTable::RadialTable(const EdgePlan& plan, const Function& f, const TableGrid& grid, torch::Dtype dtype)
    : m_grid(grid)
{
    std::int64_t blocks = 0;
    m_columns = torch::empty({plan.weights}, torch::kInt64);
    auto* columns = m_columns.data_ptr<std::int64_t>();
    for (const EdgePath& path : plan.paths) {
        m_firstBlocks.push_back(blocks);
        for (std::int64_t u = 0; u < path.channels; ++u)
            columns[path.weight + u] = blocks * tableLanes + u;
        blocks += (path.channels + tableLanes - 1) / tableLanes;
    }
    // In x = log(r + 1). Each interval is evaluated just inside its ends, so that a function that is only once
    // differentiable there (a switching function begins) is met from the right side.
    const double step = grid.step(), inside = 1e-9 * step;
    const torch::Tensor starts = torch::arange(grid.intervals, torch::kFloat64) * step + grid.start();
    const Function ofLogarithm = [&f](const torch::Tensor& x) { return f(x.expm1()); };
    auto left = withDerivatives(ofLogarithm, starts + inside),
         right = withDerivatives(ofLogarithm, starts + (step - inside));
    for (auto* ends : {&left, &right}) {
        (*ends)[1] = (*ends)[1] * step;
        (*ends)[2] = (*ends)[2] * (step * step);
    }
    const torch::Tensor packed = torch::zeros({grid.intervals, tableTerms, blocks * tableLanes}, torch::kFloat64);
    packed.index_copy_(2, m_columns, quintics(left, right));
    m_polynomials = packed.reshape({grid.intervals, tableTerms, blocks, tableLanes})
                        .permute({2, 0, 1, 3})
                        .to(dtype)
                        .contiguous();
    for (const double part : {0.25, 0.5, 0.8}) {
        const torch::Tensor all = (starts + part * step).expm1();
        const torch::Tensor r = all.masked_select(all > shortestBond).to(dtype); // rounding is no fault of the table
        const auto exact = withDerivatives(f, r.to(torch::kFloat64));
        m_error = std::max({m_error, deviation(weights(r), exact[0]), deviation(slopes(r), exact[1])});
    }
}

torch::Tensor RadialTable::evaluate(const torch::Tensor& distance, bool slope) const
{
    const torch::Tensor row = m_grid.positions(distance).row.to(torch::kInt64);
    // t again, as a function of the distance; the row is piecewise constant.
    const torch::Tensor t = ((distance.to(torch::kFloat64).log1p() - m_grid.start()) * (1 / m_grid.step()) - row)
                                .to(distance.scalar_type())
                                .view({1, -1, 1});
    const torch::Tensor a = m_polynomials.to(distance.device(), distance.scalar_type()).index_select(1, row);
    torch::Tensor sum;
    for (std::int64_t q = tableTerms - 1; q >= (slope ? 1 : 0); --q) {
        const torch::Tensor term = slope ? a.select(2, q) * static_cast<double>(q) : a.select(2, q);
        sum = sum.defined() ? sum * t + term : term;
    }
    if (slope)
        sum = sum / ((distance + 1) * m_grid.step()).view({1, -1, 1});
    return sum.permute({1, 0, 2}).flatten(1).index_select(1, m_columns.to(distance.device()));
}

torch::Tensor RadialTable::weights(const torch::Tensor& distance) const
{
    return evaluate(distance, false);
}

torch::Tensor RadialTable::slopes(const torch::Tensor& distance) const
{
    return evaluate(distance, true);
}

} // namespace lodestone
