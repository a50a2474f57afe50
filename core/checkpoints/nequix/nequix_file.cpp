#include "checkpoints/nequix/nequix_file.h"

#include "base/error.h"
#include "base/files.h"
#include "checkpoints/stored_numbers.h"

#include <cmath>

namespace lodestone {
namespace {

/// A value of the header as T; the error names the key.
template<class T>
T setting(const Json& header, const char* key, const std::string& origin)
{
    const auto found = header.find(key);
    if (found == header.end())
        fail("{}: the configuration in the first line has no \"{}\".", origin, key);
    bool fits = false;
    if constexpr (std::is_same_v<T, bool>)
        fits = found->is_boolean();
    else if constexpr (std::is_same_v<T, int>)
        fits = found->is_number_integer() && found->template get<double>() >= -1e9 &&
               found->template get<double>() <= 1e9;
    else if constexpr (std::is_same_v<T, double>)
        fits = found->is_number();
    else
        fits = found->is_string();
    if (!fits)
        fail("{}: \"{}\" in the configuration is {}, which is not of the expected type.", origin, key,
             found->dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60));
    return found->template get<T>();
}

std::vector<int> elementsOf(const Json& header, const std::string& origin)
{
    const auto found = header.find("atomic_numbers");
    if (found == header.end() || !found->is_array())
        fail("{}: the configuration in the first line has no list \"atomic_numbers\".", origin);
    std::vector<int> elements;
    for (const Json& z : *found) {
        if (!z.is_number_integer() || z.get<double>() < 1 || z.get<double>() > 118)
            fail("{}: \"atomic_numbers\" must hold integers from 1 to 118.", origin);
        elements.push_back(z.get<int>());
    }
    return elements;
}

std::string textOf(const std::vector<std::int64_t>& shape)
{
    return fmt::format("({})", fmt::join(shape, ", "));
}

/// The JSON line with the reference energies renewed.
std::string renewedHeader(Json header, const std::vector<int>& elements, std::string_view energies)
{
    Json& entries = header["atom_energies"];
    entries = Json::object();
    const std::vector<double> values = realsOf(energies, ScalarKind::Float32);
    for (std::size_t i = 0; i < elements.size(); ++i)
        entries[std::to_string(elements[i])] = values.at(i);
    return header.dump() + "\n";
}

} // namespace

NequixConfig nequixConfig(const Json& header, const std::string& origin)
{
    NequixConfig config;
    config.cutoff = setting<double>(header, "cutoff", origin);
    config.elements = elementsOf(header, origin);
    try {
        config.hidden = parseIrreps(setting<std::string>(header, "hidden_irreps", origin));
    } catch (const Error& error) {
        fail("{}: \"hidden_irreps\": {}", origin, error.what());
    }
    config.lMax = setting<int>(header, "lmax", origin);
    config.layers = setting<int>(header, "n_layers", origin);
    config.radialBasis = setting<int>(header, "radial_basis_size", origin);
    config.radialMlpSize = setting<int>(header, "radial_mlp_size", origin);
    config.radialMlpLayers = setting<int>(header, "radial_mlp_layers", origin);
    config.polynomialP = setting<double>(header, "radial_polynomial_p", origin);
    config.layerNorm = setting<bool>(header, "layer_norm", origin);
    config.averageNeighbours = setting<double>(header, "avg_n_neighbors", origin);
    config.scale = setting<double>(header, "scale", origin);
    config.shift = setting<double>(header, "shift", origin);
    if (setting<bool>(header, "index_weights", origin))
        fail("{}: \"index_weights\" is true (skip weights per element), which is not supported; no released "
             "Nequix "
             "model uses it.",
             origin);
    validate(config, origin);
    return config;
}

std::vector<NqxRecord> tensorRecords(const NqxFile& file, const ModelDescription& description,
                                     const std::string& origin)
{
    std::vector<NqxRecord> records;
    for (const NqxRecord& record : file.records) {
        if (record.shape.empty())
            continue;
        if (records.size() == description.tensors.size())
            fail("{}: at byte {}, a tensor of shape {} follows after the {} that the configuration asks for.",
                 origin, record.offset, textOf(record.shape), description.tensors.size());
        const ParameterInfo& info = description.tensors[records.size()];
        if (record.type != "<f4")
            fail("{}: at byte {}, the tensor {} has values of type '{}', expected '<f4' (float32).", origin,
                 record.offset, info.name, record.type);
        if (record.shape != info.shape)
            fail("{}: at byte {}, the tensor {} has shape {}, but the configuration asks for {}.", origin,
                 record.offset, info.name, textOf(record.shape), textOf(info.shape));
        records.push_back(record);
    }
    if (records.size() < description.tensors.size()) {
        const std::size_t end = file.records.empty()
                                    ? file.headerBytes
                                    : file.records.back().dataOffset + file.records.back().bytes;
        fail("{}: the file ends at byte {} after {} of {} tensors; {} is the first that is missing.", origin,
             end, records.size(), description.tensors.size(), description.tensors[records.size()].name);
    }
    return records;
}

bool looksLikeNequix(std::string_view bytes)
{
    return bytes.substr(0, 1) == "{";
}

NequixContents readNequixFile(std::string_view bytes, const std::string& origin)
{
    const NqxFile file = parseNqx(bytes, origin);
    NequixContents contents;
    contents.config = nequixConfig(file.header, origin);
    ModelDescription& description = contents.description;
    description = describeNequix(contents.config);
    contents.records = tensorRecords(file, description, origin);
    description.file = origin;
    description.sha256 = sha256(bytes);
    for (std::size_t i = 0; i < contents.records.size(); ++i) {
        ParameterInfo& info = description.tensors[i];
        const NqxRecord& record = contents.records[i];
        info.norm = euclideanNorm(bytes.substr(record.dataOffset, record.bytes), ScalarKind::Float32);
        if (!std::isfinite(info.norm))
            fail("{}: at byte {}, the tensor {} holds values that are not finite.", origin, record.dataOffset,
                 info.name);
    }
    return contents;
}

std::string rewriteNequix(std::string bytes, const std::vector<std::string>& numbers,
                          const std::string& origin)
{
    const NqxFile file = parseNqx(bytes, origin);
    const NequixConfig config = nequixConfig(file.header, origin);
    const ModelDescription description = describeNequix(config);
    const std::vector<NqxRecord> records = tensorRecords(file, description, origin);
    std::string header;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::string& wanted = numbers.at(i);
        if (wanted.size() != records[i].bytes)
            fail<InternalError>("The parameter {} does not have the shape that {} stores.",
                                description.tensors[i].name, origin);
        if (bytes.compare(records[i].dataOffset, records[i].bytes, wanted) == 0)
            continue;
        bytes.replace(records[i].dataOffset, records[i].bytes, wanted);
        if (description.tensors[i].kind == "reference")
            header = renewedHeader(file.header, config.elements, wanted);
    }
    if (!header.empty())
        bytes.replace(0, file.headerBytes, header);
    return bytes;
}

} // namespace lodestone
