#pragma once
#include <memory>
#include <string>
#include <torch/types.h>
#include <unordered_map>
#include <vector>

namespace lodestone {

/// Something that a model computed ahead from some of its parameters (Model::prepare).
struct Prepared {
    virtual ~Prepared() = default;
    std::vector<std::string> from; ///< the parameters that it stands for
};

/// Euclidean norm of all values, summed in float64.
double euclideanNorm(const torch::Tensor& values);

/// The numbers of a model under the names of ModelDescription::tensors, in file order.
class ParameterTable {
public:
    void add(std::string name, torch::Tensor value);        ///< InternalError if the name exists
    void set(const std::string& name, torch::Tensor value); ///< same shape; InternalError otherwise
    const torch::Tensor& at(const std::string& name) const; ///< InternalError if missing
    bool has(const std::string& name) const { return m_index.count(name) != 0; }
    const std::vector<std::string>& names() const { return m_names; }
    std::size_t size() const { return m_names.size(); }
    /// Kept with the table and its copies until one of the parameters that it was made from is set.
    void attach(std::shared_ptr<const Prepared> prepared) { m_prepared = std::move(prepared); }
    const Prepared* prepared() const { return m_prepared.get(); }

    /// Without what is prepared: same names, tensors converted (no copy where nothing changes).
    ParameterTable to(torch::Device device, torch::Dtype dtype) const;

private:
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_values;
    std::unordered_map<std::string, std::size_t> m_index;
    std::shared_ptr<const Prepared> m_prepared;
};

} // namespace lodestone
