#include "dataset/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone {
namespace {

double upperMedian(std::vector<double>& values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace

Summary summarise(std::vector<double> values)
{
    Summary s;
    s.count = values.size();
    if (values.empty())
        return s;
    const auto [least, largest] = std::minmax_element(values.begin(), values.end());
    s.least = *least;
    s.largest = *largest;
    s.mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    s.median = upperMedian(values);
    for (double& value : values)
        value = std::abs(value - s.median);
    s.deviation = upperMedian(values);
    return s;
}

} // namespace lodestone
