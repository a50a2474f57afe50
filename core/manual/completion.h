#pragma once
#include "manual/command_description.h"

namespace lodestone {

/// Shells for which there are completions: "bash", "fish".
const std::vector<std::string>& completionShells();

/// The file that teaches `shell` the commands, options and values of the program. Arguments without a fixed
/// set of values are completed as files. A shell that is not one of completionShells() is a UsageError.
std::string completionScript(const CommandDescription& program, const std::string& shell);

} // namespace lodestone
