#pragma once
#include "dataset/frames.h"
#include "finetune/edge_budget.h"
#include "finetune/losses.h"
#include "models/graph_batch.h"

#include <functional>
#include <map>
#include <vector>

namespace lodestone {

/// Frames of one split with their graphs, which are built once and kept while they fit into `cacheBytes` (the
/// others are built anew at every use). Keeps references to the frames.
class FrameGraphs {
public:
    /// elements, cutoff: of the model. Error if a frame has an element the model lacks.
    FrameGraphs(std::vector<const Frame*> frames, const ModelDescription& model, torch::Dtype dtype,
                std::size_t cacheBytes, const std::function<void(double)>& progress = {});

    /// More frames behind those that are there; the same rules.
    void append(const std::vector<const Frame*>& frames, const std::function<void(double)>& progress = {});

    std::size_t size() const { return m_frames.size(); }
    const Frame& frame(std::size_t i) const { return *m_frames[i]; }
    const std::vector<const Frame*>& frames() const { return m_frames; }
    std::int64_t edges(std::size_t i) const { return m_edges[i]; }
    /// As an EdgeBudget looks at them; not for longer than this object lives.
    SizedFrames sized() const;
    /// Frames joined to one batch, on the CPU.
    GraphBatch batch(const std::vector<std::size_t>& which) const;
    /// Their labels; reference energy shifts (atomic number -> eV/atom) are taken off the energies.
    BatchLabels labels(const std::vector<std::size_t>& which, const Quantities& quantities,
                       const std::map<int, double>& shift) const;
    std::size_t cachedBytes() const { return m_cachedBytes; }

private:
    GraphBatch build(std::size_t i) const;

    std::vector<const Frame*> m_frames;
    std::vector<int> m_elements;
    double m_cutoff;
    torch::Dtype m_dtype;
    std::vector<GraphBatch> m_graphs; ///< edges == -1: not kept
    std::vector<std::int64_t> m_edges;
    std::size_t m_cacheBytes;
    std::size_t m_cachedBytes = 0;
};

/// 0..n-1 shuffled; depends on (seed, epoch) alone, on every platform.
std::vector<std::size_t> epochOrder(std::size_t n, std::uint64_t seed, int epoch);
/// 0..n-1.
std::vector<std::size_t> plainOrder(std::size_t n);

/// Sum over atoms of the shift of their element, eV.
double shiftOf(const Structure& structure, const std::map<int, double>& shift);
/// Length of each moment; NaN stays NaN. [atoms]
std::vector<double> momentLengths(const Moments& moments);
/// GraphBatch::moments of one frame, [atoms, 3]: 0 where a moment is not labelled.
torch::Tensor givenMoments(const Frame& frame, torch::Dtype dtype);
/// The Error for a frame (counted from 0) without the moments that this head needs.
[[noreturn]] void failWithoutMoments(const Frame& frame, std::size_t index, const std::string& head);
/// Whether magnetic forces of the atom can be compared: there is a moment that they act on.
bool hasMoment(const Frame& frame, std::size_t atom);

} // namespace lodestone
