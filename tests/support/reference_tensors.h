#pragma once
#include "base/json.h"

#include <functional>
#include <torch/torch.h>

/// Nested JSON lists as a float64 tensor.
inline torch::Tensor tensorOf(const lodestone::Json& json)
{
    std::vector<std::int64_t> shape;
    std::vector<double> values;
    for (const lodestone::Json* level = &json; level->is_array(); level = &level->front())
        shape.push_back(static_cast<std::int64_t>(level->size()));
    const std::function<void(const lodestone::Json&)> collect = [&](const lodestone::Json& item) {
        if (item.is_array())
            for (const lodestone::Json& child : item)
                collect(child);
        else
            values.push_back(item.get<double>());
    };
    collect(json);
    return torch::tensor(values, torch::kFloat64).reshape(shape);
}

/// Largest magnitude; 0 for an empty tensor.
inline double largest(const torch::Tensor& tensor)
{
    return tensor.numel() == 0 ? 0 : tensor.abs().max().item<double>();
}

/// |a - b| / |b| in the Euclidean norm, in float64.
inline double relativeDistance(const torch::Tensor& a, const torch::Tensor& b)
{
    const torch::Tensor expected = b.to(torch::kFloat64);
    const double norm = expected.norm().item<double>();
    return (a.detach().to(torch::kFloat64) - expected).norm().item<double>() / (norm > 0 ? norm : 1);
}
