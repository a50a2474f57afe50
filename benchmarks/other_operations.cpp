#include "crystal/neighbours.h"
#include "equivariant/gated_norm.h"
#include "equivariant/spherical_harmonics.h"
#include "finetune/deltas.h"
#include "inputs.h"
#include "operation.h"
#include "passes.h"

#include <torch/torch.h>

namespace lodestone {
namespace {

Operation harmonics(Pass pass, Size size)
{
    constexpr int lMax = 3;
    const EdgeInputs& given = edgeInputs(size);
    const auto output = [unit = given.unit, harmonics = SphericalHarmonics(lMax)] {
        return torch::cat(harmonics(unit), 1);
    };
    double flop = 3; // l = 1: a scale; from there the outer product with l = 1, and a full matrix
    for (int l = 2; l <= lMax; ++l)
        flop += (2 * l - 1) * 3 * (1 + 2.0 * (2 * l + 1));
    const auto edges = static_cast<double>(given.count());
    return {passOf(pass, output, {given.unit}), edges, "edges", pass == Pass::Forward ? flop * edges : 0};
}

Operation neighbours(const std::array<int, 3>& cells)
{
    constexpr double cutoff = 6; // Angstrom, 77 neighbours an atom
    auto iron = std::make_shared<const Structure>(ironCrystal(cells));
    return {[iron] { neighbourList(*iron, cutoff); }, static_cast<double>(iron->size()), "atoms"};
}

Operation threshold(Pass pass, Size size)
{
    constexpr std::int64_t tensors = 100; // the numbers of nequix-mp-1, about
    const std::int64_t entries = size == Size::Full ? 7000 : 700;
    torch::manual_seed(8);
    const torch::Tensor values = (torch::randn({tensors * entries}) * 0.01).requires_grad_();
    const torch::Tensor logits = torch::full({tensors}, -5.0).requires_grad_(); // threshold 0.0067
    const std::vector<std::int64_t> sizes(tensors, entries);
    return {passOf(pass, [=] { return softThreshold(values, logits, sizes); }, {logits, values}),
            static_cast<double>(tensors * entries), "values"};
}

/// The norm and the gates of a layer of nequix-mp-1. The blocks of the features are views of one leaf, and
/// the outputs are joined: both ways pay for that.
Operation norm(Pass pass, bool fused, Size size)
{
    const std::int64_t atoms = size == Size::Full ? 64 : 4;
    const auto shape = std::make_shared<const GateShape>(
        GateShape{{{1, 128 + 64 + 32 + 32}, {3, 64}, {5, 32}, {7, 32}}, 128, 1.68, true});
    std::int64_t numbers = 0;
    std::vector<torch::Tensor> weights;
    torch::manual_seed(10);
    for (const GateShape::Block& block : shape->blocks) {
        numbers += block.size * block.channels;
        weights.push_back(torch::randn({block.channels}));
    }
    const torch::Tensor leaf = torch::randn({atoms * numbers}).requires_grad_();
    const auto output = [=] {
        std::vector<torch::Tensor> features, rows;
        std::int64_t first = 0;
        for (const GateShape::Block& block : shape->blocks) {
            const std::int64_t count = atoms * block.size * block.channels;
            features.push_back(leaf.narrow(0, first, count).view({atoms, block.size, block.channels}));
            first += count;
        }
        for (const torch::Tensor& block :
             fused ? gatedNorm(shape, features, weights) : gatedNormByTensors(*shape, features, weights))
            rows.push_back(block.flatten());
        return torch::cat(rows);
    };
    return {passOf(pass, output, {leaf}), static_cast<double>(atoms), "atoms"};
}

/// What this machine can do at best, for comparison.
Operation matrixProduct(Size)
{
    constexpr std::int64_t n = 1024;
    torch::manual_seed(9);
    const torch::Tensor a = torch::randn({n, n}), b = torch::randn({n, n});
    torch::Tensor c = torch::empty({n, n});
    return {[=]() mutable { torch::mm_out(c, a, b); }, 1, "products", 2.0 * n * n * n};
}

} // namespace

std::vector<OperationMaker> otherOperations()
{
    std::vector<OperationMaker> all;
    for (const bool fused : {false, true})
        for (const Pass pass : allPasses)
            all.push_back({std::string("gated_norm/") + (fused ? "fused/" : "tensors/") + toString(pass),
                           fused, [pass, fused](Size size) { return norm(pass, fused, size); }});
    for (const Pass pass : {Pass::Forward, Pass::First})
        all.push_back({"spherical_harmonics/" + toString(pass), true,
                       [pass](Size size) { return harmonics(pass, size); }});
    for (const std::array<int, 3>& cells :
         {std::array{4, 4, 2}, std::array{10, 10, 5}, std::array{25, 20, 10}, std::array{50, 40, 25}}) {
        const int atoms = 2 * cells[0] * cells[1] * cells[2];
        all.push_back({"neighbour_list/" + std::to_string(atoms), atoms == 1000,
                       [cells](Size) { return neighbours(cells); }});
    }
    for (const Pass pass : {Pass::Forward, Pass::First})
        all.push_back(
            {"soft_threshold/" + toString(pass), true, [pass](Size size) { return threshold(pass, size); }});
    all.push_back({"matrix_product/1024", false, matrixProduct});
    return all;
}

std::vector<OperationMaker> allOperations()
{
    std::vector<OperationMaker> all;
    for (const auto& part : {edgeOperations(), contractionOperations(), otherOperations()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

} // namespace lodestone
