#pragma once
#include "archives/pickle.h"

#include <string_view>
#include <vector>

namespace lodestone {

// Numbers as files store them: little-endian, one after another.

bool isFloating(ScalarKind kind);
/// In double. numbers: a whole number of values of this kind; InternalError otherwise.
std::vector<double> realsOf(std::string_view numbers, ScalarKind kind);
/// Square root of the sum of squares, summed in double. Needs no memory beside the numbers.
double euclideanNorm(std::string_view numbers, ScalarKind kind);

} // namespace lodestone
