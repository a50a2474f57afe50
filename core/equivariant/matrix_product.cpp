#include "equivariant/matrix_product.h"

#include "equivariant/kernels/operation_count.h"

#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/torch.h>

namespace lodestone {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Smaller products take less time than waking a thread.
constexpr double leastShared = 2e6;
/// Rows or columns of a share are a multiple of this, as those of BLAS's own blocks are.
constexpr std::int64_t unit = 16;

torch::Tensor shared(const torch::Tensor& a, const torch::Tensor& b)
{
    const std::int64_t rows = a.size(0), columns = b.size(1), threads = at::get_num_threads();
    const double operations = 2 * double(rows) * double(columns) * double(a.size(1));
    if (threads == 1 || operations < leastShared || at::in_parallel_region())
        return at::mm(a, b);
    announceOperations(operations);
    const bool byRows = rows >= columns;
    const std::int64_t units = ((byRows ? rows : columns) + unit - 1) / unit;
    torch::Tensor product = torch::empty({rows, columns}, a.options());
    at::parallel_for(0, units, (units + threads - 1) / threads, [&](std::int64_t first, std::int64_t last) {
        const at::AutoGradMode noGraph(false);
        const at::RecordFunctionGuard counted(false);
        const std::int64_t begin = first * unit, end = std::min(last * unit, byRows ? rows : columns);
        torch::Tensor part = product.slice(byRows ? 0 : 1, begin, end);
        if (byRows)
            at::mm_out(part, a.slice(0, begin, end), b);
        else
            at::mm_out(part, a, b.slice(1, begin, end));
    });
    return product;
}

class Product : public torch::autograd::Function<Product> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& a, const torch::Tensor& b)
    {
        context->set_materialize_grads(false);
        // A factor is kept for the gradient of the other alone.
        context->save_for_backward(
            {b.requires_grad() ? a : torch::Tensor(), a.requires_grad() ? b : torch::Tensor()});
        return shared(a.detach(), b.detach());
    }

    static variable_list backward(AutogradContext* context, const variable_list& slopes)
    {
        variable_list gradients(2);
        if (!slopes[0].defined())
            return gradients;
        const variable_list saved = context->get_saved_variables();
        if (context->needs_input_grad(0))
            gradients[0] = apply(slopes[0], saved[1].t());
        if (context->needs_input_grad(1))
            gradients[1] = apply(saved[0].t(), slopes[0]);
        return gradients;
    }
};

} // namespace

torch::Tensor matrixProduct(const torch::Tensor& a, const torch::Tensor& b)
{
    if (!a.is_cpu())
        return a.matmul(b);
    if (a.dim() == 2)
        return Product::apply(a, b);
    std::vector<std::int64_t> shape = a.sizes().vec();
    shape.back() = b.size(1);
    return Product::apply(a.reshape({-1, b.size(0)}), b).view(shape);
}

} // namespace lodestone
