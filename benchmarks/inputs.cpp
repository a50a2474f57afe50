#include "inputs.h"

#include "architectures/nequip/nequix_layout.h"
#include "crystal/neighbours.h"
#include "equivariant/coupling_rows.h"
#include "equivariant/spherical_harmonics.h"

#include <cmath>
#include <map>
#include <random>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// The paths of one layer; their couplings are added to the rows.
std::shared_ptr<const EdgePlan> planOf(const NequixLayer& layer, CouplingRows& couplings)
{
    auto plan = std::make_shared<EdgePlan>();
    plan->weights = layer.radialChannels;
    std::vector<std::int64_t> inputs;
    for (const IrrepBlock& block : layer.input) {
        inputs.push_back(plan->in);
        plan->in += block.size();
    }
    for (const NequixOutput& output : layer.outputs) {
        const Irrep& out = output.block.irrep;
        for (const NequixPath& path : output.paths) {
            const auto input = static_cast<std::size_t>(path.input);
            const IrrepBlock& in = layer.input[input];
            plan->paths.push_back({in.irrep.size(), out.size(), in.multiplicity,
                                   couplings.place(in.irrep.l, path.l2, out.l), path.radial, inputs[input],
                                   plan->out, output.pathChannels, path.row, path.l2 * path.l2,
                                   2 * path.l2 + 1});
        }
        plan->out += output.pathChannels * out.size();
    }
    plan->couplings = couplings.width();
    return plan;
}

EdgeInputs makeEdgeInputs(Size size)
{
    const Structure iron = ironCrystal(size == Size::Full ? std::array{4, 4, 2} : std::array{2, 1, 1});
    const NeighbourList list = neighbourList(iron, graphCutoff);
    const auto edges = static_cast<std::int64_t>(list.size());
    torch::Tensor vectors = torch::empty({edges, 3}, torch::kFloat64);
    auto* vector = vectors.data_ptr<double>();
    std::vector<std::int64_t> centre, neighbour;
    for (std::size_t e = 0; e < list.size(); ++e) {
        const auto i = static_cast<std::size_t>(list.centre[e]),
                   j = static_cast<std::size_t>(list.neighbour[e]);
        const auto& s = list.shift[e];
        const Vec3 shift = {double(s[0]), double(s[1]), double(s[2])};
        const Vec3 d = iron.positions[j] + shift * iron.cell - iron.positions[i];
        vector = std::copy(d.begin(), d.end(), vector);
        centre.push_back(list.centre[e]);
        neighbour.push_back(list.neighbour[e]);
    }
    NequixConfig config;
    config.elements = {26};
    config.hidden = parseIrreps("128x0e+64x1o+32x2e+32x3o");
    EdgeInputs made;
    made.edges = makeEdgeIndex(torch::tensor(centre, torch::kInt64), torch::tensor(neighbour, torch::kInt64),
                               static_cast<std::int64_t>(iron.size()));
    const torch::Tensor distance = vectors.norm(2, 1);
    made.unit = (vectors / distance.unsqueeze(1)).to(torch::kFloat32).requires_grad_();
    made.distance = distance.to(torch::kFloat32).requires_grad_();
    CouplingRows couplings;
    made.plan = planOf(nequixLayers(config)[1], couplings);
    made.harmonics =
        torch::cat(SphericalHarmonics(config.lMax)(made.unit.detach()), 1).contiguous().requires_grad_();
    made.basis = couplings.basis(config.lMax).to(torch::kFloat32);
    torch::manual_seed(1);
    made.features = torch::randn({made.edges->atoms, made.plan->in}).requires_grad_();
    return made;
}

} // namespace

Structure ironCrystal(const std::array<int, 3>& cells)
{
    constexpr double a = 2.87, off = 0.05;
    std::mt19937 random(5);
    const auto displaced = [&](double site) {
        return a * site + off * (double(random()) / double(std::mt19937::max()) * 2 - 1);
    };
    Structure iron;
    for (std::size_t k = 0; k < 3; ++k) {
        iron.cell[k][k] = a * cells[k];
        iron.pbc[k] = true;
    }
    for (int x = 0; x < cells[0]; ++x)
        for (int y = 0; y < cells[1]; ++y)
            for (int z = 0; z < cells[2]; ++z)
                for (const double half : {0.0, 0.5}) {
                    const double first = displaced(x + half), second = displaced(y + half);
                    iron.positions.push_back({first, second, displaced(z + half)});
                }
    iron.species.assign(iron.positions.size(), 26);
    iron.source = "iron made for benchmarks";
    return iron;
}

const EdgeInputs& edgeInputs(Size size)
{
    static std::map<Size, EdgeInputs> made;
    if (!made.contains(size))
        made[size] = makeEdgeInputs(size);
    return made[size];
}

RadialNetwork radialNetwork(std::int64_t columns)
{
    torch::manual_seed(3);
    RadialNetwork network;
    network.basis = {graphCutoff, 8, 6};
    const std::int64_t widths[] = {network.basis.size, 64, 64, columns};
    for (std::size_t i = 0; i < 3; ++i)
        network.matrices.push_back(torch::randn({widths[i], widths[i + 1]}, torch::kFloat64) /
                                   std::sqrt(static_cast<double>(widths[i])));
    return network;
}

std::shared_ptr<const RadialTable> radialTable(const EdgePlan& plan, Size size)
{
    const auto f = [network = radialNetwork(plan.weights)](const torch::Tensor& r) {
        return radialWeightsByTensors(network.basis, network.matrices, r);
    };
    TableGrid grid;
    grid.cutoff = graphCutoff;
    if (size == Size::Small)
        grid.intervals = 16;
    return std::make_shared<const RadialTable>(plan, std::vector<RadialTable::Function>{f}, grid,
                                               torch::kFloat32);
}

} // namespace lodestone
