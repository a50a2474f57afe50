#pragma once
#include "algebra/contraction_shape.h"
#include "checkpoints/torch/archive_contents.h"
#include "checkpoints/torch/not_computed.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// A pickled torch.nn.Module within an archive, with its path from the root ("interactions.0.conv_tp") for
/// messages. All readers throw Error with file and path where something is missing or has another type.
class PickledModule {
public:
    PickledModule(const TorchArchive& archive, PickleNode node, std::string path = {});

    const TorchArchive& archive() const { return *m_archive; }
    const PickleNode& node() const { return m_node; }
    const std::string& path() const { return m_path; }
    std::string pathOf(std::string_view leaf) const; ///< "interactions.0.conv_tp.weight"
    std::string className() const; ///< "mace.modules.blocks.ScaleShiftBlock"; empty if it has none
    std::string shortName() const; ///< "ScaleShiftBlock"

    bool has(std::string_view name) const; ///< a child that is not None
    PickledModule child(std::string_view name) const;
    /// Children "0", "1", ... of a child that is a ModuleList, ParameterList or Sequential.
    std::vector<PickledModule> list(std::string_view name) const;

    /// A plain attribute; nothing if it is absent or None.
    std::optional<PickleNode> attribute(std::string_view name) const;
    PickleNode needed(std::string_view name) const;
    bool flag(std::string_view name, bool fallback) const; ///< a plain attribute or a buffer
    std::string text(std::string_view name) const;
    std::vector<PickleNode> items(std::string_view name) const; ///< of a list or tuple

    /// A parameter, buffer or plain attribute that is a tensor.
    std::optional<TensorReference> tensor(std::string_view name) const;
    /// Its numbers in double, checked to be finite.
    std::vector<double> reals(std::string_view name) const;
    /// Of a tensor with so many axes (at least one), none of them empty; row by row, as these tensors are the
    /// largest part of some files.
    CouplingTensor couplings(std::string_view name, std::size_t axes) const;
    double real(std::string_view name) const; ///< one number: a tensor with one value, or a plain attribute
    std::int64_t integer(std::string_view name) const;

    [[noreturn]] void failHere(const std::string& sentence) const; ///< "FILE: PATH SENTENCE."

private:
    const TorchArchive* m_archive;
    PickleNode m_node;
    std::string m_path;
};

/// A number of a pickle: plain, or a scalar of NumPy. Nothing if it is none.
std::optional<double> realOf(const PickleNode& node);

} // namespace lodestone
