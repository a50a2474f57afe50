#pragma once
#include <vector>

namespace lodestone::gui {

/// Counts of values in equal bins from the smallest to the largest; non-finite values are left out. One bin
/// where all values are equal; nothing without values.
struct Histogram {
    std::vector<double> centres, counts;
};
Histogram histogram(const std::vector<double>& values, int bins);
/// The same over a given range; values outside it are left out.
Histogram histogram(const std::vector<double>& values, int bins, double low, double high);
/// One bin an integer from the smallest to the largest.
Histogram integerHistogram(const std::vector<int>& values);

} // namespace lodestone::gui
