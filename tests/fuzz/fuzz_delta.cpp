// Any bytes as a delta file: an Error, or tensors whose entries all have their place.
#include "fuzz_support.h"
#include "weights/delta_file.h"

#include <torch/torch.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const fuzz::MemoryFile file(fuzz::textOf(data, size));
    DeltaFile delta;
    if (!fuzz::answers([&] { delta = readDelta(file.path()); }))
        return 0;
    for (const DeltaFile::Tensor& tensor : delta.tensors)
        fuzz::check(tensor.indices.size() == tensor.values.size() && tensor.indices.size() <= size);
    for (const auto& [name, tensor] : delta.headParameters)
        fuzz::check(tensor.defined() && tensor.is_contiguous());
    jsonText(delta.provenance);
    return 0;
}
