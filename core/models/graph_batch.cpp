#include "models/graph_batch.h"

#include "base/error.h"
#include "crystal/elements.h"
#include "crystal/neighbours.h"
#include "crystal/space_order.h"

#include <algorithm>
#include <numeric>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Writes doubles as the batch's real type.
class RealWriter {
public:
    explicit RealWriter(torch::Tensor target)
        : m_target(std::move(target)),
          m_double(m_target.dtype() == torch::kFloat64)
    {
        m_data = m_target.data_ptr();
    }
    void put(double value)
    {
        if (m_double)
            static_cast<double*>(m_data)[m_next++] = value;
        else
            static_cast<float*>(m_data)[m_next++] = static_cast<float>(value);
    }

private:
    torch::Tensor m_target;
    void* m_data = nullptr;
    bool m_double;
    std::int64_t m_next = 0;
};

std::vector<std::int64_t> indexOfElements(const std::vector<int>& elements)
{
    std::vector<std::int64_t> index(static_cast<std::size_t>(maxAtomicNumber) + 1, -1);
    for (std::size_t i = 0; i < elements.size(); ++i)
        index.at(static_cast<std::size_t>(elements[i])) = static_cast<std::int64_t>(i);
    return index;
}

std::string nameOf(const Structure& structure, std::size_t number)
{
    return structure.source.empty() ? fmt::format("structure {} of the batch", number + 1) : structure.source;
}

/// Where the edges of each atom begin, and their end: [atoms + 1].
std::vector<std::size_t> firstEdges(const NeighbourList& list, std::size_t atoms)
{
    std::vector<std::size_t> first(atoms + 1, 0);
    for (const std::int32_t centre : list.centre)
        ++first[static_cast<std::size_t>(centre) + 1];
    for (std::size_t i = 1; i < first.size(); ++i)
        first[i] += first[i - 1];
    return first;
}

/// What the kernels gather of fewer atoms is in the caches in any order: 216 atoms gained nothing.
constexpr std::size_t manyAtoms = 500;

/// The order in which the edges of the atoms come.
std::vector<std::int32_t> orderOfCentres(const Structure& structure)
{
    if (structure.size() >= manyAtoms)
        return orderInSpace(structure);
    std::vector<std::int32_t> order(structure.size());
    std::iota(order.begin(), order.end(), 0);
    return order;
}

/// Angstrom. Closer atoms have no direction between them: features and forces would be NaN.
constexpr double coincident = 1e-4;

} // namespace

GraphBatch makeGraphBatch(const std::vector<const Structure*>& structures, const std::vector<int>& elements,
                          double cutoff, torch::Dtype dtype)
{
    if (dtype != torch::kFloat64 && dtype != torch::kFloat32)
        fail<InternalError>("Graph batches are made in float32 or float64.");
    const std::vector<std::int64_t> elementIndex = indexOfElements(elements);
    std::vector<NeighbourList> lists;
    lists.reserve(structures.size());
    GraphBatch batch;
    batch.graphs = static_cast<std::int64_t>(structures.size());
    for (const Structure* structure : structures) {
        lists.push_back(neighbourList(*structure, cutoff));
        batch.atoms += static_cast<std::int64_t>(structure->size());
        batch.edges += static_cast<std::int64_t>(lists.back().size());
    }
    const auto real = torch::TensorOptions().dtype(dtype);
    const auto whole = torch::TensorOptions().dtype(torch::kInt64);
    batch.species = torch::empty({batch.atoms}, whole);
    batch.positions = torch::empty({batch.atoms, 3}, real);
    batch.cell = torch::empty({batch.graphs, 3, 3}, real);
    batch.volume = torch::empty({batch.graphs}, real);
    batch.graph = torch::empty({batch.atoms}, whole);
    batch.atomCount = torch::empty({batch.graphs}, real);
    batch.centre = torch::empty({batch.edges}, whole);
    batch.neighbour = torch::empty({batch.edges}, whole);
    batch.shift = torch::empty({batch.edges, 3}, real);
    batch.edgeGraph = torch::empty({batch.edges}, whole);

    RealWriter positions(batch.positions), cell(batch.cell), volume(batch.volume), counts(batch.atomCount),
        shift(batch.shift);
    auto* species = batch.species.data_ptr<std::int64_t>();
    auto* graph = batch.graph.data_ptr<std::int64_t>();
    auto* centre = batch.centre.data_ptr<std::int64_t>();
    auto* neighbour = batch.neighbour.data_ptr<std::int64_t>();
    auto* edgeGraph = batch.edgeGraph.data_ptr<std::int64_t>();
    std::int64_t atom = 0, edge = 0;
    for (std::size_t g = 0; g < structures.size(); ++g) {
        const Structure& structure = *structures[g];
        for (std::size_t i = 0; i < structure.size(); ++i) {
            const int z = structure.species[i];
            const std::int64_t index =
                z > 0 && z <= maxAtomicNumber ? elementIndex[static_cast<std::size_t>(z)] : -1;
            if (index < 0)
                fail("{}: atom {} is {}, an element that the model does not know.", nameOf(structure, g),
                     i + 1, elementSymbol(z));
            species[atom + static_cast<std::int64_t>(i)] = index;
            graph[atom + static_cast<std::int64_t>(i)] = static_cast<std::int64_t>(g);
            for (const double x : structure.positions[i])
                positions.put(x);
        }
        for (const Vec3& vector : structure.cell)
            for (const double x : vector)
                cell.put(x);
        volume.put(structure.pbc[0] && structure.pbc[1] && structure.pbc[2] ? structure.volume() : 0);
        counts.put(static_cast<double>(structure.size()));
        const NeighbourList& list = lists[g];
        const std::vector<std::size_t> first = firstEdges(list, structure.size());
        for (const std::int32_t place : orderOfCentres(structure)) {
            const auto i = static_cast<std::size_t>(place);
            for (std::size_t e = first[i]; e < first[i + 1]; ++e, ++edge) {
                const auto j = static_cast<std::size_t>(list.neighbour[e]);
                const auto& s = list.shift[e];
                const Vec3 image =
                    structure.positions[j] + Vec3{double(s[0]), double(s[1]), double(s[2])} * structure.cell;
                if (norm(image - structure.positions[i]) < coincident)
                    fail("{}: atoms {} and {} stand at the same place.", nameOf(structure, g),
                         std::min(i, j) + 1, std::max(i, j) + 1);
                centre[edge] = atom + list.centre[e];
                neighbour[edge] = atom + list.neighbour[e];
                edgeGraph[edge] = static_cast<std::int64_t>(g);
                for (const std::int32_t step : s)
                    shift.put(step);
            }
        }
        atom += static_cast<std::int64_t>(structure.size());
    }
    return batch;
}

GraphBatch concatenate(const std::vector<GraphBatch>& parts)
{
    if (parts.empty())
        fail<InternalError>("There are no graphs to join.");
    GraphBatch whole;
    std::vector<torch::Tensor> species, positions, cell, volume, graph, atomCount, centre, neighbour, shift,
        edgeGraph, moments;
    for (const GraphBatch& part : parts) {
        species.push_back(part.species);
        positions.push_back(part.positions);
        cell.push_back(part.cell);
        volume.push_back(part.volume);
        graph.push_back(part.graph + whole.graphs);
        atomCount.push_back(part.atomCount);
        centre.push_back(part.centre + whole.atoms);
        neighbour.push_back(part.neighbour + whole.atoms);
        shift.push_back(part.shift);
        edgeGraph.push_back(part.edgeGraph + whole.graphs);
        if (part.moments.defined())
            moments.push_back(part.moments);
        whole.graphs += part.graphs;
        whole.atoms += part.atoms;
        whole.edges += part.edges;
    }
    whole.species = torch::cat(species);
    whole.positions = torch::cat(positions);
    whole.cell = torch::cat(cell);
    whole.volume = torch::cat(volume);
    whole.graph = torch::cat(graph);
    whole.atomCount = torch::cat(atomCount);
    whole.centre = torch::cat(centre);
    whole.neighbour = torch::cat(neighbour);
    whole.shift = torch::cat(shift);
    whole.edgeGraph = torch::cat(edgeGraph);
    if (moments.size() == parts.size())
        whole.moments = torch::cat(moments);
    return whole;
}

GraphBatch GraphBatch::to(torch::Device device, torch::Dtype dtype) const
{
    GraphBatch moved = *this;
    for (torch::Tensor* tensor :
         {&moved.positions, &moved.cell, &moved.volume, &moved.atomCount, &moved.shift})
        *tensor = tensor->to(device, dtype);
    for (torch::Tensor* tensor :
         {&moved.species, &moved.graph, &moved.centre, &moved.neighbour, &moved.edgeGraph})
        *tensor = tensor->to(device);
    if (moved.moments.defined())
        moved.moments = moved.moments.to(device, dtype);
    return moved;
}

} // namespace lodestone
