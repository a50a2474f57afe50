#pragma once
#include "dataset/frames.h"

namespace lodestone {

/// r -> r M for positions and cell (row vectors); moments and labels stay.
inline Frame withStructure(const Frame& frame, const Mat3& matrix)
{
    Frame out = frame;
    out.structure.cell = frame.structure.cell * matrix;
    for (Vec3& position : out.structure.positions)
        position = position * matrix;
    return out;
}

} // namespace lodestone
