#pragma once
#include "finetune/batches.h"
#include "models/model.h"

#include <memory>

namespace lodestone {

/// What the layers that nothing is trained in give for the frames of a split: computed once a run instead of
/// once an epoch. Every frame by itself, so that a resumed run meets the same numbers. For targets without
/// forces and stress, which need all layers.
class FrozenStates {
public:
    struct Source {
        const Model* model = nullptr;
        ParameterTable parameters; ///< on `device`; those of the frozen layers count
        torch::Device device = torch::kCPU;
        torch::Dtype dtype = torch::kFloat32;
        int layers = 0; ///< how many of the first layers are frozen, above 0
    };
    /// Null where the states of all frames would take more than `mostBytes` of the host's memory (or there
    /// are no frames). `graphs` must outlive this.
    static std::unique_ptr<FrozenStates> make(Source source, const FrameGraphs& graphs,
                                              std::size_t mostBytes);

    /// Of these frames' atoms, on the device; what is missing is computed. Without layers after giveUp(). Not
    /// for several threads at once.
    LayerState of(const std::vector<std::size_t>& frames);
    /// Frees what is kept, for good: memory is needed for something else.
    void giveUp();
    std::size_t bytes() const { return m_bytes; } ///< kept by now

private:
    FrozenStates(Source source, const FrameGraphs& graphs);
    const LayerState& kept(std::size_t frame);

    Source m_source;
    const FrameGraphs& m_graphs;
    std::vector<LayerState> m_states; ///< of each frame, on the CPU; layers == 0: not computed yet
    std::size_t m_bytes = 0;
    bool m_givenUp = false;
};

} // namespace lodestone
