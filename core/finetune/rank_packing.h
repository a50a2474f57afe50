#pragma once
#include "dataset/frames.h"

#include <string>
#include <vector>

namespace lodestone {

// What processes of one run (of one engine, on machines of one kind) send each other: numbers as they stand
// in memory. Reading throws InternalError for bytes that do not hold what is asked for.

std::string packed(const std::vector<const std::vector<double>*>& lists);
void unpack(const std::string& bytes, const std::vector<std::vector<double>*>& lists);

/// Cell, periodicity, species and positions; energy, forces, stress and weight. Nothing else of a frame.
std::string packedFrames(const std::vector<Frame>& frames);
std::vector<Frame> framesFrom(const std::string& bytes);

} // namespace lodestone
