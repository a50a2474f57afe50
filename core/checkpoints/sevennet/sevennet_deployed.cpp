#include "checkpoints/sevennet/sevennet_deployed.h"

#include "base/error.h"
#include "base/text.h"
#include "checkpoints/sevennet/deployed_network.h"
#include "checkpoints/sevennet/deployed_text.h"
#include "checkpoints/torch/convolution_archive.h"
#include "checkpoints/torch/not_computed.h"
#include "crystal/elements.h"

namespace lodestone {
namespace {

constexpr std::size_t maxConstantValues = 1 << 16; ///< of couplings and other small constants

std::string extra(const TorchArchive& archive, const std::string& name)
{
    const std::string record = "extra/" + name;
    if (!archive.hasRecord(record))
        fail("{}: the record {} is missing, which deployed SevenNet models have.", archive.origin(), record);
    return archive.record(record, 1 << 20);
}

std::vector<int> elementsOf(const TorchArchive& archive)
{
    const std::string text = extra(archive, "chemical_symbols_to_index");
    std::vector<int> elements;
    std::string symbol;
    for (const char c : text + " ") {
        if (c != ' ' && c != '\n') {
            symbol += c;
            continue;
        }
        if (symbol.empty())
            continue;
        const std::optional<int> z = symbol == "X" ? 0 : atomicNumber(symbol);
        if (!z)
            fail("{}: '{}' in extra/chemical_symbols_to_index is no element.", archive.origin(),
                 symbol.substr(0, 40));
        elements.push_back(*z);
        symbol.clear();
    }
    return elements;
}

/// The text of the module's only function.
std::string codeOf(const TorchArchive& archive)
{
    std::string code;
    for (const std::string& record : archive.records()) {
        if (record.rfind("code/", 0) != 0 || record.size() < 3 || record.substr(record.size() - 3) != ".py")
            continue;
        if (!code.empty())
            fail<NotComputed>(
                "The file holds several modules; only frozen models, as sevenn_get_model writes them, "
                "are computed.");
        code = archive.record(record, std::size_t{4} << 20);
    }
    return code;
}

} // namespace

bool looksLikeDeployedSevenNet(const TorchArchive& archive)
{
    if (archive.layout() != TorchArchive::Layout::Script)
        return false;
    for (const std::string& record : archive.records())
        if (record.rfind("code/__torch__/sevenn/", 0) == 0)
            return true;
    return false;
}

ArchiveContents readDeployedSevenNetFile(const TorchArchive& archive, const ModelChoice& choice)
{
    if (!choice.head.empty())
        fail<UsageError>(
            "{} is a deployed model, which computes one modality; '{}' cannot be chosen. Use the "
            "checkpoint (.pth).",
            archive.origin(), choice.head);
    const std::vector<int> elements = elementsOf(archive);
    const std::optional<double> cutoff = parseReal(trimmed(extra(archive, "cutoff")));
    if (!cutoff || !(*cutoff > 0) || !(*cutoff < 100))
        fail("{}: the record extra/cutoff holds no length between 0 and 100 Angstrom.", archive.origin());
    const std::vector<PickleNode> stored = archive.constants();
    const auto reference = [&](std::int64_t constant) -> const TensorReference& {
        if (constant < 0 || static_cast<std::size_t>(constant) >= stored.size())
            fail("{}: the text uses CONSTANTS.c{}, but constants.pkl holds {}.", archive.origin(), constant,
                 stored.size());
        const PickleNode& node = stored[static_cast<std::size_t>(constant)];
        if (!node.is(PickleKind::Tensor))
            fail<NotComputed>("CONSTANTS.c{} is {}, not a tensor.", constant, describe(node));
        return node.tensor();
    };
    DeployedConstants constants;
    constants.shape = [&](std::int64_t constant) { return reference(constant).shape; };
    constants.values = [&](std::int64_t constant) {
        std::vector<double> values = loadNumbers(archive, reference(constant));
        if (values.empty() || values.size() > maxConstantValues)
            fail<NotComputed>("CONSTANTS.c{} has {} values where few are expected.", constant, values.size());
        return values;
    };
    try {
        const DeployedModel model = readDeployedText(codeOf(archive), *cutoff, constants);
        if (model.elements != static_cast<std::int64_t>(elements.size()))
            fail("{}: extra/chemical_symbols_to_index lists {} elements, the model has {}.", archive.origin(),
                 elements.size(), model.elements);
        ConvolutionNetwork network = deployedNetwork(model, elements, *cutoff, constants);
        std::vector<TensorReference> places;
        for (const std::int64_t constant : constantsOf(network))
            places.push_back(reference(constant));
        return contentsOf(archive, std::move(network), std::move(places));
    } catch (const ScriptError& error) {
        fail<NotComputed>("The text of the model is not understood: {}.", error.what());
    }
}

} // namespace lodestone
