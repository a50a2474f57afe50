#include "equivariant/matrix_product.h"

#include "equivariant/kernels/operation_count.h"

#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Less work takes less time than waking a thread.
constexpr double leastShared = 2e6;
/// Rows or columns of a share are a multiple of this, as those of BLAS's own blocks are.
constexpr std::int64_t unit = 16;

double operationsOf(const torch::Tensor& a, const torch::Tensor& b)
{
    return 2 * double(a.size(0)) * double(a.size(1)) * double(b.size(1));
}

/// Share number `share` of `shares` of a product.
void multiplyShare(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& product,
                   std::int64_t share, std::int64_t shares)
{
    const bool byRows = a.size(0) >= b.size(1);
    const std::int64_t size = byRows ? a.size(0) : b.size(1), units = (size + unit - 1) / unit;
    const std::int64_t first = std::min(units * share / shares * unit, size),
                       last = std::min(units * (share + 1) / shares * unit, size);
    if (first == last)
        return;
    torch::Tensor part = product.slice(byRows ? 0 : 1, first, last);
    if (byRows)
        at::mm_out(part, a.slice(0, first, last), b);
    else
        at::mm_out(part, a, b.slice(1, first, last));
}

/// Factors in pairs: a[0], b[0], a[1], ...
variable_list productsOf(const variable_list& factors)
{
    const std::int64_t shares = at::get_num_threads();
    double operations = 0;
    for (std::size_t i = 0; i < factors.size(); i += 2)
        operations += operationsOf(factors[i], factors[i + 1]);
    const bool alone = shares == 1 || operations < leastShared || at::in_parallel_region();
    variable_list products;
    for (std::size_t i = 0; i < factors.size(); i += 2)
        products.push_back(
            alone ? at::mm(factors[i], factors[i + 1])
                  : torch::empty({factors[i].size(0), factors[i + 1].size(1)}, factors[i].options()));
    if (alone)
        return products;
    announceOperations(operations);
    at::parallel_for(0, shares, 1, [&](std::int64_t first, std::int64_t last) {
        const at::AutoGradMode noGraph(false);
        const at::RecordFunctionGuard counted(false);
        for (std::int64_t share = first; share < last; ++share)
            for (std::size_t i = 0; i < products.size(); ++i)
                multiplyShare(factors[2 * i], factors[2 * i + 1], products[i], share, shares);
    });
    return products;
}

class Products : public torch::autograd::Function<Products> {
public:
    static variable_list forward(AutogradContext* context,
                                 at::TensorList factors) // as LibTorch looks for tensors
    {
        context->set_materialize_grads(false);
        variable_list kept, values;
        for (std::size_t i = 0; i < factors.size(); ++i) { // each is kept for the gradient of the other alone
            kept.push_back(factors[i ^ 1].requires_grad() ? factors[i] : torch::Tensor());
            values.push_back(factors[i].detach());
        }
        context->save_for_backward(kept);
        return productsOf(values);
    }

    static variable_list backward(AutogradContext* context, const variable_list& slopes)
    {
        const variable_list saved = context->get_saved_variables();
        variable_list factors;
        std::vector<std::size_t> targets;
        for (std::size_t i = 0; i < saved.size(); ++i) {
            const torch::Tensor& slope = slopes[i / 2];
            if (!slope.defined() || !context->needs_input_grad(i))
                continue;
            const torch::Tensor other = saved[i ^ 1].t();
            targets.push_back(i);
            factors.push_back(i % 2 == 0 ? slope : other);
            factors.push_back(i % 2 == 0 ? other : slope);
        }
        variable_list gradients(saved.size());
        if (targets.empty())
            return gradients;
        const variable_list found = apply(at::TensorList(factors));
        for (std::size_t n = 0; n < targets.size(); ++n)
            gradients[targets[n]] = found[n];
        return gradients;
    }
};

} // namespace

std::vector<torch::Tensor> matrixProducts(const std::vector<torch::Tensor>& a,
                                          const std::vector<torch::Tensor>& b)
{
    std::vector<torch::Tensor> products;
    if (a.empty() || !a.front().is_cpu()) {
        for (std::size_t i = 0; i < a.size(); ++i)
            products.push_back(a[i].matmul(b[i]));
        return products;
    }
    variable_list factors;
    for (std::size_t i = 0; i < a.size(); ++i) {
        factors.push_back(a[i].dim() == 2 ? a[i] : a[i].reshape({-1, b[i].size(0)}));
        factors.push_back(b[i]);
    }
    products = Products::apply(at::TensorList(factors));
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].dim() != 2) {
            std::vector<std::int64_t> shape = a[i].sizes().vec();
            shape.back() = b[i].size(1);
            products[i] = products[i].view(shape);
        }
    return products;
}

torch::Tensor matrixProduct(const torch::Tensor& a, const torch::Tensor& b)
{
    return matrixProducts({a}, {b}).front();
}

} // namespace lodestone
