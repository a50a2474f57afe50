#include "equivariant/kernels/cuda/kernel_check.h"

#include "equivariant/kernels/cuda/edge_convolution_cuda.h"

#include <fmt/format.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

constexpr std::int64_t harmonics = 4, atoms = 5;

/// Scalars and vectors of 33 channels, one more than a warp has lanes, to scalars, vectors and rank two; the
/// former by the harmonic of degree 0, the latter by those of degree 1, whatever nature says.
std::shared_ptr<const EdgePlan> planOfCheck()
{
    constexpr std::int64_t channels = 33;
    auto plan = std::make_shared<EdgePlan>();
    plan->in = 4 * channels;
    for (const int sizeOut : {1, 3, 5}) {
        for (const int sizeIn : {1, 3}) {
            EdgePath path;
            path.sizeIn = sizeIn;
            path.sizeOut = sizeOut;
            path.channels = channels;
            path.coupling = plan->couplings;
            path.weight = plan->weights;
            path.in = sizeIn == 1 ? 0 : channels;
            path.block = plan->out;
            path.blockChannels = 2 * channels;
            path.column = path.in;
            path.harmonic = sizeIn == 1 ? 0 : 1;
            path.harmonics = sizeIn;
            plan->couplings += std::int64_t{sizeIn} * sizeOut;
            plan->weights += channels;
            plan->paths.push_back(path);
        }
        plan->out += std::int64_t{sizeOut} * 2 * channels;
    }
    return plan;
}

/// Numbers without any order that do not disturb the program's random numbers.
torch::Tensor someNumbers(std::int64_t rows, std::int64_t columns, double seed,
                          const torch::TensorOptions& options)
{
    return (torch::arange(rows * columns, torch::kFloat64) * 1.7 + seed)
        .sin()
        .reshape({rows, columns})
        .to(options);
}

/// Largest deviation relative to the largest number; not comparable: not below anything.
double deviation(const torch::Tensor& found, const torch::Tensor& expected)
{
    return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

class Check {
public:
    Check(const torch::TensorOptions& options, bool fromTable) : m_options(options)
    {
        const auto index = options.dtype(torch::kInt64);
        m_edges = makeEdgeIndex(torch::tensor({0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 1, 4}, index),
                                torch::tensor({1, 2, 0, 4, 1, 1, 1, 1, 1, 1, 4, 0, 2}, index), atoms);
        const std::int64_t edges = m_edges->centre.size(0);
        m_z = someNumbers(edges, harmonics, 1, options);
        const torch::Tensor numbers = someNumbers(harmonics, m_plan->couplings, 2, options);
        m_matrix = torch::zeros_like(numbers);
        for (const EdgePath& path : m_plan->paths) {
            const auto part = [&](const torch::Tensor& of) {
                return of.narrow(0, path.harmonic, path.harmonics)
                    .narrow(1, path.coupling, std::int64_t{path.sizeIn} * path.sizeOut);
            };
            part(m_matrix).copy_(part(numbers));
        }
        m_q = fromTable ? someNumbers(edges, 1, 3, options).flatten() + 2
                        : someNumbers(edges, m_plan->weights, 3, options);
        m_x = someNumbers(atoms, m_plan->in, 4, options);
        if (fromTable) {
            const torch::Tensor waves = torch::arange(1, m_plan->weights + 1, torch::kFloat64) * 0.01;
            const RadialTable::Function radial = [&](const torch::Tensor& r) {
                return (r.unsqueeze(1) * waves).sin();
            };
            m_table = std::make_shared<const RadialTable>(*m_plan, std::vector{radial}, TableGrid{0.3, 4, 8},
                                                          c10::typeMetaToScalarType(options.dtype()));
            m_positions = m_table->grid().positions(m_q);
        }
    }

    /// The largest deviation of all results.
    double largest() const
    {
        const EdgeCouplings couplings(m_z, CouplingBasis{m_matrix, {}}), given(m_z.matmul(m_matrix));
        const CudaConvolution of{m_plan, m_edges, couplings, m_table, m_positions};
        const CudaConvolution ofGiven{m_plan, m_edges, given, m_table, m_positions};
        const auto own = [](const torch::Tensor& tensor) { return tensor.clone().requires_grad_(); };
        const at::AutoGradMode gradients(true);
        const std::vector<torch::Tensor> operands = {own(m_z), own(m_q), own(m_x)};
        const torch::Tensor expected = reference(operands[0], weights(operands[1]), operands[2]);
        const torch::Tensor g = someNumbers(atoms, m_plan->out, 5, m_options);
        const auto slopes = torch::autograd::grad({expected}, operands, {g});

        const at::AutoGradMode none(false);
        const torch::Tensor toQ = torch::zeros_like(m_q), alone = torch::zeros_like(m_q),
                            toCouplings = torch::zeros_like(given.operand());
        addEdgeSlopesOnCuda(of, m_z, m_q, m_x, g, alone, {});
        addEdgeSlopesOnCuda(ofGiven, given.operand(), m_q, m_x, g, toQ, toCouplings);
        double most = deviation(summedOnCuda(of, {m_z, m_q, m_x, {}, {}, {}}, false), expected);
        const auto compare = [&](const torch::Tensor& found, const torch::Tensor& exact) {
            if (const double off = deviation(found, exact); !(off <= most))
                most = off;
        };
        compare(toCouplings.matmul(m_matrix.t()), slopes[0]);
        compare(toQ, slopes[1]);
        compare(alone, slopes[1]);
        compare(summedOnCuda(of, {m_z, m_q, g, {}, {}, {}}, true), slopes[2]);

        const torch::Tensor hz = someNumbers(m_z.size(0), harmonics, 6, m_options), hx = m_x.cos();
        const torch::Tensor along = m_z.cos();
        const CudaBackwardSums sums = {torch::zeros_like(m_x), torch::zeros_like(m_q),
                                       torch::zeros({m_z.size(0), 3}, m_options)};
        edgeBackwardOnCuda(of, m_z, hz, along, m_q, m_x, g, sums);
        compare(sums.q, slopes[1]);
        compare(sums.x, slopes[2]);
        compare(sums.direction, torch::stack({(slopes[0] * hz).sum(1), (slopes[0] * along).sum(1),
                                              (slopes[0] * m_z).narrow(1, 1, harmonics - 1).sum(1)},
                                             1));

        const torch::Tensor hq = m_q.cos(), w = weights(m_q);
        const torch::Tensor hw = m_table ? m_table->slopes(m_q, m_positions.row) * hq.unsqueeze(1) : hq;
        const torch::Tensor turned = reference(hz, w, m_x) + reference(m_z, hw, m_x);
        compare(summedOnCuda(of, {m_z, m_q, m_x, hz, hq, {}}, false), turned);
        compare(summedOnCuda(of, {m_z, m_q, m_x, hz, hq, hx}, false), turned + reference(m_z, w, hx));
        return most;
    }

private:
    torch::Tensor weights(const torch::Tensor& q) const
    {
        return m_table ? m_table->weights(q, m_positions.row) : q;
    }
    torch::Tensor reference(const torch::Tensor& z, const torch::Tensor& w, const torch::Tensor& x) const
    {
        return convolutionByTensors(*m_plan, *m_edges, z.matmul(m_matrix), w, x);
    }

    std::shared_ptr<const EdgePlan> m_plan = planOfCheck();
    torch::TensorOptions m_options;
    std::shared_ptr<const EdgeIndex> m_edges;
    torch::Tensor m_z, m_matrix, m_q, m_x;
    std::shared_ptr<const RadialTable> m_table;
    TablePositions m_positions;
};

} // namespace

std::string faultOfCudaKernels(const torch::Device& device)
{
    try {
        for (const auto& [type, tolerance] :
             {std::pair(torch::kFloat32, 1e-4), std::pair(torch::kFloat64, 1e-11)})
            for (const bool table : {false, true}) {
                const double off = Check(torch::dtype(type).device(device), table).largest();
                if (!(off < tolerance))
                    return fmt::format(
                        "a convolution with known results, {} bytes a number, was off by {:.1e}.",
                        c10::elementSize(type), off);
            }
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

} // namespace lodestone
