#include "checkpoints/nequip/nequip_file.h"

#include "base/error.h"
#include "checkpoints/nequip/nequip_network.h"
#include "checkpoints/nequip/nequip_settings.h"
#include "checkpoints/torch/convolution_archive.h"
#include "checkpoints/torch/not_computed.h"

#include <cmath>

namespace lodestone {
namespace {

constexpr const char* eagerModel = "model/eager_model.pkl";

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

bool isCompiled(const TorchArchive& archive)
{
    return archive.layout() == Layout::Compiled && !compiledSettings(archive).empty();
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
        fail<NotComputed>("In {} of the package: expected a module of PyTorch, found {}.", record,
                          describe(root));
    const ModuleView model(archive, root, "");
    if (!model.is("ModuleDict"))
        return model;
    const std::vector<std::string> names = model.children();
    if (names.size() != 1)
        fail<NotComputed>("The package holds {} models beside one another ({}), expected one.", names.size(),
                          fmt::join(names, ", "));
    return model.at(names.front());
}

std::string architectureLine(const NequipSettings& settings, const ConvolutionNetwork& network)
{
    return fmt::format("NequIP{}{}, {}: {} interaction layers, edge harmonics to l = {}{}{}",
                       settings.version.empty() ? "" : " ", settings.version, settings.form,
                       network.layers.size(), network.harmonics,
                       network.pairCutoffs.empty() ? "" : ", cutoffs by pair of elements",
                       network.repulsion ? ", ZBL repulsion" : "");
}

/// What reads as the same model must hold the same numbers in its copies.
void addCopies(const TorchArchive& archive, const std::vector<int>& elements, ArchiveContents& model)
{
    const std::vector<ParameterInfo>& tensors = model.description.tensors;
    for (const std::string& record : archive.records()) {
        if (record == eagerModel || !record.starts_with("model/") || !record.ends_with("_model.pkl"))
            continue;
        NequipNetwork copy = readNequip(packagedModel(archive, record), elements);
        bool equal = copy.places.size() == model.places.size();
        for (std::size_t i = 0; equal && i < tensors.size(); ++i)
            equal = copy.network.tensors[i].stored == tensors[i].stored &&
                    copy.places[i].storage.scalar == model.places[i].storage.scalar &&
                    copy.places[i].shape == model.places[i].shape &&
                    archive.numbers(copy.places[i]) == archive.numbers(model.places[i]);
        if (!equal)
            fail<NotComputed>(
                "The package's {} holds other weights than its eager model, so the two cannot be tuned "
                "together.",
                record);
        model.copies.push_back(std::move(copy.places));
    }
}

ArchiveContents openComputed(const TorchArchive& archive, const NequipSettings& settings)
{
    const bool package = archive.layout() == Layout::Package;
    if (!package && !ModuleView::isModule(archive.root()))
        fail<NotComputed>("The file holds no model, but {}.", describe(archive.root()));
    const ModuleView model =
        package ? packagedModel(archive, eagerModel) : ModuleView(archive, archive.root(), "");
    if (!package && isFrozen(model))
        fail<NotComputed>(
            "The deployed model is frozen: its weights are unnamed constants of compiled code, folded with "
            "other numbers, so that they cannot be told apart. Deploy it with NequIP 0.5 or newer, which "
            "does not freeze, or package it (nequip-package), to tune it.");
    const std::vector<int> elements = elementsOf(typeNames(settings, model), settings.symbols);
    NequipNetwork read = readNequip(model, elements);
    read.network.architecture = architectureLine(settings, read.network);
    try {
        check(read.network);
    } catch (const InternalError& error) {
        fail<NotComputed>("The parts of the model do not fit one another: {}", error.what());
    }
    ArchiveContents opened = contentsOf(archive, std::move(read.network), std::move(read.places));
    if (package)
        addCopies(archive, elements, opened);
    return opened;
}

/// What is known of a model that is not computed.
ModelDescription known(const NequipSettings& settings, const std::string& reason)
{
    ModelDescription description;
    description.family = "nequip";
    description.architecture =
        fmt::format("NequIP{}{}, {}", settings.version.empty() ? "" : " ", settings.version, settings.form);
    description.limitation = reason;
    description.cutoff = std::isfinite(settings.cutoff) ? settings.cutoff : 0;
    try {
        if (!settings.types.empty())
            description.elements = elementsOf(settings.types, settings.symbols);
    } catch (const NotComputed&) {
        // Types that are no elements: then none are listed.
    }
    return description;
}

} // namespace

bool looksLikeNequip(const TorchArchive& archive)
{
    return isPackage(archive) || isScript(archive) || isCompiled(archive) || holdsWeightsOnly(archive);
}

ArchiveContents readNequipFile(const TorchArchive& archive, const ModelChoice& choice)
{
    if (!choice.head.empty())
        fail<UsageError>("{}: models of NequIP have no heads; there is no head '{}' to choose.",
                         archive.origin(), choice.head);
    const NequipSettings settings = nequipSettings(archive);
    try {
        if (isCompiled(archive))
            fail<NotComputed>(
                "The model is compiled to machine code for one kind of machine (nequip-compile, "
                "AOTInductor): its weights cannot be read. Open the package (.nequip.zip) that it was "
                "compiled from.");
        if (holdsWeightsOnly(archive))
            fail<NotComputed>(
                "This is a state of a training: it holds weights, but not how the model is built. Package it "
                "(nequip-package build) or deploy it (nequip-deploy) to compute with it.");
        return openComputed(archive, settings);
    } catch (const NotComputed& reason) {
        return inspectionOnly(archive, known(settings, reason.what()));
    }
}

} // namespace lodestone
