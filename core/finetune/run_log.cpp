#include "finetune/run_log.h"

#include <ctime>
#include <spdlog/spdlog.h>
#include <torch/torch.h>
#include <torch/version.h>
#include <unistd.h>

namespace lodestone {

void RunLog::message(const std::string& level, const std::string& text)
{
    if (level == "error")
        spdlog::error("{}", text);
    else if (level == "warning")
        spdlog::warn("{}", text);
    else
        spdlog::info("{}", text);
    m_events.write("message", {{"level", level}, {"text", text}});
}

void RunLog::messages(const std::vector<RunMessage>& messages)
{
    for (const RunMessage& m : messages)
        message(m.level, m.text);
}

torch::Device resolveDevice(const std::string& name, int localProcess)
{
    if (localProcess > 0 && (name == "auto" || name == "cuda") && torch::cuda::is_available())
        return torch::Device(torch::kCUDA, c10::DeviceIndex(localProcess % int(torch::cuda::device_count())));
    if (name == "auto")
        return torch::cuda::is_available() ? torch::Device(torch::kCUDA) : torch::Device(torch::kCPU);
    if (name == "cpu")
        return torch::kCPU;
    if (name.rfind("cuda", 0) != 0)
        fail("device \"{}\" does not exist: use auto, cpu or cuda[:N].", name);
    if (!torch::cuda::is_available())
        fail("device is \"{}\", but this LibTorch finds no CUDA device; use \"cpu\" or \"auto\".", name);
    try {
        const torch::Device device(name);
        if (device.has_index() && device.index() >= static_cast<int>(torch::cuda::device_count()))
            fail("device is \"{}\", but there are only {} CUDA devices.", name, torch::cuda::device_count());
        return device;
    } catch (const c10::Error&) {
        fail("device \"{}\" does not exist: use auto, cpu or cuda[:N].", name);
    }
}

torch::Dtype resolveDtype(const std::string& name)
{
    if (name == "float32")
        return torch::kFloat32;
    if (name == "float64")
        return torch::kFloat64;
    fail("dtype \"{}\" does not exist: use float32 or float64.", name);
}

Json provenanceOf(const std::string& modelSha256, const std::map<std::string, std::string>& dataSha256,
                  torch::Device device)
{
    char host[256] = {};
    ::gethostname(host, sizeof(host) - 1);
    const std::time_t now = std::time(nullptr);
    std::tm utc = {};
    ::gmtime_r(&now, &utc);
    char date[32] = {};
    std::strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return {{"host", host},
            {"date", date},
            {"libtorch", TORCH_VERSION},
            {"device", device.str()},
            {"model_sha256", modelSha256},
            {"data_sha256", dataSha256}};
}

} // namespace lodestone
