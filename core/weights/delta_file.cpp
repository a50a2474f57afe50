#include "weights/delta_file.h"
#include "base/files.h"
#include "base/schema.h"
#include "crystal/elements.h"
#include "weights/hdf5_tensors.h"

#include <cmath>
#include <limits>
#include <set>
#include <torch/torch.h>

// Layout of a delta file (docs/file-formats.md): all tensors' indices and values one after another, so that a
// file of many small tensors stays small.
//   /format  /base_sha256  /provenance  /head    text
//   /model_head                                  text; absent in files of version 0.1 and without a choice
//   /tensors   text: JSON list of {name, shape, count, threshold, eligible}
//   /indices   int64 [sum of counts]    /values  float32 or float64 [sum of counts]
//   /head_parameters/NAME               reals
//   /reference_energies/{atomic_numbers, shifts}

namespace lodestone {
namespace {

constexpr const char* formatName = "lodestone-delta";

std::vector<float> toFloats(const std::vector<double>& values)
{
    return {values.begin(), values.end()};
}

/// Number of entries of a shape; Error on negative sizes or overflow.
std::int64_t product(const std::vector<std::int64_t>& shape, const std::string& where)
{
    std::int64_t count = 1;
    for (const std::int64_t n : shape) {
        if (n < 0 || (n > 0 && count > std::numeric_limits<std::int64_t>::max() / n))
            fail("{}: the shape is impossible.", where);
        count *= n;
    }
    return count;
}

void checkTensor(const DeltaFile::Tensor& tensor, const std::string& where)
{
    const std::int64_t size = product(tensor.shape, where);
    std::int64_t previous = -1;
    for (std::size_t i = 0; i < tensor.indices.size(); ++i) {
        const std::int64_t index = tensor.indices[i];
        if (index >= size || index < 0)
            fail("{}: index {} lies outside the tensor of {} numbers.", where, index, size);
        if (index <= previous)
            fail("{}: indices must ascend, but {} follows {}.", where, index, previous);
        if (!std::isfinite(tensor.values[i]))
            fail("{}: the value at index {} is not a finite number.", where, index);
        previous = index;
    }
    if (!std::isfinite(tensor.threshold) || tensor.eligible < 0 || tensor.eligible > size)
        fail("{}: threshold or eligible count is impossible.", where);
}

std::vector<DeltaFile::Tensor> readTensors(const Hdf5Reader& file, const std::string& path)
{
    const Json list = parseJson(file.readText("/tensors"), path + ": /tensors");
    const auto indices = file.readIntegers("/indices");
    const auto values = file.readReals("/values");
    if (indices.size() != values.size())
        fail("{}: {} indices but {} values.", path, indices.size(), values.size());
    std::vector<DeltaFile::Tensor> tensors;
    std::set<std::string> names;
    std::size_t at = 0;
    const std::string all = path + ": /tensors";
    for (const Json& entry : list) {
        DeltaFile::Tensor tensor;
        tensor.name = jsonMember<std::string>(entry, "name", all);
        tensor.shape = jsonMember<std::vector<std::int64_t>>(entry, "shape", all);
        tensor.threshold = jsonMember<double>(entry, "threshold", all);
        tensor.eligible = jsonMember<std::int64_t>(entry, "eligible", all);
        const auto count = jsonMember<std::int64_t>(entry, "count", all);
        const std::string where = fmt::format("{}: tensor {}", path, tensor.name);
        if (!names.insert(tensor.name).second)
            fail("{}: occurs twice.", where);
        if (count < 0 || static_cast<std::uint64_t>(count) > indices.size() - at)
            fail("{}: claims {} values, but {} are left in the file.", where, count, indices.size() - at);
        const auto from = static_cast<std::ptrdiff_t>(at);
        tensor.indices.assign(indices.begin() + from, indices.begin() + from + count);
        tensor.values.assign(values.begin() + from, values.begin() + from + count);
        at += static_cast<std::size_t>(count);
        checkTensor(tensor, where);
        tensors.push_back(std::move(tensor));
    }
    if (at != indices.size())
        fail("{}: {} values belong to no tensor.", path, indices.size() - at);
    return tensors;
}

} // namespace

void writeDelta(const std::filesystem::path& path, const DeltaFile& delta)
{
    Json list = Json::array();
    std::vector<std::int64_t> indices;
    std::vector<double> values;
    for (const auto& tensor : delta.tensors) {
        if (tensor.indices.size() != tensor.values.size())
            throw InternalError("A delta has as many indices as values.");
        list.push_back({{"name", tensor.name},
                        {"shape", tensor.shape},
                        {"count", tensor.indices.size()},
                        {"threshold", tensor.threshold},
                        {"eligible", tensor.eligible}});
        indices.insert(indices.end(), tensor.indices.begin(), tensor.indices.end());
        values.insert(values.end(), tensor.values.begin(), tensor.values.end());
    }
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(values.size())};
    replaceFileAtomically(path, [&](const std::filesystem::path& temporary) {
        auto file = Hdf5Writer::create(temporary);
        file.writeText("/format", schema::formatText(formatName, schema::delta));
        file.writeText("/base_sha256", delta.baseSha256);
        file.writeText("/provenance", delta.provenance.dump());
        if (!delta.modelHead.empty())
            file.writeText("/model_head", delta.modelHead);
        file.writeText("/head", delta.head);
        file.writeText("/tensors", list.dump());
        file.write("/indices", std::span<const std::int64_t>(indices), shape);
        if (delta.float64)
            file.write("/values", std::span<const double>(values), shape);
        else
            file.write("/values", std::span<const float>(toFloats(values)), shape);
        for (const auto& [name, tensor] : delta.headParameters)
            writeTensor(file, "/head_parameters/" + name, tensor);
        std::vector<std::int64_t> numbers;
        std::vector<double> shifts;
        for (const auto& [number, shift] : delta.referenceEnergyShift) {
            numbers.push_back(number);
            shifts.push_back(shift);
        }
        const std::vector<std::int64_t> count = {static_cast<std::int64_t>(numbers.size())};
        file.write("/reference_energies/atomic_numbers", std::span<const std::int64_t>(numbers), count);
        file.write("/reference_energies/shifts", std::span<const double>(shifts), count);
        file.close();
    });
}

DeltaFile readDelta(const std::filesystem::path& path)
{
    const auto file = Hdf5Reader::open(path);
    const std::string name = path.string();
    if (!file.has("/format"))
        fail("{}: not a delta file (there is no /format in it).", name);
    DeltaFile delta;
    schema::checkFormat(file.readText("/format"), formatName, schema::delta, name);
    delta.baseSha256 = file.readText("/base_sha256");
    if (file.has("/model_head"))
        delta.modelHead = file.readText("/model_head");
    delta.provenance = parseJson(file.readText("/provenance"), name + ": /provenance");
    delta.head = file.readText("/head");
    delta.tensors = readTensors(file, name);
    delta.float64 = !file.isFloat32("/values");
    if (!delta.head.empty())
        for (const auto& child : file.children("/head_parameters"))
            delta.headParameters[child] = readTensor(file, "/head_parameters/" + child);
    const auto numbers = file.readIntegers("/reference_energies/atomic_numbers");
    const auto shifts = file.readReals("/reference_energies/shifts");
    if (numbers.size() != shifts.size())
        fail("{}: {} elements but {} reference energy shifts.", name, numbers.size(), shifts.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] < 1 || numbers[i] > maxAtomicNumber || !std::isfinite(shifts[i]))
            fail("{}: the reference energy shift of element {} is impossible.", name, numbers[i]);
        delta.referenceEnergyShift[static_cast<int>(numbers[i])] = shifts[i];
    }
    return delta;
}

LoadedModel applyDelta(const LoadedModel& base, const DeltaFile& delta)
{
    const ModelDescription& description = base.description();
    if (description.sha256 != delta.baseSha256)
        fail("The delta belongs to another model: it was made from the file with SHA-256 {}, but {} has {}.",
             delta.baseSha256, description.file, description.sha256);
    const std::string head = description.heads.empty()
                                 ? ""
                                 : description.heads.at(static_cast<std::size_t>(description.headIndex));
    if (delta.modelHead != head)
        fail("The delta was made for the head '{}' of {}, but '{}' is chosen.", delta.modelHead,
             description.file, head);
    LoadedModel result = base;
    for (const auto& tensor : delta.tensors) {
        if (!base.parameters.has(tensor.name))
            fail("The delta changes the tensor {}, which {} does not have.", tensor.name, description.file);
        const auto& stored = base.parameters.at(tensor.name);
        if (stored.sizes().vec() != tensor.shape)
            fail("The delta's tensor {} has another shape than in {}.", tensor.name, description.file);
        if (tensor.indices.empty())
            continue;
        // A float64 run keeps its precision; a float32 sum is what the trained model computed with.
        auto sum = (delta.float64 ? stored.to(torch::kFloat64) : stored).clone();
        auto indices = torch::tensor(tensor.indices, torch::kInt64);
        auto values = torch::tensor(tensor.values, torch::kFloat64).to(sum.scalar_type());
        sum.view(-1).index_add_(0, indices, values);
        result.parameters.set(tensor.name, sum);
    }
    if (delta.referenceEnergyShift.empty())
        return result;
    const ParameterInfo* reference = referenceTensor(description);
    if (!reference)
        fail("{} keeps no reference energy per element to which the delta's corrections could be added: "
             "predict takes "
             "the delta as it is, or run again with reference_energies \"keep\".",
             description.file);
    const torch::Tensor& stored = base.parameters.at(reference->name);
    const torch::Tensor energies = stored.to(torch::kFloat64).clone();
    const torch::Tensor row = referenceRow(description, energies);
    for (std::size_t i = 0; i < description.elements.size(); ++i)
        if (const auto it = delta.referenceEnergyShift.find(description.elements[i]);
            it != delta.referenceEnergyShift.end())
            row[static_cast<std::int64_t>(i)] += it->second / reference->unit;
    result.parameters.set(reference->name,
                          energies.to(delta.float64 ? torch::kFloat64 : stored.scalar_type()));
    return result;
}

} // namespace lodestone
