#include "engine/predicted_spins.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <torch/torch.h>

namespace lodestone {
namespace {

torch::Tensor reals(const torch::Tensor& tensor)
{
    return tensor.detach().to(torch::kCPU, torch::kFloat64).contiguous();
}
torch::Tensor wholes(const torch::Tensor& tensor)
{
    return tensor.to(torch::kCPU, torch::kInt64).contiguous();
}

/// The terms of a batch as plain arrays.
struct PlainTerms {
    explicit PlainTerms(const SpinTerms& terms, const GraphBatch& batch)
        : moments(reals(terms.moments)),
          square(terms.square.defined() ? reals(terms.square) : torch::Tensor()),
          fourth(terms.fourth.defined() ? reals(terms.fourth) : torch::Tensor()),
          exchange(reals(terms.exchange)),
          distance(reals(terms.bonds.distance)),
          centre(wholes(terms.bonds.centre)),
          neighbour(wholes(terms.bonds.neighbour)),
          shift(reals(batch.shift.to(torch::kCPU).index_select(0, terms.bonds.edge.to(torch::kCPU)))),
          graph(wholes(batch.graph))
    {
        first.assign(static_cast<std::size_t>(batch.graphs) + 1, 0);
        for (std::int64_t atom = 0; atom < batch.atoms; ++atom)
            ++first[static_cast<std::size_t>(graph.data_ptr<std::int64_t>()[atom]) + 1];
        for (std::size_t g = 1; g < first.size(); ++g)
            first[g] += first[g - 1];
    }
    std::size_t bonds() const { return static_cast<std::size_t>(exchange.numel()); }
    std::size_t centreOf(std::size_t bond) const
    {
        return static_cast<std::size_t>(centre.data_ptr<std::int64_t>()[bond]);
    }
    std::size_t neighbourOf(std::size_t bond) const
    {
        return static_cast<std::size_t>(neighbour.data_ptr<std::int64_t>()[bond]);
    }
    std::size_t graphOf(std::size_t atom) const
    {
        return static_cast<std::size_t>(graph.data_ptr<std::int64_t>()[atom]);
    }
    Vec3 momentOf(std::size_t atom) const
    {
        const double* m = moments.data_ptr<double>() + 3 * atom;
        return {m[0], m[1], m[2]};
    }

    torch::Tensor moments, square, fourth, exchange, distance, centre, neighbour, shift, graph;
    std::vector<std::size_t> first; ///< atoms of graph g: first[g] .. first[g + 1] - 1
};

/// One of the two directions of a bond: from the lower atom, and between images of one atom the shift whose
/// first number other than 0 is positive.
bool listed(const ExchangeBond& bond)
{
    if (bond.one != bond.other)
        return bond.one < bond.other;
    for (const int step : bond.shift)
        if (step != 0)
            return step > 0;
    return false;
}

std::vector<std::vector<ExchangeBond>> bondLists(const PlainTerms& terms)
{
    std::vector<std::vector<ExchangeBond>> lists(terms.first.size() - 1);
    for (std::size_t b = 0; b < terms.bonds(); ++b) {
        const std::size_t g = terms.graphOf(terms.centreOf(b));
        ExchangeBond bond;
        bond.one = terms.centreOf(b) - terms.first[g];
        bond.other = terms.neighbourOf(b) - terms.first[g];
        for (std::size_t k = 0; k < 3; ++k)
            bond.shift[k] = static_cast<int>(std::lround(terms.shift.data_ptr<double>()[3 * b + k]));
        bond.distance = terms.distance.data_ptr<double>()[b];
        bond.exchange = terms.exchange.data_ptr<double>()[b];
        const Vec3 m = terms.momentOf(terms.centreOf(b)); // the head vector lists bonds of any centre
        if (listed(bond) && dot(m, m) > 0)
            lists[g].push_back(bond);
    }
    for (auto& list : lists)
        std::sort(list.begin(), list.end(), [](const ExchangeBond& a, const ExchangeBond& b) {
            return std::tie(a.one, a.other, a.distance, a.shift) <
                   std::tie(b.one, b.other, b.distance, b.shift);
        });
    return lists;
}

/// The energies of the graphs as functions of their moments.
std::vector<SpinSystem> spinSystems(const PlainTerms& terms)
{
    std::vector<SpinSystem> systems(terms.first.size() - 1);
    for (std::size_t g = 0; g < systems.size(); ++g)
        for (std::size_t atom = terms.first[g]; atom < terms.first[g + 1]; ++atom) {
            systems[g].square.push_back(terms.square.data_ptr<double>()[atom]);
            systems[g].fourth.push_back(terms.fourth.data_ptr<double>()[atom]);
        }
    for (std::size_t b = 0; b < terms.bonds(); ++b) {
        const std::size_t g = terms.graphOf(terms.centreOf(b));
        systems[g].bonds.push_back({terms.centreOf(b) - terms.first[g], terms.neighbourOf(b) - terms.first[g],
                                    terms.exchange.data_ptr<double>()[b]});
    }
    return systems;
}

} // namespace

void requireWishes(const SpinWishes& wishes, const std::string& head)
{
    if (wishes.relax && head != "spin-energy")
        fail("Moments can be relaxed with the head spin-energy only; this {}.",
             head.empty() ? "model has no magnetic head (give a delta that has one)"
                          : fmt::format("delta has the head {}", head));
    if (wishes.keepLengths && !wishes.relax)
        fail("Keeping the lengths of moments belongs to relaxing them.");
    if (wishes.bonds && !needsMoments(head))
        fail("Exchange couplings come from the heads spin-energy and vector; this {}.",
             head.empty() ? "model has no magnetic head (give a delta that has one)"
                          : fmt::format("delta has the head {}", head));
}

std::vector<FrameSpins> spinsOf(const SpinTerms& terms, const GraphBatch& batch, const SpinWishes& wishes)
{
    std::vector<FrameSpins> graphs(static_cast<std::size_t>(batch.graphs));
    if (!wishes.bonds && !wishes.relax)
        return graphs;
    const PlainTerms plain(terms, batch);
    if (wishes.bonds) {
        auto lists = bondLists(plain);
        for (std::size_t g = 0; g < graphs.size(); ++g)
            graphs[g].bonds = std::move(lists[g]);
    }
    if (wishes.relax) {
        const std::vector<SpinSystem> systems = spinSystems(plain);
        SpinRelaxation how;
        how.keepLengths = wishes.keepLengths;
        for (std::size_t g = 0; g < graphs.size(); ++g) {
            std::vector<Vec3> start;
            for (std::size_t atom = plain.first[g]; atom < plain.first[g + 1]; ++atom)
                start.push_back(plain.momentOf(atom));
            graphs[g].relaxed = relaxSpins(systems[g], start, how);
        }
    }
    return graphs;
}

torch::Tensor relaxedMoments(const std::vector<FrameSpins>& graphs)
{
    std::vector<double> numbers;
    for (const FrameSpins& graph : graphs)
        for (const Vec3& m : graph.relaxed->moments)
            numbers.insert(numbers.end(), m.begin(), m.end());
    return torch::tensor(numbers, torch::kFloat64).view({-1, 3});
}

ExchangeTable exchangeTable(const std::vector<const FrameSpins*>& frames, const std::string& head)
{
    ExchangeTable table;
    table.unit = head == "vector" ? ExchangeUnit::PerUnitVectors : ExchangeUnit::PerSquaredMoment;
    for (const FrameSpins* frame : frames)
        table.frames.push_back(frame->bonds);
    return table;
}

Json relaxationSummary(const std::vector<const FrameSpins*>& frames)
{
    std::size_t converged = 0;
    double largest = 0;
    for (const FrameSpins* frame : frames) {
        converged += frame->relaxed->converged;
        largest = std::max(largest, frame->relaxed->largestField);
    }
    return {{"converged", converged}, {"largest_field", largest}};
}

} // namespace lodestone
