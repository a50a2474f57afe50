#pragma once
#include <string>
#include <vector>

namespace lodestone {

/// Runs lodestone-engine with the given arguments (without the program's name) and returns the exit code: 0
/// ok, 1 bad input, 2 usage, 3 stopped by the user, 4 internal fault. Prints to standard output and error.
int runEngine(const std::vector<std::string>& arguments);

} // namespace lodestone
