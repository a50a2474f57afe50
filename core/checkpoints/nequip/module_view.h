#pragma once
#include "algebra/irreps.h"
#include "archives/torch_archive.h"

#include <optional>
#include <string>
#include <vector>

namespace lodestone {

/// A torch.nn.Module as data, the same for both ways in which NequIP writes models: pickled whole (packages;
/// children and tensors in _modules, _parameters, _buffers) and as an object of TorchScript (children,
/// tensors and settings are its attributes). What is missing or of another type throws NotComputed with the
/// path of the module.
class ModuleView {
public:
    /// path: as in upstream's state dictionary ("model.func.layer0_convnet"); empty for the root.
    ModuleView(const TorchArchive& archive, PickleNode node, std::string path);
    static bool isModule(const PickleNode& node); ///< an object with attributes

    const TorchArchive& archive() const { return *m_archive; }
    const std::string& path() const { return m_path; }
    /// "the module model.func (SequentialGraphNetwork)": for messages.
    std::string describe() const;
    /// Full name of its class, without what TorchScript and torch.package put around names.
    std::string typeName() const;
    std::string type() const; ///< last part of it: "ConvNetLayer"
    bool is(std::string_view type) const { return this->type() == type; }
    /// File in which TorchScript keeps the code of the class, without "code/" ("__torch__/e3nn/nn/_gate.py").
    std::string codeFile() const;

    std::optional<ModuleView> child(std::string_view name) const; ///< nothing if there is none or it is None
    ModuleView at(std::string_view name) const;
    std::vector<std::string> children() const; ///< names, in order

    std::optional<TensorReference> tensor(std::string_view name) const;
    TensorReference tensorAt(std::string_view name) const;
    std::string stored(std::string_view name) const; ///< path of something within the module
    /// The numbers of a tensor (up to a million) in double.
    std::vector<double> numbers(std::string_view name) const;

    std::optional<PickleNode>
    attribute(std::string_view name) const; ///< nothing if there is none or it is None
    PickleNode attributeAt(std::string_view name) const;
    double real(std::string_view name) const; ///< an attribute, or a tensor of one number
    std::int64_t integer(std::string_view name) const;
    bool boolean(std::string_view name) const;
    bool booleanOr(std::string_view name, bool fallback) const;
    std::string text(std::string_view name) const;
    std::vector<std::string> texts(std::string_view name) const;
    Irreps irreps(std::string_view name) const;

    [[noreturn]] void notComputed(const std::string& what) const; ///< "The module ...: what"

private:
    const TorchArchive* m_archive;
    PickleNode m_node;
    std::string m_path;
};

/// Irreps as e3nn pickles them (Irreps, MulIr and Irrep are tuples) or as text. Up to degree 6,
/// multiplicities up to 65536; Error otherwise.
Irreps irrepsOf(const PickleNode& node);
/// The fields of a named tuple of Python: a plain tuple, or an object made with the fields as arguments.
PickleNode fieldsOf(const PickleNode& node);

} // namespace lodestone
