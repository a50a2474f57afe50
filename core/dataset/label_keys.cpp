#include "dataset/frames.h"

namespace lodestone {

Json toJson(const LabelKeys& keys)
{
    return {{"energy", keys.energy}, {"forces", keys.forces},   {"stress", keys.stress},
            {"virial", keys.virial}, {"moments", keys.moments}, {"magnetic_forces", keys.magneticForces}};
}

} // namespace lodestone
