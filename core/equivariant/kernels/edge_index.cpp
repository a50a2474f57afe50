#include "equivariant/kernels/edge_index.h"

#include "base/error.h"

#include <torch/types.h>

namespace lodestone {
namespace {

EdgeGroups groupedByCentre(const torch::Tensor& centres, std::int64_t atoms)
{
    const auto* centre = centres.data_ptr<std::int64_t>();
    const std::int64_t edges = centres.size(0);
    EdgeGroups groups;
    std::vector<bool> seen(static_cast<std::size_t>(atoms));
    for (std::int64_t e = 0; e < edges; ++e) {
        if (e > 0 && centre[e] == centre[e - 1])
            continue;
        if (seen[static_cast<std::size_t>(centre[e])])
            fail<InternalError>("The edges of atom {} do not come one after another.", centre[e]);
        seen[static_cast<std::size_t>(centre[e])] = true;
        groups.atom.push_back(centre[e]);
        groups.start.push_back(e);
    }
    groups.start.push_back(edges);
    return groups;
}

/// The atoms in the order of `centres`, then those that are no centres.
EdgeGroups groupedByNeighbour(const torch::Tensor& neighbours, std::int64_t atoms,
                              const std::vector<std::int64_t>& centres)
{
    const auto* neighbour = neighbours.data_ptr<std::int64_t>();
    const std::int64_t edges = neighbours.size(0);
    EdgeGroups groups;
    groups.atom = centres;
    constexpr std::int64_t none = -1;
    std::vector<std::int64_t> place(static_cast<std::size_t>(atoms), none);
    for (std::size_t n = 0; n < centres.size(); ++n)
        place[static_cast<std::size_t>(centres[n])] = static_cast<std::int64_t>(n);
    for (std::int64_t atom = 0; atom < atoms; ++atom)
        if (std::int64_t& own = place[static_cast<std::size_t>(atom)]; own == none) {
            own = static_cast<std::int64_t>(groups.atom.size());
            groups.atom.push_back(atom);
        }
    const auto groupOf = [&](std::int64_t e) {
        return static_cast<std::size_t>(place[static_cast<std::size_t>(neighbour[e])]);
    };
    groups.start.assign(groups.atom.size() + 1, 0);
    for (std::int64_t e = 0; e < edges; ++e)
        ++groups.start[groupOf(e) + 1];
    for (std::size_t n = 1; n < groups.start.size(); ++n)
        groups.start[n] += groups.start[n - 1];
    groups.order.resize(static_cast<std::size_t>(edges));
    std::vector<std::int64_t> next(groups.start.begin(), groups.start.end() - 1);
    for (std::int64_t e = 0; e < edges; ++e)
        groups.order[static_cast<std::size_t>(next[groupOf(e)]++)] = e;
    return groups;
}

} // namespace

std::shared_ptr<const EdgeIndex> makeEdgeIndex(const torch::Tensor& centre, const torch::Tensor& neighbour,
                                               std::int64_t atoms)
{
    auto index = std::make_shared<EdgeIndex>();
    index->centre = centre.contiguous();
    index->neighbour = neighbour.contiguous();
    index->atoms = atoms;
    if (centre.is_cpu()) {
        index->byCentre = groupedByCentre(index->centre, atoms);
        index->byNeighbour = groupedByNeighbour(index->neighbour, atoms, index->byCentre.atom);
    }
    return index;
}

} // namespace lodestone
