#pragma once
#include "archives/pickle.h"
#include "archives/zip_file.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace lodestone {

/// A file written by torch.save (zip layout since 1.6, and the older layout of consecutive pickles), by
/// torch.jit.save (TorchScript), by torch.package, or by AOTInductor (machine code, of which nothing is read
/// but its records). Only data is read; code in it stays text.
class TorchArchive {
public:
    enum class Layout { Saved, Legacy, Script, Package, Compiled };

    /// True if the bytes begin as a zip archive or as a legacy file of PyTorch do.
    static bool recognises(std::string_view bytes);
    /// Takes the bytes of the whole file. Error with origin (the path) and byte offset.
    static TorchArchive parse(std::string bytes, const std::string& origin);

    Layout layout() const;
    const std::string& origin() const;
    std::string_view bytes() const; ///< of the whole file
    /// The pickled value: data.pkl; of a package its pickled model is found through record names instead.
    PickleNode root() const;
    /// TorchScript: the values of constants.pkl in order (CONSTANTS.c0, c1, ...); empty otherwise.
    std::vector<PickleNode> constants() const;
    /// Names of all records, without the leading folder ("extra/cutoff", "code/__torch__/x.py"); empty for
    /// Legacy.
    std::vector<std::string> records() const;
    bool hasRecord(std::string_view name) const;
    /// Unpacked bytes of a record (without the leading folder in its name).
    std::string record(std::string_view name, std::size_t limit = std::size_t{256} << 20) const;
    /// Another pickle among the records, for packages.
    Pickle pickleOf(std::string_view record) const;

    /// Numbers of a tensor in C order, as little-endian bytes of its scalar kind. Offset, strides and sizes
    /// are checked against the storage; Error otherwise. Memory: shape x size, which must not exceed the
    /// bytes of the storage times 64 (broadcast strides), or 64 kB.
    std::string numbers(const TensorReference& tensor) const;
    /// The same without a copy where the numbers lie in C order in the file; else they are put into `buffer`.
    /// Valid as long as both.
    std::string_view numbers(const TensorReference& tensor, std::string& buffer) const;

    /// The file with the numbers of some tensors replaced: each pair is a tensor and its numbers as numbers()
    /// gives them. Only the bytes of those numbers and the checksums of their records change. InternalError
    /// if sizes differ.
    std::string withNumbers(const std::vector<std::pair<TensorReference, std::string>>& replacements) const;

private:
    struct Data;
    std::shared_ptr<const Data> m_data;
};

/// Every tensor reachable from a value, with the path to it ("interactions.0.linear_up.weight": names of
/// attributes, keys and indices; modules' _parameters, _buffers and _modules are stepped through without
/// being named). In the order of the pickle, each tensor once. Error if values are nested more than 512 deep.
struct NamedTensor {
    std::string path;
    TensorReference tensor;
};
std::vector<NamedTensor> tensorsIn(const PickleNode& root);

/// Helpers for pickled torch.nn.Modules.
std::optional<PickleNode> moduleChild(const PickleNode& module, std::string_view name); ///< from _modules
std::optional<PickleNode> moduleTensor(const PickleNode& module,
                                       std::string_view name); ///< _parameters, _buffers or a plain attribute

} // namespace lodestone
