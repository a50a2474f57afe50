#include "finetune/batches.h"

#include "base/error.h"

#include <cmath>
#include <numeric>
#include <random>
#include <torch/torch.h>

namespace lodestone {
namespace {

std::size_t bytesOf(const GraphBatch& graph)
{
    std::size_t bytes = 0;
    for (const torch::Tensor* tensor :
         {&graph.species, &graph.positions, &graph.cell, &graph.volume, &graph.graph, &graph.atomCount,
          &graph.centre, &graph.neighbour, &graph.shift, &graph.edgeGraph, &graph.moments})
        if (tensor->defined())
            bytes += tensor->nbytes();
    return bytes;
}

/// Collects rows of doubles and hands them over as a tensor.
struct Rows {
    std::vector<double> numbers;
    std::vector<double> weights;
    torch::Tensor tensor(std::vector<std::int64_t> shape, torch::Dtype dtype) const
    {
        shape.insert(shape.begin(), static_cast<std::int64_t>(weights.size()));
        return torch::tensor(numbers, torch::kFloat64).to(dtype).view(shape);
    }
    torch::Tensor weight(torch::Dtype dtype) const
    {
        return torch::tensor(weights, torch::kFloat64).to(dtype);
    }
};

} // namespace

FrameGraphs::FrameGraphs(std::vector<const Frame*> frames, const ModelDescription& model, torch::Dtype dtype,
                         std::size_t cacheBytes, const std::function<void(double)>& progress)
    : m_elements(model.elements),
      m_cutoff(model.cutoff),
      m_dtype(dtype),
      m_cacheBytes(cacheBytes)
{
    append(frames, progress);
}

void FrameGraphs::append(const std::vector<const Frame*>& frames, const std::function<void(double)>& progress)
{
    for (const Frame* frame : frames) {
        m_frames.push_back(frame);
        GraphBatch graph = build(m_frames.size() - 1);
        m_edges.push_back(graph.edges);
        const std::size_t bytes = bytesOf(graph);
        m_graphs.emplace_back();
        if (m_cachedBytes + bytes <= m_cacheBytes) {
            m_cachedBytes += bytes;
            m_graphs.back() = std::move(graph);
        } else {
            m_graphs.back().edges = -1;
        }
        if (progress)
            progress(static_cast<double>(m_frames.size()) / static_cast<double>(frames.size()));
    }
}

SizedFrames FrameGraphs::sized() const
{
    return {[this](std::size_t i) { return edges(i); },
            [this](std::size_t i) {
                const std::string& source = frame(i).structure.source;
                return source.empty() ? fmt::format("frame {}", i + 1) : source;
            }};
}

GraphBatch FrameGraphs::build(std::size_t i) const
{
    GraphBatch graph = makeGraphBatch({&m_frames[i]->structure}, m_elements, m_cutoff, m_dtype);
    graph.moments = givenMoments(*m_frames[i], m_dtype);
    return graph;
}

GraphBatch FrameGraphs::batch(const std::vector<std::size_t>& which) const
{
    std::vector<GraphBatch> parts;
    parts.reserve(which.size());
    for (const std::size_t i : which)
        parts.push_back(m_graphs[i].edges >= 0 ? m_graphs[i] : build(i));
    return parts.size() == 1 ? parts.front() : concatenate(parts);
}

BatchLabels FrameGraphs::labels(const std::vector<std::size_t>& which, const Quantities& quantities,
                                const std::map<int, double>& shift) const
{
    Rows energy;
    Rows forces;
    Rows stress;
    Rows moments;
    Rows momentVectors;
    Rows magneticForces;
    Rows axes;
    for (const std::size_t i : which) {
        const Frame& frame = *m_frames[i];
        const std::size_t atoms = frame.structure.size();
        if (quantities.energy) {
            energy.numbers.push_back(frame.energy ? *frame.energy - shiftOf(frame.structure, shift) : 0.0);
            energy.weights.push_back(frame.energy ? frame.weight : 0.0);
        }
        if (quantities.forces)
            for (std::size_t a = 0; a < atoms; ++a) {
                const Vec3 force = frame.forces.empty() ? Vec3{} : frame.forces[a];
                forces.numbers.insert(forces.numbers.end(), force.begin(), force.end());
                forces.weights.push_back(frame.forces.empty() ? 0.0 : frame.weight);
            }
        if (quantities.stress) {
            const bool there = hasStress(frame);
            for (std::size_t r = 0; r < 3; ++r)
                for (std::size_t c = 0; c < 3; ++c)
                    stress.numbers.push_back(there ? (*frame.stress)[r][c] : 0.0);
            stress.weights.push_back(there ? frame.weight : 0.0);
        }
        if (quantities.moments) {
            const std::vector<double> lengths =
                frame.moments ? momentLengths(*frame.moments) : std::vector<double>(atoms, std::nan(""));
            for (const double length : lengths) {
                moments.numbers.push_back(std::isfinite(length) ? length : 0.0);
                moments.weights.push_back(std::isfinite(length) ? frame.weight : 0.0);
            }
            for (std::size_t a = 0; a < atoms; ++a) {
                const Vec3 m = std::isfinite(lengths[a]) ? frame.moments->vectors[a] : Vec3{};
                momentVectors.numbers.insert(momentVectors.numbers.end(), m.begin(), m.end());
            }
        }
        if (quantities.magneticForces)
            for (std::size_t a = 0; a < atoms; ++a) {
                const bool there = !frame.magneticForces.empty() && hasMoment(frame, a);
                const Vec3 field = there ? frame.magneticForces[a] : Vec3{};
                const Vec3 axis = there ? frame.moments->vectors[a] : Vec3{};
                magneticForces.numbers.insert(magneticForces.numbers.end(), field.begin(), field.end());
                magneticForces.weights.push_back(there ? frame.weight : 0.0);
                axes.numbers.insert(axes.numbers.end(), axis.begin(), axis.end());
            }
    }
    BatchLabels labels;
    if (quantities.energy) {
        labels.energy = energy.tensor({}, m_dtype);
        labels.energyWeight = energy.weight(m_dtype);
    }
    if (quantities.forces) {
        labels.forces = forces.tensor({3}, m_dtype);
        labels.forceWeight = forces.weight(m_dtype);
    }
    if (quantities.stress) {
        labels.stress = stress.tensor({3, 3}, m_dtype);
        labels.stressWeight = stress.weight(m_dtype);
    }
    if (quantities.moments) {
        labels.moments = moments.tensor({}, m_dtype);
        labels.momentWeight = moments.weight(m_dtype);
        momentVectors.weights = moments.weights;
        labels.momentVectors = momentVectors.tensor({3}, m_dtype);
    }
    if (quantities.magneticForces) {
        labels.magneticForces = magneticForces.tensor({3}, m_dtype);
        labels.magneticForceWeight = magneticForces.weight(m_dtype);
        axes.weights = magneticForces.weights;
        if (quantities.perpendicular)
            labels.axes = axes.tensor({3}, m_dtype);
    }
    return labels;
}

std::vector<std::size_t> plainOrder(std::size_t n)
{
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

std::vector<std::size_t> epochOrder(std::size_t n, std::uint64_t seed, int epoch)
{
    std::vector<std::size_t> order = plainOrder(n);
    std::seed_seq mixed = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                           static_cast<std::uint32_t>(epoch)};
    std::mt19937_64 generator(mixed);
    // std::shuffle may differ between standard libraries; this does not. The bias of the remainder is below
    // 1e-12.
    for (std::size_t i = n; i > 1; --i)
        std::swap(order[i - 1], order[generator() % i]);
    return order;
}

double shiftOf(const Structure& structure, const std::map<int, double>& shift)
{
    double sum = 0;
    if (shift.empty())
        return sum;
    for (const int z : structure.species)
        if (const auto it = shift.find(z); it != shift.end())
            sum += it->second;
    return sum;
}

torch::Tensor givenMoments(const Frame& frame, torch::Dtype dtype)
{
    const torch::Tensor moments =
        torch::zeros({static_cast<std::int64_t>(frame.structure.size()), 3}, torch::kFloat64);
    double* numbers = moments.data_ptr<double>();
    for (std::size_t a = 0; a < frame.structure.size(); ++a)
        if (hasMoment(frame, a))
            for (std::size_t k = 0; k < 3; ++k)
                numbers[3 * a + k] = frame.moments->vectors[a][k];
    return moments.to(dtype);
}

void failWithoutMoments(const Frame& frame, std::size_t index, const std::string& head)
{
    const std::string& source = frame.structure.source;
    fail("{}: has no moments, which the head {} needs as its input. Name the label under data.keys.moments "
         "(for "
         "commands --map moments=KEY) or leave the frame out.",
         source.empty() ? fmt::format("frame {}", index + 1) : source, head);
}

bool hasMoment(const Frame& frame, std::size_t atom)
{
    return frame.moments && norm(frame.moments->vectors[atom]) > 1e-6; // NaN compares false
}

std::vector<double> momentLengths(const Moments& moments)
{
    std::vector<double> lengths;
    lengths.reserve(moments.vectors.size());
    for (const Vec3& m : moments.vectors)
        lengths.push_back(std::sqrt(m[0] * m[0] + m[1] * m[1] + m[2] * m[2]));
    return lengths;
}

} // namespace lodestone
