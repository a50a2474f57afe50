#include "widgets/smoothing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace lodestone::gui {

namespace {

void averageRun(std::vector<double>& y, std::size_t begin, std::size_t end, double strength)
{
    const std::size_t n = end - begin;
    const auto halfWidth = std::size_t(std::ceil(strength * 0.2 * double(n)));
    if (n < 3 || halfWidth == 0)
        return;
    // Sums of differences from the first value lose less in cancellation than sums of the values.
    std::vector<double> sums(n + 1, 0.0);
    const double origin = y[begin];
    for (std::size_t i = 0; i < n; ++i)
        sums[i + 1] = sums[i] + (y[begin + i] - origin);
    for (std::size_t i = 1; i + 1 < n; ++i) {
        const std::size_t w = std::min({halfWidth, i, n - 1 - i});
        y[begin + i] = origin + (sums[i + w + 1] - sums[i - w]) / double(2 * w + 1);
    }
}

} // namespace

std::vector<double> smoothed(const std::vector<double>& y, double strength)
{
    std::vector<double> result = y;
    if (!(strength > 0))
        return result;
    std::size_t begin = 0;
    while (begin < result.size()) {
        std::size_t end = begin;
        while (end < result.size() && std::isfinite(result[end]))
            ++end;
        averageRun(result, begin, end, std::min(strength, 1.0));
        begin = end + 1;
    }
    return result;
}

} // namespace lodestone::gui
