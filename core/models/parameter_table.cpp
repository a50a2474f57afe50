#include "models/parameter_table.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <torch/torch.h>

namespace lodestone {

namespace {

template<class Number>
double sumOfSquares(const torch::Tensor& values)
{
    const Number* number = values.data_ptr<Number>();
    double sum = 0;
    for (std::int64_t i = 0; i < values.numel(); ++i)
        sum += static_cast<double>(number[i]) * static_cast<double>(number[i]);
    return sum;
}

} // namespace

double euclideanNorm(const torch::Tensor& values)
{
    // A plain loop: the same sum with any number of threads, and as the readers of model files find it.
    const torch::Tensor lined = values.detach().cpu().contiguous();
    if (lined.scalar_type() == torch::kFloat32)
        return std::sqrt(sumOfSquares<float>(lined));
    return std::sqrt(sumOfSquares<double>(lined.to(torch::kFloat64)));
}

void ParameterTable::add(std::string name, torch::Tensor value)
{
    if (!m_index.emplace(name, m_names.size()).second)
        fail<InternalError>("The parameter {} exists already.", name);
    m_names.push_back(std::move(name));
    m_values.push_back(std::move(value));
}

void ParameterTable::set(const std::string& name, torch::Tensor value)
{
    const auto found = m_index.find(name);
    if (found == m_index.end())
        fail<InternalError>("There is no parameter {} to replace.", name);
    torch::Tensor& place = m_values[found->second];
    if (value.sizes() != place.sizes())
        fail<InternalError>("The parameter {} would change its shape.", name);
    place = std::move(value);
    if (m_prepared &&
        std::find(m_prepared->from.begin(), m_prepared->from.end(), name) != m_prepared->from.end())
        m_prepared.reset();
}

const torch::Tensor& ParameterTable::at(const std::string& name) const
{
    const auto found = m_index.find(name);
    if (found == m_index.end())
        fail<InternalError>("There is no parameter {}.", name);
    return m_values[found->second];
}

ParameterTable ParameterTable::to(torch::Device device, torch::Dtype dtype) const
{
    ParameterTable converted;
    for (std::size_t i = 0; i < m_names.size(); ++i)
        converted.add(m_names[i], m_values[i].to(device, dtype));
    return converted;
}

} // namespace lodestone
