#pragma once
#include <string>
#include <vector>

namespace lodestone {

/// Runs "inspect" alone, without LibTorch, and returns its exit code. arguments: "inspect" and what follows.
int runInspection(const std::vector<std::string>& arguments);

} // namespace lodestone
