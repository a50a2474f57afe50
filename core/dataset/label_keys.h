#pragma once
#include "dataset/frames.h"

namespace lodestone {

enum class LabelKind { Energy, Forces, Stress, Virial, Moments, MagneticForces };

/// `given` with its empty fields detected (detectKeys). Error if a given key occurs in no frame.
LabelKeys resolveKeys(const std::vector<Structure>& structures, const LabelKeys& given);

} // namespace lodestone
