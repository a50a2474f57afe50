#include "checkpoints/model_file.h"

#include "base/error.h"
#include "base/files.h"
#include "checkpoints/nequix/nequix_file.h"

namespace lodestone {
namespace {

[[noreturn]] void failUnknown(const std::filesystem::path& path, std::string_view bytes)
{
    if (bytes.empty())
        fail("{}: at byte 0, the file is empty; a Nequix model (.nqx) was expected.", path.string());
    if (bytes.substr(0, 2) == "PK")
        fail("{}: at byte 0, a zip archive begins (PyTorch writes models of MACE, SevenNet and NequIP so); "
             "the formats "
             "read are: Nequix (.nqx).",
             path.string());
    fail("{}: at byte 0, this is no model file that can be read; the formats read are: Nequix (.nqx, whose "
         "first line "
         "is a JSON object).",
         path.string());
}

} // namespace

LoadedModel openModel(const std::filesystem::path& path, const ModelChoice& choice)
{
    const std::string bytes = readFile(path);
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
    if (!looksLikeNequix(bytes))
        failUnknown(base, bytes);
    writeFileAtomically(out, rewriteNequix(std::move(bytes), parameters, base.string()));
}

} // namespace lodestone
