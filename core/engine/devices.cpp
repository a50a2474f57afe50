#include "engine/devices.h"

#include "base/error.h"
#include "base/text.h"
#include "equivariant/matrix_product.h"
#include "protocol/messages.h"
#include "ranks/launch.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <chrono>
#include <dlfcn.h>
#include <fstream>
#include <spdlog/spdlog.h>
#include <thread>
#include <torch/cuda.h>
#include <torch/version.h>
#include <unistd.h>

namespace lodestone {
namespace {

std::string processorName()
{
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.rfind("model name", 0) == 0)
            if (const auto colon = line.find(':'); colon != std::string::npos)
                return std::string(trimmed(std::string_view(line).substr(colon + 1)));
    return "processor";
}

using SetThreads = void (*)(int);

/// OpenBLAS's own setting of its threads; null with another BLAS.
SetThreads openBlasThreads()
{
    return reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
}

} // namespace

void setUpTorch(int threads)
{
    at::set_num_threads(threads > 0 ? threads : threadsOf(launchOfThisProcess()));
    // OpenBLAS keeps threads of its own, which LibTorch knows nothing of; matrixProduct() shares the work
    // out.
    if (SetThreads const set = openBlasThreads())
        set(1);
    at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
}

std::int64_t addressSpaceOfBlas()
{
    constexpr std::int64_t buffer = std::int64_t{128} << 20; // OpenBLAS 0.3.21 on x86-64
    return openBlasThreads() ? (at::get_num_threads() + 1) * buffer : 0;
}

void warnIfBlasIsSlow()
{
    constexpr int n = 512;
    const torch::NoGradGuard guard;
    const torch::Tensor a = torch::ones({n, n}), b = torch::ones({n, n});
    double best = 1e9;
    for (int repeat = 0; repeat < 4; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        torch::mm(a, b); // by BLAS's one thread: what many reach together would hide a slow one
        best =
            std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    // The reference BLAS reaches 5 to 6 GFLOP/s, an optimised one over 50 on a single core.
    const double gigaflops = 2.0 * n * n * n / best * 1e-9;
    spdlog::debug("Matrix products run at {:.0f} GFLOP/s.", gigaflops);
    if (gigaflops < 10)
        spdlog::warn(
            "Matrix products run at only {:.1f} GFLOP/s: install an optimised BLAS (libopenblas0-openmp).",
            gigaflops);
}

torch::Device chosenDevice(const std::string& name)
{
    const int count = torch::cuda::is_available() ? int(torch::cuda::device_count()) : 0;
    if (name == "cpu" || ((name.empty() || name == "auto") && count == 0))
        return torch::kCPU;
    if (name.empty() || name == "auto" || name == "cuda")
        return count ? torch::Device(torch::kCUDA, 0)
                     : throw UsageError(
                           "There is no CUDA device here (or this LibTorch is built without CUDA); use "
                           "--device cpu.");
    if (name.rfind("cuda:", 0) == 0)
        if (const auto index = parseInteger(std::string_view(name).substr(5))) {
            if (*index < 0 || *index >= count)
                fail<UsageError>("CUDA device {} does not exist: this machine has {}.", *index, count);
            return torch::Device(torch::kCUDA, c10::DeviceIndex(*index));
        }
    fail<UsageError>("Device '{}' does not exist: use auto, cpu or cuda[:N].", name);
}

torch::Dtype chosenDtype(const std::string& name, torch::Dtype fallback)
{
    if (name.empty())
        return fallback;
    if (name == "float32")
        return torch::kFloat32;
    if (name == "float64")
        return torch::kFloat64;
    fail<UsageError>("Number type '{}' does not exist: use float32 or float64.", name);
}

Computation chosenComputation(const CommonOptions& options, torch::Dtype fallback)
{
    return {chosenDevice(options.device), chosenDtype(options.dtype, fallback), options.radialTables};
}

Json aboutEngine()
{
    Json devices = Json::array();
    devices.push_back({{"name", processorName()},
                       {"type", "cpu"},
                       {"memory", std::int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE)}});
    const std::size_t count = torch::cuda::is_available() ? torch::cuda::device_count() : 0;
    for (std::size_t i = 0; i < count; ++i) // their memory is known to the CUDA build of LibTorch alone
        devices.push_back({{"name", fmt::format("cuda:{}", i)}, {"type", "cuda"}, {"memory", nullptr}});
    return {{"version", LODESTONE_VERSION},
            {"libtorch", TORCH_VERSION},
            {"devices", std::move(devices)},
            {"protocol", protocolVersion}};
}

double matrixProductRate(torch::Device device, torch::Dtype dtype)
{
    constexpr std::int64_t size = 1024;
    constexpr int tries = 8;
    const torch::NoGradGuard noGradient;
    const auto options = torch::TensorOptions(device).dtype(dtype);
    const torch::Tensor a = torch::ones({size, size}, options), b = torch::ones({size, size}, options);
    double best = 0;
    for (int i = 0; i < tries; ++i) {
        const auto start = std::chrono::steady_clock::now();
        matrixProduct(a, b);
        if (device.is_cuda())
            torch::cuda::synchronize();
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        best = std::max(best, 2.0 * size * size * size / seconds);
    }
    return best;
}

} // namespace lodestone
