#include "inputs.h"
#include "operation.h"
#include "passes.h"

#include <map>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Where the weights come from, and what multiplies.
enum class Way { Tensors, Stored, Tabulated };

/// Floating-point operations of one channel of one path on one edge, counted from the loops in
/// equivariant/kernels/edge_sums.h: a coupling is a full matrix of `out` rows and `in` columns.
double flopOfChannel(const EdgePath& path, Pass pass, bool table)
{
    const double in = path.sizeIn, out = path.sizeOut;
    const double value = table ? 10 : 0, both = table ? 19 : 0; // five multiply-adds; nine and the scale
    if (pass == Pass::Forward)                                  // Z x, then the weight
        return out * (2 * in + 1) + value;
    if (pass == Pass::First) // all in one pass: three sums over the outputs, their products with the features
        return in * (3 * (2 * out - 1) + 6 + 2) + 6 + (table ? 1 + both : 0);
    // All three terms to the outer gradient, two by the transpose to the features; the tangent of a weight
    // from a table is its slope times that of the distance.
    const double tangent = table ? both + 1 : 0;
    return out * (6 * in + 2) + in * (4 * out + 2) + 2 * tangent;
}

double flopOf(const EdgePlan& plan, std::int64_t edges, Pass pass, bool table)
{
    double sum = 0;
    for (const EdgePath& path : plan.paths)
        sum += static_cast<double>(path.channels) * flopOfChannel(path, pass, table);
    return sum * static_cast<double>(edges);
}

std::shared_ptr<const RadialTable> tableOfEdges(Size size)
{
    static std::map<Size, std::shared_ptr<const RadialTable>> made;
    std::shared_ptr<const RadialTable>& table = made[size];
    if (!table)
        table = radialTable(*edgeInputs(size).plan, size);
    return table;
}

Operation convolution(Way way, Pass pass, Size size)
{
    const EdgeInputs& given = edgeInputs(size);
    const auto table = tableOfEdges(size);
    const TablePositions positions = table->grid().positions(given.distance);
    std::vector<torch::Tensor> inputs = {given.harmonics, given.distance, given.features};
    if (way != Way::Tabulated)
        inputs[1] = table->weights(given.distance.detach(), positions.row).requires_grad_();
    const auto output = [way, inputs, table, positions, plan = given.plan, edges = given.edges,
                         basis = given.basis] {
        const EdgeCouplings couplings(inputs[0], basis);
        if (way == Way::Tabulated)
            return edgeConvolution(plan, edges, couplings, TabulatedWeights{table, inputs[1], positions},
                                   inputs[2]);
        return way == Way::Stored
                   ? edgeConvolution(plan, edges, couplings, inputs[1], inputs[2])
                   : convolutionByTensors(*plan, *edges, couplings.values(), inputs[1], inputs[2]);
    };
    // Tensor operations do the same sums in the value; what their derivatives do is not counted.
    const bool known = way != Way::Tensors || pass == Pass::Forward;
    return {passOf(pass, output, inputs), static_cast<double>(given.count()), "edges",
            known ? flopOf(*given.plan, given.count(), pass, way == Way::Tabulated) : 0};
}

/// Scalars only: looking the weights up is nearly all the work.
Operation lookUp(Size size)
{
    constexpr std::int64_t channels = 1024;
    const EdgeInputs& given = edgeInputs(size);
    auto plan = std::make_shared<EdgePlan>();
    plan->paths.push_back({1, 1, channels, 0, 0, 0, 0, channels, 0});
    plan->couplings = 1;
    plan->weights = plan->in = plan->out = channels;
    const auto table = radialTable(*plan, size);
    const TabulatedWeights weights = {table, given.distance.detach(),
                                      table->grid().positions(given.distance)};
    const torch::Tensor z = torch::ones({given.count(), 1});
    torch::manual_seed(4);
    const torch::Tensor x = torch::randn({given.edges->atoms, channels});
    return {[=, edges = given.edges] { edgeConvolution(plan, edges, z, weights, x); },
            static_cast<double>(given.count() * channels), "weights",
            flopOf(*plan, given.count(), Pass::Forward, true)};
}

Operation positions(Size size)
{
    const EdgeInputs& given = edgeInputs(size);
    return {[grid = tableOfEdges(size)->grid(), r = given.distance] { grid.positions(r); },
            static_cast<double>(given.count()), "edges"};
}

Operation lookUpByTensors(Size size)
{
    const EdgeInputs& given = edgeInputs(size);
    const auto table = tableOfEdges(size);
    const torch::Tensor r = given.distance.detach(), row = table->grid().positions(r).row;
    return {[=] { table->weights(r, row); }, static_cast<double>(given.count() * given.plan->weights),
            "weights"};
}

/// What a table stands for. The products of matrices are counted, not the basis and the activations.
Operation network(Size size)
{
    const EdgeInputs& given = edgeInputs(size);
    const RadialNetwork network = radialNetwork(given.plan->weights);
    std::vector<torch::Tensor> matrices;
    double flop = 0;
    for (const torch::Tensor& matrix : network.matrices) {
        matrices.push_back(matrix.to(torch::kFloat32));
        flop += 2.0 * static_cast<double>(matrix.numel() * given.count());
    }
    return {[=, basis = network.basis, r = given.distance.detach()] {
                radialWeightsByTensors(basis, matrices, r);
            },
            static_cast<double>(given.count() * given.plan->weights), "weights", flop};
}

} // namespace

std::vector<OperationMaker> edgeOperations()
{
    std::vector<OperationMaker> all;
    for (const auto& [way, name] : {std::pair(Way::Tensors, "tensors"), std::pair(Way::Stored, "stored"),
                                    std::pair(Way::Tabulated, "tabulated")})
        for (const Pass pass : allPasses)
            all.push_back({std::string("edge_convolution/") + name + "/" + toString(pass),
                           way != Way::Tensors,
                           [way = way, pass](Size size) { return convolution(way, pass, size); }});
    all.push_back({"radial_table/positions", true, positions});
    all.push_back({"radial_table/look_up", true, lookUp});
    all.push_back({"radial_table/look_up_by_tensors", false, lookUpByTensors});
    all.push_back({"radial_network/forward", false, network});
    return all;
}

} // namespace lodestone
