#include "algebra/contraction_shape.h"

#include "base/error.h"

#include <algorithm>

namespace lodestone {

void CouplingTensor::add(std::int64_t row, const double* numbers)
{
    const double* const end = numbers + shape.back();
    if (std::all_of(numbers, end, [](double value) { return value == 0; }))
        return;
    rows.push_back(row);
    values.insert(values.end(), numbers, end);
}

CouplingTensor couplingTensor(std::vector<std::int64_t> shape, const std::vector<double>& numbers)
{
    std::int64_t count = 1;
    for (const std::int64_t extent : shape)
        count *= extent;
    if (shape.empty() || static_cast<std::size_t>(count) != numbers.size())
        fail<InternalError>("{} numbers were given for a coupling tensor of {}.", numbers.size(), count);
    CouplingTensor tensor{std::move(shape), {}, {}};
    const std::int64_t paths = tensor.shape.back();
    for (std::int64_t row = 0; row * paths < count; ++row)
        tensor.add(row, numbers.data() + row * paths);
    return tensor;
}

} // namespace lodestone
