#include "blocks/model_description.h"

namespace lodestone {
namespace {

constexpr const char* where = "model description";

Json pathToJson(const ParameterPath& path)
{
    return {{"l_in", path.lIn},
            {"l_out", path.lOut},
            {"parity_in", path.parityIn},
            {"parity_out", path.parityOut},
            {"multiplicity_in", path.multiplicityIn},
            {"multiplicity_out", path.multiplicityOut},
            {"offset", path.offset},
            {"count", path.count},
            {"element_stride", path.elementStride}};
}

ParameterPath pathFromJson(const Json& json)
{
    ParameterPath path;
    path.lIn = jsonMember<int>(json, "l_in", where);
    path.lOut = jsonMember<int>(json, "l_out", where);
    path.parityIn = jsonMember<int>(json, "parity_in", where);
    path.parityOut = jsonMember<int>(json, "parity_out", where);
    path.multiplicityIn = jsonMember<std::int64_t>(json, "multiplicity_in", where);
    path.multiplicityOut = jsonMember<std::int64_t>(json, "multiplicity_out", where);
    path.offset = jsonMember<std::int64_t>(json, "offset", where);
    path.count = jsonMember<std::int64_t>(json, "count", where);
    path.elementStride = jsonMember<std::int64_t>(json, "element_stride", where, 0);
    return path;
}

Json tensorToJson(const ParameterInfo& tensor)
{
    Json paths = Json::array();
    for (const ParameterPath& path : tensor.paths)
        paths.push_back(pathToJson(path));
    return {{"name", tensor.name},          {"block", tensor.block},
            {"module", tensor.module},      {"kind", tensor.kind},
            {"stored", tensor.stored},      {"layer", tensor.layer},
            {"shape", tensor.shape},        {"count", tensor.count},
            {"irreps_in", tensor.irrepsIn}, {"irreps_out", tensor.irrepsOut},
            {"paths", std::move(paths)},    {"element_axis", tensor.elementAxis},
            {"norm", tensor.norm},          {"unit", tensor.unit},
            {"trainable", tensor.trainable}};
}

ParameterInfo tensorFromJson(const Json& json)
{
    ParameterInfo tensor;
    tensor.name = jsonMember<std::string>(json, "name", where);
    tensor.block = jsonMember<std::string>(json, "block", where);
    tensor.module = jsonMember<std::string>(json, "module", where);
    tensor.kind = jsonMember<std::string>(json, "kind", where);
    tensor.stored = jsonMember<std::string>(json, "stored", where, "");
    tensor.layer = jsonMember<int>(json, "layer", where);
    tensor.shape = jsonMember<std::vector<std::int64_t>>(json, "shape", where);
    tensor.count = jsonMember<std::int64_t>(json, "count", where);
    tensor.irrepsIn = jsonMember<std::string>(json, "irreps_in", where);
    tensor.irrepsOut = jsonMember<std::string>(json, "irreps_out", where);
    for (const Json& path : jsonMember<Json>(json, "paths", where))
        tensor.paths.push_back(pathFromJson(path));
    tensor.elementAxis = jsonMember<int>(json, "element_axis", where);
    tensor.norm = jsonMember<double>(json, "norm", where);
    tensor.unit = jsonMember<double>(json, "unit", where, 1);
    tensor.trainable = jsonMember<bool>(json, "trainable", where);
    return tensor;
}

} // namespace

std::vector<int> elementOfValues(const ParameterInfo& tensor, std::size_t elements)
{
    const auto n = static_cast<std::int64_t>(elements);
    std::vector<int> result;
    const auto assign = [&](std::int64_t offset, std::int64_t count, std::int64_t stride) {
        if (n == 0 || stride <= 0 || offset < 0 || offset + count > tensor.count)
            return;
        result.resize(static_cast<std::size_t>(tensor.count), -1);
        for (std::int64_t i = 0; i < count; ++i)
            result[static_cast<std::size_t>(offset + i)] = static_cast<int>(i / stride % n);
    };
    if (tensor.elementAxis >= 0 && tensor.elementAxis < static_cast<int>(tensor.shape.size()) &&
        tensor.shape[static_cast<std::size_t>(tensor.elementAxis)] == n) {
        std::int64_t stride = 1;
        for (std::size_t axis = static_cast<std::size_t>(tensor.elementAxis) + 1; axis < tensor.shape.size();
             ++axis)
            stride *= tensor.shape[axis];
        assign(0, tensor.count, stride);
        return result;
    }
    for (const ParameterPath& path : tensor.paths)
        assign(path.offset, path.count, path.elementStride);
    return result;
}

Json toJson(const ModelDescription& model)
{
    Json tensors = Json::array();
    for (const ParameterInfo& tensor : model.tensors)
        tensors.push_back(tensorToJson(tensor));
    return {{"file", model.file},
            {"sha256", model.sha256},
            {"family", model.family},
            {"architecture", model.architecture},
            {"dtype", model.dtype},
            {"cutoff", model.cutoff},
            {"elements", model.elements},
            {"layers", model.layers},
            {"l_max", model.lMax},
            {"irreps_hidden", model.irrepsHidden},
            {"heads", model.heads},
            {"head_index", model.headIndex},
            {"limitation", model.limitation},
            {"stored_numbers", model.storedNumbers},
            {"reference_energies", model.referenceEnergies},
            {"parameters", model.parameters},
            {"tensors", std::move(tensors)}};
}

ModelDescription modelDescriptionFromJson(const Json& json)
{
    ModelDescription model;
    model.file = jsonMember<std::string>(json, "file", where);
    model.sha256 = jsonMember<std::string>(json, "sha256", where);
    model.family = jsonMember<std::string>(json, "family", where);
    model.architecture = jsonMember<std::string>(json, "architecture", where);
    model.dtype = jsonMember<std::string>(json, "dtype", where);
    model.cutoff = jsonMember<double>(json, "cutoff", where);
    model.elements = jsonMember<std::vector<int>>(json, "elements", where);
    model.layers = jsonMember<int>(json, "layers", where);
    model.lMax = jsonMember<int>(json, "l_max", where);
    model.irrepsHidden = jsonMember<std::string>(json, "irreps_hidden", where);
    model.heads = jsonMember<std::vector<std::string>>(json, "heads", where, {});
    model.headIndex = jsonMember<int>(json, "head_index", where, 0);
    model.limitation = jsonMember<std::string>(json, "limitation", where, "");
    model.storedNumbers = jsonMember<std::int64_t>(json, "stored_numbers", where);
    model.referenceEnergies = jsonMember<std::int64_t>(json, "reference_energies", where);
    model.parameters = jsonMember<std::int64_t>(json, "parameters", where);
    for (const Json& tensor : jsonMember<Json>(json, "tensors", where))
        model.tensors.push_back(tensorFromJson(tensor));
    return model;
}

} // namespace lodestone
