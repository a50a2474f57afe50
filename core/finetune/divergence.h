#pragma once
#include "base/error.h"
#include "run/config.h"

namespace lodestone {

/// The loss or the gradient is no number any more, or the loss has exploded. A half sentence: "The loss
/// became NaN at step 12".
class Diverged : public Error {
public:
    using Error::Error;
};

/// What a run remembers of its losses in order to notice an explosion. It is part of the run's position, so
/// that a resumed run judges as the whole one.
struct LossHistory {
    double startSum = 0;                   ///< of the first steps' losses
    int startCount = 0;                    ///< at most firstSteps
    int highInRow = 0;                     ///< steps in a row whose loss was beyond the limit
    std::optional<double> startValidation; ///< validation loss before the first step, where there are labels

    static constexpr int firstSteps = 10;
    static constexpr int mostHighInRow = 3;
    static constexpr double explosion = 100;
};

/// Smallest loss that may be called an explosion: where the model fits perfectly at first, any change is many
/// times the start. Weighted squared errors of (0.1 of the quantity's unit)^2.
double smallestExplosion(const TargetWeights& targets);

/// Takes in a step's loss. True if it is the third in a row that exceeds a hundred times the mean of the
/// first ten (those beyond the limit left out) and smallestExplosion(). Not finite: true at once.
bool explodes(LossHistory& history, double loss, double smallest);
/// Whether a validation loss exceeds a hundred times that of the start, or is not finite.
bool explodesOnValidation(const LossHistory& history, double loss, double smallest);

} // namespace lodestone
