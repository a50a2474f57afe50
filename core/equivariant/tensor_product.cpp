#include "equivariant/tensor_product.h"

#include "equivariant/matrix_product.h"

#include <cmath>
#include <torch/torch.h>

namespace lodestone {

torch::Tensor toE3nnLayout(const torch::Tensor& feature)
{
    return feature.transpose(1, 2).reshape({feature.size(0), feature.size(1) * feature.size(2)});
}

torch::Tensor fromE3nnLayout(const torch::Tensor& row, int l)
{
    const std::int64_t size = 2 * l + 1;
    return row.reshape({row.size(0), row.size(1) / size, size}).transpose(1, 2);
}

torch::Tensor weightedProduct(const torch::Tensor& coupling, const torch::Tensor& feature,
                              const torch::Tensor& weight)
{
    return coupling.bmm(feature) * weight.unsqueeze(1);
}

torch::Tensor sumOnAtoms(const torch::Tensor& edges, const torch::Tensor& centre, std::int64_t atoms)
{
    std::vector<std::int64_t> shape = edges.sizes().vec();
    shape[0] = atoms;
    return torch::zeros(shape, edges.options()).index_add(0, centre, edges);
}

std::vector<torch::Tensor> equivariantLinear(const std::vector<torch::Tensor>& features,
                                             const std::vector<torch::Tensor>& weights)
{
    std::vector<torch::Tensor> scaled;
    for (const torch::Tensor& weight : weights)
        scaled.push_back(weight * (1 / std::sqrt(static_cast<double>(weight.size(0)))));
    return matrixProducts(features, scaled);
}

torch::Tensor equivariantLinear(const torch::Tensor& feature, const torch::Tensor& weight)
{
    return equivariantLinear(std::vector{feature}, std::vector{weight}).front();
}

} // namespace lodestone
