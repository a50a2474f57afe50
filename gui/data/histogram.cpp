#include "data/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace lodestone::gui {

Histogram histogram(const std::vector<double>& values, int bins)
{
    double low = INFINITY, high = -INFINITY;
    for (const double value : values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    if (low > high)
        return {};
    if (low == high) {
        const auto count = std::count(values.begin(), values.end(), low);
        return {{low}, {double(count)}};
    }
    return histogram(values, bins, low, high);
}

Histogram histogram(const std::vector<double>& values, int bins, double low, double high)
{
    if (bins < 1 || !(high > low))
        return {};
    Histogram result;
    const double width = (high - low) / bins;
    for (int i = 0; i < bins; ++i)
        result.centres.push_back(low + (i + 0.5) * width);
    result.counts.assign(std::size_t(bins), 0);
    for (const double value : values)
        if (value >= low && value <= high)
            ++result.counts[std::min(std::size_t((value - low) / width), std::size_t(bins - 1))];
    return result;
}

Histogram integerHistogram(const std::vector<int>& values)
{
    if (values.empty())
        return {};
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    Histogram result;
    for (int i = *low; i <= *high; ++i)
        result.centres.push_back(i);
    result.counts.assign(result.centres.size(), 0);
    for (const int value : values)
        ++result.counts[std::size_t(value - *low)];
    return result;
}

} // namespace lodestone::gui
