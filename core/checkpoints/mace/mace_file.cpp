#include "checkpoints/mace/mace_file.h"

#include "architectures/mace/mace_layout.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "checkpoints/mace/mace_blocks.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace lodestone {
namespace {

std::vector<int> readElements(const PickledModule& root)
{
    std::vector<double> numbers;
    if (root.tensor("atomic_numbers")) {
        numbers = root.reals("atomic_numbers");
    } else {
        for (const PickleNode& node : root.items("atomic_numbers"))
            numbers.push_back(realOf(node).value_or(0));
    }
    std::vector<int> elements;
    for (const double number : numbers) {
        if (!(number >= 1 && number <= 118) || number != std::floor(number))
            root.failHere(fmt::format("has {} in atomic_numbers, which is no element", number));
        elements.push_back(static_cast<int>(number));
    }
    return elements;
}

std::vector<std::string> readHeads(const PickledModule& root)
{
    if (!root.attribute("heads"))
        return {"Default"};
    std::vector<std::string> heads;
    for (const PickleNode& node : root.items("heads")) {
        if (!node.is(PickleKind::Text))
            root.failHere("has heads that are not names");
        heads.emplace_back(node.text());
    }
    if (heads.empty())
        root.failHere("has an empty list of heads");
    return heads;
}

std::int64_t chosenHead(const PickledModule& root, const std::vector<std::string>& heads,
                        const std::string& wanted)
{
    const auto found = std::find_if(heads.begin(), heads.end(), [&](const std::string& head) {
        return wanted.empty() ? lowered(head) == "default" : head == wanted;
    });
    if (found != heads.end())
        return found - heads.begin();
    if (!wanted.empty())
        fail<UsageError>("{}: there is no head '{}'; the model's heads are {}.", root.archive().origin(),
                         wanted, fmt::join(heads, ", "));
    return 0;
}

void refuseWhatIsMore(const PickledModule& root)
{
    const std::string name = root.className();
    if (name != "mace.modules.models.ScaleShiftMACE" && name != "mace.modules.models.MACE")
        fail<NotComputed>("the model is {}; ScaleShiftMACE and MACE are computed", name);
    // Inputs other than atoms and cell, and outputs other than the energy.
    for (const char* part : {"joint_embedding", "embedding_readout"})
        if (root.has(part))
            fail<NotComputed>("it takes charges, spins or other inputs through {}", part);
}

MaceConfig readConfig(const PickledModule& root, const ModelChoice& choice)
{
    refuseWhatIsMore(root);
    MaceConfig config;
    config.name = root.shortName();
    config.cutoff = root.real("r_max");
    config.elements = readElements(root);
    config.heads = readHeads(root);
    config.head = chosenHead(root, config.heads, choice.head);
    const PickledModule references = root.child("atomic_energies_fn");
    const std::optional<TensorReference> energies = references.tensor("atomic_energies");
    if (!energies)
        references.failHere("has no tensor atomic_energies");
    config.referenceShape = energies->shape;
    if (config.name == "ScaleShiftMACE") {
        config.scale = root.child("scale_shift").reals("scale");
        config.shift = root.child("scale_shift").reals("shift");
    }
    config.radial = readRadial(root.child("radial_embedding"), config.elements);
    if (root.has("pair_repulsion_fn"))
        config.repulsion = readRepulsion(root.child("pair_repulsion_fn"), config.elements);

    const PickledModule harmonics = root.child("spherical_harmonics");
    const Irreps degrees = irrepsOf(harmonics, "irreps_out");
    config.lMax = static_cast<int>(degrees.size()) - 1;
    for (std::size_t l = 0; l < degrees.size(); ++l)
        if (degrees[l].multiplicity != 1 || degrees[l].irrep.l != static_cast<int>(l))
            fail<NotComputed>("its edge harmonics are {}", toString(degrees));
    if (!harmonics.flag("normalize", true) || harmonics.text("normalization") != "component")
        fail<NotComputed>("its edge harmonics are normalised by '{}'", harmonics.text("normalization"));

    const PickledModule embedding = root.child("node_embedding");
    config.embedding = linearShape(embedding.child("linear"));
    for (const PickledModule& block : root.list("interactions"))
        config.interactions.push_back(readInteraction(block));
    for (const PickledModule& block : root.list("products"))
        config.products.push_back(readProduct(block));
    for (const PickledModule& block : root.list("readouts"))
        config.readouts.push_back(readReadout(block));
    // A single readout is of the last layer.
    const std::size_t layers = config.products.size(), readouts = config.readouts.size();
    if (readouts != 1 && readouts != layers)
        root.failHere(fmt::format("has {} readouts for {} layers", readouts, layers));
    for (std::size_t i = 0; i < readouts; ++i)
        config.readouts[i].layer = readouts == 1 ? layers - 1 : i;
    return config;
}

/// The tensor under its name in the upstream state dict.
TensorReference placeOf(const PickledModule& root, const ParameterInfo& info)
{
    PickledModule module = root;
    std::string_view rest = info.stored;
    for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        module = module.child(rest.substr(0, dot));
        rest.remove_prefix(dot + 1);
    }
    const std::optional<TensorReference> found = module.tensor(rest);
    if (!found)
        module.failHere(fmt::format("has no tensor {}", rest));
    if (found->shape != info.shape)
        module.failHere(fmt::format("has a tensor {} of shape ({}), expected ({})", rest,
                                    fmt::join(found->shape, ", "), fmt::join(info.shape, ", ")));
    const ScalarKind kind = found->storage.scalar;
    if (kind != ScalarKind::Float64 && kind != ScalarKind::Float32 && kind != ScalarKind::Float16 &&
        kind != ScalarKind::BFloat16)
        module.failHere(fmt::format("has a tensor {} of {}, expected real numbers", rest, nameOf(kind)));
    return *found;
}

std::tuple<std::string, std::int64_t, std::vector<std::int64_t>> identityOf(const TensorReference& tensor)
{
    return {tensor.storage.key, tensor.offset, tensor.shape};
}

/// A parameter of the file that the architecture does not use would be part of what upstream computes.
void refuseUnusedParameters(const TorchArchive& archive, const std::vector<TensorReference>& places)
{
    std::set<std::tuple<std::string, std::int64_t, std::vector<std::int64_t>>> used;
    for (const TensorReference& place : places)
        used.insert(identityOf(place));
    for (const NamedTensor& named : tensorsIn(archive.root())) {
        const bool empty =
            std::find(named.tensor.shape.begin(), named.tensor.shape.end(), 0) != named.tensor.shape.end();
        if (named.tensor.parameter && !empty && !used.count(identityOf(named.tensor)))
            fail<NotComputed>(
                "it has the parameter {}, which belongs to none of the blocks that are computed", named.path);
    }
}

ArchiveContents readComputed(const TorchArchive& archive, const PickledModule& root,
                             const ModelChoice& choice)
{
    MaceConfig config = readConfig(root, choice);
    validate(config, archive.origin());
    ArchiveContents contents;
    ModelDescription& description = contents.description;
    description = describeMace(config);
    for (const ParameterInfo& info : description.tensors)
        contents.places.push_back(placeOf(root, info));
    refuseUnusedParameters(archive, contents.places);
    description.file = archive.origin();
    description.sha256 = sha256(archive.bytes());
    description.dtype = nameOf(contents.places.front().storage.scalar);
    for (std::size_t i = 0; i < contents.places.size(); ++i)
        if (ParameterInfo& info = description.tensors[i]; !measure(info, archive, contents.places[i]))
            root.failHere(fmt::format("has a tensor {} with values that are not finite", info.stored));
    contents.architecture = std::move(config);
    return contents;
}

} // namespace

bool looksLikeMace(const TorchArchive& archive)
{
    if (archive.layout() != TorchArchive::Layout::Saved && archive.layout() != TorchArchive::Layout::Legacy)
        return false;
    const PickleNode root = archive.root();
    return root.is(PickleKind::Object) && root.className().starts_with("mace.");
}

ArchiveContents readMaceFile(const TorchArchive& archive, const ModelChoice& choice)
{
    const PickledModule root(archive, archive.root());
    try {
        return readComputed(archive, root, choice);
    } catch (const NotComputed& reason) {
        return inspectionOnly(archive, "mace", root.className(),
                              fmt::format("{}: nothing is computed with this MACE model, because {}.",
                                          archive.origin(), reason.what()));
    }
}

} // namespace lodestone
