#include "checkpoints/torch/archive_model.h"

#include "base/error.h"
#include "base/files.h"

#include <cstring>
#include <set>
#include <torch/torch.h>

namespace lodestone {
namespace {

// Tensors may share numbers, so that a small file could list any amount of them.
constexpr std::size_t mostListed = 64;

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

bool isFloating(ScalarKind kind)
{
    return torch::isFloatingType(dtypeOf(kind));
}

/// Numbers as the file would store them.
std::string storedBytes(const torch::Tensor& value, ScalarKind kind)
{
    const torch::Tensor stored = value.detach().to(torch::kCPU, dtypeOf(kind)).contiguous();
    return std::string(static_cast<const char*>(stored.data_ptr()), stored.nbytes());
}

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

/// Floating-point tensors of all pickles in the file that hold values.
std::vector<NamedTensor> listedTensors(const TorchArchive& archive)
{
    std::vector<NamedTensor> listed;
    const auto add = [&listed](std::vector<NamedTensor> tensors, const std::string& prefix) {
        for (NamedTensor& one : tensors) {
            if (!isFloating(one.tensor.storage.scalar))
                continue;
            one.path = prefix.empty() || one.path.empty() ? prefix + one.path : prefix + "." + one.path;
            listed.push_back(std::move(one));
        }
    };
    if (archive.layout() == TorchArchive::Layout::Package) {
        for (const std::string& record : archive.records())
            if (record.ends_with(".pkl"))
                add(tensorsIn(archive.pickleOf(record).root()), record.substr(0, record.size() - 4));
        return listed;
    }
    if (archive.layout() == TorchArchive::Layout::Compiled)
        return listed;
    add(tensorsIn(archive.root()), "");
    const std::vector<PickleNode> constants = archive.constants();
    for (std::size_t i = 0; i < constants.size(); ++i)
        add(tensorsIn(constants[i]), fmt::format("CONSTANTS.c{}", i));
    return listed;
}

/// Names of our own for a path in the file: '/' between its parts, each name once.
std::string uniqueName(std::string path, std::set<std::string>& taken)
{
    std::replace(path.begin(), path.end(), '.', '/');
    if (path.empty())
        path = "tensor";
    std::string name = path;
    for (int number = 2; !taken.insert(name).second; ++number)
        name = fmt::format("{}_{}", path, number);
    return name;
}

ParameterInfo describeTensor(const NamedTensor& tensor, std::set<std::string>& taken)
{
    ParameterInfo info;
    info.name = uniqueName(tensor.path, taken);
    const std::size_t leaf = info.name.rfind('/');
    info.block = info.name.substr(0, leaf);
    info.module = info.block.substr(info.block.rfind('/') + 1);
    info.stored = tensor.path;
    info.kind = "other";
    info.shape = tensor.tensor.shape;
    info.trainable = false;
    return info;
}

} // namespace

torch::Tensor loadTensor(const TorchArchive& archive, const TensorReference& tensor)
{
    const std::string numbers = archive.numbers(tensor);
    const ScalarKind kind = tensor.storage.scalar;
    // Truth values of a file may be any bytes; those of LibTorch must be 0 or 1.
    const torch::Tensor values =
        torch::empty(tensor.shape, kind == ScalarKind::Bool ? torch::kUInt8 : dtypeOf(kind));
    if (!numbers.empty())
        std::memcpy(values.data_ptr(), numbers.data(), numbers.size());
    if (kind == ScalarKind::Bool)
        return values.ne(0);
    const bool half = kind == ScalarKind::Float16 || kind == ScalarKind::BFloat16;
    return half ? values.to(torch::kFloat32) : values;
}

std::vector<double> loadNumbers(const TorchArchive& archive, const TensorReference& tensor)
{
    // Copied without an operation of LibTorch where possible: the first of each kind costs memory and time.
    const torch::Tensor loaded = loadTensor(archive, tensor);
    const auto count = static_cast<std::size_t>(loaded.numel());
    if (loaded.scalar_type() == torch::kFloat32)
        return {loaded.data_ptr<float>(), loaded.data_ptr<float>() + count};
    const torch::Tensor values = loaded.to(torch::kFloat64);
    return {values.data_ptr<double>(), values.data_ptr<double>() + count};
}

std::string rewriteArchive(const TorchArchive& archive, const ArchiveModel& model,
                           const ParameterTable& parameters)
{
    const std::vector<ParameterInfo>& tensors = model.loaded.description().tensors;
    std::vector<TensorReference> places = model.places;
    for (const std::vector<TensorReference>& copy : model.copies)
        places.insert(places.end(), copy.begin(), copy.end());
    if (places.size() != tensors.size() * (1 + model.copies.size()))
        fail<InternalError>("{} places were given for {} tensors.", places.size(), tensors.size());
    std::vector<std::pair<TensorReference, std::string>> changed;
    std::vector<std::string> wanted;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const TensorReference& place = places[i];
        const ParameterInfo& info = tensors[i % tensors.size()];
        const torch::Tensor& value = parameters.at(info.name);
        if (value.sizes().vec() != place.shape)
            fail<InternalError>("The parameter {} does not have the shape that {} stores.", info.name,
                                archive.origin());
        wanted.push_back(storedBytes(value, place.storage.scalar));
        // Compared by the same way through float32, so that half precision does not seem to change.
        if (wanted.back() != storedBytes(loadTensor(archive, place), place.storage.scalar))
            changed.emplace_back(place, wanted.back());
        else
            wanted.back() = archive.numbers(place);
    }
    std::string file = archive.withNumbers(changed);
    if (changed.empty())
        return file;
    // Tensors may share numbers: every one must read as it should, whatever else was written.
    const TorchArchive written = TorchArchive::parse(file, archive.origin());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const ParameterInfo& info = tensors[i % tensors.size()];
        if (written.numbers(places[i]) != wanted[i])
            fail("{}: the tensor {} shares its numbers with another one that was changed differently, so the "
                 "file "
                 "cannot hold both.",
                 archive.origin(), info.stored.empty() ? info.name : info.stored);
    }
    return file;
}

ArchiveModel inspectionOnly(const TorchArchive& archive, const std::string& family,
                            const std::string& architecture, const std::string& reason)
{
    ModelDescription known;
    known.family = family;
    known.architecture = architecture;
    known.limitation = reason;
    return inspectionOnly(archive, std::move(known));
}

ArchiveModel inspectionOnly(const TorchArchive& archive, ModelDescription known)
{
    ArchiveModel model;
    ModelDescription description = std::move(known);
    description.file = archive.origin();
    description.sha256 = sha256(archive.bytes());
    std::set<std::string> taken;
    std::size_t bytes = 0;
    for (const NamedTensor& tensor : listedTensors(archive)) {
        ParameterInfo info = describeTensor(tensor, taken);
        torch::Tensor values = loadTensor(archive, tensor.tensor);
        bytes += values.nbytes();
        if (bytes / mostListed > archive.bytes().size())
            fail("{}: the tensors of the file have more than {} times the bytes of the file.",
                 archive.origin(), mostListed);
        info.count = values.numel();
        info.norm = euclideanNorm(values);
        description.storedNumbers += info.count;
        if (description.dtype.empty())
            description.dtype = nameOf(tensor.tensor.storage.scalar);
        else if (description.dtype != nameOf(tensor.tensor.storage.scalar))
            description.dtype = "mixed";
        model.loaded.parameters.add(info.name, std::move(values));
        model.places.push_back(tensor.tensor);
        description.tensors.push_back(std::move(info));
    }
    description.parameters = description.storedNumbers;
    model.loaded.model = std::make_shared<InspectedModel>(std::move(description));
    return model;
}

} // namespace lodestone
