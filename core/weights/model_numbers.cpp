#include "weights/model_numbers.h"

#include "base/error.h"
#include "base/files.h"
#include "models/mace/mace.h"
#include "models/nequip/convolution_model.h"
#include "models/nequip/nequix.h"

#include <cstring>
#include <torch/torch.h>

namespace lodestone {
namespace {

torch::Dtype dtypeOf(ScalarKind kind)
{
    switch (kind) {
    case ScalarKind::Float64:
        return torch::kFloat64;
    case ScalarKind::Float32:
        return torch::kFloat32;
    case ScalarKind::Float16:
        return torch::kFloat16;
    case ScalarKind::BFloat16:
        return torch::kBFloat16;
    case ScalarKind::Int64:
        return torch::kInt64;
    case ScalarKind::Int32:
        return torch::kInt32;
    case ScalarKind::Int16:
        return torch::kInt16;
    case ScalarKind::Int8:
        return torch::kInt8;
    case ScalarKind::UInt8:
        return torch::kUInt8;
    case ScalarKind::Bool:
        return torch::kBool;
    }
    fail<InternalError>("There is no scalar kind {}.", static_cast<int>(kind));
}

/// A model that is listed only.
class InspectedModel : public Model {
public:
    explicit InspectedModel(ModelDescription description) : m_description(std::move(description)) {}
    const ModelDescription& description() const override { return m_description; }
    NodeOutput forward(const ParameterTable&, const GraphBatch&, const torch::Tensor&, const LayerObserver&,
                       const LayerPass&) const override
    {
        throw Error(m_description.limitation);
    }

private:
    ModelDescription m_description;
};

std::string bytesOf(const torch::Tensor& value, ScalarKind kind)
{
    const torch::Tensor stored = value.detach().to(torch::kCPU, dtypeOf(kind)).contiguous();
    return {static_cast<const char*>(stored.data_ptr()), stored.nbytes()};
}

} // namespace

torch::Tensor tensorOf(std::string_view numbers, ScalarKind kind, const std::vector<std::int64_t>& shape)
{
    // Truth values of a file may be any bytes; those of LibTorch must be 0 or 1.
    const torch::Tensor values =
        torch::empty(shape, kind == ScalarKind::Bool ? torch::kUInt8 : dtypeOf(kind));
    if (values.nbytes() != numbers.size())
        fail<InternalError>("{} bytes do not fit a tensor of {}.", numbers.size(), values.nbytes());
    if (!numbers.empty())
        std::memcpy(values.data_ptr(), numbers.data(), numbers.size());
    if (kind == ScalarKind::Bool)
        return values.ne(0);
    const bool half = kind == ScalarKind::Float16 || kind == ScalarKind::BFloat16;
    return half ? values.to(torch::kFloat32) : values;
}

std::string storedNumbers(const torch::Tensor& value, ScalarKind kind, std::string stored)
{
    std::string wanted = bytesOf(value, kind);
    // Compared by the same way through float32, so that half precision does not seem to change.
    const bool same = wanted == bytesOf(tensorOf(stored, kind, value.sizes().vec()), kind);
    return same ? std::move(stored) : std::move(wanted);
}

std::shared_ptr<const Model> makeModel(Architecture architecture, ModelDescription description)
{
    if (auto* const nequix = std::get_if<NequixConfig>(&architecture))
        return std::make_shared<NequixModel>(std::move(*nequix), std::move(description));
    if (auto* const mace = std::get_if<MaceConfig>(&architecture))
        return std::make_shared<MaceModel>(std::move(*mace), std::move(description));
    if (auto* const network = std::get_if<ConvolutionNetwork>(&architecture))
        return std::make_shared<ConvolutionModel>(std::move(*network), std::move(description));
    return std::make_shared<InspectedModel>(std::move(description));
}

LoadedModel openModel(const std::filesystem::path& path, const ModelChoice& choice)
{
    const ModelFile file = ModelFile::open(path, choice);
    LoadedModel loaded;
    const std::vector<ParameterInfo>& tensors = file.description().tensors;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        loaded.parameters.add(tensors[i].name, tensorOf(file.numbers(i), file.kindOf(i), tensors[i].shape));
    loaded.model = makeModel(file.architecture(), file.description());
    return loaded;
}

void requireComputable(const ModelDescription& description)
{
    if (!description.limitation.empty())
        fail("{} opens for inspection only: {}", description.file, description.limitation);
}

void writeModel(const std::filesystem::path& base, const ParameterTable& parameters,
                const std::filesystem::path& out)
{
    const ModelFile file = ModelFile::open(base);
    const std::vector<ParameterInfo>& tensors = file.description().tensors;
    std::vector<std::string> numbers;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const torch::Tensor& value = parameters.at(tensors[i].name);
        if (value.sizes().vec() != tensors[i].shape)
            fail<InternalError>("The parameter {} does not have the shape that {} stores.", tensors[i].name,
                                base.string());
        numbers.push_back(storedNumbers(value, file.kindOf(i), file.numbers(i)));
    }
    writeFileAtomically(out, file.withNumbers(numbers));
}

} // namespace lodestone
