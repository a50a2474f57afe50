#pragma once
#include <cstddef>
#include <vector>

namespace lodestone {

/// Figures of a list of finite numbers; all 0 for an empty list.
struct Summary {
    std::size_t count = 0;
    double least = 0;
    double median = 0; ///< of an even number of values the upper one of the middle two
    double mean = 0;
    double largest = 0;
    double deviation = 0; ///< median absolute deviation from the median
};
Summary summarise(std::vector<double> values);

} // namespace lodestone
