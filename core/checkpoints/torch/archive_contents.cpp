#include "checkpoints/torch/archive_contents.h"

#include "base/error.h"
#include "base/files.h"
#include "checkpoints/stored_numbers.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lodestone {
namespace {

// Tensors may share numbers, so that a small file could list any amount of them.
constexpr std::size_t mostListed = 64;

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

std::vector<double> loadNumbers(const TorchArchive& archive, const TensorReference& tensor)
{
    std::string buffer;
    return realsOf(archive.numbers(tensor, buffer), tensor.storage.scalar);
}

bool measure(ParameterInfo& info, const TorchArchive& archive, const TensorReference& tensor)
{
    std::string buffer;
    info.norm = euclideanNorm(archive.numbers(tensor, buffer), tensor.storage.scalar);
    return std::isfinite(info.norm);
}

std::string rewriteArchive(const TorchArchive& archive, const ArchiveContents& contents,
                           const std::vector<std::string>& numbers)
{
    const std::vector<ParameterInfo>& tensors = contents.description.tensors;
    std::vector<TensorReference> places = contents.places;
    for (const std::vector<TensorReference>& copy : contents.copies)
        places.insert(places.end(), copy.begin(), copy.end());
    if (numbers.size() != tensors.size() || places.size() != tensors.size() * (1 + contents.copies.size()))
        fail<InternalError>("{} places and {} lists of numbers were given for {} tensors.", places.size(),
                            numbers.size(), tensors.size());
    std::vector<std::pair<TensorReference, std::string>> changed;
    for (std::size_t i = 0; i < places.size(); ++i)
        if (const std::string& wanted = numbers[i % tensors.size()]; wanted != archive.numbers(places[i]))
            changed.emplace_back(places[i], wanted);
    std::string file = archive.withNumbers(changed);
    if (changed.empty())
        return file;
    // Tensors may share numbers: every one must read as it should, whatever else was written.
    const TorchArchive written = TorchArchive::parse(file, archive.origin());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const ParameterInfo& info = tensors[i % tensors.size()];
        if (written.numbers(places[i]) != numbers[i % tensors.size()])
            fail("{}: the tensor {} shares its numbers with another one that was changed differently, so the "
                 "file cannot hold both.",
                 archive.origin(), info.stored.empty() ? info.name : info.stored);
    }
    return file;
}

ArchiveContents inspectionOnly(const TorchArchive& archive, const std::string& family,
                               const std::string& architecture, const std::string& reason)
{
    ModelDescription known;
    known.family = family;
    known.architecture = architecture;
    known.limitation = reason;
    return inspectionOnly(archive, std::move(known));
}

ArchiveContents inspectionOnly(const TorchArchive& archive, ModelDescription known)
{
    ArchiveContents contents;
    ModelDescription& description = contents.description;
    description = std::move(known);
    description.file = archive.origin();
    description.sha256 = sha256(archive.bytes());
    std::set<std::string> taken;
    std::size_t bytes = 0;
    for (const NamedTensor& tensor : listedTensors(archive)) {
        ParameterInfo info = describeTensor(tensor, taken);
        std::string buffer;
        const std::string_view numbers = archive.numbers(tensor.tensor, buffer);
        const ScalarKind kind = tensor.tensor.storage.scalar;
        bytes += numbers.size();
        if (bytes / mostListed > archive.bytes().size())
            fail("{}: the tensors of the file have more than {} times the bytes of the file.",
                 archive.origin(), mostListed);
        info.count = static_cast<std::int64_t>(numbers.size() / sizeOf(kind));
        info.norm = euclideanNorm(numbers, kind);
        description.storedNumbers += info.count;
        if (description.dtype.empty())
            description.dtype = nameOf(kind);
        else if (description.dtype != nameOf(kind))
            description.dtype = "mixed";
        contents.places.push_back(tensor.tensor);
        description.tensors.push_back(std::move(info));
    }
    description.parameters = description.storedNumbers;
    return contents;
}

} // namespace lodestone
