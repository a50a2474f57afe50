#include "checkpoints/nequip/nequip_file.h"

#include "base/error.h"
#include "base/text.h"
#include "checkpoints/nequip/nequip_network.h"
#include "checkpoints/nequip/nequip_settings.h"
#include "checkpoints/sevennet/checkpoint_config.h"
#include "checkpoints/sevennet/sevennet_model.h"
#include "crystal/elements.h"

#include <set>

namespace lodestone {
namespace {

constexpr const char* eagerModel = "model/eager_model.pkl";
constexpr std::size_t mostTypes = 200;

using Layout = TorchArchive::Layout;

bool isPackage(const TorchArchive& archive)
{
    return archive.layout() == Layout::Package && archive.hasRecord("nequip/nn/graph_model.py");
}

/// What nequip-deploy and nequip-compile put beside the model; the versions are missing in some files of 0.5.
bool isScript(const TorchArchive& archive)
{
    return archive.layout() == Layout::Script && archive.hasRecord("extra/r_max") &&
           archive.hasRecord("extra/type_names");
}

/// A dictionary of weights, or a dictionary that holds such a one beside other things of a training.
bool holdsWeightsOnly(const TorchArchive& archive)
{
    if (archive.layout() != Layout::Saved && archive.layout() != Layout::Legacy)
        return false;
    const PickleNode root = archive.root();
    if (!root.is(PickleKind::Dictionary))
        return false;
    const auto inner = root.find("state_dict");
    const PickleNode weights = inner && inner->is(PickleKind::Dictionary) ? *inner : root;
    for (std::size_t i = 0; i < weights.size(); ++i)
        if (const PickleNode key = weights.keyAt(i);
            key.is(PickleKind::Text) && key.text().find("layer0_convnet.conv.") != std::string_view::npos)
            return true;
    return false;
}

/// The one model in what a package pickles: the model, or a dictionary of modules that holds it.
ModuleView packagedModel(const TorchArchive& archive, const std::string& record)
{
    if (!archive.hasRecord(record))
        fail<NotComputed>("The package holds no eager model ({}), which is the one that is read.", record);
    const PickleNode root = archive.pickleOf(record).root();
    if (!ModuleView::isModule(root))
        fail<NotComputed>("In {} of the package: expected a module of PyTorch, found {}.", record, describe(root));
    const ModuleView model(archive, root, "");
    if (!model.is("ModuleDict"))
        return model;
    const std::vector<std::string> names = model.children();
    if (names.size() != 1)
        fail<NotComputed>("The package holds {} models beside one another ({}), expected one.", names.size(),
                          fmt::join(names, ", "));
    return model.at(names.front());
}

std::vector<int> elementsOf(const std::vector<std::string>& types, const std::map<int, std::string>& symbols)
{
    if (types.empty() || types.size() > mostTypes)
        fail<NotComputed>("The model has {} atom types, expected 1 to {}.", types.size(), mostTypes);
    std::vector<int> elements;
    std::set<int> seen;
    for (std::size_t i = 0; i < types.size(); ++i) {
        const auto symbol = symbols.find(static_cast<int>(i));
        const std::string name = symbol == symbols.end() ? types[i] : symbol->second;
        const std::optional<int> z = atomicNumber(name);
        if (!z)
            fail<NotComputed>("The model's atom type '{}' is no chemical element, so structures cannot be mapped to it.",
                              name);
        if (!seen.insert(*z).second)
            fail<NotComputed>("Two of the model's atom types are {}: Lodestone tells atoms apart by their element.",
                              elementSymbol(*z));
        elements.push_back(*z);
    }
    return elements;
}

std::string architectureLine(const NequipSettings& settings, const ConvolutionNetwork& network)
{
    return fmt::format("NequIP{}{}, {}: {} interaction layers, edge harmonics to l = {}{}{}",
                       settings.version.empty() ? "" : " ", settings.version, settings.form, network.layers.size(),
                       network.harmonics, network.pairCutoffs.empty() ? "" : ", cutoffs by pair of elements",
                       network.repulsion ? ", ZBL repulsion" : "");
}

/// What reads as the same model must hold the same numbers in its copies.
void addCopies(const TorchArchive& archive, const std::vector<int>& elements, ArchiveModel& model)
{
    const std::vector<ParameterInfo>& tensors = model.loaded.description().tensors;
    for (const std::string& record : archive.records()) {
        if (record == eagerModel || !record.starts_with("model/") || !record.ends_with("_model.pkl"))
            continue;
        NequipNetwork copy = readNequip(packagedModel(archive, record), elements);
        bool equal = copy.places.size() == model.places.size();
        for (std::size_t i = 0; equal && i < tensors.size(); ++i)
            equal = copy.network.tensors[i].stored == tensors[i].stored &&
                    archive.numbers(copy.places[i]) == archive.numbers(model.places[i]);
        if (!equal)
            fail<NotComputed>("The package's {} holds other weights than its eager model, so the two cannot be tuned "
                              "together.",
                              record);
        model.copies.push_back(std::move(copy.places));
    }
}

ArchiveModel openComputed(const TorchArchive& archive, const NequipSettings& settings)
{
    const bool package = archive.layout() == Layout::Package;
    if (!package && !ModuleView::isModule(archive.root()))
        fail<NotComputed>("The file holds no model, but {}.", describe(archive.root()));
    const ModuleView model = package ? packagedModel(archive, eagerModel) : ModuleView(archive, archive.root(), "");
    if (!package && isFrozen(model))
        fail<NotComputed>("The deployed model is frozen: its weights are unnamed constants of compiled code, folded with "
                          "other numbers, so that they cannot be told apart. Deploy it with NequIP 0.5 or newer, which "
                          "does not freeze, or package it (nequip-package), to tune it.");
    const std::vector<int> elements = elementsOf(typeNames(archive, model), settings.symbols);
    NequipNetwork read = readNequip(model, elements);
    read.network.architecture = architectureLine(settings, read.network);
    try {
        check(read.network);
    } catch (const InternalError& error) {
        fail<NotComputed>("The parts of the model do not fit one another: {}", error.what());
    }
    ArchiveModel opened = loadNetwork(archive, std::move(read.network), std::move(read.places));
    if (package)
        addCopies(archive, elements, opened);
    return opened;
}

} // namespace

bool looksLikeNequip(const TorchArchive& archive)
{
    return isPackage(archive) || isScript(archive) || holdsWeightsOnly(archive);
}

ArchiveModel openNequip(const TorchArchive& archive, const ModelChoice& choice)
{
    if (!choice.head.empty())
        fail<UsageError>("{}: models of NequIP have no heads; there is no head '{}' to choose.", archive.origin(),
                         choice.head);
    const NequipSettings settings = nequipSettings(archive);
    const std::string title = fmt::format("NequIP{}{}, {}", settings.version.empty() ? "" : " ", settings.version,
                                          settings.form);
    try {
        if (holdsWeightsOnly(archive))
            fail<NotComputed>("This is a state of a training: it holds weights, but not how the model is built. Package it "
                              "(nequip-package build) or deploy it (nequip-deploy) to compute with it.");
        return openComputed(archive, settings);
    } catch (const NotComputed& reason) {
        return inspectionOnly(archive, "nequip", title, reason.what());
    }
}

} // namespace lodestone
