#pragma once
#include "checkpoints/nequip/module_view.h"

#include <map>

namespace lodestone {

/// What stands beside a model of NequIP in its file.
struct NequipSettings {
    std::string version;            ///< of NequIP, "0.6.2"; empty where the file does not say
    std::string form;               ///< "packaged", "deployed TorchScript", ...: for people
    double cutoff = 0;              ///< Angstrom; 0 where it is not beside the model
    std::vector<std::string> types; ///< names of the atom types; empty where they are not beside the model
    std::map<int, std::string> symbols; ///< chemical symbols of types that have other names
};
NequipSettings nequipSettings(const TorchArchive& archive);

/// Atomic numbers of types by their names or chemical symbols. NotComputed where a type is no element, or two
/// are the same one.
std::vector<int> elementsOf(const std::vector<std::string>& types, const std::map<int, std::string>& symbols);

/// Record that AOTInductor keeps its own and NequIP's settings in; empty if there is none.
std::string compiledSettings(const TorchArchive& archive);

/// Names of the model's atom types, in order: those beside the model or its own. NotComputed if there are
/// none.
std::vector<std::string> typeNames(const NequipSettings& settings, const ModuleView& model);

/// True if the module's parts were dissolved by torch.jit.freeze.
bool isFrozen(const ModuleView& model);

/// Entries of the mapping under a top-level key of a text in YAML's block style, "key:" followed by indented
/// lines "name: value". Nothing else of YAML is understood; quotes around values are dropped.
std::map<std::string, std::string> yamlMapping(std::string_view text, std::string_view key);

} // namespace lodestone
