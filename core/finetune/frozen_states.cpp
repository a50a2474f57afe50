#include "finetune/frozen_states.h"

#include <torch/torch.h>

namespace lodestone {

FrozenStates::FrozenStates(Source source, const FrameGraphs& graphs)
    : m_source(std::move(source)),
      m_graphs(graphs),
      m_states(graphs.size())
{
}

std::unique_ptr<FrozenStates> FrozenStates::make(Source source, const FrameGraphs& graphs,
                                                 std::size_t mostBytes)
{
    if (graphs.size() == 0)
        return nullptr;
    std::unique_ptr<FrozenStates> states(new FrozenStates(std::move(source), graphs));
    std::size_t atoms = 0;
    for (const Frame* frame : graphs.frames())
        atoms += frame->structure.size();
    // States have the same size for every atom.
    const std::size_t first = states->kept(0).bytes(), own = graphs.frame(0).structure.size();
    return double(first) / double(own) * double(atoms) > double(mostBytes) ? nullptr : std::move(states);
}

const LayerState& FrozenStates::kept(std::size_t frame)
{
    LayerState& state = m_states[frame];
    if (state.layers == 0) {
        const torch::NoGradGuard guard;
        LayerState found{m_source.layers, {}};
        predict(*m_source.model, m_source.parameters,
                m_graphs.batch({frame}).to(m_source.device, m_source.dtype),
                {.forces = false, .stress = false, .layers = {nullptr, &found}});
        state = found.to(torch::kCPU, m_source.dtype);
        m_bytes += state.bytes();
    }
    return state;
}

void FrozenStates::giveUp()
{
    m_givenUp = true;
    m_states.clear();
    m_bytes = 0;
}

LayerState FrozenStates::of(const std::vector<std::size_t>& frames)
{
    if (m_givenUp)
        return {};
    std::vector<LayerState> states;
    states.reserve(frames.size());
    for (const std::size_t frame : frames)
        states.push_back(kept(frame));
    return concatenate(states).to(m_source.device, m_source.dtype);
}

} // namespace lodestone
