#pragma once
#include "checkpoints/nequip/module_view.h"

#include <map>

namespace lodestone {

/// What stands beside a model of NequIP in its file.
struct NequipSettings {
    std::string version; ///< of NequIP, "0.6.2"; empty where the file does not say
    std::string form;    ///< "packaged", "deployed TorchScript", ...: for people
    std::map<int, std::string> symbols; ///< chemical symbols of types that have other names
};
NequipSettings nequipSettings(const TorchArchive& archive);

/// Names of the model's atom types, in order: of the model itself or of the record extra/type_names. NotComputed if
/// there are none.
std::vector<std::string> typeNames(const TorchArchive& archive, const ModuleView& model);

/// True if the module's parts were dissolved by torch.jit.freeze.
bool isFrozen(const ModuleView& model);

/// Entries of the mapping under a top-level key of a text in YAML's block style, "key:" followed by indented lines
/// "name: value". Nothing else of YAML is understood; quotes around values are dropped.
std::map<std::string, std::string> yamlMapping(std::string_view text, std::string_view key);

} // namespace lodestone
