// Any bytes as a checkpoint of a run: an Error, or a state that can be compared with another.
#include "finetune/training_state.h"
#include "fuzz_support.h"

#include <torch/torch.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const fuzz::MemoryFile file(fuzz::textOf(data, size));
    TrainingState state;
    if (!fuzz::answers([&] { state = readTrainingState(file.path()); }))
        return 0;
    for (const LearnerState* part : {&state.now, state.epochStart ? &*state.epochStart : &state.now})
        for (const auto& [name, tensor] : part->tensors)
            fuzz::check(tensor.defined() && tensor.is_contiguous());
    TrainingState now = state;
    now.configuration = {{"data", {{"train", "a"}}}};
    fuzz::answers([&] { checkResumable(state, now); });
    fuzz::answers([&] { checkResumable(state, state); });
    return 0;
}
