#include "weights/hdf5_tensors.h"

#include <torch/torch.h>

namespace lodestone {

torch::Tensor readTensor(const Hdf5Reader& file, const std::string& name)
{
    if (file.isFloat32(name)) {
        auto values = file.readFloats(name);
        return torch::from_blob(values.data(), file.shape(name), torch::kFloat32).clone();
    }
    auto values = file.readReals(name);
    return torch::from_blob(values.data(), file.shape(name), torch::kFloat64).clone();
}

void writeTensor(Hdf5Writer& file, const std::string& name, const torch::Tensor& tensor)
{
    const auto values = tensor.detach().to(torch::kCPU).contiguous();
    const auto count = static_cast<std::size_t>(values.numel());
    if (values.scalar_type() == torch::kFloat32)
        file.write(name, std::span<const float>(values.data_ptr<float>(), count), values.sizes().vec());
    else
        file.write(name, std::span<const double>(values.data_ptr<double>(), count), values.sizes().vec());
}

} // namespace lodestone
