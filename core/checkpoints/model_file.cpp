#include "checkpoints/model_file.h"

#include "base/error.h"
#include "base/files.h"
#include "checkpoints/mace/mace_file.h"
#include "checkpoints/nequip/nequip_file.h"
#include "checkpoints/sevennet/sevennet_file.h"

namespace lodestone {
namespace {

[[noreturn]] void failUnknown(const std::string& origin, std::string_view bytes)
{
    fail("{}: at byte 0, {}; the model files that are read are those of Nequix (.nqx), MACE (.model), "
         "SevenNet "
         "(.pth, deployed_serial.pt) and NequIP (.nequip.zip, deployed .pth).",
         origin, bytes.empty() ? "the file is empty" : "this is no model file that can be read");
}

/// A family of models that PyTorch's archives hold.
struct ArchiveFamily {
    bool (*recognises)(const TorchArchive& archive);
    ArchiveContents (*read)(const TorchArchive& archive, const ModelChoice& choice);
};

constexpr ArchiveFamily archiveFamilies[] = {
    {looksLikeMace, readMaceFile},
    {looksLikeSevenNet, readSevenNetFile},
    {looksLikeNequip, readNequipFile},
};

ArchiveContents readArchive(const TorchArchive& archive, const ModelChoice& choice)
{
    for (const ArchiveFamily& family : archiveFamilies)
        if (family.recognises(archive))
            return family.read(archive, choice);
    return inspectionOnly(archive, "unknown", "an archive of PyTorch",
                          "this is an archive of PyTorch, but not a model of MACE, SevenNet or NequIP that "
                          "Lodestone knows.");
}

} // namespace

ModelFile::ModelFile(Archive archive)
    : m_file(std::move(archive)),
      m_architecture(std::move(std::get<Archive>(m_file).contents.architecture))
{
}

ModelFile::ModelFile(Nequix nequix)
    : m_file(std::move(nequix)),
      m_architecture(std::move(std::get<Nequix>(m_file).contents.config))
{
}

ModelFile ModelFile::open(const std::filesystem::path& path, const ModelChoice& choice)
{
    return parse(readFile(path), path.string(), choice);
}

ModelFile ModelFile::parse(std::string bytes, const std::string& origin, const ModelChoice& choice)
{
    if (TorchArchive::recognises(bytes)) {
        TorchArchive archive = TorchArchive::parse(std::move(bytes), origin);
        ArchiveContents contents = readArchive(archive, choice);
        return ModelFile(Archive{std::move(archive), std::move(contents)});
    }
    if (!looksLikeNequix(bytes))
        failUnknown(origin, bytes);
    if (!choice.head.empty())
        fail<UsageError>("{} holds one model; there is no head '{}' to choose.", origin, choice.head);
    NequixContents contents = readNequixFile(bytes, origin);
    return ModelFile(Nequix{std::move(bytes), std::move(contents)});
}

const ModelDescription& ModelFile::description() const
{
    return std::visit([](const auto& file) -> const ModelDescription& { return file.contents.description; },
                      m_file);
}

ScalarKind ModelFile::kindOf(std::size_t tensor) const
{
    const auto* archive = std::get_if<Archive>(&m_file);
    return archive ? archive->contents.places.at(tensor).storage.scalar : ScalarKind::Float32;
}

std::string ModelFile::numbers(std::size_t tensor) const
{
    if (const auto* archive = std::get_if<Archive>(&m_file))
        return archive->archive.numbers(archive->contents.places.at(tensor));
    const auto& nequix = std::get<Nequix>(m_file);
    const NqxRecord& record = nequix.contents.records.at(tensor);
    return nequix.bytes.substr(record.dataOffset, record.bytes);
}

std::string ModelFile::withNumbers(const std::vector<std::string>& numbers) const
{
    if (const auto* archive = std::get_if<Archive>(&m_file))
        return rewriteArchive(archive->archive, archive->contents, numbers);
    return rewriteNequix(std::get<Nequix>(m_file).bytes, numbers, description().file);
}

} // namespace lodestone
