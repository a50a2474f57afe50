#pragma once
#include "checkpoints/nequix/nequix_file.h"
#include "checkpoints/torch/archive_contents.h"

#include <filesystem>
#include <variant>

namespace lodestone {

/// A model file of any supported family, read as data: nothing in it is run, and LibTorch is not needed.
class ModelFile {
public:
    /// Error with file and byte offset; UsageError naming the heads if the chosen one does not exist. A model
    /// that cannot be computed opens with a limitation.
    static ModelFile open(const std::filesystem::path& path, const ModelChoice& choice = {});
    /// The same of the bytes of a file, with the path they come from for messages.
    static ModelFile parse(std::string bytes, const std::string& origin, const ModelChoice& choice = {});

    const ModelDescription& description() const;
    const Architecture& architecture() const { return m_architecture; }
    /// Of a tensor of the description: how its numbers are stored, and they themselves in C order,
    /// little-endian.
    ScalarKind kindOf(std::size_t tensor) const;
    std::string numbers(std::size_t tensor) const;
    /// The file with other numbers, one text a tensor as numbers() gives them; everything else stays as it
    /// is, byte for byte. Error if two tensors that share their numbers were changed differently.
    std::string withNumbers(const std::vector<std::string>& numbers) const;

private:
    struct Archive {
        TorchArchive archive;
        ArchiveContents contents;
    };
    struct Nequix {
        std::string bytes;
        NequixContents contents;
    };
    explicit ModelFile(Archive archive);
    explicit ModelFile(Nequix nequix);

    std::variant<Archive, Nequix> m_file;
    Architecture m_architecture;
};

} // namespace lodestone
