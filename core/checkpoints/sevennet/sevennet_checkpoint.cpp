#include "checkpoints/sevennet/sevennet_checkpoint.h"

#include "base/error.h"
#include "checkpoints/sevennet/checkpoint_config.h"
#include "checkpoints/torch/convolution_archive.h"
#include "checkpoints/torch/couplings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace lodestone {
namespace {

/// The name that a module of a version before 0.10 has since ("2 convolution" -> "2_convolution"); other
/// names stay.
std::string currentName(std::string name)
{
    static const std::map<std::string, std::string, std::less<>> whole = {
        {"EdgeEmbedding", "edge_embedding"},
        {"reducing nn input to hidden", "reduce_input_to_hidden"},
        {"reducing nn hidden to energy", "reduce_hidden_to_energy"},
        {"rescale atomic energy", "rescale_atomic_energy"}};
    const std::size_t dot = std::min(name.find('.'), name.size());
    std::string module = name.substr(0, dot), rest = name.substr(dot);
    if (const auto found = whole.find(module); found != whole.end())
        module = found->second;
    else
        std::replace(module.begin(), module.end(), ' ', '_');
    if (const std::size_t at = rest.find("denumerator"); at != std::string::npos)
        rest.replace(at, 11, "denominator");
    return module + rest;
}

struct StateEntry {
    std::string key; ///< in the file
    TensorReference tensor;
};
using StateDict = std::map<std::string, StateEntry>; ///< under current names

StateDict stateDict(const TorchArchive& archive)
{
    const std::optional<PickleNode> node = archive.root().find("model_state_dict");
    if (!node || !node->is(PickleKind::Dictionary))
        fail("{}: \"model_state_dict\" is missing or no dictionary.", archive.origin());
    StateDict state;
    for (std::size_t i = 0; i < node->size(); ++i) {
        if (!node->keyAt(i).is(PickleKind::Text) || !node->at(i).is(PickleKind::Tensor))
            fail("{}: \"model_state_dict\" holds {} under {}, expected tensors under names.",
                 archive.origin(), describe(node->at(i)), describe(node->keyAt(i)));
        const std::string key(node->keyAt(i).text());
        state.insert_or_assign(currentName(key), StateEntry{key, node->at(i).tensor()});
    }
    return state;
}

std::int64_t countOf(const TensorReference& tensor)
{
    std::int64_t count = 1;
    for (const std::int64_t length : tensor.shape)
        count *= length;
    return count;
}

std::vector<std::int64_t> shapeOf(const StateDict& state, const std::string& name, const std::string& origin)
{
    const auto found = state.find(name);
    if (found == state.end())
        fail("{}: \"model_state_dict\" has no {}.", origin, name);
    return found->second.tensor.shape;
}

constexpr std::string_view couplingPart = "_convolution.convolution._compiled_main_left_right._w3j_";

/// The degrees in "2_convolution.convolution._compiled_main_left_right._w3j_1_2_1", after the layer.
std::optional<std::array<int, 4>> couplingDegrees(const std::string& name)
{
    const std::size_t at = name.find(couplingPart);
    if (at == std::string::npos)
        return {};
    std::array<int, 4> numbers{};
    const std::string text = name.substr(0, at) + "_" + name.substr(at + couplingPart.size());
    const char *next = text.data(), *const end = text.data() + text.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto [stop, error] = std::from_chars(next, end, numbers[i]);
        if (error != std::errc() || numbers[i] < 0 || numbers[i] > 64 || (stop == end) != (i == 3))
            return {};
        next = i < 3 ? stop + 1 : stop;
    }
    return numbers;
}

/// Signs of the stored 3j tensors against ours. Conventions of e3nn changed between 0.4 and 0.5.
std::map<std::array<int, 4>, double> couplingFactors(const TorchArchive& archive, const StateDict& state)
{
    std::map<std::array<int, 4>, double> factors;
    for (const auto& [name, entry] : state) {
        const std::optional<std::array<int, 4>> degrees = couplingDegrees(name);
        if (!degrees)
            continue;
        const auto [layer, l1, l2, l3] = *degrees;
        if (l1 > 6 || l2 > 6 || l3 > 6 || l3 < std::abs(l1 - l2) || l3 > l1 + l2)
            fail<NotComputed>("The file holds the coupling tensor {}, which couples no degrees up to 6.",
                              entry.key);
        const double factor =
            couplingFactor(loadNumbers(archive, entry.tensor), entry.tensor.shape, l1, l2, l3, entry.key);
        if (std::abs(std::abs(factor) - 1) > 1e-4)
            fail<NotComputed>("The coupling tensor {} has the norm {:.6g}, expected 1.", entry.key,
                              std::abs(factor));
        if (factor < 0)
            factors[*degrees] = -1;
    }
    return factors;
}

/// What upstream keeps beside the parameters: masks, couplings and empty tensors.
bool isConstant(const std::string& name, const TensorReference& tensor)
{
    return countOf(tensor) == 0 || name.find("output_mask") != std::string::npos ||
           name.find("._compiled_main") != std::string::npos;
}

} // namespace

int chosenModality(const std::vector<std::string>& modalities, const ModelChoice& choice,
                   const std::string& origin)
{
    if (choice.head.empty())
        return 0;
    const auto found = std::find(modalities.begin(), modalities.end(), choice.head);
    if (found != modalities.end())
        return static_cast<int>(found - modalities.begin());
    if (modalities.empty())
        fail<UsageError>("{} has no modalities, so '{}' cannot be chosen; leave the choice out.", origin,
                         choice.head);
    fail<UsageError>("{} has no modality '{}'; it has {}.", origin, choice.head, fmt::join(modalities, ", "));
}

bool looksLikeSevenNetCheckpoint(const TorchArchive& archive)
{
    if (archive.layout() != TorchArchive::Layout::Saved && archive.layout() != TorchArchive::Layout::Legacy)
        return false;
    const PickleNode root = archive.root();
    if (!root.is(PickleKind::Dictionary))
        return false;
    const std::optional<PickleNode> config = root.find("config");
    return root.find("model_state_dict") && config && config->is(PickleKind::Dictionary) &&
           config->find("num_convolution_layer") && config->find("cutoff");
}

ArchiveContents readSevenNetCheckpointFile(const TorchArchive& archive, const ModelChoice& choice)
{
    const std::string& origin = archive.origin();
    SevenNetConfig config = sevenNetConfig(*archive.root().find("config"), origin);
    config.modality = chosenModality(config.modalities, choice, origin);
    const StateDict state = stateDict(archive);
    config.shiftShape = shapeOf(state, "rescale_atomic_energy.shift", origin);
    config.scaleShape = shapeOf(state, "rescale_atomic_energy.scale", origin);
    config.couplingFactors = couplingFactors(archive, state);
    validate(config, origin);
    ConvolutionNetwork network = sevenNetNetwork(config);
    std::vector<TensorReference> places;
    std::map<std::string, bool> used;
    for (ParameterInfo& info : network.tensors) {
        const auto found = state.find(info.stored);
        if (found == state.end())
            fail("{}: \"model_state_dict\" has no {}, which the settings ask for.", origin, info.stored);
        used[info.stored] = true;
        info.stored = found->second.key;
        places.push_back(found->second.tensor);
    }
    for (const auto& [name, entry] : state)
        if (!used.contains(name) && !isConstant(name, entry.tensor))
            fail<NotComputed>("The file holds the tensor {}, whose part in the model is not known.",
                              entry.key);
    return contentsOf(archive, std::move(network), std::move(places));
}

} // namespace lodestone
