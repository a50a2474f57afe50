#include "checkpoints/torch/convolution_archive.h"

#include "base/error.h"
#include "base/files.h"
#include "models/nequip/convolution_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <torch/torch.h>

namespace lodestone {

ArchiveModel loadNetwork(const TorchArchive& archive, ConvolutionNetwork network,
                         std::vector<TensorReference> places)
{
    ArchiveModel model;
    ModelDescription description = describe(network);
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
        torch::Tensor value = loadTensor(archive, places[i]);
        if (!value.is_floating_point())
            fail("{}: the tensor {} holds {} numbers, expected real ones.", archive.origin(), info.stored,
                 nameOf(places[i].storage.scalar));
        info.norm = euclideanNorm(value);
        if (!std::isfinite(info.norm))
            fail("{}: the tensor {} holds values that are not finite.", archive.origin(), info.stored);
        model.loaded.parameters.add(info.name, std::move(value));
    }
    // Models of single precision keep some numbers in double: the type of most counts.
    std::map<ScalarKind, std::int64_t> numbers;
    for (std::size_t i = 0; i < places.size(); ++i)
        numbers[places[i].storage.scalar] += description.tensors[i].count;
    const auto most = std::max_element(numbers.begin(), numbers.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    description.dtype = most == numbers.end() ? "float32" : nameOf(most->first);
    model.places = std::move(places);
    model.loaded.model = std::make_shared<ConvolutionModel>(std::move(network), std::move(description));
    return model;
}

} // namespace lodestone
