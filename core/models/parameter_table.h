#pragma once
#include <string>
#include <torch/types.h>
#include <unordered_map>
#include <vector>

namespace lodestone {

/// The numbers of a model under the names of ModelDescription::tensors, in file order.
class ParameterTable {
public:
    void add(std::string name, torch::Tensor value); ///< InternalError if the name exists
    void set(const std::string& name, torch::Tensor value); ///< same shape; InternalError otherwise
    const torch::Tensor& at(const std::string& name) const; ///< InternalError if missing
    bool has(const std::string& name) const { return m_index.count(name) != 0; }
    const std::vector<std::string>& names() const { return m_names; }
    std::size_t size() const { return m_names.size(); }
    /// Same names, tensors converted (no copy where nothing changes).
    ParameterTable to(torch::Device device, torch::Dtype dtype) const;

private:
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_values;
    std::unordered_map<std::string, std::size_t> m_index;
};

} // namespace lodestone
