#pragma once
#include "commands/command_line.h"

namespace lodestone {

void addInspect(CommandLine& line);

/// Runs "inspect" alone, without LibTorch, and returns its exit code. arguments: "inspect" and what follows.
int runInspection(const std::vector<std::string>& arguments);

} // namespace lodestone
