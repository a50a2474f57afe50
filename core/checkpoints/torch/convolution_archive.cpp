#include "checkpoints/torch/convolution_archive.h"

#include "base/error.h"
#include "base/files.h"
#include "checkpoints/stored_numbers.h"

#include <algorithm>
#include <map>

namespace lodestone {

ArchiveContents contentsOf(const TorchArchive& archive, ConvolutionNetwork network,
                           std::vector<TensorReference> places)
{
    check(network);
    ArchiveContents contents;
    ModelDescription& description = contents.description;
    description = describe(network);
    description.file = archive.origin();
    description.sha256 = sha256(archive.bytes());
    if (places.size() != description.tensors.size())
        fail<InternalError>("{} places for {} tensors.", places.size(), description.tensors.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        ParameterInfo& info = description.tensors[i];
        if (places[i].shape != info.shape)
            fail("{}: the tensor {} has the shape ({}), but the model's settings ask for ({}).",
                 archive.origin(), info.stored, fmt::join(places[i].shape, ", "),
                 fmt::join(info.shape, ", "));
        if (!isFloating(places[i].storage.scalar))
            fail("{}: the tensor {} holds {} numbers, expected real ones.", archive.origin(), info.stored,
                 nameOf(places[i].storage.scalar));
        if (!measure(info, archive, places[i]))
            fail("{}: the tensor {} holds values that are not finite.", archive.origin(), info.stored);
    }
    // Models of single precision keep some numbers in double: the type of most counts.
    std::map<ScalarKind, std::int64_t> numbers;
    for (std::size_t i = 0; i < places.size(); ++i)
        numbers[places[i].storage.scalar] += description.tensors[i].count;
    const auto most = std::max_element(numbers.begin(), numbers.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    description.dtype = most == numbers.end() ? "float32" : nameOf(most->first);
    contents.places = std::move(places);
    contents.architecture = std::move(network);
    return contents;
}

} // namespace lodestone
