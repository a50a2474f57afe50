#pragma once
#include "base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lodestone {

/// Values of a tensor that belong to one path: coupling of l_in (with the edge harmonic, where there is one)
/// to l_out.
struct ParameterPath {
    int lIn = 0;
    int lOut = 0;
    int parityIn = 1;
    int parityOut = 1;
    std::int64_t multiplicityIn = 0;
    std::int64_t multiplicityOut = 0;
    std::int64_t offset = 0; ///< first flat index within the tensor
    std::int64_t count = 0;
    /// Where the path's values run over the model's elements: value i belongs to element (i / elementStride)
    /// modulo the number of elements. 0: they do not.
    std::int64_t elementStride = 0;
};

/// One stored parameter tensor. Its name is BLOCK/LEAF, for example "layer_1/linear_2/0e".
struct ParameterInfo {
    std::string name;
    std::string block;  ///< "layer_1/linear_2"
    std::string module; ///< "linear_2"
    std::string
        stored; ///< its name in the file ("interactions.0.linear_up.weight"); empty where files have none
    /// linear | tensor-product | contraction | radial | norm | readout | bias | reference | scale | other
    std::string kind;
    int layer = -1; ///< -1: belongs to no layer (embedding, readout)
    std::vector<std::int64_t> shape;
    std::int64_t count = 0;
    std::string irrepsIn; ///< "128x0e"; empty where it has no meaning
    std::string irrepsOut;
    std::vector<ParameterPath>
        paths;             ///< cover the tensor without gaps or overlap; empty for non-equivariant tensors
    int elementAxis = -1;  ///< axis of `shape` that runs over the model's elements; -1: none
    double norm = 0;       ///< Euclidean norm of the stored values
    double unit = 1;       ///< reference energies: eV by a stored number of one
    bool trainable = true; ///< false: constants such as reference energies
};

/// What a model is, without its numbers. Made by the readers of model files, shown by the desktop.
struct ModelDescription {
    std::string file;
    std::string sha256;
    std::string family;        ///< nequix | mace | sevennet | nequip
    std::string architecture;  ///< a line for people
    std::string dtype;         ///< of the stored numbers
    double cutoff = 0;         ///< Angstrom
    std::vector<int> elements; ///< atomic numbers in index order
    int layers = 0;
    int lMax = 0;
    std::string irrepsHidden;
    std::vector<std::string>
        heads;         ///< heads or modalities of a file that holds several; empty where there is no choice
    int headIndex = 0; ///< the one that is computed
    /// Why nothing can be computed with this model, a sentence; empty where it can. Its tensors are listed
    /// all the same.
    std::string limitation;
    std::int64_t storedNumbers = 0;     ///< all
    std::int64_t referenceEnergies = 0; ///< of them reference energies
    std::int64_t parameters =
        0; ///< storedNumbers - referenceEnergies: the denominator of "changed / whole model"
    std::vector<ParameterInfo> tensors; ///< in file order
};

/// Element (index into ModelDescription::elements) of each value along the tensor's element axis or its
/// paths' element strides, or -1: a value that belongs to no single element. Empty if no value does.
std::vector<int> elementOfValues(const ParameterInfo& tensor, std::size_t elements);

Json toJson(const ModelDescription& description);
ModelDescription modelDescriptionFromJson(const Json& json);

} // namespace lodestone
