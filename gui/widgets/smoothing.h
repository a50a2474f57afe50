#pragma once
#include <vector>

namespace lodestone::gui {

/// A centred average for curves. strength in 0..1: 0 returns y, 1 averages over a fifth of the curve to each
/// side. The window shrinks symmetrically towards the ends, so the first and the last value stay as they are,
/// and constants and straight lines are unchanged (no lag, unlike a one-sided exponential average). Runs
/// between NaN are averaged apart. Linear time.
std::vector<double> smoothed(const std::vector<double>& y, double strength);

} // namespace lodestone::gui
