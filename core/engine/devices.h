#pragma once
#include "base/json.h"
#include "commands/command_line.h"
#include "models/model.h"

#include <string>
#include <torch/types.h>

namespace lodestone {

/// Threads of LibTorch and of the BLAS behind it (0: as many as threadsOf() says), deterministic algorithms
/// where there are any.
void setUpTorch(int threads);
/// Bytes of address space that the BLAS may take for itself, with the threads that are set. OpenBLAS takes a
/// buffer for each thread that multiplies, and tries for ever where the system refuses it.
std::int64_t addressSpaceOfBlas();
/// Logs a warning if a quick matrix product is so slow that an optimised BLAS must be missing.
void warnIfBlasIsSlow();

/// "auto" (the first CUDA device if there is one), "cpu", "cuda", "cuda:N". UsageError if it does not exist.
torch::Device chosenDevice(const std::string& name);
/// "float32" or "float64"; empty: `fallback`.
torch::Dtype chosenDtype(const std::string& name, torch::Dtype fallback);
/// What the options of a command ask for.
Computation chosenComputation(const CommonOptions& options, torch::Dtype fallback = torch::kFloat32);

/// {version, libtorch, devices: [{name, type, memory (bytes or null)}], protocol}.
Json aboutEngine();

/// Floating-point operations per second of square matrix products: the best of some, as a yardstick for the
/// machine as it is now.
double matrixProductRate(torch::Device device, torch::Dtype dtype);

} // namespace lodestone
