#include "finetune/divergence.h"

#include <algorithm>
#include <cmath>

namespace lodestone {

double smallestExplosion(const TargetWeights& targets)
{
    return 0.01 *
           (targets.energy + targets.forces + targets.stress + targets.moments + targets.magneticForces);
}

bool explodes(LossHistory& history, double loss, double smallest)
{
    if (!std::isfinite(loss))
        return true;
    const bool known = history.startCount > 0;
    const double limit =
        known ? std::max(smallest, LossHistory::explosion * history.startSum / history.startCount) : 0;
    if (known && loss > limit)
        return ++history.highInRow >= LossHistory::mostHighInRow;
    history.highInRow = 0;
    if (history.startCount < LossHistory::firstSteps) {
        history.startSum += loss;
        ++history.startCount;
    }
    return false;
}

bool explodesOnValidation(const LossHistory& history, double loss, double smallest)
{
    if (!std::isfinite(loss))
        return true;
    return history.startValidation &&
           loss > std::max(smallest, LossHistory::explosion * *history.startValidation);
}

} // namespace lodestone
