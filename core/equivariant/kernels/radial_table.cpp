#include "equivariant/kernels/radial_table.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr double shortestBond = 0.7; // Angstrom
/// Intervals times channels that are built at a time (of 64 bit): the derivatives of a network need many
/// times what the table keeps of them (all 128 intervals of nequix-mp-1 at once: 110 MB more at the peak).
/// Small networks are built in one piece.
constexpr std::int64_t numbersTogether = std::int64_t{1} << 15;

using Function = RadialTable::Function;

std::int64_t blocksOfPath(const EdgePath& path)
{
    return (path.channels + tableLanes - 1) / tableLanes;
}

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

/// Coefficients [rows, 6, columns] of the quintics with the given ends; slopes and curvatures in units of the
/// interval.
torch::Tensor quintics(const std::array<torch::Tensor, 3>& left, const std::array<torch::Tensor, 3>& right)
{
    const torch::Tensor rise = right[0] - left[0] - left[1] - left[2] / 2;
    const torch::Tensor turn = right[1] - left[1] - left[2];
    const torch::Tensor bend = right[2] - left[2];
    return torch::stack({left[0], left[1], left[2] / 2, 10 * rise - 4 * turn + bend / 2,
                         -15 * rise + 7 * turn - bend, 6 * rise - 3 * turn + bend / 2},
                        1);
}

} // namespace

/// What RadialTable::error() is made of, for one function: per distance, the largest deviation and the
/// largest number.
class RadialTable::Deviation {
public:
    /// [n, columns] each.
    void add(const torch::Tensor& found, const torch::Tensor& exact)
    {
        m_off.push_back((found - exact).abs().amax(1));
        m_size.push_back(exact.abs().amax(1));
    }
    double largest() const
    {
        if (m_off.empty())
            return 0;
        const torch::Tensor size = torch::cat(m_size);
        const double floor = std::max(1e-4 * size.max().item<double>(), 1e-300);
        const double most = (torch::cat(m_off) / size.clamp_min(floor)).max().item<double>();
        return std::isnan(most) ? std::numeric_limits<double>::infinity()
                                : most; // NaN would compare as small
    }

private:
    std::vector<torch::Tensor> m_off, m_size;
};

double TableGrid::start() const
{
    return std::log(nearest + 1);
}

double TableGrid::step() const
{
    return (std::log(cutoff + 1) - start()) / static_cast<double>(intervals);
}

TablePositions TableGrid::positions(const torch::Tensor& distance, const torch::Tensor& kind) const
{
    const torch::NoGradGuard noGradient;
    if (kind.defined() && kind.lt(0).any().item<bool>())
        fail<InternalError>("An edge is of a kind that has no radial table.");
    const torch::Tensor r = distance.detach().to(torch::kFloat64);
    const torch::Tensor x = (r.log1p() - start()) * (1 / step());
    const torch::Tensor row = x.floor().clamp(0, static_cast<double>(intervals - 1));
    const auto type = distance.scalar_type();
    const torch::Tensor first = kind.defined() ? row + kind * intervals : row;
    return {first.to(torch::kInt32), (x - row).to(type), ((r + 1) * step()).reciprocal().to(type)};
}

std::int64_t RadialTable::blocksOf(const EdgePlan& plan)
{
    std::int64_t blocks = 0;
    for (const EdgePath& path : plan.paths)
        blocks += blocksOfPath(path);
    return blocks;
}

RadialTable::RadialTable(const EdgePlan& plan, const std::vector<Function>& functions, const TableGrid& grid,
                         torch::Dtype dtype, double tolerance)
    : m_grid(grid)
{
    std::int64_t blocks = 0;
    m_columns = torch::empty({plan.weights}, torch::kInt64);
    auto* columns = m_columns.data_ptr<std::int64_t>();
    for (const EdgePath& path : plan.paths) {
        m_firstBlocks.push_back(blocks);
        for (std::int64_t u = 0; u < path.channels; ++u)
            columns[path.weight + u] = blocks * tableLanes + u;
        blocks += blocksOfPath(path);
    }
    const std::int64_t together =
        std::max<std::int64_t>(8, numbersTogether / std::max<std::int64_t>(1, plan.weights));
    const std::int64_t rows = grid.intervals * static_cast<std::int64_t>(functions.size());
    m_polynomials = torch::zeros({blocks, rows, tableTerms, tableLanes}, dtype);
    for (std::size_t kind = 0; kind < functions.size(); ++kind) {
        Deviation values, slopes;
        for (std::int64_t first = 0; first < grid.intervals; first += together) {
            const std::int64_t count = std::min(together, grid.intervals - first);
            const std::int64_t firstRow = static_cast<std::int64_t>(kind) * grid.intervals + first;
            torch::Tensor packed = torch::zeros({count, tableTerms, blocks * tableLanes}, torch::kFloat64);
            packed.index_copy_(2, m_columns, polynomialsOf(functions[kind], first, count));
            m_polynomials.narrow(1, firstRow, count)
                .copy_(packed.reshape({count, tableTerms, blocks, tableLanes}).permute({2, 0, 1, 3}));
            compare(functions[kind], first, count, firstRow, values, slopes);
        }
        if (const double error = std::max(values.largest(), slopes.largest()); error > m_error) {
            m_error = error;
            m_roughest = kind;
        }
        if (m_error > tolerance)
            return;
    }
}

/// [count, tableTerms, plan.weights] of the intervals from `first`, of x = log(r + 1). Each interval is
/// evaluated just inside its ends, so that a function that is only once differentiable there (a switching
/// function begins) is met from the right side.
torch::Tensor RadialTable::polynomialsOf(const Function& f, std::int64_t first, std::int64_t count) const
{
    const double step = m_grid.step(), inside = 1e-9 * step;
    const torch::Tensor starts = startsOf(first, count);
    const Function ofLogarithm = [&f](const torch::Tensor& x) { return f(x.expm1()); };
    auto left = withDerivatives(ofLogarithm, starts + inside),
         right = withDerivatives(ofLogarithm, starts + (step - inside));
    for (auto* ends : {&left, &right}) {
        (*ends)[1] = (*ends)[1] * step;
        (*ends)[2] = (*ends)[2] * (step * step);
    }
    return quintics(left, right);
}

torch::Tensor RadialTable::startsOf(std::int64_t first, std::int64_t count) const
{
    return torch::arange(first, first + count, torch::kFloat64) * m_grid.step() + m_grid.start();
}

void RadialTable::compare(const Function& f, std::int64_t first, std::int64_t count, std::int64_t firstRow,
                          Deviation& values, Deviation& slopes) const
{
    const torch::Tensor starts = startsOf(first, count);
    for (const double part : {0.25, 0.5, 0.8}) {
        const torch::Tensor all = (starts + part * m_grid.step()).expm1();
        const torch::Tensor r = all.masked_select(all > shortestBond)
                                    .to(m_polynomials.scalar_type()); // rounding is no fault of the table
        if (r.numel() == 0)
            continue;
        const torch::Tensor row = m_grid.positions(r).row + (firstRow - first);
        const auto exact = withDerivatives(f, r.to(torch::kFloat64));
        values.add(this->weights(r, row), exact[0]);
        slopes.add(this->slopes(r, row), exact[1]);
    }
}

torch::Tensor RadialTable::evaluate(const torch::Tensor& distance, const torch::Tensor& rows,
                                    bool slope) const
{
    const torch::Tensor row = rows.to(torch::kInt64);
    // t again, as a function of the distance; the row is piecewise constant.
    const torch::Tensor t = ((distance.to(torch::kFloat64).log1p() - m_grid.start()) * (1 / m_grid.step()) -
                             row.remainder(m_grid.intervals))
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

torch::Tensor RadialTable::weights(const torch::Tensor& distance, const torch::Tensor& row) const
{
    return evaluate(distance, row, false);
}

torch::Tensor RadialTable::slopes(const torch::Tensor& distance, const torch::Tensor& row) const
{
    return evaluate(distance, row, true);
}

} // namespace lodestone
