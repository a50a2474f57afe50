#include "checkpoints/model_file.h"

#include "base/error.h"
#include "base/files.h"
#include "checkpoints/mace/mace_file.h"
#include "checkpoints/nequix/nequix_file.h"
#include "checkpoints/sevennet/sevennet_file.h"

namespace lodestone {
namespace {

[[noreturn]] void failUnknown(const std::filesystem::path& path, std::string_view bytes)
{
    fail("{}: at byte 0, {}; the model files that are read are those of Nequix (.nqx), MACE (.model), SevenNet "
         "(.pth, deployed_serial.pt) and NequIP (.nequip.zip, deployed .pth).",
         path.string(), bytes.empty() ? "the file is empty" : "this is no model file that can be read");
}

/// A family of models that PyTorch's archives hold.
struct ArchiveFamily {
    bool (*recognises)(const TorchArchive& archive);
    ArchiveModel (*open)(const TorchArchive& archive, const ModelChoice& choice);
};

constexpr ArchiveFamily archiveFamilies[] = {
    {looksLikeMace, openMace},
    {looksLikeSevenNet, openSevenNet},
};

ArchiveModel openArchive(const TorchArchive& archive, const ModelChoice& choice)
{
    for (const ArchiveFamily& family : archiveFamilies)
        if (family.recognises(archive))
            return family.open(archive, choice);
    return inspectionOnly(archive, "unknown", "an archive of PyTorch",
                          "this is an archive of PyTorch, but not a model of MACE, SevenNet or NequIP that "
                          "Lodestone knows.");
}

} // namespace

LoadedModel openModel(const std::filesystem::path& path, const ModelChoice& choice)
{
    std::string bytes = readFile(path);
    if (TorchArchive::recognises(bytes))
        return openArchive(TorchArchive::parse(std::move(bytes), path.string()), choice).loaded;
    if (!looksLikeNequix(bytes))
        failUnknown(path, bytes);
    if (!choice.head.empty())
        fail<UsageError>("{} holds one model; there is no head '{}' to choose.", path.string(), choice.head);
    return openNequix(bytes, path);
}

void requireComputable(const ModelDescription& description)
{
    if (!description.limitation.empty())
        fail("{} opens for inspection only: {}", description.file, description.limitation);
}

void writeModel(const std::filesystem::path& base, const ParameterTable& parameters,
                const std::filesystem::path& out)
{
    std::string bytes = readFile(base);
    if (TorchArchive::recognises(bytes)) {
        const TorchArchive archive = TorchArchive::parse(std::move(bytes), base.string());
        writeFileAtomically(out, rewriteArchive(archive, openArchive(archive, {}), parameters));
    } else {
        if (!looksLikeNequix(bytes))
            failUnknown(base, bytes);
        writeFileAtomically(out, rewriteNequix(std::move(bytes), parameters, base.string()));
    }
}

} // namespace lodestone
